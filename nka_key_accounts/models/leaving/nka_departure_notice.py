from odoo import fields, models
from odoo.exceptions import UserError

from . import deciding


class DepartureNotice(models.TransientModel):
    """Wizard with which a person announces that they are leaving."""

    _name = "nka.departure.notice"
    _inherit = ["nka.known.mixin"]
    _description = "Announcement of one's own departure"

    date = fields.Date("Last day", required=True)
    note = fields.Text("What your supervisor should know")

    # ------------------------------------------------------------ actions
    def action_announce(self):
        """Open the departure of the current user and tell their supervisors.

        :raise UserError: without an employee, for a past day, or if one is open
        """
        self.ensure_one()
        departures = self.env["nka.departure"]
        employee = self._own_employee()
        deciding.check_leaver(self.env, employee)
        deciding.check_day(self.env, self.date)
        if self.date < departures._today_of(employee.company_id):
            raise UserError(self.env._("Enter today or a later day as your last day."))
        if departures._is_leaving(self.env.user):
            raise UserError(
                self.env._(
                    "Your departure is known already. Talk to your supervisor about "
                    "changes."
                )
            )
        departures._open(employee, self.date, "person", note=self.note)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Your supervisors know. From today, exports and prints of key account "
                    "data are closed to you, and reading far above your usual is reported."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _own_employee(self):
        # Not ``employee_ids``: those are of the companies that the person selected.
        employees = self.env["hr.employee"].sudo()
        employees = employees.search([("user_id", "=", self.env.uid)], order="id")
        home = self.env.user._nka_home_company()
        own = employees.filtered(lambda one: one.company_id == home)
        employee = own[:1] or employees[:1]
        if not employee:
            raise UserError(
                self.env._(
                    "Your user isn't linked to an employee. Ask your supervisor to open "
                    "your departure."
                )
            )
        return employee
