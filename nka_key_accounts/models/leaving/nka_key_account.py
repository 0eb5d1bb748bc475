from odoo import api, fields, models

from .nka_handover import READERS


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    handover_outcome_count = fields.Integer(
        "Handovers of the account",
        compute="_compute_handover_outcome_count",
        groups=READERS,
    )

    @api.depends_context("uid")
    def _compute_handover_outcome_count(self):
        """Under the user's rights, so that a count tells nobody more than the list."""
        counted = self.env["nka.handover.outcome"]._read_group(
            [("key_account_id", "in", self._origin.ids)],
            ["key_account_id"],
            ["__count"],
        )
        numbers = {account.id: number for account, number in counted}
        for account in self:
            account.handover_outcome_count = numbers.get(account._origin.id, 0)

    # ------------------------------------------------------------ actions
    def action_open_handover_outcome(self):
        """Open what became of this client after its handovers."""
        self.ensure_one()
        return self.env["nka.handover.outcome"]._action_open(
            [("key_account_id", "=", self.id)], self.display_name
        )
