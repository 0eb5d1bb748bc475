"""When a goal may be left out or scored 0 (docs: pay, 3).

What was agreed and can be measured counts as measured, by the terms last agreed to: a
decision neither takes a goal from the manager who is about to reach it, nor spares them
one they are about to miss.
"""

from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


def check_team(employees):
    """Goals are set by whoever supervises the person, and never by themselves.

    :raise UserError: for one's own
    :raise AccessError: for people of another team
    """
    env = employees.env
    people = employees.sudo().user_id
    if env.user in people:
        raise UserError(env._("Another supervisor has to set your goals."))
    if not env.su and not all(
        person.with_env(env).nka_is_supervised for person in people
    ):
        raise AccessError(
            env._(
                "Only the supervisor of a manager's accounts, or the person the "
                "manager reports to, can set their goals."
            )
        )


def check_season_over(goals):
    """What can't be measured is known at the season's end only.

    :raise UserError: while the season of one of them runs
    """
    env = goals.env
    for goal in goals:
        if not goal.season_id._is_over():
            raise UserError(
                env._(
                    "The season runs until %(day)s, and goals that can be measured "
                    "count as measured. If a target no longer fits, change it with a "
                    "reason; the manager has to accept it again.",
                    day=format_date(env, goal.season_id.date_end),
                )
            )


def check_decidable(goals, decision):
    """Refuse a decision about goals that were just measured.

    :param str decision: ``left_out`` or ``scored_zero``
    :raise UserError: for a goal that counts as measured, and for the last one that counts
    :raise AccessError: for a goal nobody agreed to that the acting person set
    """
    _check_undecided(goals)
    _check_two_people(goals.sudo())
    if decision == "left_out":
        _check_one_counts(goals.sudo())


def _check_undecided(goals):
    """A goal that was agreed to and measured leaves nothing to decide."""
    for goal in goals:
        if goal.state == "accepted" and goal.is_measured:
            raise UserError(
                goal.env._(
                    "%s was agreed and can be measured, so the measured result counts. "
                    "If the underlying records are wrong, correct them, then freeze "
                    "the season.",
                    goal.display_name,
                )
            )


def _check_two_people(goals):
    """Who set a goal that nobody agreed to doesn't decide what it pays."""
    for goal in goals:
        if goal.state != "accepted" and goal.env.user in goal._makers():
            raise AccessError(
                goal.env._(
                    "%(employee)s never accepted %(goal)s, and you set it, so another "
                    "supervisor has to decide. Alternatively, the manager can still "
                    "accept it.",
                    goal=goal.display_name,
                    employee=goal.employee_id.name,
                )
            )


def _check_one_counts(goals):
    """Something has to be left to pay by: a season without goals can't be paid."""
    for (season, employee), decided in goals.grouped(
        lambda goal: (goal.season_id, goal.employee_id)
    ).items():
        others = season.goal_ids - decided
        if all(
            goal.decision == "left_out"
            for goal in others
            if goal.employee_id == employee
        ):
            raise UserError(
                goals.env._(
                    "At least one goal of %s must count. Score one of the goals 0 "
                    "instead of excluding it.",
                    employee.name,
                )
            )
