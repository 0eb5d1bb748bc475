import hashlib
import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate, format_date
from odoo.tools.float_utils import float_compare

from ... import paycalc
from ..pay.step_progress import STEPS, tell, understood
from ..payroll.components import PAID, SUMS
from ..statements.nka_pay_statement import AMOUNTS
from ..trail.roles import ADMIN, PAYROLL_OFFICER
from .frozen_months import freeze_months

_lt = LazyTranslate(__name__)
#: First halves of the advisory locks: the month at work, and who works on it.
WORK_KEY, PERSON_KEY = 0x6E6B6163, 0x6E6B6170
_lt = LazyTranslate(__name__)

STEP_NAMES = {
    "calculate": _lt("The month is being calculated"),
    "approve": _lt("The month is being approved"),
    "lock": _lt("The month is being locked"),
}

STAGE_NAMES = {
    "ledger": _lt("Credits from invoices and payments"),
    "facts": _lt("Agreements, reports and goals"),
    "statements": _lt("Statements"),
    "lines": _lt("Lines of the statements"),
    "checklist": _lt("Checklist"),
    "news": _lt("What has come since the calculation"),
    "review": _lt("Checklist"),
    "approval": _lt("Approval of the statements"),
    "locking": _lt("Lock of the statements"),
    "payslips": _lt("Payslips"),
    "comparison": _lt("Comparison with the payslips"),
    "seal": _lt("Seal"),
}

PARTS = ("fixed", "soft", "bonus", "carry", "retro", "total")
STATEMENT = "nka.pay.statement"
STATEMENT = "nka.pay.statement"
STATEMENT = "nka.pay.statement"
#: Version of what is sealed and how; an old one stays verifiable by its own method.
SEAL_VERSION = "1"

#: Fields of a statement that are sealed, besides its amounts.
MONEY = (
    *AMOUNTS,
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
)

LEDGER = "nka.bonus.line"
DAYS = ("employed_days", "covered_days")


