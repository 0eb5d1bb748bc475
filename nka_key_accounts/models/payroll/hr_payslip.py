from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.addons.payroll.models.base_browsable import BaseBrowsableObject
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date
from odoo.tools.float_utils import float_compare

from ..trail.confined import check_reader
from ..trail.opening import open_records
from ..trail.roles import PAYROLL_OFFICER
from .components import PAID, SHOWN, UNPAID_DAYS
from .contracts import covers, paying_versions
from .frozen_payslip import SLIP
from .refusals import explain, refusal

_lt = LazyTranslate(__name__)

#: Identity of a payslip; can't change once it is linked to a statement.
IDENTITY = {"employee_id", "date_from", "date_to", "company_id", "struct_id"}

#: No chatter for bulk payslips: the audit trail records the same events.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
}


class HrPayslip(models.Model):
    """Payslip of the 40/10/50 structure, which pays one locked statement.

    It is frozen once it is confirmed. Payslips of other structures cost no additional
    query.
    """

    _name = "hr.payslip"
    _inherit = ["hr.payslip", "nka.company.mixin"]
    _audit_kinds = {"payslip": _lt("Payslip")}

    nka_statement_ids = fields.One2many(
        "nka.pay.statement", "payslip_id", "Compensation statements", readonly=True
    )
    nka_statement_id = fields.Many2one(
        "nka.pay.statement",
        "Compensation statement",
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
        "Statement total",
        compute="_compute_nka_statement_id",
        compute_sudo=True,
        currency_field="nka_currency_id",
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

    def _compute_name(self):
        """Name payslips of statements in the language of their company."""
        ours = self._nka_ours()
        result = super(HrPayslip, self - ours)._compute_name()
        for slip in ours:
            language = slip.company_id.sudo().partner_id.lang or slip.env.lang
            slip.name = slip.with_context(lang=language)._nka_say_name()
        return result

    def _nka_say_name(self):
        return self.env._(
            "Payslip of %(person)s for %(month)s",
            person=self.employee_id.sudo().name,
            month=self._nka_month_text(self.date_from),
        )

    # ------------------------------------------------------------ onchange
    @api.onchange("date_from", "struct_id")
    def _onchange_nka_month(self):
        """Set the dates to the whole month that a statement covers."""
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
            became = self._nka_ours()
            became.check_access("write")
            became._check_nka_new()
        elif ours and vals.get("state", "cancel") != "cancel":
            ours._check_nka_single()
        ours._nka_settle(vals.get("state"))
        return result

    @api.ondelete(at_uninstall=True)
    def _check_nka_unlink(self):
        self._nka_ours()._check_nka_unfrozen()

    # ------------------------------------------------------------ access
    def _explain_refusal(self, operation):
        return explain(self, self.sudo())

    # ------------------------------------------------------------ checks
    def _check_nka_new(self):
        """Check new payslips: draft, no refund, one whole month, one per employee."""
        for slip in self:
            if slip.state not in ("draft", "cancel") and not slip.nka_statement_ids:
                raise UserError(
                    self.env._(
                        "A 40/10/50 payslip must be created as a draft. Compute it, "
                        "then confirm it."
                    )
                )
            if slip.credit_note:
                raise UserError(self._nka_retro_text())
            if not slip.company_id:
                raise UserError(
                    self.env._(
                        "A 40/10/50 payslip needs a company. Select the company that "
                        "pays it."
                    )
                )
            slip._check_nka_period()
        self._check_nka_single()

    def _check_nka_period(self):
        month_end = fields.Date.end_of(self.date_from, "month")
        if self.date_from.day != 1 or self.date_to != month_end:
            raise UserError(
                self.env._(
                    "A 40/10/50 payslip must cover a whole month. Enter %(first)s to "
                    "%(last)s; the statement already deducts days outside employment.",
                    first=format_date(self.env, self.date_from.replace(day=1)),
                    last=format_date(self.env, month_end),
                )
            )

    def _check_nka_single(self):
        """Allow one payslip of a statement per employee, month and company."""
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
                        "%(person)s already has payslip %(slip)s for %(month)s. Only "
                        "one payslip per month is allowed; any adjustment is paid in "
                        "the first open month.",
                        person=employee.name,
                        slip=(slips - self)[:1].number or slips[0].name or "",
                        month=self._nka_month_text(month),
                    )
                )

    def _check_nka_unfrozen(self):
        """Refuse changes to payslips of locked statements, for every user."""
        frozen = self._nka_frozen()
        if frozen:
            # The error names the employee, so check read access first.
            check_reader(frozen)
            raise UserError(
                self.env._(
                    "Payslip %(slip)s pays a statement of a locked month. %(advice)s",
                    slip=frozen[0].number or frozen[0].name,
                    advice=self._nka_retro_text(),
                )
            )

    @api.model
    def _check_nka_batch(self, vals):
        """Refuse to add payslips of any structure to a closed batch of a locked month.

        Batches of companies that the user can't access are refused as well.
        """
        run = self.env["hr.payslip.run"].browse(vals.get("payslip_run_id") or ())
        if run:
            run.check_access("read")
        run = run.sudo()
        if run.state == "close":
            run._check_nka_unfrozen()

    def _check_nka_identity(self, vals):
        """Refuse another employee, month or structure once a payslip is computed."""
        changed = [name for name in IDENTITY & vals.keys() if self._differs(name, vals)]
        if changed and self.sudo().nka_statement_ids:
            raise UserError(
                self.env._(
                    "This payslip was computed from a statement. For a different "
                    "person, month or structure, cancel it and create another one."
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
        return open_records(self.nka_statement_id, views=[(False, "form")])

    def refund_sheet(self):
        """Open an adjustment instead of a refund: see :meth:`_nka_correct`."""
        ours = self._nka_ours()
        return ours._nka_correct() if ours else super().refund_sheet()

    def action_payslip_draft(self):
        ours = self._nka_ours()
        ours._check_nka_unfrozen()
        ours._nka_release()
        return super().action_payslip_draft()

    # ------------------------------------------------------------ business
    def _nka_settle(self, state):
        """Apply the effects of a new state, whichever method set it."""
        if self and state == "cancel":
            self._nka_release()
        if self and state == "done":
            self._nka_record()

    def _nka_ours(self):
        """Return the payslips whose structure pays statements."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        return self.filtered(lambda slip: slip.sudo().struct_id.id in ids)

    def _nka_frozen(self):
        """Return the confirmed payslips of locked statements among these.

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
        """Store the contract's structure if ``vals`` have none."""
        if vals.get("struct_id") or not vals.get("contract_id"):
            return
        contract = self.env["hr.version"].sudo().browse(vals["contract_id"])
        if contract.struct_id.id in self.env["hr.payroll.structure"]._nka_ids():
            vals["struct_id"] = contract.struct_id.id

    def _nka_correct(self):
        """Open the adjustment of a paid statement instead of a refund.

        The adjustment is the difference to a calculation with today's data; a second
        officer approves it, and the first open month pays it.

        :return: an action
        :raise UserError: for other users and open payslips: says where to correct it
        """
        self.check_access("read")
        frozen = self._nka_frozen()
        if frozen and self.env.user.has_group(PAYROLL_OFFICER):
            statements = frozen.sudo().nka_statement_ids
            return statements.with_env(self.env).action_correct()
        raise UserError(self._nka_retro_text())

    def _nka_retro_text(self):
        months = self._nka_first_open_months()
        return self.env._(
            "Payslips of locked months can't be changed, refunded or cancelled. "
            "Correct the source records instead: the difference is paid in the first "
            "open month, %s.",
            ", ".join(sorted(self._nka_month_text(month) for month in months)),
        )

    def _nka_first_open_months(self):
        """Return the month after each company's last locked one."""
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

    # ------------------------------------------------------------ statement
    def _nka_claim(self):
        """Link every payslip to its locked statement.

        If two transactions claim the same statement, its row makes PostgreSQL fail the
        second one; Odoo retries it, and then the statement is taken.

        :raise UserError: names all employees who can't be paid, and why
        """
        found = self._nka_statements()
        texts = dict.fromkeys(refusal(slip, found[slip]) for slip in self)
        if any(texts):
            raise UserError("\n".join(filter(None, texts)))
        for slip, statement in found.items():
            if statement.payslip_id != slip:
                statement._unlocked().write({"payslip_id": slip.id})

    def _nka_release(self):
        """Clear the payslip of statements that it doesn't pay after all.

        Runs no query if no statement is linked.
        """
        bound = self.sudo().nka_statement_ids
        if bound:
            bound._unlocked().write({"payslip_id": False})

    def _nka_statements(self):
        """Return the statement of each payslip's employee, month and company.

        :return: ``{hr.payslip: nka.pay.statement}``, as superuser; may be empty
        """
        keys = {slip: slip.sudo()._nka_key() for slip in self}
        found = self.env["nka.pay.statement"]._of_month(set(keys.values()))
        return {slip: found[key] for slip, key in keys.items()}

    def _nka_key(self):
        company = self.company_id or self.employee_id.company_id
        return self.employee_id, self.date_from.replace(day=1), company

    @api.model
    def _nka_drafts(self, statements):
        """Return manually created drafts for these statements, to be completed."""
        return self.search(
            [
                ("employee_id", "in", statements.employee_id.ids),
                ("date_from", "in", list(set(statements.mapped("month")))),
                ("company_id", "in", statements.company_id.ids),
                ("state", "in", ("draft", "verify")),
                ("is_nka", "=", True),
            ]
        )

    # ------------------------------------------------------------ contracts
    def _get_employee_contracts(self):
        """Use one contract version, so that a second one isn't paid as well."""
        ours = self._nka_ours()
        if not ours:
            return super()._get_employee_contracts()
        others = self - ours
        contracts = ours._nka_contracts()
        if others:
            contracts |= super(HrPayslip, others)._get_employee_contracts()
        return contracts

    def _nka_contracts(self):
        """Return the payslips' contract versions, as superuser.

        The selected one if it covers a day of the month, else the month's last; for
        leavers with amounts still due, their last one.
        """
        slips = self.sudo()
        versions = slips.contract_id.filtered(
            lambda version: any(
                covers(version, slip.date_from, slip.date_to)
                for slip in slips
                if slip.contract_id == version
            )
        )
        rest = slips.filtered(lambda slip: slip.contract_id not in versions)
        for month, group in rest.grouped("date_from").items():
            employees = group.employee_id._origin
            found = paying_versions(employees, month, group.company_id)
            for employee in employees:
                versions |= found.get(employee.id, versions.browse())
        return versions

    # ------------------------------------------------------------ checks of amounts
    def _check_nka_confirmable(self):
        """Check that a payslip's lines match its locked statement.

        :raise UserError: if it isn't computed, or its lines differ
        """
        for slip in self.sudo():
            statement = slip.nka_statement_ids[:1]
            if statement.state != "locked":
                raise UserError(
                    self.env._(
                        "“%s” isn't computed from a locked statement. Compute it first.",
                        slip.name or slip.employee_id.name,
                    )
                )
            slip._check_nka_lines(statement)

    def _check_nka_lines(self, statement):
        """Compare payslip and statement by line and in total, to the cent."""
        digits = statement.currency_id.decimal_places
        lines = self.line_ids.filtered(lambda line: line.code in PAID)
        paid = {line.code: line.total for line in lines}
        wanted = statement._pay_by_code()
        wrong = [
            code
            for code in PAID
            if float_compare(paid.get(code, 0), wanted[code], precision_digits=digits)
        ]
        total = sum(line.total for line in lines)
        is_total = not float_compare(
            total, statement.total_amount, precision_digits=digits
        )
        if wrong or not is_total:
            raise UserError(
                self.env._(
                    "The payslip of %(person)s pays %(paid)s, but the statement says "
                    "%(total)s (%(codes)s). Compute it again. If the difference "
                    "remains, check that the structure has each 40/10/50 rule exactly "
                    "once.",
                    person=self.employee_id.name,
                    paid=statement.currency_id.format(total),
                    total=statement.currency_id.format(statement.total_amount),
                    codes=", ".join(wrong),
                )
            )

    # ------------------------------------------------------------ computing
    # All payslips of statements at once: the engine would recompute each at
    # confirmation and clear the cache of all when it deletes the old lines.
    def compute_sheet(self):
        self._nka_settle_structure()
        ours = self._nka_ours()
        if not ours:
            return super().compute_sheet()
        others = self - ours
        if others:
            super(HrPayslip, others).compute_sheet()
        ours._nka_compute()
        return True

    def action_payslip_done(self):
        self._nka_settle_structure()
        ours = self._nka_ours()
        if not ours:
            return super().action_payslip_done()
        others = self - ours
        if others:
            super(HrPayslip, others).action_payslip_done()
        ours.check_access("write")
        ours._check_nka_unfrozen()
        ours.filtered(lambda slip: slip.state == "draft")._nka_compute()
        confirmed = ours.sudo().with_context(without_compute_sheet=True)
        return super(HrPayslip, confirmed).action_payslip_done()

    # ------------------------------------------------------------ computing: engine
    def get_payroll_dict(self, contracts):
        """Add ``payroll.nka`` for rules: the locked statement's amounts by name.

        On payslips without a statement, ``payroll.nka.month`` is empty and all amounts
        are 0. Names: see components.SHOWN.
        """
        values = super().get_payroll_dict(contracts)
        pay = self._nka_prepare_pay() if self._nka_ours() else {}
        return {**values, "nka": BaseBrowsableObject(pay)}

    def _nka_prepare_pay(self):
        statement = self.sudo().nka_statement_ids[:1]
        if not statement:
            statement = self._nka_statements()[self]
        text = refusal(self, statement)
        if text:
            raise UserError(text)
        amounts = {name: statement[name] for name in SHOWN}
        return {"month": statement.month, **amounts}

    # ------------------------------------------------------------ computing: business
    def _nka_settle_structure(self):
        """Store the structure if only the contract gives it, before computing."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        for slip in self.filtered(lambda slip: not slip.struct_id):
            structures = slip._get_employee_contracts().sudo().struct_id
            ours = structures.filtered(lambda row: row.id in ids)
            if ours:
                slip.struct_id = ours[0]

    def _nka_compute(self):
        """Compute payslips from their locked statements.

        :raise UserError: names all employees who can't be paid, and why
        """
        if not self:
            return
        self.check_access("write")
        self._check_nka_unfrozen()
        slips = self.sudo()
        slips._nka_claim()
        slips._nka_keep_unpaid_days()
        slips.line_ids.unlink()
        lines = {slip: slip._nka_prepare_lines() for slip in slips}
        slips._nka_keep(lines)
        for slip in slips:
            slip._check_nka_lines(slip.nka_statement_ids)

    def _nka_fill(self, made):
        """Compute payslips; for those that fail, store the reason on the statement.

        :param made: payslips created just now; deleted if they can't be computed
        :return: the payslips with lines
        """
        found = self._nka_statements()
        self.line_ids.unlink()
        lines, bad = {}, self.browse()
        self._nka_keep_unpaid_days(found)
        for slip, statement in found.items():
            try:
                lines[slip] = slip._nka_bind(statement)
            except UserError as error:
                bad |= slip
                statement._unlocked().write(
                    {"payslip_id": False, "payslip_error": str(error)}
                )
        (bad & made).unlink()
        return (self - bad)._nka_keep(lines)

    def _nka_bind(self, statement):
        """Link a payslip to its statement.

        :return: values of its lines
        :raise UserError: if it can't be paid
        """
        text = refusal(self, statement)
        if text:
            raise UserError(text)
        statement._unlocked().write({"payslip_id": self.id, "payslip_error": False})
        return self._nka_prepare_lines()

    def _nka_keep_unpaid_days(self, statements=None):
        """Add unpaid leave as worked days, for the company's own rules.

        ``payroll.nka.unpaid_leave`` says whether the statement deducted it.

        :param dict statements: by payslip; the linked ones by default
        """
        statements = statements or {slip: slip.nka_statement_ids for slip in self}
        old = self.worked_days_line_ids.filtered(lambda row: row.code == UNPAID_DAYS)
        old.unlink()
        unpaid = self.filtered(lambda slip: statements[slip].unpaid_days)
        if not unpaid:
            return
        versions = unpaid._nka_contracts().grouped("employee_id")
        self.env["hr.payslip.worked_days"].create(
            [
                slip._nka_prepare_unpaid_days(
                    statements[slip], versions[slip.employee_id]
                )
                for slip in unpaid
                if slip.employee_id in versions
            ]
        )

    def _nka_prepare_unpaid_days(self, statement, versions):
        version = self.contract_id if self.contract_id in versions else versions[-1]
        calendar = version.resource_calendar_id or self.company_id.resource_calendar_id
        return {
            "payslip_id": self.id,
            "contract_id": version.id,
            "name": self.env._("Unpaid time off"),
            "code": UNPAID_DAYS,
            "number_of_days": statement.unpaid_days,
            "number_of_hours": statement.unpaid_days * calendar.hours_per_day,
        }

    def _nka_keep(self, lines):
        """Store prepared lines, and number the payslips.

        :param dict lines: values of lines by payslip
        """
        self.env["decimal.precision"]._nka_keep_decimals_of(self.company_id.currency_id)
        self._nka_write_lines(lines)._nka_name_in_all_languages()
        for slip in self.filtered(lambda slip: not slip.number):
            slip.number = self._nka_next_number()
        self.write({"state": "verify", "compute_date": fields.Date.today()})
        return self

    def _nka_prepare_lines(self):
        """Return the lines the payroll engine computes, for all rules.

        The engine turns a database conflict in a rule into a UserError. The original
        error is raised instead, so that Odoo retries the transaction.

        :return: list of values of payslip lines
        """
        try:
            lines = self.get_lines_dict().values()
        except UserError as error:
            if isinstance(error.__cause__, OperationalError):
                raise error.__cause__ from error
            raise
        return [{**line, "slip_id": self.id} for line in lines]

    @api.model
    def _nka_write_lines(self, lines_by_slip):
        lines = [line for lines in lines_by_slip.values() for line in lines]
        return self.env["hr.payslip.line"].sudo().create(lines)

    @api.model
    def _nka_next_number(self):
        return self.env["ir.sequence"].sudo().next_by_code("salary.slip")

    def _nka_record(self):
        """Log confirmed payslips with number and amount in the audit trail."""
        events = self.env["nka.audit.event"]
        entries = [
            events._prepare_entry(
                slip.nka_statement_ids,
                "payslip",
                new=slip.number,
                note=slip.nka_currency_id.format(slip.nka_total_amount),
            )
            for slip in self.sudo()
        ]
        events._append(entries)
