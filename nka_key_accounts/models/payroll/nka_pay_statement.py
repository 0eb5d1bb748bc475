from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..trail.opening import open_records
from ..trail.roles import PAYROLL_OFFICER
from .components import PAID
from .frozen_payslip import guards_of_payslips
from .hr_payslip import QUIET

_lt = LazyTranslate(__name__)


class PayStatement(models.Model):
    """Payslip of a statement: a single field, so that no second one can pay it."""

    _inherit = "nka.pay.statement"
    _guarded_fields = ("payslip_id", "payslip_job_id", "payslip_error")
    _company_fields = ("payslip_id",)
    _reason_actions = {
        "action_cancel_left_payslip": _lt("Cancel the earlier payslip"),
    }

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

    left_payslip_id = fields.Many2one(
        "hr.payslip",
        "Earlier payslip",
        compute="_compute_left_payslip_id",
        compute_sudo=True,
        groups=PAYROLL_OFFICER,
        help="Payslip for the same month from an earlier installation, with other "
        "amounts than this statement.",
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

    @api.depends("payslip_id", "payslip_error", "state")
    def _compute_left_payslip_id(self):
        waiting = self.filtered(
            lambda row: row._origin and row.state != "open" and not row.payslip_id
        )
        found = self._left_behind(waiting) if waiting else {}
        for statement in self:
            slip = found.get(statement)
            is_other = slip and not statement._is_paid_by(slip)
            statement.left_payslip_id = slip if is_other else False

    # ------------------------------------------------------------ actions
    def action_open_payslip(self):
        """Open the payslip that pays this statement."""
        self.ensure_one()
        self.check_access("read")
        form = self.env.ref("nka_key_accounts.hr_payslip_view_form_statement")
        return open_records(self.payslip_id, views=[(form.id, "form")])

    def action_cancel_left_payslip(self, reason=None):
        """Cancel the payslip of an earlier installation, so that a new one can follow.

        :param str reason: recorded in the audit trail; without one, the wizard is opened
        :raise AccessError: if the user isn't a payroll officer, or it is their own
        :raise UserError: if there is no such payslip, or it is marked as paid
        """
        self.ensure_one()
        self.check_access("read")
        self._check_group(
            PAYROLL_OFFICER, self.env._("Only a payroll officer can cancel payslips.")
        )
        if self.user_id == self.env.user:
            raise AccessError(
                self.env._("Another payroll officer has to cancel your payslip.")
            )
        slip = self.sudo().left_payslip_id
        if not slip or slip.paid:
            raise UserError(
                self.env._(
                    "There is no unpaid payslip of an earlier installation for this "
                    "month."
                )
            )
        if not reason:
            return self._ask_reason("action_cancel_left_payslip")
        slip.with_context(**QUIET).write({"state": "cancel"})
        self.sudo()._unlocked().write({"payslip_error": False})
        self.env["nka.audit.event"]._record(
            self.sudo(),
            "payslip",
            old=slip.number,
            new=self.env._("Cancelled"),
            note=reason,
        )
        return True

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

    # ------------------------------------------------------------ business: left behind
    @api.model
    def _left_behind(self, statements):
        """Return confirmed payslips of the same people and months that pay no statement.

        An earlier installation of the addon generated them; they stay when it is
        uninstalled.

        :return: hr.payslip by statement, as superuser
        :rtype: dict[nka.pay.statement, hr.payslip]
        """
        slips = (
            self.env["hr.payslip"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", statements.employee_id.ids),
                    ("date_from", "in", list(set(statements.mapped("month")))),
                    ("company_id", "in", statements.company_id.ids),
                    ("state", "=", "done"),
                    ("is_nka", "=", True),
                    ("nka_statement_ids", "=", False),
                ]
            )
        )
        by_key = {slip._nka_key(): slip for slip in slips}
        keys = {row: row._payslip_key() for row in statements.sudo()}
        return {row: by_key[key] for row, key in keys.items() if key in by_key}

    def _is_paid_by(self, slip):
        """Return whether a payslip pays each amount of this statement, to the cent."""
        paid = {line.code: line.total for line in slip.line_ids}
        return not any(
            self.currency_id.compare_amounts(paid.get(code, 0), due)
            for code, due in self._pay_by_code().items()
        )

    def _take_over_payslips(self, run):
        """Link locked statements to payslips left behind that pay the same amounts.

        If the amounts differ, the statement says so: the payslip may have been paid.

        :param run: hr.payslip.run that takes these payslips
        :return: the statements that had such a payslip
        :rtype: nka.pay.statement
        """
        found = self._left_behind(self)
        if not found:
            return self.browse()
        equal = [row for row, slip in found.items() if row._is_paid_by(slip)]
        slips = run.slip_ids.browse(found[row].id for row in equal).sudo()
        batches = slips.payslip_run_id - run
        slips.with_context(**QUIET).payslip_run_id = run
        batches.filtered(lambda batch: not batch.slip_ids and batch.is_nka).unlink()
        for row, slip in found.items():
            taken = {"payslip_id": slip.id, "payslip_error": False}
            error = {"payslip_error": row._say_left_behind(slip)}
            row._unlocked().write(taken if row in equal else error)
        self.browse(row.id for row in equal)._record_taken_over()
        return self.browse(row.id for row in found)

    def _say_left_behind(self, slip):
        total = sum(line.total for line in slip.line_ids if line.code in PAID)
        return self.env._(
            "%(person)s already has payslip %(slip)s for this month from an earlier "
            "installation. It pays %(paid)s, and the statement says %(total)s. If it "
            "was paid, exclude the person from the month; otherwise cancel the payslip "
            "on this statement and generate a new one.",
            person=self.employee_id.name,
            slip=slip.number or slip.name,
            paid=self.currency_id.format(total),
            total=self.currency_id.format(self.total_amount),
        )

    def _record_taken_over(self):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    row,
                    "payslip",
                    new=row.payslip_id.number,
                    note=self.env._(
                        "%s, confirmed before the addon was installed again",
                        row.currency_id.format(row.total_amount),
                    ),
                )
                for row in self
            ]
        )

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
