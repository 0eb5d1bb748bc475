from odoo import models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    """Whose sale an invoice is follows from the contact it was posted for."""

    _inherit = "account.move"

    def write(self, vals):
        if not self.env.su:
            self._check_client_kept(vals)
        return super().write(vals)

    def _check_client_kept(self, vals):
        """Refuse to give entries to another client than their contact's.

        The client is computed, and yet Odoo lets whoever may write an entry write over
        it; of a posted entry it lets them change the contact by a key in the context.
        """
        client_id = vals.get("commercial_partner_id")
        moved = self.browse()
        if client_id:
            moved = self.filtered(
                lambda move: move.partner_id.commercial_partner_id.id != client_id
            )
        if "partner_id" in vals and self.env.context.get("skip_readonly_check"):
            moved |= self.filtered(
                lambda move: (
                    move.state == "posted" and move.partner_id.id != vals["partner_id"]
                )
            )
        if moved:
            raise AccessError(
                self.env._(
                    "%s is posted for its contact, and the client follows from that. Take "
                    "it back by a credit note and invoice the right client; nothing was "
                    "changed.",
                    moved[0].display_name,
                )
            )
