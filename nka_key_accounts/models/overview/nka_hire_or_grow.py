from odoo import models

from ..trail.opening import open_list


class HireOrGrow(models.Model):
    _inherit = "nka.hire.or.grow"

    def _open_months(self, domain):
        """Open pay totals for directors, who don't read statements."""
        if self.env["nka.pay.statement"].has_access("read"):
            return super()._open_months(domain)
        return open_list(self.env, "nka.pay.total", domain, self.env._("Pay totals"))