class MonthClose(models.Model):
    """A company's month, from the first calculation to the sealed payslips.

    Two people: whoever calculates doesn't approve (docs: pay, month close).
    """

    _name = "nka.month.close"
    _description = "Month close"
    _inherit = ["nka.state.mixin"]
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
        "entry_id",
    )
    _audit_kinds = {"paid": _lt("Paid")}
    _reason_actions = {
        "action_reopen": _lt("Why is the month reopened?"),
        "action_return": _lt("Why does the month go back?"),
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
        default=lambda self: self._last_month(),
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
    # An administrator reopens months and sees totals, not what a person gets.
    statement_ids = fields.One2many(
        "nka.pay.statement", "close_id", readonly=True, groups=PAYROLL_OFFICER
    )
    exclusion_ids = fields.One2many("nka.month.close.exclusion", "close_id")
    check_ids = fields.One2many("nka.month.close.check", "close_id", readonly=True)
    revision_ids = fields.One2many(
        "nka.month.close.revision", "close_id", "Sealed revisions", readonly=True
    )
    payslip_run_id = fields.Many2one(
        "hr.payslip.run",
        "Payslip batch",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    digest = fields.Char(
        readonly=True,
        copy=False,
        help="Version-prefixed SHA-256 over what the month was calculated from and "
        "what came out.",
    )
    revision = fields.Integer(
        readonly=True, copy=False, help="How often this month has been sealed."
    )
    calculated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    calculated_date = fields.Datetime("Calculated on", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    locked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    locked_date = fields.Datetime("Locked on", readonly=True, copy=False)
    paid_date = fields.Date("Paid on", readonly=True, copy=False)
    reopen_reason = fields.Char("Reopened because", readonly=True, copy=False)
    paid_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_preparer = fields.Boolean(compute="_compute_is_preparer")
    trouble_count = fields.Integer("Exceptions", compute="_compute_trouble_count")

    _month_unique = models.Constraint(
        "UNIQUE(company_id, month)",
        "This month of the company has a page already. Open that one.",
    )
    _first_of_month = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)", "A close is for a whole month."
    )

    # totals
    person_count = fields.Integer("People", compute="_compute_totals")
    fixed_amount = fields.Monetary("Fixed pay", compute="_compute_totals")
    soft_amount = fields.Monetary("Soft pay", compute="_compute_totals")
    bonus_amount = fields.Monetary("Bonus", compute="_compute_totals")
    carry_amount = fields.Monetary("Draw and recovery", compute="_compute_totals")
    retro_amount = fields.Monetary("From closed months", compute="_compute_totals")
    total_amount = fields.Monetary("Total", compute="_compute_totals")
    last_amount = fields.Monetary("Last month", compute="_compute_totals")
    mean_amount = fields.Monetary("Mean of three months", compute="_compute_totals")
    last_change = fields.Float("Against last month", compute="_compute_totals")
    mean_change = fields.Float("Against the mean", compute="_compute_totals")

    # later
    waiting_count = fields.Integer("Left out", compute="_compute_waiting_count")

    # slips
    slip_count = fields.Integer("Payslips", compute="_compute_slip_count")
    slip_progress = fields.Float("Payslips made (%)", compute="_compute_slip_count")

    def init(self):
        freeze_months(self.env.cr)

    # ------------------------------------------------------------ defaults
    @api.model
    def _last_month(self):
        return paycalc.add_months(fields.Date.context_today(self), -1)

    # ------------------------------------------------------------ compute
    @api.depends("month")
    def _compute_month_end(self):
        for close in self:
            close.month_end = close.month and paycalc.add_months(
                close.month, 1
            ) - timedelta(1)

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

    @api.model
    def _locked_on(self, company, day):
        """Whether the month of a day is locked in a company."""
        month = paycalc.month_start(day)
        domain = [("company_id", "=", company.id), ("month", "=", month)]
        return bool(self.search_count([*domain, ("state", "=", "locked")], limit=1))

    def _preparers(self):
        """Who calculated anything of the month, and so can't approve it."""
        return self.calculated_by_id | self.statement_ids.calculated_by_id

    def _trouble(self):
        """Statements that couldn't be calculated."""
        return self.statement_ids.filtered("exception")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_first_day(vals) for vals in vals_list])

    @api.model
    def _prepare_first_day(self, vals):
        """Whatever day of the month was picked, the close is for the month."""
        day = fields.Date.to_date(vals.get("month"))
        return {**vals, "month": paycalc.month_start(day)} if day else vals

    def write(self, vals):
        if not vals.keys().isdisjoint({"month", "company_id"}):
            self._check_untouched()
            vals = self._prepare_first_day(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_untouched()

    def _check_untouched(self):
        for close in self.sudo():
            if close.state != "open" or close.statement_ids or close.revision:
                raise UserError(
                    self.env._(
                        "%s has been worked on, so it stays the page of its month. "
                        "Make another page for another month.",
                        close.display_name,
                    )
                )

    # ============================================================ mutex
    # One officer at a time; the other is told at once by whom, and waits for nothing.

    def _seize(self):
        """Take the month for this transaction, or say who has it.

        Two advisory locks of the transaction: on the month, and one that names the
        person, so that the refused one can read who it is. The row is updated before
        anything is read of it: whoever comes with a snapshot from before the other's
        commit starts again on what is true now.

        :raise UserError: when somebody else is at it
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", WORK_KEY, self.id)
        )
        if not rows[0][0]:
            raise UserError(self._say_seized())
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock_shared(%s, %s)", PERSON_KEY, self.env.uid)
        )
        self.env.cr.execute(
            SQL("UPDATE nka_month_close SET state = state WHERE id = %s", self.id)
        )
        self.invalidate_recordset()

    def _say_seized(self):
        return self.env._(
            "%(month)s is being closed by %(person)s right now. Open the page again in "
            "a moment and see what became of it; nothing was changed.",
            month=self.display_name,
            person=self._person_of(self._locks_at_work()),
        )

    def _locks_at_work(self):
        """The advisory locks of whatever transaction has this month, seen at once.

        :return: list of pairs, the halves of each; empty when nobody is at it
        """
        return self.env.execute_query(
            SQL(
                """SELECT held.classid::bigint, held.objid::bigint
                     FROM pg_locks work
                     JOIN pg_locks held
                       ON held.pid = work.pid AND held.locktype = 'advisory'
                      AND held.database = work.database
                    WHERE work.locktype = 'advisory' AND work.classid = %s
                      AND work.objid = %s AND work.granted
                      AND work.database = (SELECT oid FROM pg_database
                                            WHERE datname = current_database())""",
                WORK_KEY,
                self.id,
            )
        )

    def _person_of(self, locks):
        """The name of whoever holds these locks."""
        ids = [second for first, second in locks if first == PERSON_KEY]
        users = self.env["res.users"].sudo().browse(ids[:1])
        return users.name or self.env._("somebody else")

    # ============================================================ progress
    # What the page tells while a step is at work: in this browser and in any other.

    # ------------------------------------------------------------ progress: business
    def get_progress(self):
        """How far the month's step has come that is at work right now.

        :return: ``state`` and ``revision`` of the month, and what is at work ``now``:
            False, or ``title``, ``person``, ``text`` and ``percent`` of the step, with
            its ``step``, ``stage``, ``done`` and ``total``; of payslips made in the
            background, too
        :rtype: dict
        :raise AccessError: for others than payroll officers and administrators
        """
        self.ensure_one()
        self.check_access("read")
        locks = self._locks_at_work()
        now = self._prepare_progress(locks) if locks else self._prepare_background()
        return {"state": self.state, "revision": self.revision, "now": now}

    def _prepare_progress(self, locks):
        step, stage, done, total = understood(locks) or (False, False, 0, 0)
        told = {
            "step": step,
            "stage": stage,
            "done": done,
            "total": total,
            "person": self._person_of(locks),
        }
        if not step:
            title = self.env._("Somebody is at work on the month")
            return {**told, "title": title, "text": "", "percent": 0}
        number = STEPS[step].index(stage)
        share = done / total if total else 0
        return {
            **told,
            "title": self._say(STEP_NAMES[step]),
            "text": self._say_stage(number + 1, step, stage, done, total),
            "percent": round(100 * (number + share) / len(STEPS[step])),
        }

    def _say(self, text):
        # pylint: disable-next=translation-contains-variable
        return self.env._(text)

    def _say_stage(self, number, step, stage, done, total):
        names = {
            "number": number,
            "count": len(STEPS[step]),
            "stage": self._say(STAGE_NAMES[stage]),
        }
        if not total:
            return self.env._("Step %(number)s of %(count)s: %(stage)s", **names)
        return self.env._(
            "Step %(number)s of %(count)s: %(stage)s, %(done)s of %(total)s",
            done=self._say_number(done),
            total=self._say_number(total),
            **names,
        )

    def _say_number(self, number):
        language = self.env["res.lang"]._lang_get(self.env.user.lang or "en_US")
        return language.format("%d", number, grouping=True)

    def _prepare_background(self):
        """Payslips that are made after the lock, by whichever worker is free."""
        jobs = self.sudo().statement_ids.payslip_job_id
        jobs = jobs.filtered(lambda job: job.state != "done")
        if self.state != "locked" or not jobs:
            return False
        done, total = sum(jobs.mapped("done_count")), sum(jobs.mapped("total_count"))
        settled = done + sum(jobs.mapped("error_count"))
        return {
            "step": "lock",
            "stage": "background",
            "done": done,
            "total": total,
            "person": jobs[:1].user_id.name,
            "title": self.env._("Payslips are made in the background"),
            "text": self.env._(
                "%(done)s of %(total)s",
                done=self._say_number(done),
                total=self._say_number(total),
            ),
            "percent": round(100 * settled / total),
        }

    # ============================================================ members
    # Who is in: everybody with an agreement, whoever left and is still owed something,
    # and whoever owns accounts without an agreement.

    def _candidates(self):
        """Employees this month is about, before anybody is left out.

        :rtype: hr.employee
        """
        self.ensure_one()
        payable = self.env["nka.pay.statement"].sudo()
        found = payable._payable_employees(self.month, self.company_id)
        found |= self._agreed() | self._owners()
        return found.browse(row.id for row in payable._persons(found))

    def _members(self):
        """Employees who are paid with this month.

        :rtype: hr.employee
        """
        return self._candidates() - self.sudo().exclusion_ids.employee_id

    def _employee_of(self, user):
        """The employee of this company behind a login.

        :raise UserError: when there is none
        """
        user = user.sudo().with_company(self.company_id)
        # Who has left may be archived, and still owed something.
        employee = user.with_context(active_test=False).employee_id
        if not employee:
            raise UserError(
                self.env._("No employee is linked to the login of %s.", user.name)
            )
        return employee

    def _domain_during(self):
        """Records with ``date_from`` and ``date_to`` that touch the month."""
        return Domain("company_id", "=", self.company_id.id) & Domain(
            [
                ("date_from", "<=", self.month_end),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", self.month),
            ]
        )

    def _agreed(self):
        agreements = self.env["nka.pay.agreement"].sudo().search(self._domain_during())
        return agreements.employee_id

    def _owners(self):
        """Employees who owned key accounts during the month."""
        rows = (
            self.env["nka.assignment"]
            .sudo()
            ._read_group(self._domain_during(), [], ["user_id:recordset"])
        )
        return (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "in", rows[0][0].ids),
                    ("company_id", "=", self.company_id.id),
                ]
            )
        )

    # ============================================================ totals
    # What the month comes to, beside the months before it.

    @api.depends("statement_ids.total_amount", "statement_ids.state", "month")
    def _compute_totals(self):
        """One query for all months shown and the three before each."""
        found = self._totals_by_month()
        for close in self:
            own = found.get((close.company_id.id, close.month), (0,) * 7)
            close.person_count = own[0]
            for name, amount in zip(PARTS, own[1:], strict=True):
                close[f"{name}_amount"] = amount
            close._compare(
                [
                    found[key][-1]
                    for count in (1, 2, 3)
                    if close.month and (key := close._month_key(-count)) in found
                ],
                close._month_key(-1) in found,
            )

    def _month_key(self, count):
        month = self.month and paycalc.add_months(self.month, count)
        return self.company_id.id, month

    def _compare(self, earlier, has_last):
        """Set last month, the mean and the changes; 0 where there is nothing before.

        :param list earlier: totals of the months before, the last one first
        """
        self.last_amount = earlier[0] if has_last else 0
        self.mean_amount = sum(earlier) / len(earlier) if earlier else 0
        self.last_change = _change(self.total_amount, self.last_amount)
        self.mean_change = _change(self.total_amount, self.mean_amount)

    def _totals_by_month(self):
        """Count and amounts of calculated statements, by company id and month."""
        months = {
            key[1]
            for close in self
            for count in range(4)
            if (key := close._month_key(-count))[1]
        }
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("month", "in", list(months)),
                    ("state", "!=", "open"),
                ],
                ["company_id", "month:day"],
                ["__count", *(f"{name}_amount:sum" for name in PARTS)],
            )
        )
        return {(company.id, month): tuple(rest) for company, month, *rest in rows}

    # ============================================================ steps
    # Calculate, approve, lock, reopen: each one transaction that stands or falls.

    # ------------------------------------------------------------ steps: checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Months are closed by payroll officers only. Ask one of yours; nothing "
                "was changed."
            ),
        )

    def _check_admin(self):
        self._check_group(
            ADMIN,
            self.env._(
                "A locked month is reopened by a key account administrator only. Ask "
                "yours; nothing was changed."
            ),
        )

    def _check_over(self):
        """A month is closed when it is over: until then everything may still move."""
        for close in self:
            if close.month_end >= fields.Date.context_today(self):
                raise UserError(
                    self.env._(
                        "%s isn't over yet. Until then people see their forecast.",
                        close.display_name,
                    )
                )

    def _check_not_preparer(self):
        if self.env.user in self.sudo()._preparers():
            raise AccessError(
                self.env._(
                    "You calculated %s, so another payroll officer approves it. "
                    "Nothing was changed.",
                    self.display_name,
                )
            )

    def _check_reopenable(self):
        """Hook: what stands against reopening a locked month.

        :raise UserError: once the month is paid, or a later one is built on it
        """
        if self.paid_date:
            raise UserError(
                self.env._(
                    "%s is paid, so it stays as it is. What turned out otherwise is "
                    "settled by itself in the first open month.",
                    self.display_name,
                )
            )
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s is built on %(month)s. Reopen the later one first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    def _later(self):
        """The last month after this one that somebody has worked on."""
        return self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", ">", self.month),
                ("state", "!=", "open"),
            ],
            order="month desc",
            limit=1,
        )

    def _check_last(self):
        """Months are closed one after the other."""
        later = self._later()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s is worked on already, and what came into %(month)s since "
                    "is paid with it. Reopen the later month first.",
                    later=later.display_name,
                    month=self.display_name,
                )
            )

    # ------------------------------------------------------------ steps: actions
    def action_calculate(self):
        """Calculate the month of everybody who is in, and go through the checklist.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: while somebody else is at it, or once it is approved
        """
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("open", "calculated")
            close._check_over()
            close._calculate()
        return True

    def action_check(self):
        """Go through the checklist again, without calculating."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("calculated", "approved")
            close._run_checks()
        return True

    def action_approve(self):
        """Approve a calculated month: another officer than who calculated it.

        :raise AccessError: for whoever calculated, or another role
        :raise UserError: while a blocking item of the checklist is open
        """
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("calculated")
            close._check_not_preparer()
            close._approve()
        return True

    def action_lock(self):
        """Lock an approved month: payslips are made and everything is sealed."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("approved")
            close._lock()
        return True

    def action_return(self, reason=None):
        """Take an approved month back to be calculated again; asks why."""
        self._check_officer()
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_return")
        for close in self:
            close._seize()
            close._check_state("approved")
            close._take_back("approved", reason)
        return True

    def action_reopen(self, reason=None):
        """Open a locked month again; the sealed revision is kept.

        :raise AccessError: for anybody but an administrator of key accounts
        :raise UserError: once it is paid, or while a later month is built on it
        """
        self._check_admin()
        self._check_state("locked")
        for close in self:
            close._check_reopenable()
        if not reason:
            return self._ask_reason("action_reopen")
        for close in self:
            close._seize()
            close._check_state("locked")
            close._check_reopenable()
            close._take_back("locked", reason)
        return True

    def action_mark_paid(self):
        """Note that the money is out: from here on nothing is reopened."""
        self._check_officer()
        for close in self:
            close._seize()
            close._check_state("locked")
            close._check_sealed()
            close._check_slips_complete()
            if not close.paid_date:
                close._mark_paid()
        return True

    # ------------------------------------------------------------ steps: business
    def _calculate(self):
        self._check_last()
        tell(self.env, "ledger")
        # Before asking who is in: the ledger tells who is owed something.
        self.env["nka.bonus.builder"].sudo()._build(self.company_id.sudo())
        members = self._members()
        if not members:
            raise UserError(self._say_nobody())
        statements = self.env["nka.pay.statement"]._calculate(
            members, self.month, self.company_id, build=False
        )
        self._adopt(statements)
        self.sudo()._move_to(
            "calculated",
            calculated_by_id=self.env.uid,
            calculated_date=fields.Datetime.now(),
            approved_by_id=False,
            approved_date=False,
        )
        tell(self.env, "checklist")
        self._run_checks()

    def _say_nobody(self):
        return self.env._(
            "Nobody has a pay agreement in %s, so there is nothing to close. Let a "
            "payroll officer propose agreements first.",
            self.display_name,
        )

    def _adopt(self, statements):
        """The month's statements are those of its members, no others."""
        own = self.sudo().statement_ids
        wanted = statements.sudo()
        (own - wanted)._leave_month()
        (wanted - own)._unlocked().write({"close_id": self.id})

    def _approve(self):
        tell(self.env, "news")
        self.env["nka.bonus.builder"].sudo()._build(self.company_id.sudo())
        tell(self.env, "review")
        self._run_checks()
        self._check_unblocked()
        tell(self.env, "approval")
        self.sudo().statement_ids.with_user(self.env.user)._approve_waiting()
        self.sudo()._move_to(
            "approved",
            note=self._say_warnings(),
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )

    def _lock(self):
        statements = self.sudo().statement_ids
        tell(self.env, "locking")
        statements.with_user(self.env.user)._lock_waiting()
        self._make_slips(statements)
        tell(self.env, "comparison")
        self._run_checks()
        self._check_unblocked()
        tell(self.env, "seal")
        self._seal()

    def _take_back(self, state, reason):
        """Back to the calculation, with the reason on record."""
        is_locked = state == "locked"
        # The month first: the database lets statements go only after it.
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
            self.env["hr.payslip"].sudo()._nka_withdraw(statements)

    def _mark_paid(self):
        day = fields.Date.context_today(self)
        self.sudo()._unlocked().write({"paid_date": day, "paid_by_id": self.env.uid})
        events = self.env["nka.audit.event"]
        events._append([events._prepare_entry(self, "paid", new=day)])

    # ------------------------------------------------------------ steps: opening
    def action_open_statements(self):
        """The statements of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_statement_action"
        )
        domain = [("close_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}}

    def action_open_trouble(self):
        """The statements that couldn't be calculated."""
        self.ensure_one()
        self.check_access("read")
        action = self.action_open_statements()
        return {**action, "domain": [("id", "in", self.sudo()._trouble().ids)]}

    # ============================================================ later
    # People who are left out of a month, and closed after it.

    def _compute_waiting_count(self):
        rows = (
            self.env["nka.month.close.exclusion"]
            .sudo()
            ._read_group(
                [("close_id", "in", self.ids), ("state", "!=", "closed")],
                ["close_id"],
                ["__count"],
            )
        )
        counts = {close.id: count for close, count in rows}
        for close in self:
            close.waiting_count = counts.get(close.id, 0)

    def _let_go(self, employee):
        """Take somebody's statement out of the month; he no longer sees it."""
        gone = self.sudo().statement_ids.filtered(
            lambda row: row.employee_id == employee
        )
        if gone:
            gone._leave_month()
            self._run_checks()

    def _close_later(self, exclusion):
        """Approve, lock, pay and seal the one statement that was missing."""
        statement = exclusion.sudo().statement_id
        if statement.open_dispute_count:
            raise UserError(
                self.env._("Answer the dispute of %s first.", statement.display_name)
            )
        as_user = statement.with_user(self.env.user)
        as_user._approve_waiting()
        as_user._lock_waiting()
        self._make_slips(statement)
        exclusion.sudo()._move_to("closed", close_date=fields.Datetime.now())
        self._seal(self.env._("%s was closed later", exclusion.employee_id.sudo().name))

    # ============================================================ checklist
    # Goes through the checklist: every item says which records it is about.

    # ------------------------------------------------------------ checklist: business
    def _run_checks(self):
        """Go through all items anew; a query or two each, whatever the size."""
        self.env.flush_all()
        close = self.sudo()
        rows = [
            close._prepare_check(rule, *close._find(rule))
            for rule in self.env["nka.month.close.rule"].sudo().search([])
        ]
        close.check_ids.unlink()
        self.env["nka.month.close.check"].sudo()._unlocked().create(rows)
        self.invalidate_recordset(["check_ids"])

    def _find(self, rule):
        """Model and ids of what isn't in order.

        :return: ``(model, ids)``; ids are None while nobody can tell yet
        """
        return getattr(self, f"_find_{rule.code}")(rule)

    def _prepare_check(self, rule, model, ids):
        result = rule.severity if ids else "ok"
        return {
            "close_id": self.id,
            "sequence": rule.sequence,
            "code": rule.code,
            "severity": rule.severity,
            "count": len(ids or ()),
            "result": "pending" if ids is None else result,
            "res_model": model,
            "res_ids": sorted(ids or ()),
        }

    # ------------------------------------------------------------ checklist: checks
    def _check_unblocked(self):
        """Refuse while a blocking item is open; names them.

        :raise UserError: with everything that is to be settled
        """
        names = self._names_of("block")
        if names:
            raise UserError(
                self.env._(
                    "%(month)s can't go on yet. To be settled:\n%(items)s\nNothing was "
                    "changed.",
                    month=self.display_name,
                    items="\n".join(f"– {name}" for name in names),
                )
            )

    def _names_of(self, result):
        # The env's language, not the trail's: whoever is refused reads it.
        labels = dict(
            self.env["nka.month.close.check"]
            ._fields["code"]
            ._description_selection(self.env)
        )
        return [
            f"{labels[check.code]}: {check.count}"
            for check in self.sudo().check_ids
            if check.result == result
        ]

    def _say_warnings(self):
        """Warnings somebody approved in spite of, for the trail."""
        return "; ".join(self._names_of("warn")) or False

    # ============================================================ find people
    # Items of the checklist about people: terms, contracts, reports, goals.

    def _statements_of(self, employee_ids):
        """Statements of the month by employee: what an officer may open of a person."""
        own = self.statement_ids.filtered(
            lambda row: row.employee_id.id in employee_ids
        )
        return own.ids

    def _find_exception(self, _rule):
        """Who couldn't be calculated, or not yet."""
        broken = self.statement_ids.filtered(
            lambda row: row.exception or row.state == "open"
        )
        return STATEMENT, broken.ids

    def _find_agreement(self, _rule):
        agreed = (
            self.env["nka.pay.agreement"]
            .search(
                self._domain_during()
                & Domain("state", "in", ("accepted", "ended"))
                & Domain("version_id.date_start", "<=", self.month)
            )
            .employee_id
        )
        left = self.statement_ids._only_owed().employee_id
        lacking = self.statement_ids.employee_id - agreed - left
        return STATEMENT, self._statements_of(lacking.ids)

    def _find_contract(self, _rule):
        """Everybody is employed under exactly one contract on days of the month.

        Who left before it is paid by his last one, so there has to be one at all.
        """
        counts = self._contract_counts()
        left = self.statement_ids._only_owed().employee_id
        wrong = {
            employee.id
            for employee in self.statement_ids.employee_id
            if counts.get(employee.id) not in ((0, 1) if employee in left else (1,))
        }
        return STATEMENT, self._statements_of(wrong)

    def _contract_counts(self):
        """Contracts on days of the month, of everybody who had one by then."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT employee_id, COUNT(DISTINCT contract_date_start)
                              FILTER (WHERE COALESCE(contract_date_end, %s) >= %s)
                         FROM hr_version
                        WHERE employee_id = ANY(%s) AND active
                          AND contract_date_start <= %s
                        GROUP BY employee_id""",
                    self.month_end,
                    self.month,
                    self.statement_ids.employee_id.ids,
                    self.month_end,
                )
            )
        )

    def _find_slip(self, _rule):
        """Payslips of 40/10/50 in the month that pay none of these statements."""
        slips = self.env["hr.payslip"].search(
            [
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("company_id", "=", self.company_id.id),
                ("date_from", "<=", self.month_end),
                ("date_to", ">=", self.month),
                ("state", "=", "done"),
                ("is_nka", "=", True),
            ]
        )
        return "hr.payslip", (slips - self.statement_ids.payslip_id).ids

    def _find_coverage(self, _rule):
        short = self.statement_ids.filtered(
            lambda row: row.state != "open" and row.covered_days < row.employed_days
        )
        return STATEMENT, short.ids

    def _find_goals(self, _rule):
        """Goals of a season that ends with the month and isn't settled."""
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.company_id.id),
                ("season_id.date_end", "=", self.month_end),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("state", "!=", "frozen"),
            ]
        )
        return "nka.season.goal", goals.ids

    def _find_dispute(self, _rule):
        disputes = self.env["nka.pay.dispute"].search(
            [("statement_id", "in", self.statement_ids.ids), ("state", "=", "open")]
        )
        return "nka.pay.dispute", disputes.ids

    def _find_left_out(self, _rule):
        """People of this month who still wait for an earlier one."""
        waiting = self.env["nka.month.close.exclusion"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("close_id.month", "<", self.month),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("state", "!=", "closed"),
            ]
        )
        return "nka.month.close.exclusion", waiting.ids

    def _find_deviation(self, rule):
        """Totals far off what the same person got in the three months before."""
        rows = self.env[STATEMENT]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("month", "<", self.month),
                ("month", ">=", paycalc.add_months(self.month, -3)),
                ("state", "!=", "open"),
            ],
            ["employee_id"],
            ["total_amount:avg"],
        )
        means = {employee.id: mean for employee, mean in rows}
        far = self.statement_ids.filtered(
            lambda row: (
                row.state != "open"
                and _is_far(row.total_amount, means.get(row.employee_id.id), rule.limit)
            )
        )
        return STATEMENT, far.ids

    # ============================================================ find money
    # Items of the checklist about money: ledger, shares, advances, payslips.

    def _find_previous(self, _rule):
        """Earlier months that aren't locked, though somebody calculated in them."""
        earlier = self.env[STATEMENT].search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", "<", self.month),
                ("state", "in", ("calculated", "approved")),
            ]
        )
        return STATEMENT, earlier.ids

    def _find_credits(self, _rule):
        """Ledger against accounting, payment by payment and to the cent."""
        check = self.env["nka.bonus.check"]._check(
            self.company_id, self.month, self.month_end, only_different=True
        )
        found = check.line_ids.ids
        check.unlink()
        return "nka.bonus.check.line", found

    def _find_shares(self, _rule):
        """Accounts of which another share than 100 % belongs to somebody on a day.

        Told by the statements of whom it concerns: officers don't see accounts.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH own AS (
                       SELECT key_account_id, user_id, share, date_from,
                              COALESCE(date_to, 'infinity'::date) AS date_to
                         FROM nka_assignment
                        WHERE company_id = %(company)s AND date_from <= %(last)s
                          AND COALESCE(date_to, 'infinity'::date) >= %(first)s
                   ), days AS (
                       SELECT key_account_id, GREATEST(date_from, %(first)s) AS day
                         FROM own
                        UNION
                       SELECT key_account_id, date_to + 1 FROM own
                        WHERE date_to < %(last)s
                   ), wrong AS (
                       SELECT days.key_account_id
                         FROM days JOIN own USING (key_account_id)
                        WHERE days.day BETWEEN own.date_from AND own.date_to
                        GROUP BY days.key_account_id, days.day
                       HAVING SUM(own.share) != 100
                   )
                   SELECT DISTINCT own.user_id
                     FROM own JOIN wrong USING (key_account_id)""",
                company=self.company_id.id,
                first=self.month,
                last=self.month_end,
            )
        )
        users = {user_id for (user_id,) in rows}
        own = self.statement_ids.filtered(lambda row: row.user_id.id in users)
        return STATEMENT, own.ids

    def _find_balance(self, _rule):
        """Advances: what is owed before, plus or less this month, is what is owed now.

        Before is the last statement's, or what was brought forward since, or nothing.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT own.id
                     FROM nka_pay_statement own
                     LEFT JOIN LATERAL (
                         SELECT month, balance FROM nka_pay_statement earlier
                          WHERE earlier.employee_id = own.employee_id
                            AND earlier.company_id = own.company_id
                            AND earlier.month < own.month AND earlier.state != 'open'
                          ORDER BY earlier.month DESC LIMIT 1
                     ) AS last ON TRUE
                     LEFT JOIN LATERAL (
                         SELECT month, balance FROM nka_pay_opening brought
                          WHERE brought.employee_id = own.employee_id
                            AND brought.company_id = own.company_id
                            AND brought.month <= own.month AND brought.state = 'approved'
                          ORDER BY brought.month DESC LIMIT 1
                     ) AS opening ON TRUE
                    WHERE own.close_id = %s AND own.state != 'open'
                      AND (own.balance_before != CASE
                               WHEN opening.month > COALESCE(last.month, '-infinity')
                               THEN opening.balance ELSE COALESCE(last.balance, 0) END
                           OR own.balance != own.balance_before + own.carry_amount)""",
                self.id,
            )
        )
        return STATEMENT, [id_ for (id_,) in rows]

    # ============================================================ slips
    # The payslips of a month: made with the lock, compared to the cent, sealed.

    @api.depends("statement_ids.payslip_id.state", "statement_ids.state")
    def _compute_slip_count(self):
        domain = [("close_id", "in", self.ids), ("state", "=", "locked")]
        statements = self.env[STATEMENT].sudo()
        locked = dict(statements._read_group(domain, ["close_id"], ["__count"]))
        paid = dict(
            statements._read_group(
                [*domain, ("payslip_id.state", "=", "done")], ["close_id"], ["__count"]
            )
        )
        for close in self:
            count, total = paid.get(close._origin, 0), locked.get(close._origin, 0)
            close.slip_count = count
            close.slip_progress = 100 * count / total if total else 0

    # ------------------------------------------------------------ slips: actions
    def action_open_slips(self):
        """The payslips of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.hr_payslip_action_statement"
        )
        slips = self.sudo().statement_ids.payslip_id
        return {**action, "domain": [("id", "in", slips.ids)], "context": {}}

    # ------------------------------------------------------------ slips: business
    def _make_slips(self, statements):
        """Have payslips made: at once, or in the background when they are many.

        :param statements: locked nka.pay.statement
        :raise UserError: names everybody whose payslip couldn't be made, and why
        """
        slips = self.env["hr.payslip"]
        run = self.env["hr.payslip.run"]._nka_run(self.company_id.sudo(), self.month)
        if self.state != "locked":
            self.sudo()._unlocked().write({"payslip_run_id": run.id})
        job = slips._nka_order(statements.sudo(), run)
        if job:
            return
        self._check_slips_made(statements.sudo())
        run.close_payslip_run()

    def _check_slips_made(self, statements):
        missing = self.env["hr.payslip"]._nka_missing(statements)
        if missing:
            raise UserError(
                self.env._(
                    "Payslips couldn't be made, so the month isn't locked:\n%s\nSettle "
                    "it, or take the month back and leave these people out.",
                    "\n".join(
                        f"– {row.display_name}: {row.payslip_error or ''}"
                        for row in missing
                    ),
                )
            )

    def _check_slips_complete(self):
        """Nobody is paid by a month whose payslips are still being made."""
        waiting = self.env["hr.payslip"]._nka_missing(self.sudo().statement_ids)
        if waiting:
            raise UserError(
                self.env._(
                    "%(count)s payslips of %(month)s aren't made yet. Look under "
                    "Payslips in the background what they wait for.",
                    count=len(waiting),
                    month=self.display_name,
                )
            )

    def _find_payslip(self, _rule):
        """Statements whose payslip is missing or says something else."""
        locked = self.statement_ids.filtered(lambda row: row.state == "locked")
        waiting = locked.filtered(
            lambda row: (
                row.payslip_job_id
                and row.payslip_id.state != "done"
                and not row.payslip_error
            )
        )
        wrong = (locked - waiting).filtered(self._is_paid_otherwise)
        if not locked or (waiting and not wrong):
            return STATEMENT, None
        return STATEMENT, wrong.ids

    def _is_paid_otherwise(self, statement):
        """Whether a statement's payslip is missing or not equal to the cent."""
        slip = statement.payslip_id
        if slip.state != "done":
            return True
        digits = statement.currency_id.decimal_places
        return any(
            float_compare(paid, due, precision_digits=digits)
            for paid, due in _compared(slip.line_ids, statement)
        )

    def _seal_payslip(self, statements):
        """The payslip that pays a statement, with its lines; none while it is waiting."""
        found = {}
        for row in statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and sorted(
                [line.code, f"{line.quantity:.4f}", f"{line.total:.4f}"]
                for line in slip.line_ids
            )
        return found

    # ============================================================ slips

    def _finish_slips(self):
        """Compare what was made in the background, and seal it with the month.

        Who couldn't be paid shows on the checklist; the seal waits for him.
        """
        rule = self.env.ref("nka_key_accounts.nka_month_close_rule_payslip").sudo()
        values = self._prepare_check(rule, *self._find(rule))
        check = self.check_ids.filtered(lambda row: row.code == "payslip").sudo()
        check._unlocked().write(values)
        if values["result"] == "ok" and self._has_unsealed_slips():
            self._seal(self.env._("All payslips are made"))

    # ============================================================ seal
    # The digest over a month: what went in, what came out.

    # ------------------------------------------------------------ seal: business
    def _seal(self, reason=False):
        """Seal the month as it is now, as its next revision.

        :param str reason: why it is sealed again, for a later revision
        """
        self.env.flush_all()
        self.env.invalidate_all()
        close = self.sudo()
        sealed = close._prepare_sealed(SEAL_VERSION)
        digest = self._digest_of(sealed)
        number = close.revision + 1
        self.env["nka.month.close.revision"].sudo()._unlocked().create(
            close._prepare_revision(number, digest, sealed, reason)
        )
        close._move_to(
            "locked",
            note=reason,
            digest=digest,
            revision=number,
            reopen_reason=False,
            **close._prepare_lock(),
        )
        self.env.flush_all()

    def _prepare_lock(self):
        """Who locked and when: of the first seal, not of people closed later."""
        if self.state == "locked":
            return {}
        return {"locked_by_id": self.env.uid, "locked_date": fields.Datetime.now()}

    def _prepare_revision(self, number, digest, sealed, reason):
        before = self._last_revision()
        return {
            "close_id": self.id,
            "number": number,
            "digest": digest,
            "sealed": sealed,
            "reason": reason or self.reopen_reason,
            "differences": _differences(before.sealed, sealed) if before else [],
            "sealed_by_id": self.env.uid,
            "sealed_date": fields.Datetime.now(),
        }

    def _has_unsealed_slips(self):
        people = self._last_revision().sealed["people"].values()
        return any(person["payslip"] is False for person in people)

    def _last_revision(self):
        return self.revision_ids.sorted("number")[-1:]

    def _digest_of(self, sealed):
        """Version-prefixed SHA-256 over canonical, sorted JSON."""
        text = json.dumps(
            sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )
        version = sealed["version"]
        return f"{version}:{hashlib.sha256(text.encode()).hexdigest()}"

    # ------------------------------------------------------------ seal: checks
    def _check_sealed(self):
        """Refuse unless the month is locked and still exactly what was sealed.

        Called before everything that leaves the house: prints, exports, mails.

        :raise UserError: naming what differs
        """
        self._check_state("locked")
        self.env.flush_all()
        for close in self.sudo():
            revision = close._last_revision()
            now = close._prepare_sealed(close.digest.partition(":")[0])
            _without_later_slips(now, revision.sealed)
            if close.digest == revision.digest == self._digest_of(now):
                continue
            raise UserError(
                self.env._(
                    "%(month)s isn't what was sealed: %(parts)s. Nothing is printed or "
                    "exported from it. Ask an administrator who worked past the "
                    "program; nothing was changed.",
                    month=close.display_name,
                    parts="; ".join(close._say_broken(revision.sealed, now)),
                )
            )

    def action_verify(self):
        """Compare the month with its seal, and say that it is unchanged.

        :raise AccessError: for other roles
        :raise UserError: naming what differs
        """
        self.check_access("read")
        if not self.env.user.has_group(ADMIN):
            self._check_group(
                PAYROLL_OFFICER, self.env._("Only payroll officers verify a month.")
            )
        self._check_sealed()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Unchanged"),
                "message": self.env._(
                    "Everything is exactly what was sealed: inputs, statements and "
                    "payslips."
                ),
            },
        }

    def _say_broken(self, sealed, now):
        """People and parts that differ from the seal, in words."""
        names = {
            str(row.employee_id.id): row.user_id.name for row in self.statement_ids
        }
        titles = self._section_titles()
        parts = []
        before, after = sealed.get("people", {}), now["people"]
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            name = names.get(key) or self.env._("employee %s", key)
            if not old or not new:
                parts.append(self.env._("%s: missing or added", name))
                continue
            parts += [
                f"{name}: {title}"
                for section, title in titles.items()
                if json.loads(json.dumps(new[section])) != old[section]
            ]
        return parts or [self.env._("the seal itself")]

    def _section_titles(self):
        return {
            "statement": self.env._("statement"),
            "lines": self.env._("lines of the statement"),
            "agreement": self.env._("agreement"),
            "credits": self.env._("credits"),
            "goals": self.env._("goals"),
            "reports": self.env._("work reports"),
            "payslip": self.env._("payslip"),
        }

    # ------------------------------------------------------------ seal: preparing
    def _prepare_sealed(self, version):
        """What the digest covers, as plain JSON; the same however often it is asked.

        :param str version: of the seal; ``1`` is the only one so far
        """
        self.ensure_one()
        locked = self.statement_ids.filtered(lambda row: row.state == "locked")
        sections = {
            name: getattr(self, f"_seal_{name}")(locked)
            for name in self._section_titles()
        }
        return {
            "version": version,
            "company": self.company_id.id,
            "currency": self.currency_id.name,
            "month": str(self.month),
            "left_out": sorted(
                [row.employee_id.id, row.reason] for row in self.exclusion_ids
            ),
            "people": {
                str(row.employee_id.id): {
                    name: found.get(row.id) for name, found in sections.items()
                }
                for row in locked
            },
        }

    # ============================================================ sealed parts
    # What is sealed of every statement, each part for all people at once.
    #
    # Every method takes the locked statements and returns plain JSON by statement id.

    def _seal_statement(self, statements):
        digits = self.currency_id.decimal_places
        return {
            row.id: {
                "employee": row.employee_id.id,
                "user": row.user_id.id,
                "calculated_by": row.calculated_by_id.id,
                "approved_by": row.approved_by_id.id,
                **{name: f"{row[name]:.{digits}f}" for name in MONEY},
                **{name: f"{row[name]:.2f}" for name in DAYS},
                "shares": row.shares,
            }
            for row in statements
        }

    def _seal_lines(self, statements):
        digits = self.currency_id.decimal_places
        found = {row.id: [] for row in statements}
        for line in statements.line_ids.sorted(lambda row: (row.sequence, row.id)):
            found[line.statement_id.id].append(
                [
                    line.kind,
                    line.component,
                    f"{line.amount:.{digits}f}",
                    line.is_shown_only,
                    str(line.source_month or ""),
                    line.explanation,
                    line.res_model or "",
                    [] if line.res_model == LEDGER else line.res_ids or [],
                ]
            )
        return found

    def _seal_agreement(self, statements):
        return {
            row.id: [
                row.agreement_id.id,
                row.agreement_id.digest or "",
                row.agreement_id.version_id.id,
                row.agreement_id.version_id.digest or "",
            ]
            for row in statements
        }

    def _seal_credits(self, statements):
        """The month's ledger lines, hashed where they are: there may be many.

        By what they are about, not by their ids: a close that was killed and runs
        again gives other ids and the same digest.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), SUM(amount)::text,
                          encode(sha256(convert_to(string_agg(
                              concat_ws('|', basis, source_ref, revision, date,
                                        origin_date, kind, reason, amount, move_ref),
                              ';' ORDER BY basis, source_ref, revision), 'UTF8')), 'hex')
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    GROUP BY user_id""",
                self.company_id.id,
                statements.user_id.ids,
                self.month,
                self.month_end,
            )
        )
        found = {user_id: rest for user_id, *rest in rows}
        return {row.id: found.get(row.user_id.id, [0, "0", ""]) for row in statements}

    def _seal_goals(self, statements):
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.company_id.id),
                ("season_id.date_end", "=", self.month_end),
                ("employee_id", "in", statements.employee_id.ids),
            ],
            order="id",
        )
        by_employee = goals.grouped("employee_id")
        return {
            row.id: [
                [
                    goal.id,
                    goal.kpi_id.id,
                    f"{goal.weight:.4f}",
                    f"{goal.target:.4f}",
                    f"{goal.zero_value:.4f}",
                    f"{goal.actual:.4f}",
                    goal.is_measured,
                    goal.decision or "",
                    goal.state,
                ]
                for goal in by_employee.get(row.employee_id, ())
            ]
            for row in statements
        }

    def _seal_reports(self, statements):
        """The reports a statement says that it went by; later ones are another month's."""
        ids = {
            row.id: {
                id_
                for line in row.line_ids
                if line.res_model == "nka.work.report"
                for id_ in line.res_ids or ()
            }
            for row in statements
        }
        reports = self.env["nka.work.report"].browse(set().union(*ids.values()))
        known = {
            report.id: [
                report.id,
                str(report.date_from),
                str(report.date_to),
                report.state,
            ]
            for report in reports.exists()
        }
        return {
            key: [known.get(id_, [id_, "gone"]) for id_ in sorted(own)]
            for key, own in ids.items()
        }


