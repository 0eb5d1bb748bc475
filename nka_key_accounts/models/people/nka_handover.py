from odoo import Command, models
from odoo.fields import Domain


class Handover(models.Model):
    """Transfer stakeholders with their account, and record introductions."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        return {
            **super()._owned_domains(accounts),
            "nka.stakeholder": Domain("key_account_id", "in", accounts.ids),
        }

    def _move_work(self, accounts):
        """Record that the incoming manager knows the contacts they were introduced to.

        The outgoing manager stays entered as well: the client still knows them.
        """
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
        return super()._move_work(accounts)
