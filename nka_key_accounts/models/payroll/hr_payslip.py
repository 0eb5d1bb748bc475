from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..trail.confined import check_reader
from ..trail.roles import PAYROLL_OFFICER
from .frozen_payslip import SLIP

#: What a payslip is about; it doesn't change once a statement is paid by it.
IDENTITY = {"employee_id", "date_from", "date_to", "company_id", "struct_id"}


class HrPayslip(models.Model):
    """A payslip of the structure 40/10/50 pays one locked statement.

    It is frozen once it is confirmed. Payslips of other structures pass through here
    without a query of ours.
    """

    _name = "hr.payslip"
    _inherit = ["hr.payslip", "nka.company.mixin"]

    nka_statement_ids = fields.One2many(
        "nka.pay.statement", "payslip_id", "Pay statements", readonly=True
    )
    nka_statement_id = fields.Many2one(
        "nka.pay.statement",
        "Pay statement",
        compute="_compute_nka_statement_id",
        compute_sudo=True,
        help="The statement that this payslip pays.",
    )
    is_nka = fields.Boolean(
        "Pays a statement",
        compute="_compute_is_nka",
        search="_search_is_nka",
        compute_sudo=True,
    )
    nka_currency_id = fields.Many2one(related="company_id.currency_id")
    nka_total_amount = fields.Monetary(
        "Pay of the statement",
        compute="_compute_nka_statement_id",
        compute_sudo=True,
        currency_field="nka_currency_id",
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
    @api.depends("nka_statement_ids")
    def _compute_nka_statement_id(self):
        for slip in self:
            statement = slip.is_nka and slip.nka_statement_ids[:1]
            slip.nka_statement_id = statement
            slip.nka_total_amount = statement.total_amount if statement else 0

    @api.depends("struct_id")
    def _compute_is_nka(self):
        ids = self.env["hr.payroll.structure"]._nka_ids()
        for slip in self:
            slip.is_nka = slip.struct_id.id in ids

    @api.model
    def _search_is_nka(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = list(self.env["hr.payroll.structure"]._nka_ids())
        inside = "in" if True in value else "not in"
        return [("struct_id", inside, ids)]

    # ------------------------------------------------------------ onchange
    @api.onchange("date_from", "struct_id")
    def _onchange_nka_month(self):
        """Ours are for whole months: any day of it will do."""
        if self.is_nka and self.date_from:
            self.date_from = fields.Date.start_of(self.date_from, "month")
            self.date_to = fields.Date.end_of(self.date_from, "month")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._nka_complete(vals)
            self._check_nka_batch(vals)
        slips = super().create(vals_list)
        ours = slips._nka_ours()
        if ours:
            ours._check_nka_new()
        return slips

    def write(self, vals):
        ours = self._nka_ours()
        self._check_nka_batch(vals)
        if ours and not vals.keys().isdisjoint(SLIP):
            ours._check_nka_unfrozen()
            ours._check_nka_identity(vals)
        if not vals.get("paid", True):
            ours.filtered("paid")._check_nka_unfrozen()
        if vals.get("state") == "done":
            ours._check_nka_confirmable()
        result = super().write(vals)
        if not IDENTITY.isdisjoint(vals):
            self._nka_ours()._check_nka_new()
        elif ours and vals.get("state", "cancel") != "cancel":
            ours._check_nka_single()
        ours._nka_settle(vals.get("state"))
        return result

    @api.ondelete(at_uninstall=True)
    def _check_nka_unlink(self):
        self._nka_ours()._check_nka_unfrozen()

    # ------------------------------------------------------------ checks
    def _check_nka_new(self):
        """Our payslips are for one whole month, one per person, and no refunds."""
        for slip in self:
            if slip.state not in ("draft", "cancel") and not slip.nka_statement_ids:
                raise UserError(
                    self.env._(
                        "A payslip of the structure 40/10/50 starts as a draft. "
                        "Compute it, then confirm it."
                    )
                )
            if slip.credit_note:
                raise UserError(self._nka_retro_text())
            if not slip.company_id:
                raise UserError(
                    self.env._(
                        "A payslip of the structure 40/10/50 is one company's. Choose "
                        "the company that pays it."
                    )
                )
            slip._check_nka_period()
        self._check_nka_single()

    def _check_nka_period(self):
        month_end = fields.Date.end_of(self.date_from, "month")
        if self.date_from.day != 1 or self.date_to != month_end:
            raise UserError(
                self.env._(
                    "A payslip of the structure 40/10/50 is for a whole month. Enter "
                    "%(first)s to %(last)s; days not employed are taken out by the "
                    "statement.",
                    first=format_date(self.env, self.date_from.replace(day=1)),
                    last=format_date(self.env, month_end),
                )
            )

    def _check_nka_single(self):
        """One payslip of ours per person, month and company."""
        others = self.sudo()._read_group(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("date_from", "in", list(set(self.mapped("date_from")))),
                ("state", "!=", "cancel"),
                ("is_nka", "=", True),
            ],
            ["employee_id", "date_from:day", "company_id"],
            ["id:recordset"],
        )
        for employee, month, _company, slips in others:
            if len(slips) > 1 and slips & self:
                raise UserError(
                    self.env._(
                        "%(person)s already has the payslip %(slip)s for %(month)s, and "
                        "one is enough. What was wrong with it is corrected in the "
                        "first open month.",
                        person=employee.name,
                        slip=(slips - self)[:1].number or slips[0].name or "",
                        month=self._nka_month_text(month),
                    )
                )

    def _check_nka_unfrozen(self):
        """Refuse to touch what pays a locked statement, whoever asks."""
        frozen = self._nka_frozen()
        if frozen:
            # Whose payslip it is, is told to whoever reads it.
            check_reader(frozen)
            raise UserError(
                self.env._(
                    "The payslip %(slip)s pays a statement of a locked month. %(advice)s",
                    slip=frozen[0].number or frozen[0].name,
                    advice=self._nka_retro_text(),
                )
            )

    @api.model
    def _check_nka_batch(self, vals):
        """A closed batch of a locked month takes no payslip, of whatever structure.

        Nor does one of a company where the acting person doesn't work.
        """
        run = self.env["hr.payslip.run"].browse(vals.get("payslip_run_id") or ())
        if run:
            run.check_access("read")
        run = run.sudo()
        if run.state == "close":
            run._check_nka_unfrozen()

    def _check_nka_identity(self, vals):
        """A computed payslip stays that person's and that month's."""
        changed = [name for name in IDENTITY & vals.keys() if self._differs(name, vals)]
        if changed and self.sudo().nka_statement_ids:
            raise UserError(
                self.env._(
                    "This payslip is computed from a statement already. Cancel it and "
                    "make another one for another person, month or structure."
                )
            )

    def _differs(self, fname, vals):
        field = self._fields[fname]
        value = field.convert_to_cache(vals[fname], self[:1])
        return any(
            field.convert_to_cache(slip[fname], slip, validate=False) != value
            for slip in self.sudo()
        )

    # ------------------------------------------------------------ actions
    def action_open_statement(self):
        """Open the statement that this payslip pays."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "nka.pay.statement",
            "res_id": self.nka_statement_id.id,
            "views": [(False, "form")],
        }

    def refund_sheet(self):
        """Payslips that pay statements aren't refunded: see :meth:`_nka_correct`."""
        ours = self._nka_ours()
        return ours._nka_correct() if ours else super().refund_sheet()

    def action_payslip_draft(self):
        ours = self._nka_ours()
        ours._check_nka_unfrozen()
        ours._nka_release()
        return super().action_payslip_draft()

    # ------------------------------------------------------------ business
    def _nka_settle(self, state):
        """What follows from a new state, by whatever door it came."""
        if self and state == "cancel":
            self._nka_release()
        if self and state == "done":
            self._nka_record()

    def _nka_ours(self):
        """Those of these payslips whose structure pays statements."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        return self.filtered(lambda slip: slip.sudo().struct_id.id in ids)

    def _nka_frozen(self):
        """Confirmed payslips of locked statements among these, from the tables.

        :rtype: hr.payslip
        """
        if not self:
            return self
        statements = self.env["nka.pay.statement"].sudo()
        locked = statements.search_fetch(
            [
                ("payslip_id", "in", self.ids),
                ("payslip_id.state", "=", "done"),
                ("state", "=", "locked"),
            ],
            ["payslip_id"],
        )
        return self.browse(locked.payslip_id.ids)

    @api.model
    def _nka_complete(self, vals):
        """Write the contract's structure down where only the contract tells it."""
        if vals.get("struct_id") or not vals.get("contract_id"):
            return
        contract = self.env["hr.version"].sudo().browse(vals["contract_id"])
        if contract.struct_id.id in self.env["hr.payroll.structure"]._nka_ids():
            vals["struct_id"] = contract.struct_id.id

    def _nka_correct(self):
        """How a paid statement is corrected, instead of a refund.

        An officer is led to the correction of the statement, worked out anew by what
        is known today; another officer approves it, the first open month pays it.

        :return: an action
        :raise UserError: for others and open payslips: says where it is corrected
        """
        frozen = self._nka_frozen()
        if frozen and self.env.user.has_group(PAYROLL_OFFICER):
            statements = frozen.sudo().nka_statement_ids
            return statements.with_env(self.env).action_correct()
        raise UserError(self._nka_retro_text())

    def _nka_retro_text(self):
        months = self._nka_first_open_months()
        return self.env._(
            "Payslips of locked months aren't changed, refunded or cancelled. Correct "
            "what it was calculated from: the difference is paid in the first open "
            "month, %s.",
            ", ".join(sorted(self._nka_month_text(month) for month in months)),
        )

    def _nka_first_open_months(self):
        """The month after each company's last locked one."""
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self.sudo().company_id.ids),
                    ("state", "=", "locked"),
                ],
                ["company_id"],
                ["month:max"],
            )
        )
        lasts = [month for _company, month in rows] or self.mapped("date_from")
        return {
            fields.Date.add(fields.Date.start_of(day, "month"), months=1)
            for day in lasts
        }

    @api.model
    def _nka_month_text(self, month):
        return format_date(self.env, month, date_format="LLLL yyyy")
