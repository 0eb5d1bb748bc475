from odoo import api, models
from odoo.fields import Command


class Handover(models.Model):
    """People go along with their account, and the receiver gets to know them."""

    _inherit = "nka.handover"

    @api.model
    def _owned_models(self):
        return [*super()._owned_models(), "nka.stakeholder"]

    def _move_work(self, accounts):
        """The receiver is known to the people the giver knew.

        Both are entered: the client still knows the one who leaves.
        """
        moved = super()._move_work(accounts)
        introduced = self.line_ids.filtered(
            lambda line: line.done and line.res_model == "res.partner"
        )
        known = self.env["nka.stakeholder"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("covered_by_ids", "in", self.from_user_id.ids),
                ("partner_id", "in", introduced.mapped("res_id")),
            ]
        )
        known.write({"covered_by_ids": [Command.link(self.to_user_id.id)]})
        return moved
