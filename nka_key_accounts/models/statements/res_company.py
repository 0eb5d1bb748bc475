from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _nka_last_counted_month(self):
        """Return the last month with a calculated statement or an opening balance."""
        last = super()._nka_last_counted_month()
        domain = [("company_id", "=", self.id)]
        statements = self.env["nka.pay.statement"].sudo()
        openings = self.env["nka.pay.opening"].sudo()
        found = [
            statements._read_group(
                [*domain, ("state", "!=", "open")], [], ["month:max"]
            ),
            openings._read_group(
                [*domain, ("state", "!=", "draft")], [], ["month:max"]
            ),
        ]
        return max((month for [(month,)] in found if month), default=last)
