from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _nka_home_company(self):
        """Return the company that decides about a person's reading: its days and time
        zone, how long totals are kept, and who is told.

        Never the company they work in now, which they choose themselves: that of their
        employee, else the first they have access to.

        :rtype: res.company
        """
        self.ensure_one()
        user = self.sudo().with_context(active_test=False)
        companies = user.company_ids
        return (companies & user.employee_ids.company_id or companies).sorted("id")[:1]
