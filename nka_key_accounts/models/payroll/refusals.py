"""Why a payslip can't pay a statement, or isn't the reader's, and what to do then."""

from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..trail.roles import PAYROLL_OFFICER


def closed(env, people=""):
    """Why the payroll engine's people don't work on payslips that pay statements.

    :param str people: whose payslips they are, where the reader chose them
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
    """The refusal of what pays statements, in words that say whom to ask.

    :param records: what was refused
    :param payslips: the payslips or batches that they belong to, as superuser
    :return: an error, or nothing where Odoo's own refusal is the right one
    """
    ours = any(payslips.mapped("is_nka"))
    return AccessError(closed(records.env)) if ours else None


def refusal(slip, statement):
    """Why a payslip can't pay a statement; empty when it can.

    :param slip: hr.payslip, one
    :param statement: nka.pay.statement of the person and month, empty when there is none
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
    """A payslip pays what is locked."""
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
    """What the payroll engine needs: a contract, and decimals enough."""
    if not slip._nka_contracts():
        return slip.env._(
            "%(person)s has no contract for %(month)s. Enter the contract start date "
            "on the employee form, then compute again.",
            person=person,
            month=month,
        )
    currency = slip.company_id.currency_id
    digits = slip.env["decimal.precision"].precision_get("Payroll")
    if digits < currency.decimal_places:
        return slip.env._(
            "%(currency)s uses %(count)s decimal places, but payslips keep %(digits)s. "
            "Ask an administrator to raise the “Payroll” decimal accuracy.",
            currency=currency.name,
            count=currency.decimal_places,
            digits=digits,
        )
    return ""
