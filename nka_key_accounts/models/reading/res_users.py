from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _nka_supervisors_of(self, person):
        """Return the users who supervise the accounts of a person, and their superior.

        :param res.users person: the person
        :rtype: res.users
        """
        accounts = self.env["nka.key.account"].sudo()
        managed = accounts.search([("manager_id", "=", person.id)])
        employees = person.sudo().with_context(active_test=False).employee_ids
        return managed.supervisor_id | employees.parent_id.user_id
