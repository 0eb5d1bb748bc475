"""Employees who are paid with a month, and domains for its days."""

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

from ..trail.opening import open_action


class NothingToClose(UserError, RedirectWarning):
    """A month without people to pay; the dialog opens the page where that is changed."""

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)


# The web client selects the dialog with the button by this class name.
NothingToClose.__name__ = "RedirectWarning"
NothingToClose.__module__ = "odoo.exceptions"


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


def has_plan(close):
    """Return whether an approved pay plan is in force on the first day of a month.

    :param close: nka.month.close
    :rtype: bool
    """
    covering = [
        ("company_id", "=", close.company_id.id),
        ("state", "=", "approved"),
        ("date_start", "<=", close.month),
    ]
    versions = close.env["nka.pay.plan.version"].sudo()
    return bool(versions.search_count(covering, limit=1))


def members_to_close(close):
    """Return the employees who are paid with a month, at least one.

    :param close: nka.month.close
    :rtype: hr.employee, as superuser
    :raise NothingToClose: says whether a pay plan or agreements are missing
    """
    employees = members(close)
    if employees:
        return employees
    env, month = close.env, close.display_name
    if not has_plan(close):
        raise NothingToClose(
            env._(
                "No approved pay plan covers %s, so no one can have a pay agreement in "
                "it. Submit a version that starts by then; an administrator approves "
                "it.",
                month,
            ),
            open_action(env, "nka_pay_plan_action"),
            env._("Open pay plans"),
        )
    raise NothingToClose(
        env._(
            "No one has a pay agreement in %s, so there is nothing to close. Ask a "
            "payroll officer to propose agreements first.",
            month,
        ),
        open_action(env, "nka_pay_agreement_action"),
        env._("Open pay agreements"),
    )
