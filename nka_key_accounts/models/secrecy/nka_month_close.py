from odoo import api, models


class MonthClose(models.Model):
    """Refuse the work of payroll officers who haven't acknowledged the regime.

    Months show what clients bought, without being records of key accounts.
    """

    _inherit = "nka.month.close"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            self.env["res.users"]._nka_check_acknowledged()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
