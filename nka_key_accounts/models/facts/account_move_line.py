from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """What a posted invoice was for changes by the superuser only, see
        ``nka.order.link``; nor does what of it is a sale.
        """
        if "display_type" in vals and not self.env.su:
            self._check_kind_kept(vals["display_type"])
        if "sale_line_ids" not in vals:
            return super().write(vals)
        links = self.env["nka.order.link"]
        links._flush_links()
        result = super().write(vals)
        if self.env.uid == SUPERUSER_ID:
            links._confirm_lines(self)
        return result

    def _check_kind_kept(self, kind):
        """Refuse to make a line of a posted invoice a tax, or the like, and back."""
        changed = self.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.display_type != kind
                and line.move_id.is_sale_document(include_receipts=True)
            )
        )
        if changed:
            raise AccessError(
                self.env._(
                    "%s is posted, so the type of its lines can't be changed. Reset it "
                    "to draft and enter the line again.",
                    changed[0].move_id.display_name,
                )
            )
