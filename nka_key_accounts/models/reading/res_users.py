from odoo import api, models

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, PAYROLL_OFFICER, SUPERVISOR


class ResUsers(models.Model):
    _inherit = "res.users"

    def _nka_reading_peers(self):
        """Return the others with a person's role in their company, as superuser.

        :rtype: res.users
        """
        self.ensure_one()
        company = self._nka_home_company()
        for role in (MANAGER, SUPERVISOR, ADMIN, PAYROLL_OFFICER, DIRECTOR):
            if self.has_group(role):
                return self._nka_holders(role, company, self)
        return self.browse()

    @api.model
    def _nka_supervisors_of(self, person):
        """Return the users who supervise the accounts of a person, and their superior.

        :param res.users person: the person
        :rtype: res.users
        """
        accounts = self.env["nka.key.account"].sudo()
        managed = accounts.search([("manager_id", "=", person.id)])
        # Not ``employee_ids``: those are of the companies that the person selected.
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        own = employees.search([("user_id", "=", person.id)])
        return managed.supervisor_id | own.parent_id.user_id
