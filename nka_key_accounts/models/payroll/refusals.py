"""Messages: why a payslip can't pay a statement or be accessed, and what to do."""

from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..trail.roles import PAYROLL_OFFICER


def closed(env, people=""):
    """Explain that only key account payroll officers handle payslips of statements.

    :param str people: names of the employees, if the user selected them
    :rtype: str
    """
    officers = env["res.users"]._nka_name_holders(PAYROLL_OFFICER, env.company)
    if people:
        return env._(
            "Not generated: payslips of %(people)s. They belong to statements of key "
            "account managers, which only these payroll officers can pay: %(officers)s.",
            people=people,
            officers=officers,
        )
    return env._(
        "Only payroll officers of key account managers can open these payslips and "
        "batches. Ask one of them: %s.",
        officers,
    )


def explain(records, payslips):
    """Return the access error for payslips of statements, naming whom to ask.

    :param records: the refused records
    :param payslips: their payslips or batches, as superuser
    :return: AccessError, or None if Odoo's default error applies
    """
    ours = any(payslips.mapped("is_nka"))
    return AccessError(closed(records.env)) if ours else None


def refusal(slip, statement):
    """Explain why a payslip can't pay a statement.

    :param slip: a single hr.payslip
    :param statement: nka.pay.statement of employee and month; may be empty
    :return: the message; empty if the payslip can pay the statement
    :rtype: str
    """
    slip = slip.sudo()
    person = slip.employee_id.name
    month = format_date(slip.env, slip.date_from, date_format="LLLL yyyy")
    if not statement.agreement_id and not _has_agreement(slip):
        return slip.env._(
            "%(person)s has no accepted pay agreement for %(month)s. Ask the payroll "
            "officer to propose one, or choose another structure for this payslip.",
            person=person,
            month=month,
        )
    if statement.state != "locked":
        return _refuse_open(statement, person, month)
    if statement.payslip_id and statement.payslip_id != slip:
        return slip.env._(
            "%(person)s already has payslip %(slip)s for %(month)s. Open that payslip; "
            "adjustments are paid in the first open month.",
            person=person,
            slip=statement.payslip_id.number or statement.payslip_id.name,
            month=month,
        )
    return _refuse_engine(slip, person, month)


def _has_agreement(slip):
    agreements = slip.env["nka.pay.agreement"]
    _employee, _month, company = slip._nka_key()
    return bool(
        agreements.search_count(
            [
                ("employee_id", "=", slip.employee_id.id),
                ("company_id", "=", company.id),
                ("state", "in", ("accepted", "ended")),
                ("date_from", "<=", slip.date_to),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", slip.date_from),
            ],
            limit=1,
        )
    )


def _refuse_open(statement, person, month):
    """Explain that payslips can be generated only from locked statements."""
    if not statement:
        return statement.env._(
            "%(person)s has no statement for %(month)s yet. Calculate, approve and "
            "lock the month first.",
            person=person,
            month=month,
        )
    states = dict(statement._fields["state"]._description_selection(statement.env))
    return statement.env._(
        "The statement of %(person)s for %(month)s is “%(state)s”. Payslips can be "
        "generated only from locked statements. Close the month first.",
        person=person,
        month=month,
        state=states[statement.state],
    )


def _refuse_engine(slip, person, month):
    """Check what the payroll engine needs: a contract."""
    if not slip._nka_contracts():
        return slip.env._(
            "%(person)s has no contract for %(month)s. Enter the contract start date "
            "on the employee form, then compute again.",
            person=person,
            month=month,
        )
    return ""
