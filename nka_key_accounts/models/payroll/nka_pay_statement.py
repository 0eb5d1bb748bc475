from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.opening import open_records
from .components import PAID
from .frozen_payslip import guards_of_payslips
from .hr_payslip import QUIET


class PayStatement(models.Model):
    """Payslip of a statement: a single field, so that no second one can pay it."""

    _inherit = "nka.pay.statement"
    _guarded_fields = ("payslip_id", "payslip_job_id", "payslip_error")
    _company_fields = ("payslip_id",)

    payslip_id = fields.Many2one(
        "hr.payslip", readonly=True, copy=False, ondelete="set null"
    )
    payslip_job_id = fields.Many2one(
        "nka.payslip.job", "Payslip job", readonly=True, copy=False, ondelete="set null"
    )
    payslip_error = fields.Text(
        "Payslip error",
        readonly=True,
        copy=False,
        help="Why the payslip couldn't be generated, and how to resolve it.",
    )
    released_amount = fields.Monetary(
        "Retroactive fixed pay",
        compute="_compute_retro_parts",
        help="Held pay released after late reports, and adjustments to fixed pay.",
    )
    correction_amount = fields.Monetary(
        "Adjustments",
        compute="_compute_retro_parts",
        help="Clawbacks for earlier half-years and adjustments to bonus and goal pay.",
    )

    unpaid_leave = fields.Selection(
        related="agreement_id.version_id.unpaid_leave", related_sudo=True
    )

    _payslip_unique = models.UniqueIndex(
        "(payslip_id) WHERE payslip_id IS NOT NULL",
        "Each statement can have only one payslip.",
    )
    # Used by the background workers to find waiting statements.
    _payslip_waiting_idx = models.Index(
        "(payslip_job_id) WHERE payslip_job_id IS NOT NULL"
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of_payslips()]

    # ------------------------------------------------------------ compute
    @api.depends("retro_amount", "line_ids.kind", "line_ids.amount")
    def _compute_retro_parts(self):
        """Split retroactive pay into fixed pay and the rest.

        The two parts add up to ``retro_amount``.
        """
        rows = self.env["nka.pay.statement.line"]._read_group(
            [
                ("statement_id", "in", self.ids),
                ("kind", "in", ("release", "correction")),
                ("component", "=", "fixed"),
            ],
            ["statement_id"],
            ["amount:sum"],
        )
        released = {statement.id: amount for statement, amount in rows}
        for statement in self:
            amount = statement.currency_id.round(released.get(statement.id, 0))
            statement.released_amount = amount
            statement.correction_amount = statement.currency_id.round(
                statement.retro_amount - amount
            )

    # ------------------------------------------------------------ actions
    def action_open_payslip(self):
        """Open the payslip that pays this statement."""
        self.ensure_one()
        self.check_access("read")
        form = self.env.ref("nka_key_accounts.hr_payslip_view_form_statement")
        return open_records(self.payslip_id, views=[(form.id, "form")])

    # ------------------------------------------------------------ business
    @api.model
    def _paying_structures(self):
        """Return the structures of all payslips with a statement.

        :rtype: hr.payroll.structure
        """
        structures = self.env["hr.payroll.structure"]
        for (structure,) in self.env["hr.payslip"]._read_group(
            [("nka_statement_ids", "!=", False)], ["struct_id"]
        ):
            structures |= structure
        return structures

    def _pay_by_code(self):
        """Return the rounded amount that each salary rule pays, by rule code.

        :rtype: dict[str, float]
        """
        self.ensure_one()
        return {
            code: self.currency_id.round(self[fname]) for code, fname in PAID.items()
        }

    def _without_payslip(self):
        """Return the statements without a confirmed payslip."""
        return self.sudo().filtered(lambda row: row.payslip_id.state != "done")

    def _take_locked(self):
        """Lock the rows of these statements, without those locked by others.

        :rtype: nka.pay.statement
        """
        self.env.flush_all()
        return self.try_lock_for_update(allow_referencing=True)

    def _withdraw_payslips(self):
        """Cancel the payslips of reopened statements, so that new ones can follow.

        Cancelled payslips are kept as a record.

        :raise UserError: if a statement is locked or its payslip is paid
        """
        self._check_state("open", "calculated", "approved")
        slips = self.payslip_id
        paid = slips.filtered("paid")
        if paid:
            raise UserError(
                self.env._(
                    "Payslip %s is paid. Any adjustment is paid in the first open "
                    "month.",
                    paid[0].number,
                )
            )
        slips.with_context(**QUIET).write({"state": "cancel"})
        self._unlocked().write({"payslip_error": False})

    def _payslip_key(self):
        """Return the key that identifies a payslip of this statement."""
        return self.employee_id, self.month, self.company_id

    @api.model
    def _of_month(self, keys):
        """Return statements by employee, month and company, with one search.

        :param keys: iterable of (hr.employee, date, res.company)
        :return: ``{(employee, month, company): nka.pay.statement}``, empty if missing
        """
        keys = list(keys)
        found = defaultdict(self.browse)
        statements = self.sudo().search(
            [
                ("employee_id", "in", [employee.id for employee, _m, _c in keys]),
                ("month", "in", list({month for _e, month, _c in keys})),
                ("company_id", "in", [company.id for _e, _m, company in keys]),
            ]
        )
        for statement in statements:
            key = statement.employee_id.id, statement.month, statement.company_id.id
            found[key] = statement
        return {
            (employee, month, company): found[employee.id, month, company.id]
            for employee, month, company in keys
        }
