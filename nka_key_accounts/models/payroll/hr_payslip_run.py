from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..trail.confined import check_reader
from ..trail.opening import open_action
from ..trail.roles import PAYROLL_OFFICER
from .contracts import paying_versions
from .frozen_payslip import RUN
from .hr_payslip import QUIET
from .refusals import explain


class HrPayslipRun(models.Model):
    """Payslip batch, read-only once it has payslips of locked statements."""

    _name = "hr.payslip.run"
    _inherit = ["hr.payslip.run", "nka.company.mixin"]

    is_nka = fields.Boolean(
        "Pays statements",
        compute="_compute_is_nka",
        search="_search_is_nka",
        compute_sudo=True,
    )
    nka_currency_id = fields.Many2one(related="company_id.currency_id")
    nka_slip_count = fields.Integer(
        "Confirmed payslips", compute="_compute_nka_amounts", groups=PAYROLL_OFFICER
    )
    nka_total_amount = fields.Monetary(
        "Total pay",
        compute="_compute_nka_amounts",
        currency_field="nka_currency_id",
        groups=PAYROLL_OFFICER,
        help="Total of the confirmed payslips of this batch, according to their "
        "statements.",
    )

    # ------------------------------------------------------------ default
    @api.model
    def default_get(self, fields_list):
        """Preselect the structure that pays statements, if the context asks for it."""
        values = super().default_get(fields_list)
        if self.env.context.get("nka_structure") and "struct_id" in fields_list:
            values.setdefault("struct_id", self.env.company._nka_structure().id)
        return values

    # ------------------------------------------------------------ compute
    @api.depends("slip_ids.state", "slip_ids.nka_statement_ids")
    def _compute_nka_amounts(self):
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("payslip_id.payslip_run_id", "in", self.ids),
                    ("payslip_id.state", "=", "done"),
                ],
                ["payslip_id"],
                ["total_amount:sum"],
            )
        )
        for run in self:
            amounts = [
                amount for slip, amount in rows if slip.payslip_run_id == run._origin
            ]
            run.nka_slip_count = len(amounts)
            run.nka_total_amount = sum(amounts)

    @api.depends("struct_id")
    def _compute_is_nka(self):
        ids = self.env["hr.payroll.structure"]._nka_ids()
        for run in self:
            run.is_nka = run.struct_id.id in ids

    @api.model
    def _search_is_nka(self, operator, value):
        return self.env["hr.payslip"]._search_is_nka(operator, value)

    # ------------------------------------------------------------ onchange
    @api.onchange("date_start", "struct_id")
    def _onchange_nka_month(self):
        """Set the dates to the whole month that the statements cover."""
        if self.is_nka and self.date_start:
            self.date_start = fields.Date.start_of(self.date_start, "month")
            self.date_end = fields.Date.end_of(self.date_start, "month")

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        is_reopened = vals.get("state", "close") != "close"
        if is_reopened or not vals.keys().isdisjoint(RUN):
            self._check_nka_unfrozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_nka_unlink(self):
        self._check_nka_unfrozen()

    # ------------------------------------------------------------ access
    def _explain_refusal(self, operation):
        return explain(self, self.sudo())

    # ------------------------------------------------------------ checks
    def _check_nka_unfrozen(self):
        """Refuse to change a batch that pays locked statements."""
        statement = (
            self.env["nka.pay.statement"]
            .sudo()
            .search(
                [
                    ("payslip_id.payslip_run_id", "in", self.ids),
                    ("payslip_id.state", "=", "done"),
                    ("state", "=", "locked"),
                ],
                limit=1,
            )
        )
        if statement:
            run = statement.payslip_id.payslip_run_id
            check_reader(run)
            raise UserError(
                self.env._(
                    "Batch %(run)s pays a locked month, %(month)s, so it can't be "
                    "changed. Add late payslips to a new batch; adjustments are paid "
                    "in the first open month.",
                    run=run.name,
                    month=format_date(
                        self.env, statement.month, date_format="LLLL yyyy"
                    ),
                )
            )

    def _check_nka_takes(self, statements):
        """Refuse payslips of another month or company, or for a closed batch."""
        self.ensure_one()
        if self.state == "close":
            raise UserError(
                self.env._(
                    "Batch %s is closed, so no payslips can be added. Create a new "
                    "batch.",
                    self.name,
                )
            )
        last = fields.Date.end_of(self.date_start, "month")
        is_own = statements.company_id == self.company_id and set(
            statements.mapped("month")
        ) == {self.date_start}
        if not is_own or self.date_end != last or self.credit_note:
            raise UserError(
                self.env._(
                    "Batch %s is for a different month or company than the "
                    "statements. Create a batch for their month and company.",
                    self.name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_open_payslips(self):
        """Open the payslips of this batch."""
        self.ensure_one()
        return open_action(
            self.env,
            "hr_payslip_action_statement",
            domain=[("payslip_run_id", "=", self.id)],
        )

    def action_make_payslips(self):
        """Generate the missing payslips of the month's locked statements.

        :return: the action of the background job or of a warning; True if all were
            generated
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if every locked statement already has a payslip
        """
        self.ensure_one()
        self.check_access("write")
        missing = self._nka_locked_statements()._without_payslip()
        if not missing:
            raise UserError(
                self.env._(
                    "All locked statements of this month already have payslips. Lock "
                    "more statements first."
                )
            )
        job = self._nka_order(missing)
        if job:
            return open_action(
                self.env,
                "nka_payslip_job_action",
                view_mode="form",
                views=[(False, "form")],
                res_id=job.id,
            )
        return self._nka_made_message(missing)

    def _nka_made_message(self, statements):
        """Return a warning that lists failed payslips, or True if there are none."""
        texts = [row.payslip_error for row in statements if row.payslip_error]
        if not texts:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Some payslips couldn't be generated"),
                "message": "\n".join(texts),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _nka_locked_statements(self):
        statements = self.env["nka.pay.statement"].sudo()
        return statements.search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", "=", self.date_start),
                ("state", "=", "locked"),
            ]
        )

    # ------------------------------------------------------------ generating
    @api.model
    def _nka_run(self, company, month):
        """Return the company's open batch for a month; create it if missing.

        :param date month: first day
        :rtype: hr.payslip.run, as superuser
        """
        structure = company._nka_structure()
        runs = self.sudo()
        return runs.search(
            [
                ("company_id", "=", company.id),
                ("date_start", "=", month),
                ("state", "=", "draft"),
                ("credit_note", "=", False),
                ("is_nka", "=", True),
            ],
            limit=1,
        ) or runs.create(
            {
                "name": self.env._(
                    "Key accounts, %s",
                    format_date(self.env, month, date_format="LLLL yyyy"),
                ),
                "company_id": company.id,
                "date_start": month,
                "date_end": fields.Date.end_of(month, "month"),
                "struct_id": structure.id,
            }
        )

    def _nka_order(self, statements):
        """Generate payslips now, or in the background if there are many.

        :param statements: locked nka.pay.statement of one company and month
        :return: the background job; empty if the payslips were generated now
        :rtype: nka.payslip.job
        """
        missing, jobs = statements._without_payslip(), self.env["nka.payslip.job"]
        if len(missing) > self.company_id.sudo().nka_payslip_direct:
            return jobs.sudo()._order_slips(missing, self)
        self._nka_make(missing)
        return jobs

    def _nka_make(self, statements):
        """Create, compute and confirm the payslips of locked statements.

        Each payslip is generated only once: existing ones are kept, and statements
        locked by another transaction are skipped. If one can't be paid, the reason is
        stored on its statement (``payslip_error``) and the others are generated.

        :param statements: locked nka.pay.statement of one company and month
        :return: the payslips generated now
        :rtype: hr.payslip
        :raise UserError: if a statement isn't locked or the batch is closed
        """
        statements = statements.sudo()
        statements._check_state("locked")
        waiting = statements._without_payslip()._take_locked()._without_payslip()
        if not waiting:
            return self.env["hr.payslip"]
        run = self.sudo()
        run._check_nka_takes(waiting)
        waiting -= waiting._take_over_payslips(run)
        slips = run.env["hr.payslip"].with_context(**QUIET)
        drafts = slips._nka_drafts(waiting)
        begun = {slip._nka_key() for slip in drafts}
        fresh = waiting.filtered(lambda row: row._payslip_key() not in begun)
        made = slips.create(run._nka_prepare_slips(fresh))
        made._compute_name()
        drafts.filtered(lambda slip: not slip.payslip_run_id).payslip_run_id = run
        filled = (made | drafts)._nka_fill(made)
        filled.action_payslip_done()
        return filled.with_env(self.env)

    def _nka_prepare_slips(self, statements):
        """Return payslip values; a contract's structure for statements has priority."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        structure = self.struct_id or self.company_id._nka_structure()
        versions = paying_versions(
            statements.employee_id, self.date_start, statements.company_id
        )
        vals_list = []
        for statement in statements:
            version = versions.get(statement.employee_id.id, self.env["hr.version"])
            own = version.struct_id.id in ids and version.struct_id
            vals_list.append(
                {
                    "employee_id": statement.employee_id.id,
                    "company_id": statement.company_id.id,
                    "contract_id": version.id,
                    "struct_id": (own or structure).id,
                    "date_from": statement.month,
                    "date_to": fields.Date.end_of(statement.month, "month"),
                    "payslip_run_id": self.id,
                }
            )
        return vals_list
