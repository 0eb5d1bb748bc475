from odoo import api, fields, models


class Day(models.Model):
    """Show on My day what the manager has to accept: agreements and goals, with terms."""

    _inherit = "nka.day"

    agreement_ids = fields.Many2many(
        "nka.pay.agreement",
        string="Agreements to accept",
        compute="_compute_to_accept",
    )
    proposed_goal_ids = fields.Many2many(
        "nka.season.goal", string="Goals to accept", compute="_compute_to_accept"
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_to_accept(self):
        proposed = [("user_id", "=", self.env.uid), ("state", "=", "proposed")]
        self.agreement_ids = self.env["nka.pay.agreement"].search(proposed)
        self.proposed_goal_ids = self.env["nka.season.goal"].search(proposed)

    # ------------------------------------------------------------ actions
    def action_accept_goals(self):
        """Accept all goals that the page shows, as the user whose goals they are."""
        self.check_access("read")
        return self.proposed_goal_ids.action_accept()