def _change(amount, before):
    return amount / before - 1 if before else 0


def _is_far(amount, mean, limit):
    """Whether an amount is more than ``limit`` percent off a mean that is known."""
    return mean is not None and abs(amount - mean) > abs(mean) * limit / 100


def _compared(lines, statement):
    """Pairs of what a payslip says and what it has to: by code, in all, and net."""
    paid = {line.code: line.total for line in lines}
    for code, due in statement._pay_by_code().items():
        yield paid.get(code, 0), due
    yield sum(line.total for line in lines if line.code in PAID), statement.total_amount
    if "NET" in paid:
        parts = [
            line.total
            for line in lines
            if line.category_id.code in SUMS["NET"] and line.code not in SUMS
        ]
        yield paid["NET"], sum(parts)


def _without_later_slips(now, sealed):
    """Payslips made in the background since the seal: it knew of none.

    They are compared with their statements, and sealed, when the last one is made.
    """
    for key, person in now["people"].items():
        if sealed["people"].get(key, {}).get("payslip") is False:
            person["payslip"] = False


def _differences(before, after):
    """What a revision changed of the one before: amounts by person.

    :return: list of ``[employee id, field, before, after]``; None where nobody was
    """
    old, new = before.get("people", {}), after["people"]
    found = []
    for key in sorted({*old, *new}, key=int):
        was = (old.get(key) or {}).get("statement") or defaultdict(lambda: None)
        now = (new.get(key) or {}).get("statement") or defaultdict(lambda: None)
        found += [
            [int(key), name, was[name], now[name]]
            for name in sorted({*was, *now})
            if name.endswith("_amount") and was[name] != now[name]
        ]
    return found
