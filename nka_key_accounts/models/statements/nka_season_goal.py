from odoo import api, fields, models

from . import texts


class SeasonGoal(models.Model):
    """A goal that brings nothing says why, in the words of the statement."""

    _inherit = "nka.season.goal"

    zero_reason = fields.Char("Why it is zero", compute="_compute_zero_reason")

    # ------------------------------------------------------------ compute
    @api.depends("score", "attainment", "is_measured", "decision", "measured_date")
    @api.depends_context("lang")
    def _compute_zero_reason(self):
        for goal in self:
            goal.zero_reason = not goal.score and goal._why_zero()

    def _why_zero(self):
        if self.decision != "measured":
            return texts.reason(self.env, self.decision)
        if not self.measured_date:
            return self.env._("It is measured from the first day of the season.")
        if not self.is_measured:
            return self.env._("There is nothing to measure yet.")
        if self.is_count and not self.proportion:
            return texts.reason(self.env, "not_employed")
        if self.attainment > 0:
            return texts.reason(self.env, "goal_below_threshold")
        if self.direction == "lower":
            return self.env._("The actual value is at the zero-score value or worse.")
        return texts.reason(self.env, "goal_none")
