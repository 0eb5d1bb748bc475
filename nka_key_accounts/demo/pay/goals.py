"""Goals of last season, frozen; of this one, accepted; of the next, proposed."""

from dateutil.relativedelta import relativedelta

from ..records import ago, login

LATE = "The pay plan began within the season"
#: Targets for whoever has no seasons to learn from.
UNKNOWN = {"vip_leads": 3, "average_check": 20000, "negotiations": 12}
UNMEASURABLE = "Nothing to measure in the season; its weight goes to the other goals"


def load(env):
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
    settle(env, last | running)
    finish(env, last)
    seasons._cron_seasons()
    propose(following.goal_ids.filtered(lambda g: g.user_id == login(env, "anna")), env)


def adjust(goals, env):
    """What the supervisor makes of proposals without a history."""
    for goal in goals.with_user(login(env, "supervisor")):
        if goal.state == "draft" and goal.target == goal.kpi_id.default_target:
            goal.target = UNKNOWN.get(goal.kpi_id.code, goal.target)


def propose(goals, env):
    adjust(goals, env)
    drafts = goals.filtered(lambda goal: goal.state == "draft")
    drafts.with_user(login(env, "supervisor")).action_propose(reason=LATE)


def settle(env, seasons):
    """Propose the goals and let every manager accept his own."""
    propose(seasons.goal_ids, env)
    for user, goals in seasons.goal_ids.grouped("user_id").items():
        waiting = goals.filtered(lambda goal: goal.state == "proposed")
        if waiting:
            waiting.with_user(user).action_accept()


def finish(env, season):
    """Freeze a season that is over; what can't be measured is left out."""
    season = season.with_user(login(env, "supervisor"))
    if not season or season.state == "frozen":
        return
    season.action_freeze()
    open_goals = season.goal_ids.filtered("is_exception")
    if open_goals:
        open_goals.action_leave_out(reason=UNMEASURABLE)
