from odoo import api, fields, models

from ..trail.confined import check_reader


class SeasonGoalChange(models.TransientModel):
    """A later change of a goal, with its reason."""

    _name = "nka.season.goal.change"
    _description = "Change of a season goal"

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
        "Scores 0 at",
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
        """Nobody asks about a goal that he may not read: its name tells whose."""
        check_reader(self.goal_id)

    def action_apply(self):
        """Change the goal; an accepted one goes back to its manager."""
        self.ensure_one()
        self.goal_id._change(self.target, self.zero_value, self.reason)
        return {"type": "ir.actions.act_window_close"}
