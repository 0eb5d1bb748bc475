"""Who is in a month: whoever may be paid with it, and domains of its days."""

from odoo.fields import Domain


def during(close):
    """Records with ``date_from`` and ``date_to`` that touch the month.

    :param close: nka.month.close
    :rtype: Domain
    """
    return Domain("company_id", "=", close.company_id.id) & Domain(
        [
            ("date_from", "<=", close.month_end),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", close.month),
        ]
    )


def candidates(close):
    """Employees a month is about, before anybody is left out.

    Everybody with an agreement, whoever left and is still owed something, and whoever
    owned accounts without an agreement.

    :rtype: hr.employee, as superuser
    """
    env = close.sudo().env
    payable = env["nka.pay.statement"]
    agreements = env["nka.pay.agreement"].search(during(close))
    ((owners,),) = env["nka.assignment"]._read_group(
        during(close), [], ["user_id:recordset"]
    )
    found = payable._payable_employees(close.month, close.company_id)
    found |= agreements.employee_id | env["hr.employee"].search(
        [("user_id", "in", owners.ids), ("company_id", "=", close.company_id.id)]
    )
    return found.browse(row.id for row in payable._persons(found))


def members(close):
    """Employees who are paid with a month.

    :rtype: hr.employee, as superuser
    """
    return candidates(close) - close.sudo().exclusion_ids.employee_id
