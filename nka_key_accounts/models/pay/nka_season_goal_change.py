from odoo import api, fields, models

from ..trail.confined import check_reader


class SeasonGoalChange(models.TransientModel):
    """A later change of a goal, with its reason."""

    _name = "nka.season.goal.change"
    _inherit = ["nka.known.mixin"]
    _description = "Season goal change"

    goal_id = fields.Many2one("nka.season.goal", required=True, readonly=True)
    direction = fields.Selection(related="goal_id.direction")
    unit = fields.Char(related="goal_id.unit")
    # Not as superuser, though stored: the goal is one the asking person may read.
    target = fields.Float(
        digits=(16, 4),
        compute="_compute_values",
        store=True,
        readonly=False,
        compute_sudo=False,
    )
    zero_value = fields.Float(
        "Zero-score value",
        digits=(16, 4),
        compute="_compute_values",
        store=True,
        readonly=False,
        compute_sudo=False,
    )
    reason = fields.Text(required=True)

    @api.depends("goal_id")
    def _compute_values(self):
        for change in self:
            change.target = change.goal_id.target
            change.zero_value = change.goal_id.zero_value

    # ------------------------------------------------------------ checks
    @api.constrains("goal_id")
    def _check_readable(self):
        """Nobody asks about a goal that they may not read: its name tells whose."""
        check_reader(self.goal_id)

    # ------------------------------------------------------------ actions
    def action_apply(self):
        """Change the goal; an accepted one goes back to its manager, and what was
        agreed counts unless they accept it once more.

        :raise UserError: for an agreed goal of a season that is over
        """
        self.ensure_one()
        goal = self.goal_id
        goal._check_changeable()
        before = goal._describe()
        goal._unlocked().write(self._prepare_goal())
        goal._record("goal", before, goal._describe(), self.reason)
        if goal.state == "accepted":
            goal._move_to("proposed", note=self.reason, proposed_by_id=self.env.uid)
        goal._ask_managers()
        return {"type": "ir.actions.act_window_close"}

    def _prepare_goal(self):
        """The new terms, and what was agreed before the first of many changes."""
        goal = self.goal_id
        values = {"target": self.target, "zero_value": self.zero_value}
        if goal.state == "accepted":
            values.update(
                is_changed=True,
                agreed_target=goal.target,
                agreed_zero_value=goal.zero_value,
            )
        return values
