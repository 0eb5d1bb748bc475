from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ... import paycalc
from ..trail.confined import check_reader
from ..trail.frozen_rows import freeze_rows
from .border import refusing

#: What the employee agrees to; fixed from the proposal on.
TERM_FIELDS = (
    "employee_id",
    "company_id",
    "plan_id",
    "target_earnings",
    "monthly_quota",
    "draw",
    "recovery_rate",
    "floor",
    "date_from",
    "date_to",
)
#: Follow from the terms; nobody sets them by hand.
RESOLVED_FIELDS = ("version_id", "rate")
#: The database lets an accepted agreement get its end, nothing else.
FROZEN_COLUMNS = (
    *(name for name in TERM_FIELDS if name != "date_to"),
    "version_id",
    "rate",
    "digest",
    "proposed_by_id",
    "proposed_date",
    "accepted_by_id",
    "accepted_date",
)


class PayAgreement(models.Model):
    """What one employee agreed to be paid by, and from when to when."""

    _name = "nka.pay.agreement"
    _description = "Pay agreement"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["employee_id"]
    _check_company_auto = True

    _guarded_fields = (
        "state",
        "digest",
        "proposed_by_id",
        "proposed_date",
        "accepted_by_id",
        "accepted_date",
    )

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    # Stored for the rule: everybody reads his own agreements only.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one(
        "nka.pay.plan",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._only_plan(),
    )
    version_id = fields.Many2one(
        "nka.pay.plan.version",
        "Plan version",
        compute="_compute_version_id",
        store=True,
        index=True,
        ondelete="restrict",
        copy=False,
        help="The approved version in force on the first day; the one agreed to.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("ended", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    target_earnings = fields.Monetary(
        "Target earnings",
        required=True,
        help="Pay of a month when everything is met to 100 %.",
    )
    monthly_quota = fields.Monetary(
        "Monthly quota",
        required=True,
        help="Sales of a month that earn the whole target bonus.",
    )
    draw = fields.Monetary(help="Paid each month as an advance on later bonus.")
    recovery_rate = fields.Float(
        "Recovery rate",
        digits=(5, 4),
        default=1.0,
        help="Part of the bonus above the draw that pays advances back, 0 to 1.",
    )
    floor = fields.Monetary(
        help="Fixed pay of a month that is never held for missing reports."
    )
    date_from = fields.Date(
        "In force from",
        required=True,
        default=lambda self: self._next_month(),
        copy=False,
        help="First of a month.",
    )
    date_to = fields.Date(
        "Last day",
        copy=False,
        help="Last day; empty while open. A day within a month pays that month's fixed "
        "and soft pay for the workdays up to it.",
    )
    rate = fields.Float(
        "Bonus rate",
        digits=(16, 12),
        compute="_compute_rate",
        store=True,
        copy=False,
        help="Target bonus / monthly quota: what each unit of sales earns on plan.",
    )
    fixed_amount = fields.Monetary("Fixed pay", compute="_compute_parts")
    soft_amount = fields.Monetary("Soft pay", compute="_compute_parts")
    bonus_amount = fields.Monetary("Bonus", compute="_compute_parts")
    proposed_by_id = fields.Many2one(
        "res.users", "Proposed by", readonly=True, copy=False
    )
    proposed_date = fields.Datetime("Proposed on", readonly=True, copy=False)
    accepted_by_id = fields.Many2one(
        "res.users", "Accepted by", readonly=True, copy=False
    )
    accepted_date = fields.Datetime("Accepted on", readonly=True, copy=False)
    digest = fields.Char("Digest of the terms", readonly=True, copy=False)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    needs_renewal = fields.Boolean(
        compute="_compute_needs_renewal",
        help="The plan has a newer version in force than the one agreed to.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "An agreement can't end before it begins.",
    )
    # A range of one id compares by equality without any extension of PostgreSQL.
    # Deferred, so that the check in Python says first which agreement is in the way.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) DEFERRABLE INITIALLY DEFERRED",
        "This employee has an agreement for some of these days already. End that "
        "one first.",
    )

    def init(self):
        """Freeze accepted agreements in the database as well."""
        freeze_rows(
            self.env.cr,
            self._table,
            ["accepted", "ended"],
            FROZEN_COLUMNS,
            next_states=["ended"],
        )

    # ------------------------------------------------------------ defaults
    @api.model
    def _only_plan(self):
        """The company's plan, where there is no choice."""
        plans = self.env["nka.pay.plan"].search(
            [("company_id", "=", self.env.company.id)], limit=2
        )
        return plans if len(plans) == 1 else False

    @api.model
    def _next_month(self):
        return paycalc.add_months(fields.Date.context_today(self), 1)

    # ------------------------------------------------------------ compute
    @api.depends("employee_id", "date_from")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = self.env._(
                "%(employee)s, from %(date)s",
                employee=agreement.employee_id.sudo().name or "",
                date=format_date(self.env, agreement.date_from),
            )

    @api.depends("plan_id", "date_from")
    def _compute_version_id(self):
        """Resolve the version by date while nobody has agreed to one yet."""
        for agreement in self:
            if agreement.state in (False, "draft"):
                agreement.version_id = agreement._find_version()
            else:
                agreement.version_id = agreement.version_id

    @api.depends("version_id", "target_earnings", "monthly_quota")
    def _compute_rate(self):
        for agreement in self:
            terms = agreement._try_terms()
            agreement.rate = (
                float(terms.bonus_terms(agreement._plan_terms()).rate) if terms else 0.0
            )

    @api.depends("version_id", "target_earnings", "monthly_quota")
    def _compute_parts(self):
        for agreement in self:
            terms = agreement._try_terms()
            split = terms and terms.split(agreement._plan_terms())
            agreement.fixed_amount = split and float(split.fixed)
            agreement.soft_amount = split and float(split.soft)
            agreement.bonus_amount = split and float(split.bonus)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for agreement in self:
            agreement.is_mine = agreement.user_id == self.env.user

    @api.depends("version_id", "state")
    def _compute_needs_renewal(self):
        today = fields.Date.context_today(self)
        current = self.plan_id.sudo()._versions_on(today)
        for agreement in self:
            version = current.get(agreement.plan_id.id)
            agreement.needs_renewal = bool(
                agreement.state == "accepted"
                and version
                and version.date_start > agreement.version_id.sudo().date_start
            )

    # ------------------------------------------------------------ checks
    @api.constrains("employee_id", "date_from", "date_to")
    def _check_dates(self):
        """From a first of month; one agreement per employee and day."""
        for agreement in self:
            with refusing(self.env):
                paycalc.check_first_of_month(agreement.date_from)
        self._check_overlap()

    def _check_overlap(self):
        # What the refusal tells of other agreements is for whoever may make this one.
        check_reader(self)
        self._check_company(["employee_id"])
        others = self.sudo().search(
            [("employee_id", "in", self.employee_id.ids)], order="date_from"
        )
        for agreement in self.sudo():
            for other in others - agreement:
                if other.employee_id == agreement.employee_id and (
                    agreement._overlaps(other)
                ):
                    raise ValidationError(agreement._say_overlap(other))

    def _overlaps(self, other):
        def starts_within(one, span):
            return one.date_from >= span.date_from and (
                not span.date_to or one.date_from <= span.date_to
            )

        return starts_within(self, other) or starts_within(other, self)

    def _say_overlap(self, other):
        return self.env._(
            "%(employee)s has an agreement from %(date_from)s to %(date_to)s "
            "already. Use “New terms” on that one: it ends it and starts the next.",
            employee=self.employee_id.sudo().name,
            date_from=format_date(self.env, other.date_from),
            date_to=format_date(self.env, other.date_to)
            or self.env._("further notice"),
        )

    @api.constrains(
        "target_earnings", "monthly_quota", "draw", "recovery_rate", "floor"
    )
    def _check_amounts(self):
        for agreement in self:
            with refusing(self.env):
                agreement._agreement_terms()

    @api.constrains("plan_id", "date_from", "employee_id")
    def _check_plan_change(self):
        """The mix of a person changes once in half a year, by whichever plan."""
        for agreement in self:
            before = agreement._previous()
            if before and before.plan_id != agreement.plan_id:
                with refusing(self.env):
                    paycalc.check_version_start(
                        agreement.date_from, [before._first_day_on_plan()]
                    )

    def _check_editable(self):
        for agreement in self:
            if agreement.state != "draft":
                raise UserError(
                    self.env._(
                        "The terms of %s are proposed or agreed, so they stay. Take "
                        "the proposal back, or start new terms from a later month.",
                        agreement.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model
    def _check_guarded_context(self):
        for fname in RESOLVED_FIELDS:
            if self.env.context.get(f"default_{fname}"):
                raise AccessError(self._guard_message(fname))
        return super()._check_guarded_context()

    @api.model
    def _prepare_guarded_vals(self, vals):
        self._check_guarded_resolved(vals)
        return super()._prepare_guarded_vals(vals)

    def _check_guarded_write(self, vals):
        self._check_guarded_resolved(vals)
        return super()._check_guarded_write(vals)

    @api.model
    def _check_guarded_resolved(self, vals):
        for fname in RESOLVED_FIELDS:
            if fname in vals:
                raise AccessError(self._guard_message(fname))

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(TERM_FIELDS):
            self.check_access("write")
            self._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()
