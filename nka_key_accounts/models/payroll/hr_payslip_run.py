from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..trail.confined import check_reader
from .frozen_payslip import RUN


class HrPayslipRun(models.Model):
    """A batch that holds payslips of locked statements is kept as it is."""

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
        "Confirmed payslips", compute="_compute_nka_amounts"
    )
    nka_total_amount = fields.Monetary(
        "Pay of all",
        compute="_compute_nka_amounts",
        currency_field="nka_currency_id",
        help="What the confirmed payslips of this batch pay by their statements.",
    )

    # ------------------------------------------------------------ default
    @api.model
    def default_get(self, fields_list):
        """Begin with the structure that pays statements where ours are made."""
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
        """A batch of ours is for a whole month: any day of it will do."""
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
                    "The batch %(run)s pays a locked month, %(month)s, and stays as it "
                    "is. Late payslips go into a new batch; corrections are paid in the "
                    "first open month.",
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
                    "The batch %s is closed and takes no more payslips. Make a new one.",
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
                    "The batch %s is for another month or company than the statements. "
                    "Make one for their month.",
                    self.name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_open_payslips(self):
        """Open the payslips of this batch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.hr_payslip_action_statement"
        )
        return {**action, "domain": [("payslip_run_id", "=", self.id)]}

    def action_make_payslips(self):
        """Make the payslips of the month's locked statements that have none yet.

        :return: the job's window when it goes on in the background
        :raise AccessError: for anybody but a payroll officer
        :raise UserError: when nothing is locked or everybody has a payslip
        """
        self.ensure_one()
        self.check_access("write")
        statements = self._nka_locked_statements()
        slips = self.env["hr.payslip"]
        missing = slips._nka_missing(statements)
        if not missing:
            raise UserError(
                self.env._(
                    "Every locked statement of this month has its payslip. Lock further "
                    "statements first."
                )
            )
        job = slips._nka_order(missing, self)
        if job:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "nka_key_accounts.nka_payslip_job_action"
            )
            return {
                **action,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": job.id,
            }
        return self._nka_made_message(missing)

    def _nka_made_message(self, statements):
        """Tell whose payslip couldn't be made, where there is somebody."""
        texts = [row.payslip_error for row in statements if row.payslip_error]
        if not texts:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Not everybody could be paid"),
                "message": "\n".join(texts),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # ------------------------------------------------------------ business
    def _nka_locked_statements(self):
        return (
            self.env["nka.pay.statement"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("month", "=", self.date_start),
                    ("state", "=", "locked"),
                ]
            )
        )

    @api.model
    def _nka_run(self, company, month):
        """The open batch for a company's statements of a month, made when missing.

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
