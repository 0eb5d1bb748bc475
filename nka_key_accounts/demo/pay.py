"""Pay of the demo: plan in force, agreements, and goals of the seasons."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from .language import price, say, wage
from .records import ago, give_name, load, login, missing, named

VERSION = "nka_key_accounts.nka_pay_plan_version_default"
#: Number of months the plan has been in force.
IN_FORCE = 18
EARLIER = "It begins earlier: everybody is paid by it already"

#: Manager whose terms change with the next half-year, and the raise.
RENEWED = "boris"
RAISE = 500
MORE_WORK = "Two plants more to look after"

LATE = "The pay plan began within the season"
#: Targets of managers without earlier seasons.
UNKNOWN = {"vip_leads": 3, "negotiations": 12}
AVERAGE = 20000
UNMEASURABLE = "Nothing to measure in the season; its weight goes to the other goals"


# ---------------------------------------------------------------- plan and agreements
def put_in_force(env):
    """Prepare, submit and approve the default plan, in force for IN_FORCE months."""
    version = env.ref(VERSION)
    if version.state == "approved":
        return
    prepared = version.with_user(login(env, "payroll"))
    if version.state == "submitted":
        prepared.action_return(reason=say(env, EARLIER))
    prepared.date_start = ago(env, 0) + relativedelta(months=-IN_FORCE, day=1)
    prepared.action_submit()
    version.with_user(login(env, "kam_admin")).action_approve()


def agree(env):
    """Propose terms as payroll officer and accept them as the managers.

    One new proposal isn't answered yet.
    """
    load(env, "pay/nka.pay.agreement.csv", accept)
    if missing(env, [f"agreement_{RENEWED}_next"]):
        renew(named(env, f"agreement_{RENEWED}").with_user(login(env, "payroll")))


def accept(agreement, _row):
    agreement.action_propose()
    agreement.with_user(agreement.user_id).action_accept()


def renew(agreement):
    """End the agreement with the half-year and propose the terms that follow."""
    today = ago(agreement.env, 0)
    end = today + relativedelta(month=6 if today.month <= 6 else 12, day=31)
    agreement.env["nka.pay.agreement.end"].create(
        {
            "agreement_id": agreement.id,
            "date_to": end,
            "reason": say(agreement.env, MORE_WORK),
        }
    ).action_apply()
    following = agreement.search(
        [
            ("employee_id", "=", agreement.employee_id.id),
            ("date_from", "=", end + timedelta(days=1)),
        ]
    )
    following.target_earnings += wage(agreement.env, RAISE)
    following.action_propose()
    give_name(following, f"agreement_{RENEWED}_next")


# ---------------------------------------------------------------- goals
def set_goals(env):
    """Set the goals: last season's frozen, this one's accepted, the next one's
    proposed.
    """
    company = env.company
    today = ago(env, 0)
    company._make_seasons(since=today + relativedelta(months=-9, day=1))
    seasons = env["nka.season"].search(
        [("company_id", "=", company.id)], order="date_start"
    )
    running = seasons._season_on(today, company)
    last = running._before(1)
    following = seasons.filtered(lambda s: s.date_start > running.date_start)[:1]
    for season in last | running | following:
        if not season.goal_ids:
            season.with_user(login(env, "supervisor")).action_propose_goals()
    settle(last | running)
    freeze(last)
    seasons._cron_seasons()
    propose(following.goal_ids.filtered(lambda g: g.user_id == login(env, "anna")))


def settle(seasons):
    """Propose the goals, and accept them as their managers."""
    propose(seasons.goal_ids)
    for user, goals in seasons.goal_ids.grouped("user_id").items():
        waiting = goals.filtered(lambda goal: goal.state == "proposed")
        if waiting:
            waiting.with_user(user).action_accept()


def propose(goals):
    """Propose drafts as supervisor; adjust targets that have no history."""
    goals = goals.with_user(login(goals.env, "supervisor"))
    drafts = goals.filtered(lambda goal: goal.state == "draft")
    unknown = {**UNKNOWN, "average_check": price(goals.env, AVERAGE)}
    for goal in drafts:
        if goal.target == goal.kpi_id.default_target:
            goal.target = unknown.get(goal.kpi_id.code, goal.target)
    drafts.action_propose(reason=say(goals.env, LATE))


def freeze(season):
    """Freeze a season that is over; exclude goals that can't be measured."""
    season = season.with_user(login(season.env, "supervisor"))
    if not season or season.state == "frozen":
        return
    season.action_freeze()
    open_goals = season.goal_ids.filtered("is_exception")
    if open_goals:
        open_goals.action_leave_out(reason=say(season.env, UNMEASURABLE))
