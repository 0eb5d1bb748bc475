from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .border import plain, refusing

#: Values of a goal that was agreed to as it stands.
NOTHING_PENDING = {"is_changed": False, "agreed_target": 0, "agreed_zero_value": 0}


class SeasonGoalDecisions(models.Model):
    """Changing what was agreed, and deciding about what can't be measured.

    Neither takes a goal from the manager who is about to reach it, nor spares him one
    he is about to miss: what was agreed and can be measured counts as measured, by the
    terms he last agreed to.
    """

    _inherit = "nka.season.goal"

    is_changed = fields.Boolean(
        "Changed since it was agreed",
        readonly=True,
        copy=False,
        help="The manager hasn't accepted the change. What was agreed counts until he "
        "does.",
    )
    agreed_target = fields.Float(
        "Agreed target", digits=(16, 4), readonly=True, copy=False, aggregator=None
    )
    agreed_zero_value = fields.Float(
        "Agreed to score 0 at",
        digits=(16, 4),
        readonly=True,
        copy=False,
        aggregator=None,
    )

    # ------------------------------------------------------------ actions
    def action_change(self):
        """Ask for the new target and the reason.

        :raise UserError: for an agreed goal of a season that is over
        """
        self.ensure_one()
        self._check_changeable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the goal"),
            "res_model": "nka.season.goal.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_goal_id": self.id},
        }

    def action_leave_out(self, reason=None):
        """Leave goals that can't be measured out; their weight goes to the others.

        :raise UserError: while the season runs, or for what counts as measured
        :raise AccessError: for a goal nobody agreed to that one set oneself
        """
        return self._decide("left_out", "action_leave_out", reason)

    def action_score_zero(self, reason=None):
        """Score goals that can't be measured 0; refused like leaving them out."""
        return self._decide("scored_zero", "action_score_zero", reason)

    # ------------------------------------------------------------ checks
    def _check_changeable(self):
        """After the season's end the results are known: what was agreed stays."""
        self._check_supervisor()
        self._check_not_own()
        self._check_state("proposed", "accepted")
        for goal in self:
            agreed = goal.state == "accepted" or goal.is_changed
            if agreed and goal._is_over():
                raise UserError(
                    self.env._(
                        "%s was agreed, and its season is over: it counts as it was "
                        "agreed. Change the goals of the next season instead.",
                        goal.display_name,
                    )
                )

    def _check_season_over(self):
        """What can't be measured is known at the season's end only."""
        for goal in self:
            if not goal._is_over():
                raise UserError(
                    self.env._(
                        "The season runs until %(day)s, and what can be measured then "
                        "counts. Where the target no longer fits, change it with a "
                        "reason; the manager accepts it once more.",
                        day=format_date(self.env, goal.season_id.date_end),
                    )
                )

    def _check_undecided(self):
        """A goal that was agreed to and measured leaves nothing to decide."""
        for goal in self:
            if goal.state == "accepted" and goal.is_measured:
                raise UserError(
                    self.env._(
                        "%s was agreed and could be measured, so it counts as "
                        "measured. Freeze the season; what is wrong about the records "
                        "behind it is put right there.",
                        goal.display_name,
                    )
                )

    def _check_two_people(self):
        """Who set a goal that nobody agreed to doesn't decide what it pays."""
        for goal in self.sudo():
            if goal.state != "accepted" and self.env.user in goal._makers():
                raise AccessError(
                    self.env._(
                        "You set %(goal)s, and %(employee)s never agreed to it. "
                        "Another supervisor decides, or the manager accepts it late. "
                        "Nothing was changed.",
                        goal=goal.display_name,
                        employee=goal.employee_id.name,
                    )
                )

    def _check_one_counts(self):
        """Something has to be left to pay by: a season without goals can't be paid."""
        for (season, employee), goals in (
            self.sudo().grouped(lambda goal: (goal.season_id, goal.employee_id)).items()
        ):
            others = season.goal_ids.filtered(
                lambda goal, e=employee: goal.employee_id == e
            )
            if all(goal.decision == "left_out" for goal in others - goals):
                raise UserError(
                    self.env._(
                        "Nothing would be left to pay the season of %s by. Score one "
                        "of the goals 0 instead.",
                        employee.name,
                    )
                )

    # ------------------------------------------------------------ changing
    def _change(self, target, zero_value, reason):
        """Change a proposed or agreed goal; the manager accepts it once more.

        What was agreed is kept: it counts unless he does.

        :param float target: the new target
        :param float zero_value: the new value that scores 0
        :param str reason: kept in the trail with the old and the new values
        """
        self.ensure_one()
        self._check_changeable()
        before = self._describe()
        self._unlocked().write(
            {**self._prepare_agreed(), "target": target, "zero_value": zero_value}
        )
        with refusing(self.env):
            self._goal()
        self._record_terms(before, reason)
        if self.state == "accepted":
            self._move_to("proposed", note=reason, proposed_by_id=self.env.uid)
        self._ask_managers()

    def _prepare_agreed(self):
        """What to keep of an agreed goal when it changes; the first of many changes."""
        if self.state != "accepted":
            return {}
        return {
            "is_changed": True,
            "agreed_target": self.target,
            "agreed_zero_value": self.zero_value,
        }

    def _restore(self, note):
        """Bring changed goals back to what was agreed.

        :param str note: why, for the trail
        """
        for goal in self:
            before = goal._describe()
            values = {
                "target": goal.agreed_target,
                "zero_value": goal.agreed_zero_value,
            }
            goal._unlocked().write({**values, **NOTHING_PENDING})
            goal._record_terms(before, note)
        if self:
            self._move_to("accepted", note=note)

    def _lapse_changes(self):
        """Changes that weren't accepted by the season's end don't count."""
        changed = self.filtered(lambda goal: goal.is_changed and goal._is_over())
        changed._restore(self.env._("Not accepted by the season's end"))
        changed.activity_feedback(["mail.mail_activity_data_todo"])

    def _record_terms(self, before, note):
        events = self.env["nka.audit.event"]
        now = self._describe()
        events._append(
            [events._prepare_entry(self, "goal", old=before, new=now, note=note)]
        )

    def _describe(self):
        text = plain(self.target)
        is_lower = self.direction == "lower"
        return f"{text} / {plain(self.zero_value)}" if is_lower else text

    # ------------------------------------------------------------ deciding
    def _decide(self, decision, action, reason):
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft", "proposed", "accepted")
        self._check_season_over()
        self.sudo()._lapse_changes()
        self._refresh()
        self._check_undecided()
        self._check_two_people()
        if decision == "left_out":
            self._check_one_counts()
        if not reason:
            return self._ask_reason(action)
        self._record_decision(decision, reason)
        self._unlocked().write({"decision": decision, "decision_reason": reason})
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        self.sudo()._freeze()
        self.season_id.sudo()._close_frozen()
        return True

    def _record_decision(self, decision, reason):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    goal, "decision", old=goal.decision, new=decision, note=reason
                )
                for goal in self
            ]
        )

    def _makers(self):
        """Who drafted the goal, and who set, proposed or changed it last."""
        return super()._makers() | self.proposed_by_id

    def _is_over(self):
        return self.season_id.date_end < self._today()
