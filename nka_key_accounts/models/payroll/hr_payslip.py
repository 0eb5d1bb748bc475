from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.addons.payroll.models.base_browsable import BaseBrowsableObject
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate, format_date
from odoo.tools.float_utils import float_compare

from ...paycalc import add_months
from ..pay.step_progress import told
from ..trail.confined import check_reader
from ..trail.roles import PAYROLL_OFFICER
from .components import PAID, SHOWN
from .frozen_payslip import SLIP

_lt = LazyTranslate(__name__)

#: What a payslip is about; it doesn't change once a statement is paid by it.
IDENTITY = {"employee_id", "date_from", "date_to", "company_id", "struct_id"}
#: Told at the start and half way: ten payslips are to cost ten queries each at most.
PLACES = 2

#: No chatter for what the audit trail records, a payslip of hundreds.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
}


class HrPayslip(models.Model):
    """A payslip of the structure 40/10/50 pays one locked statement.

    It is frozen once it is confirmed. Payslips of other structures pass through here
    without a query of ours.
    """

    _name = "hr.payslip"
    _inherit = ["hr.payslip", "nka.company.mixin"]
    _audit_kinds = {"payslip": _lt("Payslip")}

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

    # ============================================================ statement
    # From a payslip to the statement it pays, or to a refusal that says why not.

    # ------------------------------------------------------------ statement: business
    def _nka_claim(self):
        """Bind every payslip to its locked statement.

        Two sessions that want the same statement meet at its row: the second is told
        to try again by the database, and then finds it taken.

        :raise UserError: names everybody who can't be paid, and why
        """
        found = self._nka_statements()
        texts = [self._nka_refusal(slip, found[slip]) for slip in self]
        texts = [text for text in texts if text]
        if texts:
            raise UserError("\n".join(dict.fromkeys(texts)))
        for slip, statement in found.items():
            if statement.payslip_id != slip:
                statement._unlocked().write({"payslip_id": slip.id})

    def _nka_release(self):
        """Let go of statements that aren't paid after all.

        Without a query where nothing was bound.
        """
        bound = self.sudo().nka_statement_ids
        if bound:
            bound._unlocked().write({"payslip_id": False})

    def _nka_statements(self):
        """The statement of each payslip's person, month and company, if any.

        :return: ``{hr.payslip: nka.pay.statement}``, as superuser
        """
        keys = {slip: slip.sudo()._nka_key() for slip in self}
        found = self.env["nka.pay.statement"]._of_month(set(keys.values()))
        return {slip: found[key] for slip, key in keys.items()}

    def _nka_key(self):
        company = self.company_id or self.employee_id.company_id
        return self.employee_id, self.date_from.replace(day=1), company

    # ------------------------------------------------------------ statement: refusals
    @api.model
    def _nka_refusal(self, slip, statement):
        """Why a payslip can't pay a statement; empty when it can.

        :param statement: of the person and month, empty when there is none
        """
        slip = slip.sudo()
        person = slip.employee_id.name
        month = self._nka_month_text(slip.date_from)
        if not statement.agreement_id and not slip._nka_has_agreement():
            return self.env._(
                "%(person)s has no accepted pay agreement in %(month)s. Let the payroll "
                "officer propose one, or take another structure for this payslip.",
                person=person,
                month=month,
            )
        if statement.state != "locked":
            return self._nka_unlocked_text(statement, person, month)
        if statement.payslip_id and statement.payslip_id != slip:
            return self.env._(
                "%(person)s already has the payslip %(slip)s for %(month)s. Open it; "
                "corrections are paid in the first open month.",
                person=person,
                slip=statement.payslip_id.number or statement.payslip_id.name,
                month=month,
            )
        return slip._nka_other_refusal(person, month)

    @api.model
    def _nka_unlocked_text(self, statement, person, month):
        if not statement:
            return self.env._(
                "%(person)s has no statement for %(month)s yet. Calculate, approve and "
                "lock the month first.",
                person=person,
                month=month,
            )
        states = dict(statement._fields["state"]._description_selection(self.env))
        return self.env._(
            "The statement of %(person)s for %(month)s is “%(state)s”. Close the month "
            "first: a payslip pays what is locked.",
            person=person,
            month=month,
            state=states[statement.state],
        )

    def _nka_other_refusal(self, person, month):
        """What the payroll engine needs: a contract, and decimals enough."""
        if not self._nka_contracts():
            return self.env._(
                "%(person)s has no contract in %(month)s. Enter its start date in the "
                "employee's form, then compute again.",
                person=person,
                month=month,
            )
        currency = self.company_id.currency_id
        digits = self.env["decimal.precision"].precision_get("Payroll")
        if digits < currency.decimal_places:
            return self.env._(
                "%(currency)s has %(count)s decimals and payslips keep %(digits)s. Let "
                "an administrator raise the decimal accuracy “Payroll”.",
                currency=currency.name,
                count=currency.decimal_places,
                digits=digits,
            )
        return ""

    def _nka_has_agreement(self):
        return bool(
            self.env["nka.pay.agreement"]
            .sudo()
            .search_count(
                [
                    ("employee_id", "=", self.employee_id.id),
                    ("company_id", "=", self._nka_key()[2].id),
                    ("state", "in", ("accepted", "ended")),
                    ("date_from", "<=", self.date_to),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", self.date_from),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------ statement: contracts
    def _get_employee_contracts(self):
        """One contract version pays: a second one in the month doesn't pay twice."""
        ours = self._nka_ours()
        if not ours:
            return super()._get_employee_contracts()
        others = self - ours
        contracts = ours._nka_contracts()
        if others:
            contracts |= super(HrPayslip, others)._get_employee_contracts()
        return contracts

    def _nka_contracts(self):
        """The payslips' contract versions, as superuser.

        The chosen one where it covers a day of the month, else the month's last; of
        who left before and is still owed something, his last one.
        """
        slips = self.sudo()
        versions = slips.contract_id.filtered(
            lambda version: any(
                self._nka_covers(version, slip.date_from, slip.date_to)
                for slip in slips
                if slip.contract_id == version
            )
        )
        rest = slips.filtered(lambda slip: slip.contract_id not in versions)
        for month, group in rest.grouped("date_from").items():
            employees = group.employee_id._origin
            found = self._nka_paying_versions(employees, month, group.company_id)
            for employee in employees:
                versions |= found.get(employee.id, versions.browse())
        return versions

    @api.model
    def _nka_paying_versions(self, employees, month, companies):
        """The version that each person's payslip of a month goes by.

        :param date month: first day
        :return: ``{employee id: hr.version}``, as superuser
        """
        found = self._nka_versions(employees, month)
        without = employees.filtered(lambda employee: employee.id not in found)
        if not without:
            return found
        statements = self.env["nka.pay.statement"].sudo()
        left = statements.search(
            [
                ("employee_id", "in", without.ids),
                ("month", "=", month),
                ("company_id", "in", companies.ids),
            ]
        )._only_owed()
        return {**found, **self._nka_last_versions(left.employee_id, month)}

    @api.model
    def _nka_last_versions(self, employees, month):
        """The last contract of people who left before a month."""
        versions = (
            self.env["hr.version"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("contract_date_start", "<", month),
                ],
                order="employee_id, date_version",
            )
        )
        return {version.employee_id.id: version for version in versions}

    @api.model
    def _nka_covers(self, version, first, last):
        """Whether a contract covers a day; by stored dates, which cost no search."""
        start, end = version.contract_date_start, version.contract_date_end
        return bool(start and start <= last and (not end or end >= first))

    @api.model
    def _nka_versions(self, employees, month):
        """The last version in a month of everybody under contract in it.

        :param date month: first day
        :return: ``{employee id: hr.version}``, as superuser
        """
        last = fields.Date.end_of(month, "month")
        versions = (
            self.env["hr.version"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("contract_date_start", "<=", last),
                    "|",
                    ("contract_date_end", "=", False),
                    ("contract_date_end", ">=", month),
                    ("date_version", "<", add_months(month, 1)),
                ],
                order="employee_id, date_version",
            )
        )
        return {version.employee_id.id: version for version in versions}

    # ------------------------------------------------------------ statement: checks
    def _check_nka_confirmable(self):
        """A payslip is confirmed when its lines are the locked statement's.

        :raise UserError: when it isn't computed, or its lines differ
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
        """Line by line and to the cent: what the payslip pays is what is locked."""
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
                    "The payslip of %(person)s pays %(paid)s where the statement says "
                    "%(total)s (%(codes)s). Compute it again; if that doesn't help, the "
                    "structure lacks a rule of 40/10/50 or has one twice.",
                    person=self.employee_id.name,
                    paid=statement.currency_id.format(total),
                    total=statement.currency_id.format(statement.total_amount),
                    codes=", ".join(wrong),
                )
            )

    # ============================================================ compute
    # Computing and confirming, for all payslips of ours at once.
    #
    # The engine's own way recomputes at the confirmation, and drops everybody's cache
    # with every payslip's old lines; here each is done once for all.

    # ------------------------------------------------------------ compute: actions
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

    # ------------------------------------------------------------ compute: engine
    def get_payroll_dict(self, contracts):
        """Give rules ``payroll.nka``: the locked statement's amounts by clear names.

        ``payroll.nka.month`` is empty on payslips that pay no statement; all amounts
        are 0 there. Names: see components.SHOWN.
        """
        values = super().get_payroll_dict(contracts)
        pay = self._nka_prepare_pay() if self._nka_ours() else {}
        return {**values, "nka": BaseBrowsableObject(pay)}

    def _nka_prepare_pay(self):
        statement = self.sudo().nka_statement_ids[:1]
        if not statement:
            statement = self._nka_statements()[self]
        text = self._nka_refusal(self, statement)
        if text:
            raise UserError(text)
        amounts = {name: statement[name] for name in SHOWN}
        return {"month": statement.month, **amounts}

    # ------------------------------------------------------------ compute: business
    def _nka_settle_structure(self):
        """Write down the structure that a contract alone tells, before computing."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        for slip in self.filtered(lambda slip: not slip.struct_id):
            structures = slip._get_employee_contracts().sudo().struct_id
            ours = structures.filtered(lambda row: row.id in ids)
            if ours:
                slip.struct_id = ours[0]

    def _nka_compute(self):
        """Compute payslips of ours from their locked statements.

        :raise UserError: names everybody who can't be paid, and why
        """
        if not self:
            return
        self.check_access("write")
        self._check_nka_unfrozen()
        slips = self.sudo()
        slips._nka_claim()
        slips.line_ids.unlink()
        lines = {slip: slip._nka_prepare_lines() for slip in slips}
        self._nka_write_lines(lines)._nka_name_in_all_languages()
        today = fields.Date.today()
        for slip in slips.filtered(lambda slip: not slip.number):
            slip.number = self._nka_next_number()
        slips.write({"state": "verify", "compute_date": today})
        for slip in slips:
            slip._check_nka_lines(slip.nka_statement_ids)

    def _nka_prepare_lines(self):
        """What the payroll engine makes of this payslip, our rules and the company's.

        A rule that meets a conflict of the database says so as a user's mistake; it is
        told as what it is, so that the transaction runs again.

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
        """Tell the audit trail who confirmed which payslip of what amount."""
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

    # ============================================================ make
    # Payslips of many locked statements: each once, however often it is asked.

    # ------------------------------------------------------------ make: business
    @api.model
    def _nka_make(self, statements, run):
        """Create, compute and confirm the payslips of locked statements.

        What exists is kept. Who can't be paid gets the reason on his statement
        (``payslip_error``); the others go on. Statements that another session works
        on are left to it.

        :param statements: nka.pay.statement of one company and month, locked
        :param run: hr.payslip.run that takes the payslips
        :return: the payslips made now
        :rtype: hr.payslip
        :raise UserError: when a statement isn't locked or the batch is closed
        """
        statements = statements.sudo()
        statements._check_state("locked")
        run = run.sudo()
        waiting = self._nka_missing(self._nka_take(self._nka_missing(statements)))
        if not waiting:
            return self.browse()
        run._check_nka_takes(waiting)
        quiet = self.sudo().with_context(**QUIET)
        drafts = quiet._nka_drafts(waiting)
        begun = {slip._nka_key() for slip in drafts}
        fresh = waiting.filtered(lambda row: row._payslip_key() not in begun)
        made = quiet.create(quiet._nka_prepare_slips(fresh, run))
        made._compute_name()
        drafts.filtered(lambda slip: not slip.payslip_run_id).payslip_run_id = run
        slips = (made | drafts)._nka_fill(made)
        slips.action_payslip_done()
        return slips.with_env(self.env)

    @api.model
    def _nka_missing(self, statements):
        """Those of these statements that no confirmed payslip pays.

        :rtype: nka.pay.statement
        """
        return statements.sudo().filtered(
            lambda statement: statement.payslip_id.state != "done"
        )

    @api.model
    def _nka_drafts(self, statements):
        """Payslips begun by hand for these people and months: they are finished."""
        return self.search(
            [
                ("employee_id", "in", statements.employee_id.ids),
                ("date_from", "in", list(set(statements.mapped("month")))),
                ("company_id", "in", statements.company_id.ids),
                ("state", "in", ("draft", "verify")),
                ("is_nka", "=", True),
            ]
        )

    @api.model
    def _nka_take(self, statements):
        """Lock the rows of statements nobody else works on.

        :rtype: nka.pay.statement
        """
        if not statements:
            return statements
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM nka_pay_statement
                    WHERE id IN %s AND state = 'locked'
                    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED""",
                tuple(statements.ids),
            )
        )
        taken = {id_ for (id_,) in rows}
        return statements.filtered(lambda row: row.id in taken)

    @api.model
    def _nka_prepare_slips(self, statements, run):
        """Values of the payslips; a contract's own structure of ours comes first."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        structure = run.struct_id or run.company_id._nka_structure()
        versions = self._nka_paying_versions(
            statements.employee_id, run.date_start, statements.company_id
        )
        vals_list = []
        for statement in statements:
            version = versions.get(
                statement.employee_id.id, self.env["hr.version"].sudo()
            )
            own = version.struct_id.id in ids and version.struct_id
            vals_list.append(
                {
                    "employee_id": statement.employee_id.id,
                    "company_id": statement.company_id.id,
                    "contract_id": version.id,
                    "struct_id": (own or structure).id,
                    "date_from": statement.month,
                    "date_to": fields.Date.end_of(statement.month, "month"),
                    "payslip_run_id": run.id,
                }
            )
        return vals_list

    def _nka_fill(self, made):
        """Compute what can be computed; the reason is written down for the rest.

        :param made: those made just now, which are dropped when they can't be computed
        :return: the payslips with lines
        """
        found = self._nka_statements()
        self.line_ids.unlink()
        lines, failed = {}, {}
        for slip in told(self.env, "payslips", self, PLACES):
            statement = found[slip]
            try:
                lines[slip] = slip._nka_prepare_bound(statement)
            except UserError as error:
                failed[slip] = str(error)
        for slip, text in failed.items():
            found[slip]._unlocked().write({"payslip_id": False, "payslip_error": text})
        bad = self.browse([slip.id for slip in failed])
        (bad & made).unlink()
        good = self - bad
        self._nka_write_lines(lines)._nka_name_in_all_languages()
        for slip in good.filtered(lambda slip: not slip.number):
            slip.number = self._nka_next_number()
        good.write({"state": "verify", "compute_date": fields.Date.today()})
        return good

    def _nka_prepare_bound(self, statement):
        """Bind a payslip to its statement and prepare its lines.

        :raise UserError: when it can't be paid
        """
        self._nka_raise(self._nka_refusal(self, statement))
        statement._unlocked().write({"payslip_id": self.id, "payslip_error": False})
        return self._nka_prepare_lines()

    @api.model
    def _nka_raise(self, text):
        if text:
            raise UserError(text)

    @api.model
    def _nka_withdraw(self, statements):
        """Cancel the payslips of statements that were reopened; new ones can follow.

        :param statements: nka.pay.statement, no longer locked
        :return: the cancelled payslips, which stay for the record
        :raise UserError: when a statement is locked or its payslip is paid
        """
        statements = statements.sudo()
        statements._check_state("open", "calculated", "approved")
        slips = statements.payslip_id
        paid = slips.filtered("paid")
        if paid:
            raise UserError(
                self.env._(
                    "The payslip %s is paid. What was wrong with it is corrected in the "
                    "first open month.",
                    paid[0].number,
                )
            )
        slips.with_context(**QUIET).write({"state": "cancel"})
        statements._unlocked().write({"payslip_error": False})
        return slips

    @api.model
    def _nka_order(self, statements, run):
        """Make payslips now, or in the background when there are many.

        :param statements: nka.pay.statement of one company and month, locked
        :param run: hr.payslip.run that takes them
        :return: the job that makes them, empty when they are made
        :rtype: nka.payslip.job
        """
        missing = self._nka_missing(statements)
        if len(missing) <= run.company_id.sudo().nka_payslip_direct:
            self._nka_make(missing, run)
            return self.env["nka.payslip.job"]
        return self.env["nka.payslip.job"].sudo()._order_slips(missing, run)

    # ============================================================ names
    # A payslip is named in the language of the company whose paper it is.

    def _compute_name(self):
        ours = self._nka_ours()
        result = super(HrPayslip, self - ours)._compute_name()
        for slip in ours:
            slip.name = slip._nka_in_company_language()._nka_say_name()
        return result

    def _nka_in_company_language(self):
        language = self.company_id.sudo().partner_id.lang
        return self.with_context(lang=language or self.env.lang)

    def _nka_say_name(self):
        return self.env._(
            "Payslip of %(person)s for %(month)s",
            person=self.employee_id.sudo().name,
            month=format_date(self.env, self.date_from, date_format="LLLL yyyy"),
        )
