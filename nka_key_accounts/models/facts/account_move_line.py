from odoo import SUPERUSER_ID, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """What a posted invoice was for changes by the superuser only, see
        ``nka.order.link``.
        """
        if "sale_line_ids" not in vals:
            return super().write(vals)
        links = self.env["nka.order.link"]
        links._flush_links()
        result = super().write(vals)
        if self.env.uid == SUPERUSER_ID:
            links._confirm_lines(self)
        return result
