from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, format_date

from ... import paycalc
from ..facts import calendars
from ..trail.opening import open_action
from ..trail.roles import ADMIN, PAYROLL_OFFICER
from . import payment
from .frozen_months import guards_of_months
from .members import members_to_close

_lt = LazyTranslate(__name__)

#: Pay components that a month adds up.
PARTS = ("fixed", "soft", "bonus", "carry", "retro", "total")


class MonthClose(models.Model):
    """Month-end close of a company, from calculation to locked payslips.

    Officers can't approve what they calculated (docs: pay, month-end close).
    """

    _name = "nka.month.close"
    _description = "Month-end close"
    _inherit = ["nka.state.mixin", "nka.current.mixin"]
    _order = "month desc, company_id"
    _guarded_fields = (
        "state",
        "payslip_run_id",
        "digest",
        "revision",
        "calculated_by_id",
        "calculated_date",
        "approved_by_id",
        "approved_date",
        "locked_by_id",
        "locked_date",
        "paid_date",
        "paid_by_id",
        "reopen_reason",
    )
    _audit_kinds = {"paid": _lt("Marked as paid")}
    _reason_actions = {
        "action_reopen": _lt("Why is the month reopened?"),
        "action_return": _lt("Why is the approval withdrawn?"),
    }

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        required=True,
        default=lambda self: paycalc.add_months(fields.Date.context_today(self), -1),
        help="First day of the month.",
    )
    month_end = fields.Date("Last day", compute="_compute_month_end")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("calculated", "Calculated"),
            ("approved", "Approved"),
            ("locked", "Locked"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        group_expand=True,
    )
    # Administrators reopen months and see totals, but not each person's pay.
    statement_ids = fields.One2many(
        "nka.pay.statement", "close_id", readonly=True, groups=PAYROLL_OFFICER
    )
    exclusion_ids = fields.One2many("nka.month.close.exclusion", "close_id")
    check_ids = fields.One2many("nka.month.close.check", "close_id", readonly=True)
    revision_ids = fields.One2many(
        "nka.month.close.revision", "close_id", "Locked revisions", readonly=True
    )
    payslip_run_id = fields.Many2one(
        "hr.payslip.run",
        "Payslip batch",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    digest = fields.Char(
        "Integrity hash",
        readonly=True,
        copy=False,
        help="Version-prefixed SHA-256 hash of the month's inputs and results.",
    )
    revision = fields.Integer(
        readonly=True, copy=False, help="Number of times this month has been locked."
    )
    calculated_by_id = fields.Many2one(
        "res.users", "Calculated by", readonly=True, copy=False
    )
    calculated_date = fields.Datetime("Calculated on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    locked_by_id = fields.Many2one("res.users", "Locked by", readonly=True, copy=False)
    locked_date = fields.Datetime("Locked on", readonly=True, copy=False)
    paid_date = fields.Date("Paid on", readonly=True, copy=False)
    reopen_reason = fields.Char("Reason for reopening", readonly=True, copy=False)
    paid_by_id = fields.Many2one(
        "res.users", "Marked as paid by", readonly=True, copy=False
    )
    is_preparer = fields.Boolean(compute="_compute_is_preparer")
    trouble_count = fields.Integer("Exceptions", compute="_compute_trouble_count")
    person_count = fields.Integer("Employees", compute="_compute_totals")
    fixed_amount = fields.Monetary("Fixed pay", compute="_compute_totals")
    soft_amount = fields.Monetary("Goal pay", compute="_compute_totals")
    bonus_amount = fields.Monetary("Bonus", compute="_compute_totals")
    carry_amount = fields.Monetary("Draw and recovery", compute="_compute_totals")
    retro_amount = fields.Monetary("Retroactive adjustments", compute="_compute_totals")
    total_amount = fields.Monetary("Total", compute="_compute_totals")
    last_amount = fields.Monetary("Last month", compute="_compute_totals")
    mean_amount = fields.Monetary("3-month average", compute="_compute_totals")
    last_change = fields.Float("Change vs. last month", compute="_compute_totals")
    mean_change = fields.Float("Change vs. 3-month average", compute="_compute_totals")
    waiting_count = fields.Integer("Excluded", compute="_compute_waiting_count")
    slip_count = fields.Integer("Payslips", compute="_compute_slip_count")
    slip_progress = fields.Float("Payslip progress (%)", compute="_compute_slip_count")

    _month_unique = models.Constraint(
        "UNIQUE(company_id, month)",
        "This company already has a month-end close for this month. Open that one.",
    )
    _first_of_month = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)", "Enter the first day of a month."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of_months()]

    # ------------------------------------------------------------ compute
    @api.depends("month")
    def _compute_month_end(self):
        for close in self:
            close.month_end = close.month and fields.Date.end_of(close.month, "month")

    @api.depends("month", "company_id")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_display_name(self):
        several = len(self.env.companies) > 1
        for close in self:
            name = format_date(self.env, close.month, date_format="LLLL yyyy")
            name = name[:1].upper() + name[1:]
            company = close.company_id.sudo().name
            close.display_name = f"{name}, {company}" if several else name

    @api.depends("calculated_by_id", "statement_ids.calculated_by_id")
    @api.depends_context("uid")
    def _compute_is_preparer(self):
        for close in self:
            close.is_preparer = self.env.user in close.sudo()._preparers()

    @api.depends("check_ids.result", "statement_ids.exception")
    def _compute_trouble_count(self):
        for close in self:
            close.trouble_count = len(close.sudo()._trouble())

    # ------------------------------------------------------------ compute: totals
    @api.depends("statement_ids.total_amount", "statement_ids.state", "month")
    def _compute_totals(self):
        """Use two queries for all months; averages are those of the variances."""
        found = self._totals_by_month()
        variances = self.env["nka.pay.variance"].sudo()
        means = variances._person_means({close._month_key(0) for close in self})
        for close in self:
            own = found.get(close._month_key(0), (0,) * (1 + len(PARTS)))
            close.person_count = own[0]
            for name, amount in zip(PARTS, own[1:], strict=True):
                close[f"{name}_amount"] = amount
            close.last_amount = found.get(close._month_key(-1), [0])[-1]
            close.mean_amount = sum(means.get(close._month_key(0), {}).values())
            close.last_change = _change(close.total_amount, close.last_amount)
            close.mean_change = _change(close.total_amount, close.mean_amount)

    def _month_key(self, count):
        month = self.month and paycalc.add_months(self.month, count)
        return self.company_id.id, month

    def _totals_by_month(self):
        """Return count and amounts of calculated statements by company id and month."""
        keys = {close._month_key(-count) for close in self for count in range(2)}
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("month", "in", [month for _company, month in keys if month]),
                    ("state", "!=", "open"),
                ],
                ["company_id", "month:day"],
                ["__count", *(f"{name}_amount:sum" for name in PARTS)],
            )
        )
        return {(company.id, month): rest for company, month, *rest in rows}

    def _compute_waiting_count(self):
        waiting = self._count_by_close(
            "nka.month.close.exclusion", [("state", "!=", "closed")]
        )
        for close in self:
            close.waiting_count = waiting.get(close.id, 0)

    @api.depends("statement_ids.payslip_id.state", "statement_ids.state")
    def _compute_slip_count(self):
        locked = [("state", "=", "locked")]
        made = [*locked, ("payslip_id.state", "=", "done")]
        totals = self._count_by_close("nka.pay.statement", locked)
        counts = self._count_by_close("nka.pay.statement", made)
        for close in self:
            count, total = (row.get(close._origin.id, 0) for row in (counts, totals))
            close.slip_count = count
            close.slip_progress = 100 * count / total if total else 0

    def _count_by_close(self, model, domain):
        rows = (
            self.env[model]
            .sudo()
            ._read_group(
                [("close_id", "in", self.ids), *domain], ["close_id"], ["__count"]
            )
        )
        return {close.id: count for close, count in rows}

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_first_day(vals) for vals in vals_list])

    def write(self, vals):
        if not vals.keys().isdisjoint({"month", "company_id"}):
            self._check_untouched()
            vals = self._prepare_first_day(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_untouched(self):
        for close in self.sudo():
            if close.state != "open" or close.statement_ids or close.revision:
                raise UserError(
                    self.env._(
                        "Work on %s has started, so its month can't be changed. Create "
                        "a new month-end close for another month.",
                        close.display_name,
                    )
                )

    @api.model
    def _prepare_first_day(self, vals):
        """Replace the given day by the first day of its month."""
        day = fields.Date.to_date(vals.get("month"))
        return {**vals, "month": paycalc.month_start(day)} if day else vals

    # ------------------------------------------------------------ checks: access
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can close a month."),
        )

    def _check_not_preparer(self):
        if self.env.user in self.sudo()._preparers():
            raise AccessError(
                self.env._(
                    "You can't approve %s because you calculated it. Another payroll "
                    "officer has to approve it.",
                    self.display_name,
                )
            )

    def _preparers(self):
        """Return the users who calculated in this month and so can't approve it."""
        return self.calculated_by_id | self.statement_ids.calculated_by_id

    # ------------------------------------------------------------ checks: sequence
    def _check_over(self):
        """Refuse to close a month that hasn't ended: its figures may still change."""
        if self.month_end >= calendars.today(self.company_id):
            raise UserError(
                self.env._(
                    "%s hasn't ended yet. You can close it once it has ended; until "
                    "then, managers see a forecast.",
                    self.display_name,
                )
            )

    def _check_last(self):
        """Refuse if a later month is in progress: months are closed in order."""
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s is already in progress and includes late items of "
                    "%(month)s. Reopen the later month first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    def _check_reopenable(self):
        """Hook: check that a locked month can be reopened.

        :raise UserError: if it is paid, or if a later month builds on it
        """
        if self.paid_date:
            raise UserError(
                self.env._(
                    "%s has been paid and can't be changed. Any differences are "
                    "settled automatically in the first open month.",
                    self.display_name,
                )
            )
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s builds on %(month)s. Reopen %(later)s first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    def _later(self):
        """Return the last month after this one that has been calculated."""
        return self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", ">", self.month),
                ("state", "!=", "open"),
            ],
            order="month desc",
            limit=1,
        )

    # ------------------------------------------------------------ checks: result
    def _check_sealed(self):
        """Check that the month is locked and unchanged since.

        Called before every print, export and email.

        :raise UserError: if it isn't locked, or differs; names what differs
        """
        self._check_state("locked")
        self.env.flush_all()
        for close in self.sudo():
            close.revision_ids._check_unchanged(close)

    # ------------------------------------------------------------ actions
    def action_calculate(self):
        """Calculate all employees of the month and run the checklist.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if another user is working on it, or it is approved
        """
        self._check_officer()
        for close in self:
            close._seize("open", "calculated")
            close._check_over()
            close._calculate()
        return True

    def action_check(self):
        """Run the checklist again, without calculating."""
        self._check_officer()
        for close in self:
            close._seize("calculated", "approved")
            self.env["nka.month.close.check"]._run(close)
        return True

    def action_approve(self):
        """Approve a calculated month; a second officer has to do it.

        :raise AccessError: for the officer who calculated, or another role
        :raise UserError: if a blocking item of the checklist is open
        """
        self._check_officer()
        for close in self:
            close._seize("calculated")
            close._check_over()
            close._check_not_preparer()
            close._approve()
        return True

    def action_lock(self):
        """Lock an approved month: generate payslips, store the integrity hash."""
        self._check_officer()
        for close in self:
            close._seize("approved")
            close._check_over()
            close._lock()
        return True

    def action_return(self, reason=None):
        """Withdraw the approval, so that the month can be recalculated; asks why.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_officer()
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_return")
        for close in self:
            close._seize("approved")
            close._take_back("approved", reason)
        return True

    def action_reopen(self, reason=None):
        """Reopen a locked month; its locked revision is kept.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise AccessError: if the user isn't a key account administrator
        :raise UserError: if it is paid, or if a later month builds on it
        """
        self._check_group(
            ADMIN,
            self.env._("Only a key account administrator can reopen a locked month."),
        )
        self._check_state("locked")
        for close in self:
            close._check_reopenable()
        if not reason:
            return self._ask_reason("action_reopen")
        for close in self:
            close._seize("locked")
            close._check_reopenable()
            close._take_back("locked", reason)
        return True

    def action_mark_paid(self):
        """Mark the month as paid. A paid month can't be reopened."""
        self._check_officer()
        for close in self:
            close._seize("locked")
            close._check_sealed()
            close.sudo().statement_ids._check_payslips_complete()
            if not close.paid_date:
                close._mark_paid()
        return True

    def action_verify(self):
        """Compare the month with its integrity hash; confirm if it is unchanged.

        :raise AccessError: for other roles
        :raise UserError: names what differs
        """
        self.check_access("read")
        if not self.env.user.has_group(ADMIN):
            self._check_group(
                PAYROLL_OFFICER, self.env._("Only payroll officers can verify a month.")
            )
        self._check_sealed()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Unchanged"),
                "message": self.env._(
                    "Inputs, statements and payslips match the locked revision."
                ),
            },
        }

    # ------------------------------------------------------------ actions: opening
    def action_open_statements(self):
        """Open the statements of the month."""
        self.ensure_one()
        return self._open_statements([("close_id", "=", self.id)])

    def action_open_trouble(self):
        """Open the statements that couldn't be calculated."""
        self.ensure_one()
        self.check_access("read")
        return self._open_statements([("id", "in", self.sudo()._trouble().ids)])

    def _open_statements(self, domain):
        return open_action(
            self.env, "nka_pay_statement_action", domain=domain, context={}
        )

    def action_open_slips(self):
        """Open the payslips of this month."""
        self.ensure_one()
        slips = self.sudo().statement_ids.payslip_id
        return open_action(
            self.env,
            "hr_payslip_action_statement",
            domain=[("id", "in", slips.ids)],
            context={},
        )

    # ------------------------------------------------------------ locking
    def _seize(self, *states):
        """Lock the month for this transaction; if another user has it, name them.

        Others don't wait but get an error at once. A transaction that began on an older
        state is retried by Odoo on the current one.

        :param states: states in which the month must be
        :raise UserError: if another user has it, or it is in another state
        """
        self.ensure_one()
        if not self.sudo().try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._(
                    "%(person)s is closing %(month)s right now. Reload the page in a "
                    "moment to see the result.",
                    month=self.display_name,
                    person=self._person_at_work(),
                )
            )
        # Visible to refused transactions at once; released with this transaction.
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock_shared(%s, %s)", self.id, self.env.uid)
        )
        self.env.cr.execute(
            SQL("UPDATE nka_month_close SET state = state WHERE id = %s", self.id)
        )
        self.invalidate_recordset()
        self._check_state(*states)

    def _person_at_work(self):
        """Return the name of the user who has the month, from the advisory lock."""
        rows = self.env.execute_query(
            SQL(
                """SELECT objid::bigint FROM pg_locks
                    WHERE locktype = 'advisory' AND granted AND objsubid = 2
                      AND classid = %s AND database = (
                          SELECT oid FROM pg_database
                           WHERE datname = current_database())""",
                self.id,
            )
        )
        users = self.env["res.users"].sudo().browse(id_ for (id_,) in rows[:1])
        return users.exists().name or self.env._("Another user")

    # ------------------------------------------------------------ steps
    # Each runs in a single transaction.
    def _calculate(self):
        self._check_last()
        # Before selecting the employees: the ledger shows who has amounts due.
        self._build_ledger()
        employees = members_to_close(self)
        statements = self.env["nka.pay.statement"]._calculate(
            employees, self.month, self.company_id, build=False
        )
        self._adopt(statements.sudo())
        self.sudo()._move_to(
            "calculated",
            calculated_by_id=self.env.uid,
            calculated_date=fields.Datetime.now(),
            approved_by_id=False,
            approved_date=False,
        )
        self.env["nka.month.close.check"]._run(self)

    def _build_ledger(self):
        self.env["nka.bonus.builder"].sudo()._build(self.company_id.sudo())

    def _adopt(self, statements):
        """Assign the statements of the month's employees to it; remove all others."""
        own = self.sudo().statement_ids
        (own - statements)._leave_month()
        (statements - own)._unlocked().write({"close_id": self.id})

    def _approve(self):
        self._build_ledger()
        checks = self._pass_checklist()
        statements = self.sudo().statement_ids.with_user(self.env.user)
        statements.filtered(lambda row: row.state == "calculated")._approve()
        self.sudo()._move_to(
            "approved",
            # Warnings that were open at the approval.
            note=checks._warnings_text() or False,
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )

    def _pass_checklist(self):
        """Run the checklist, and refuse while a blocking item is open.

        :rtype: nka.month.close.check
        """
        self.env["nka.month.close.check"]._run(self)
        checks = self.sudo().check_ids
        checks._check_unblocked()
        return checks

    def _lock(self):
        statements = self.sudo().statement_ids
        as_user = statements.with_user(self.env.user)
        as_user.filtered(lambda row: row.state == "approved")._lock()
        self._make_slips(statements)
        self._pass_checklist()
        self._seal()

    def _make_slips(self, statements):
        """Generate payslips now, or in the background if there are many.

        :param statements: locked nka.pay.statement, as superuser
        :raise UserError: names all employees without a payslip, and why
        """
        run = self.env["hr.payslip.run"]._nka_run(self.company_id.sudo(), self.month)
        if self.state != "locked":
            self.sudo()._unlocked().write({"payslip_run_id": run.id})
        if not run._nka_order(statements):
            statements._check_payslips_made()
            run.close_payslip_run()

    def _finish_slips(self):
        """Check payslips generated in the background, and lock them with the month.

        Failed payslips appear on the checklist; the new revision waits for them.
        """
        check = self.check_ids.filtered(lambda row: row.code == "payslip")
        check._find_again()
        if check.result == "ok" and self._last_revision()._lacks_payslips():
            self._seal(self.env._("All payslips generated"))

    def _seal(self, reason=False):
        """Store the month's data and integrity hash as its next revision.

        :param str reason: why it is locked again, for a later revision
        """
        self.env.flush_all()
        self.env.invalidate_all()
        close = self.sudo()
        revision = close.revision_ids._seal(close, reason)
        # Who locked first and when; not who closed excluded employees later.
        lock = {"locked_by_id": self.env.uid, "locked_date": fields.Datetime.now()}
        close._move_to(
            "locked",
            note=reason,
            digest=revision.digest,
            revision=revision.number,
            reopen_reason=False,
            **({} if close.state == "locked" else lock),
        )
        self.env.flush_all()

    def _last_revision(self):
        return self.revision_ids.sorted("number")[-1:]

    def _take_back(self, state, reason):
        """Return to calculation, and log the reason."""
        is_locked = state == "locked"
        # The month first: the triggers let statements change only after it.
        self.sudo()._move_to(
            "open" if is_locked else "calculated",
            note=reason,
            approved_by_id=False,
            approved_date=False,
            locked_by_id=False,
            locked_date=False,
            digest=False,
            payslip_run_id=False,
            reopen_reason=reason if is_locked else self.reopen_reason,
        )
        self.env.flush_all()
        statements = self.sudo().statement_ids.filtered(lambda row: row.state == state)
        statements._take_back(reason)
        if is_locked:
            self.env.flush_all()
            statements._withdraw_payslips()

    def _mark_paid(self):
        day = fields.Date.context_today(self)
        self.sudo()._unlocked().write({"paid_date": day, "paid_by_id": self.env.uid})
        payment.record(self)

    # ------------------------------------------------------------ business
    @api.model
    def _locked_on(self, company, day):
        """Return whether the month of ``day`` is locked in a company."""
        month = paycalc.month_start(day)
        domain = [("company_id", "=", company.id), ("month", "=", month)]
        return bool(self.search_count([*domain, ("state", "=", "locked")], limit=1))

    def _trouble(self):
        """Return the statements that couldn't be calculated."""
        return self.statement_ids.filtered("exception")


def _change(amount, before):
    return amount / before - 1 if before else 0
