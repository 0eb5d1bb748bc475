"""Three months closed by two officers: the older ones paid, one dispute answered."""

from dateutil.relativedelta import relativedelta

from .language import say
from .records import ago, login
from .statements import MONTHS

OBJECTION = "I was at the plant on the 3rd, that day must be covered"
ANSWER = "The report of that week is approved by now; nothing of the pay was held"
NOT_READY = "Terms are not agreed yet"


def close_months(env):
    closes = env["nka.month.close"].with_user(login(env, "payroll"))
    for back in range(MONTHS, 0, -1):
        month = ago(env, 0) + relativedelta(months=-back, day=1)
        if not closes.search_count([("month", "=", month)], limit=1):
            close_month(closes.create({"month": month}), is_last=back == 1)


def close_month(close, is_last):
    """Calculate, settle open items, approve and lock; mark older months as paid."""
    second = login(close.env, "payroll2")
    close.action_calculate()
    leave_out(close)
    if is_last:
        settle(close, second)
    approving = close.with_user(second)
    approving.action_approve()
    approving.action_lock()
    if not is_last:
        approving.action_mark_paid()


def leave_out(close):
    """Exclude employees who can't be paid yet, so that the others are."""
    broken = close.statement_ids.filtered("exception")
    for statement in broken:
        close.env["nka.month.close.exclusion"].create(
            {
                "close_id": close.id,
                "employee_id": statement.employee_id.id,
                "reason": say(close.env, NOT_READY),
            }
        )


def settle(close, officer):
    """Dispute pay as its manager, and answer as a payroll officer."""
    manager = login(close.env, "anna")
    statement = close.statement_ids.filtered(lambda row: row.user_id == manager)
    dispute = close.env["nka.pay.dispute"].with_user(manager)
    text = say(close.env, OBJECTION)
    dispute = dispute.create({"statement_id": statement.id, "text": text})
    dispute = dispute.with_user(officer)
    dispute.write({"answer": say(close.env, ANSWER), "outcome": "rejected"})
    dispute.action_answer()
