from odoo import models
from odoo.exceptions import UserError


class HrEmployee(models.Model):
    """Keep the user of an employee once pay was proposed to or accepted by that user.

    Access to agreements, goals, reports and statements depends on the employee's user,
    and credits are recorded for it. If another user were linked, that user could read
    them, and the credits would be paid to no one.
    """

    _inherit = "hr.employee"

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if "user_id" in vals and not self.env.su:
            self._check_nka_login(vals["user_id"])
        return super().write(vals)

    # ------------------------------------------------------------ checks
    def _check_nka_login(self, login_id):
        agreements = self.env["nka.pay.agreement"].sudo()
        agreed = agreements.search(
            [("employee_id", "in", self.ids), ("state", "!=", "draft")]
        )
        for employee, own in agreed.grouped("employee_id").items():
            logins = own.accepted_by_id or own.user_id
            if logins and login_id not in logins.ids:
                raise UserError(
                    self.env._(
                        "The pay of %(person)s is tied to the user %(login)s, along "
                        "with credits, goals and reports, so this user must stay "
                        "linked to the employee. You can rename the user, reset the "
                        "password, or archive it when the person leaves.",
                        person=employee.name,
                        login=logins[-1].login,
                    )
                )
