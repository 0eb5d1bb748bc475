from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date

from ... import paycalc
from ..trail.roles import PAYROLL_OFFICER
from .frozen_months import freeze_months

_lt = LazyTranslate(__name__)


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
