from odoo import models
from odoo.exceptions import UserError


class HrEmployee(models.Model):
    """A login under which pay was agreed or proposed stays with its employee.

    Agreements, goals, reports and statements are read by the login of the employee, and
    credits are written for it. Linked to another one, they would be somebody else's to
    read, and nobody's to be paid.
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
