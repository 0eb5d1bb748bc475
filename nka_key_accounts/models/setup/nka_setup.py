from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate, format_date

from ... import paycalc
from ..pay.nka_season import LOOK_BACK
from ..trail.opening import open_page
from ..trail.roles import ADMIN, PAYROLL_OFFICER, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Orders of this many months before the first month have an owner unless another day is chosen.
OWNED_MONTHS = 12
#: The first month can't be longer ago, in years.
LONGEST_AGO = 10
#: The dates of the page; a change applies them.
DATES = ("first_month", "plan_date", "agreement_date", "ownership_date")


class Setup(models.Model):
    """First steps of a company: one date from which the others follow, roles, what is missing.

    Odoo administrators and key account administrators fill it in; supervisors and payroll
    officers read what is missing and go from there to their own steps. The page approves
    nothing: plan versions, agreements and accounts keep their own approvers.
    """

    _name = "nka.setup"
    _description = "Setup of key accounts"
    _inherit = ["nka.guard.mixin"]
    _rec_name = "company_id"
    _guarded_fields = ("company_id",)
    _audit_kinds = {"setup": _lt("Dates of the setup")}

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    first_month = fields.Date(
        "First month paid here",
        required=True,
        default=lambda self: paycalc.month_start(fields.Date.context_today(self)),
        help="First day of the first month that is calculated and closed here. The other "
        "dates follow from it; you can change each of them.",
    )
    plan_date = fields.Date(
        "Pay plan in force from",
        compute="_compute_dates",
        store=True,
        readonly=False,
        help="First day of a month. The draft of the pay plan starts on this day.",
    )
    agreement_date = fields.Date(
        "Agreements in force from",
        compute="_compute_dates",
        store=True,
        readonly=False,
        help="First day of a month. New pay agreements start on this day.",
    )
    ownership_date = fields.Date(
        "Managers own accounts from",
        compute="_compute_dates",
        store=True,
        readonly=False,
        help="Sales are credited to the manager who owned the account on the order date. "
        "Payments for orders before this day are credited to nobody.",
    )
    person_ids = fields.One2many("nka.setup.person", "setup_id", "Roles")
    item_ids = fields.One2many("nka.setup.item", "setup_id", "What is missing")
    todo_ids = fields.Many2many(
        "nka.setup.item", string="To do", compute="_compute_missing_count"
    )
    done_ids = fields.Many2many("nka.setup.item", compute="_compute_missing_count")
    missing_count = fields.Integer("Missing", compute="_compute_missing_count")
    is_complete = fields.Boolean("Complete", compute="_compute_missing_count")
    needs_dates = fields.Boolean(compute="_compute_needs_dates")
    season_note = fields.Char("Seasons", compute="_compute_season_note")

    _company_unique = models.UniqueIndex(
        "(company_id)", "This company already has a setup page. Open that one."
    )

    # ------------------------------------------------------------ compute
    @api.depends("first_month")
    def _compute_dates(self):
        for setup in self:
            month = setup.first_month
            setup.plan_date = setup.agreement_date = month
            setup.ownership_date = month and month - relativedelta(months=OWNED_MONTHS)

    @api.depends_context("lang", "allowed_company_ids")
    def _compute_display_name(self):
        several = len(self.env.companies) > 1
        for setup in self:
            name = self.env._("Setup")
            company = setup.company_id.sudo().name
            setup.display_name = f"{name}: {company}" if several else name

    @api.depends("item_ids.result")
    @api.depends_context("uid")
    def _compute_missing_count(self):
        for setup in self:
            by_result = setup.item_ids.grouped("result")
            setup.done_ids = by_result.get("done")
            setup.todo_ids = setup.item_ids - setup.done_ids
            setup.missing_count = len(by_result.get("missing", ()))
            setup.is_complete = bool(setup.item_ids) and not setup.missing_count

    @api.depends("plan_date", "item_ids.result")
    def _compute_needs_dates(self):
        """Dates have to be applied again when the plan or a season was changed since."""
        for setup in self:
            drafts = setup._plan_versions().filtered(lambda row: row.state == "draft")
            moved = drafts and drafts[0].date_start != setup.plan_date
            setup.needs_dates = bool(moved) or not setup._seasons()

    @api.depends("first_month", "company_id.nka_season_months")
    def _compute_season_note(self):
        """Name the seasons that the months from the first one on touch."""
        for setup in self:
            seasons = setup._seasons()
            setup.season_note = ", ".join(seasons.mapped("display_name"))

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(DATES):
            self._apply_dates()
        self._refresh()
        return result

    # ------------------------------------------------------------ checks
    @api.constrains("first_month", "plan_date", "agreement_date")
    def _check_first_of_month(self):
        for setup in self:
            for name in ("first_month", "plan_date", "agreement_date"):
                day = setup[name]
                if day and day.day != 1:
                    raise UserError(
                        self.env._(
                            "%(field)s: %(day)s isn't the first day of a month. Choose "
                            "the first day, because pay is monthly.",
                            field=self._fields[name]._description_string(self.env),
                            day=format_date(self.env, day),
                        )
                    )

    @api.constrains("first_month")
    def _check_first_month(self):
        """A season is created for each half-year since then, so a mistyped year mustn't
        create thousands.
        """
        today = fields.Date.context_today(self)
        earliest = paycalc.month_start(today - relativedelta(years=LONGEST_AGO))
        if self.filtered(lambda setup: setup.first_month < earliest):
            raise UserError(
                self.env._(
                    "The first month is too long ago. Choose %s or a later month.",
                    format_date(self.env, earliest, date_format="LLLL y"),
                )
            )

    @api.model
    def _check_configurable(self):
        """Only administrators of Odoo or of key accounts set the company up.

        :raise AccessError: for everybody else
        """
        user = self.env.user
        if not (user.has_group("base.group_system") or user.has_group(ADMIN)):
            raise AccessError(
                self.env._(
                    "Only an Odoo administrator or a key account administrator can use "
                    "the setup page."
                )
            )

    @api.model
    def _check_reader(self):
        """Supervisors and payroll officers read the page, because steps of it are theirs.

        :raise AccessError: for everybody else who isn't an administrator
        """
        user = self.env.user
        if not (user.has_group(SUPERVISOR) or user.has_group(PAYROLL_OFFICER)):
            self._check_configurable()

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_setup(self):
        """Open the page of the current company with everything checked anew."""
        self._check_reader()
        setup = self._of_company(self.env.company)
        setup._refresh()
        return open_page(
            self.env, "nka_setup_action", "nka_setup_open_action", res_id=setup.id
        )

    def action_refresh(self):
        """Check again what is missing."""
        self._check_reader()
        self._refresh()
        return True

    def action_apply_dates(self):
        """Let the pay plan's draft start on its date, and create the missing seasons.

        :raise UserError: when the plan's version isn't a draft any more
        """
        self._check_configurable()
        self._apply_dates()
        self._refresh()
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _of_company(self, company):
        """The page of a company, created on first use.

        :rtype: nka.setup
        """
        found = self.search([("company_id", "=", company.id)], limit=1)
        if found:
            return found
        # What awaits approval keeps its date.
        domain = [("company_id", "=", company.id), ("state", "=", "submitted")]
        waiting = self.env["nka.pay.plan.version"].sudo().search(domain, limit=1)
        dates = {"plan_date": waiting.date_start} if waiting else {}
        new = self.sudo()._unlocked().create({"company_id": company.id, **dates})
        # As the system: who opens the page first prepares no pay plan.
        new.with_user(SUPERUSER_ID)._apply_dates()
        return new.with_env(self.env)

    @api.model
    def _before_first_lock(self, company):
        """Return the page of a company that hasn't locked a month yet.

        :rtype: nka.setup
        """
        setup = self.sudo().search([("company_id", "=", company.id)], limit=1)
        closes = self.env["nka.month.close"].sudo()
        domain = [("company_id", "=", company.id), ("state", "=", "locked")]
        if setup and closes.search_count(domain, limit=1):
            return self.browse()
        return setup

    def _refresh(self):
        for setup in self:
            setup.person_ids._add_missing(setup)
            setup.item_ids._run(setup)
        if all(self.sudo().search([]).mapped("is_complete")):
            self.env["res.users"]._leave_setup()

    def _seasons(self):
        """The company's seasons from the first month to the running one.

        :rtype: nka.season
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        return (
            self.env["nka.season"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date_end", ">=", self.first_month or today),
                    ("date_start", "<=", max(today, self.first_month or today)),
                ],
                order="date_start",
            )
        )

    def _apply_dates(self):
        for setup in self:
            setup._apply_plan_date()
            setup._make_seasons()
            setup._record_dates()

    def _make_seasons(self):
        """Create the seasons from the first month on, and those before it from whose
        results targets are proposed.
        """
        company = self.company_id.sudo()
        months = LOOK_BACK * company.nka_season_months
        company._make_seasons(self.first_month - relativedelta(months=months))

    def _plan_versions(self):
        versions = self.env["nka.pay.plan.version"].sudo()
        return versions.search([("company_id", "=", self.company_id.id)])

    def _apply_plan_date(self):
        """Drafts start on the chosen date; what awaits approval isn't touched."""
        versions = self._plan_versions()
        if versions.filtered(lambda version: version.state == "approved"):
            return
        submitted = versions.filtered(lambda version: version.state == "submitted")
        if submitted and submitted[0].date_start != self.plan_date:
            raise UserError(
                self.env._(
                    "%s awaits approval, so its start can't be changed. Ask a payroll "
                    "officer to take it back to draft, then apply the dates again.",
                    submitted[0].display_name,
                )
            )
        drafts = versions.filtered(lambda version: version.state == "draft")
        drafts[:1].date_start = self.plan_date

    def _record_dates(self):
        self.env["nka.audit.event"]._record(
            self,
            "setup",
            note="; ".join(
                f"{self._fields[name]._description_string(self.env)}: {self[name]}"
                for name in DATES
            ),
        )
