"""Ten weeks of weekly reports: old ones approved, the latest in every state."""

from datetime import timedelta

from ..models.reports.weeks import report_days, reports_between
from .accounts import approve_leave
from .language import say
from .records import ago, create_missing, login, missing, named, table

MANAGERS = ("anna", "boris", "vera", "gleb")
WEEKS = 10
#: States of the last weeks, the latest first; older reports are approved.
LATEST = {
    "anna": ("draft", "submitted"),
    "boris": ("draft", "returned"),
    "vera": ("draft", "submitted", "submitted"),
    "gleb": ("draft", "draft"),
}
QUESTION = "Who decides there now that the buyer leaves? Please add it."
#: Manager who was away for a week, and how many reports ago.
AWAY = ("boris", 4)


def report(env):
    today = ago(env, 0)
    spans = reports_between(today - timedelta(weeks=WEEKS), today)
    spans = [report_days(spans[0][0]), *spans[1:]]
    take_week_off(env, spans)
    for number, manager in enumerate(MANAGERS):
        write_reports(env, manager, number, spans)
    env["nka.work.report"].search([("state", "=", "draft")])._collect_facts()


def take_week_off(env, spans):
    """Create an approved week off, so that its report isn't missing."""
    manager, back = AWAY
    days = spans[-1 - back]
    approve_leave(env, "leave_week", "Week off", manager, days, ("request_unit", "day"))


def write_reports(env, manager, number, spans):
    words = table(env, "reports/words.csv")
    reports = env["nka.work.report"].with_user(login(env, manager))
    employee = named(env, f"employee_{manager}")
    start = employee.contract_date_start
    for back, (first, last) in enumerate(reversed(spans)):
        name = f"report_{manager}_{first:%Y%m%d}"
        if (manager, back) == AWAY or last < start or not missing(env, [name]):
            continue
        states = LATEST[manager]
        state = states[back] if back < len(states) else "approved"
        text = words[(back * len(MANAGERS) + number * 3) % len(words)]
        vals = {"employee_id": employee.id, "date_from": first, "date_to": last}
        said = text if state != "draft" else {}
        decide(create_missing(reports, {name: {**vals, **said}}), state)


def decide(report, state):
    """Bring a draft to its state, as users with the required role."""
    if state == "draft":
        return
    report.action_submit()
    reviewer = login(report.env, "supervisor" if report.id % 3 else "supervisor2")
    if state == "approved":
        report.with_user(reviewer).action_approve()
    elif state == "returned":
        report.with_user(reviewer).action_return(reason=say(report.env, QUESTION))
