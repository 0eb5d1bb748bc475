from odoo import SUPERUSER_ID, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        """What a posted invoice was for changes by the superuser only, see
        ``nka.order.link``.
        """
        result = super().write(vals)
        if self.env.uid == SUPERUSER_ID and "sale_line_ids" in vals:
            self.env["nka.order.link"]._confirm_lines(self)
        return result
