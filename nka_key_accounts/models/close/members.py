"""Employees who are paid with a month, and domains for its days."""

from odoo.fields import Domain


def during(close):
    """Return the domain of records with ``date_from`` and ``date_to`` around the month.

    A record matches if one of its days is in the month.

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
    """Return the employees of a month, before exclusions.

    These are employees with an agreement, leavers with amounts still due, and owners of
    key accounts without an agreement.

    :param close: nka.month.close
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
    """Return the employees who are paid with a month.

    :param close: nka.month.close
    :rtype: hr.employee, as superuser
    """
    return candidates(close) - close.sudo().exclusion_ids.employee_id
