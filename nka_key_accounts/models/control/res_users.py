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
        companies = self.sudo().company_ids
        if len(companies) < 2:
            return companies
        # Not ``employee_ids``: those are of the companies that the person selected.
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        own = employees.search([("user_id", "=", self.id)]).company_id
        return (companies & own or companies).sorted("id")[:1]
