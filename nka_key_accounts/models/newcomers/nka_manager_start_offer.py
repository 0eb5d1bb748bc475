from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..trail.roles import MANAGER


class ManagerStartOffer(models.TransientModel):
    """Existing managers whose start isn't recorded: a supervisor says how they came.

    Nothing is guessed: people without an answer are left for another time.
    """

    _name = "nka.manager.start.offer"
    _description = "Record existing managers"
    _inherit = ["nka.guard.mixin"]
    _guarded_fields = ("company_id",)

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.id,
    )
    line_ids = fields.One2many(
        "nka.manager.start.offer.line",
        "offer_id",
        "Managers",
        default=lambda self: self._propose_lines(),
    )

    @api.model
    def _propose_lines(self):
        """Return a line for each manager of the user's team without a start.

        The date is the first day of their first pay agreement, if there is one.
        """
        employees = self._find_employees()
        agreements = self.env["nka.pay.agreement"].sudo()
        first_days = dict(
            agreements._read_group(
                [("employee_id", "in", employees.ids), ("accepted_date", "!=", False)],
                ["employee_id"],
                ["date_from:min"],
            )
        )
        return [
            Command.create(
                {
                    "employee_id": employee.id,
                    "date_start": first_days.get(employee, False),
                }
            )
            for employee in employees
        ]

    @api.model
    def _find_employees(self):
        company = self.env.company
        holders = self.env["res.users"]._nka_holders(MANAGER, company, self.env.user)
        holders = holders.with_env(self.env).filtered("nka_is_supervised")
        starts = self.env["nka.manager.start"].sudo()
        known = starts.search([("company_id", "=", company.id)]).employee_id
        employees = self.env["hr.employee"].sudo()
        found = employees.search(
            [("user_id", "in", holders.ids), ("company_id", "=", company.id)],
            order="name, id",
        )
        return (found - known).with_env(self.env)

    def action_record(self):
        """Record the starts of the people for whom way and date were entered.

        :raise UserError: if nothing was entered
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.line_ids.filtered("way")
        if not lines or not all(lines.mapped("date_start")):
            raise UserError(
                self.env._(
                    "Choose how each manager came and enter their start date. People "
                    "without a choice are left for another time."
                )
            )
        starts = self.env["nka.manager.start"].create(
            [
                {
                    "employee_id": line.employee_id.id,
                    "company_id": self.company_id.id,
                    "way": line.way,
                    "date_start": line.date_start,
                }
                for line in lines
            ]
        )
        starts._check_decider()
        # They work as managers already: what is missing is listed, not required.
        starts._confirm()
        return {"type": "ir.actions.act_window_close"}
