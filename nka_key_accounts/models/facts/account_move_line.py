from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """Protect what posted invoices were for and which of their lines are sales.

        Only changes of order links by the superuser take effect, see
        ``nka.order.link``.

        :raise AccessError: if the type of a line of a posted document would change
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
        """Raise if the type of a line of a posted customer document would change."""
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
