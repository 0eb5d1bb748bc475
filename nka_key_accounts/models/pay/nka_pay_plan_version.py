import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, LazyTranslate

from ... import paycalc
from ..trail.frozen_rows import frozen, frozen_children
from ..trail.roles import ADMIN, PAYROLL_OFFICER
from . import leaving_texts
from .border import refusing, to_decimal
from .version_terms import (
    DIGEST_WORDS,
    LATER_TERMS,
    RECORD_TERMS,
    SHARES,
    TERM_FIELDS,
)

_lt = LazyTranslate(__name__)

#: More than ten years is an input error.
MOST_LEAVER_MONTHS = 120
#: Stored as 0.5, shown and entered as 50 %.
PARTS_OF_ONE = ("threshold", "cap")
#: Fields that can be changed in a draft only.
DRAFT_FIELDS = {
    *TERM_FIELDS,
    *RECORD_TERMS,
    "plan_id",
    "date_start",
    "holding_confirmed",
    "loyalty_confirmed",
    "line_ids",
    "tier_ids",
}

#: Fields set by a step and cleared when the step is undone.
STEP_FIELDS = ("digest", "submitted_by_id", "approved_by_id", "approved_date")

FROZEN_COLUMNS = (
    "plan_id",
    "company_id",
    "number",
    "date_start",
    *TERM_FIELDS,
    "holding_confirmed",
    "loyalty_confirmed",
    *STEP_FIELDS,
    "state",
)

#: Which changes of a version in force the database refuses. Only a withdrawal is
#: accepted, and only while no employee has been shown an agreement on these terms.
_FROZEN_RULE = f"""
    before->>'state' = 'approved'
    AND COALESCE((before->>'date_start')::date <= CURRENT_DATE, TRUE)
    AND (after IS NULL OR after->>'state' != 'draft'
         OR NOT changed <@ '{{state,{",".join(STEP_FIELDS)}}}'
         OR EXISTS (SELECT FROM nka_pay_agreement agreement
                     WHERE agreement.version_id = (before->>'id')::integer
                       AND agreement.state != 'draft'))
"""


class PayPlanVersion(models.Model):
    """Terms of a pay plan from the first of a month on, for at least six months."""

    _name = "nka.pay.plan.version"
    _description = "Version of a pay plan"
    _inherit = ["nka.review.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["plan_id"]
    _check_company_auto = True
    _guarded_fields = ("state", "number", "source_id", "maker_ids", *STEP_FIELDS)
    _reviewer_group = ADMIN
    _submitter_field = "submitted_by_id"
    _reviewer_field = "approved_by_id"
    _decision_date_field = "approved_date"
    _cleared_by_return = STEP_FIELDS
    _answer_activity = None
    _company_fields = ("plan_id",)
    _reason_actions = {
        "action_return": _lt("Return the version"),
        "action_withdraw": _lt("Withdraw the approval"),
    }

    plan_id = fields.Many2one(
        "nka.pay.plan", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    number = fields.Integer("Version", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "Submitted"), ("approved", "Approved")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_start = fields.Date(
        "In force from",
        compute="_compute_date_start",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        copy=False,
        help="First day of a month, at least six months after the previous version.",
    )
    is_started = fields.Boolean("Started", compute="_compute_is_started")
    is_used = fields.Boolean(
        "Has agreements",
        compute="_compute_is_used",
        compute_sudo=True,
        help="An employee has been shown or has accepted an agreement on these terms.",
    )
    fixed_share = fields.Float("Fixed pay (%)", digits=(5, 2), default=40.0)
    soft_share = fields.Float("Goal pay (%)", digits=(5, 2), default=10.0)
    bonus_share = fields.Float("Bonus (%)", digits=(5, 2), default=50.0)
    bonus_basis = fields.Selection(
        [("paid", "Payments received"), ("invoiced", "Invoices")],
        "Bonus basis",
        default="paid",
        required=True,
        help="What counts as sales: untaxed payments received, or untaxed invoices.",
    )
    holding_policy = fields.Selection(
        [
            ("pay_and_flag", "Pay in full and flag missing reports"),
            ("hold_above_floor", "Hold pay for uncovered days, down to the floor"),
        ],
        "Payout hold policy",
        default="pay_and_flag",
        required=True,
    )
    holding_confirmed = fields.Boolean(
        "Wage law checked",
        help="Confirm only after legal advice: in many countries, wages for work "
        "performed can't lawfully be withheld because of missing reports.",
    )
    after_leaving = fields.Selection(
        [
            ("leaver", "The leaver for some months, then the successor"),
            ("successor", "The successor from the next day"),
            ("nobody", "No one"),
        ],
        "After the agreement ends",
        default="leaver",
        required=True,
        help="Who is credited for orders placed up to the last day of an agreement "
        "without a follow-up, if they are paid or invoiced later. The successor "
        "is the manager of the account on that date. A share of credit kept in a "
        "handover stays with the outgoing manager in any case.",
    )
    leaver_months = fields.Integer(
        "Months after departure",
        default=6,
        required=True,
        help="Number of months after the last day of the agreement. With 0, the "
        "successor is credited from the next day.",
    )
    unpaid_leave = fields.Selection(
        [
            (paycalc.DEDUCT, "Not paid: deducted from fixed pay and goal pay"),
            (
                paycalc.LEAVE_TO_PAYROLL,
                "Paid here and left to the company's salary rules",
            ),
        ],
        "Unpaid leave",
        default=paycalc.DEDUCT,
        required=True,
        help="How approved days of an unpaid time off type are treated. In both cases "
        "the payslip receives the number of days for the company's own salary "
        "rules.",
    )
    threshold = fields.Float(
        digits=(5, 4), default=0.5, help="Attainment below the threshold scores 0."
    )
    cap = fields.Float(
        digits=(5, 4), default=1.0, help="Attainment above the cap counts as the cap."
    )
    loyalty_share = fields.Float(
        "Loyalty share (%)",
        digits=(5, 2),
        help="Part of each month's bonus that is held until twelve months of "
        "employment are complete. All of it is paid at once if the company ends the "
        "employment; it lapses if the employee leaves before.",
    )
    loyalty_confirmed = fields.Boolean(
        "Labour law checked",
        help="Confirm only after legal advice: in many countries, pay that has been "
        "earned can't lawfully be held or forfeited.",
    )
    release_document_type_ids = fields.Many2many(
        "nka.document.type",
        "nka_pay_plan_version_document_type_rel",
        "version_id",
        "type_id",
        "Documents that release the bonus",
        ondelete="restrict",
        context={"active_test": False},
        copy=True,
        help="Credits are held until the deal has approved documents of all these "
        "types, and count once in the first open month after that. Empty: credits "
        "count at once.",
    )
    line_ids = fields.One2many(
        "nka.pay.plan.line", "version_id", "Goal list", copy=True
    )
    tier_ids = fields.One2many("nka.pay.tier", "version_id", "Rate tiers", copy=True)
    weight_total = fields.Float("Weights (%)", compute="_compute_weight_total")
    source_id = fields.Many2one(
        "nka.pay.plan.version", "Copied from", readonly=True, copy=False
    )
    maker_ids = fields.Many2many(
        "res.users",
        "nka_pay_plan_version_maker_rel",
        string="Prepared by",
        readonly=True,
        copy=False,
    )
    submitted_by_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    digest = fields.Char("Hash of the terms", readonly=True, copy=False)
    differences = fields.Json(compute="_compute_differences")
    differences_html = fields.Html("Changes", compute="_compute_differences")

    _number_unique = models.UniqueIndex(
        "(plan_id, number) WHERE number > 0",
        "Each version of a pay plan must have its own number.",
    )

    @api.model
    def _guards(self):
        """Freeze started versions with database triggers as well (docs: pay, plans)."""
        return [
            *super()._guards(),
            *frozen(self._table, _FROZEN_RULE, FROZEN_COLUMNS),
            *frozen_children(
                self._fields["release_document_type_ids"].relation,
                ["version_id", "type_id"],
                self._table,
                "version_id",
                ["approved"],
                since="date_start",
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("plan_id.name", "number", "date_start")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(plan)s, version %(number)s",
                plan=version.plan_id.sudo().name or "",
                number=version.number or "–",
            )

    @api.depends("plan_id")
    def _compute_date_start(self):
        for version in self:
            if version.plan_id and not version.date_start:
                version.date_start = version.plan_id._next_start()

    @api.depends("state", "date_start")
    def _compute_is_started(self):
        today = fields.Date.context_today(self)
        for version in self:
            version.is_started = version.state == "approved" and (
                version.date_start <= today
            )

    def _compute_is_used(self):
        agreements = self.env["nka.pay.agreement"]
        used = agreements._read_group(
            [("version_id", "in", self.ids), ("state", "!=", "draft")], ["version_id"]
        )
        ids = {version.id for (version,) in used}
        for version in self:
            version.is_used = version.id in ids

    @api.depends("line_ids.weight")
    def _compute_weight_total(self):
        for version in self:
            version.weight_total = sum(version.line_ids.mapped("weight"))

    @api.depends(
        *TERM_FIELDS,
        *RECORD_TERMS,
        "source_id",
        "line_ids.weight",
        "line_ids.kpi_id",
        "tier_ids.factor",
        "tier_ids.from_percent",
    )
    def _compute_differences(self):
        for version in self:
            changes = version._list_differences()
            version.differences = changes
            version.differences_html = changes and self.env["ir.qweb"]._render(
                "nka_key_accounts.pay_plan_version_differences", {"changes": changes}
            )

    # ------------------------------------------------------------ checks
    @api.constrains("date_start", "plan_id")
    def _check_date_start(self):
        """Enforce the half-year rule; the error names the first allowed date."""
        for version in self:
            with refusing(self.env):
                paycalc.check_version_start(
                    version.date_start,
                    version.plan_id._taken_starts(without=version),
                    version.plan_id._first_open_day(),
                )

    @api.constrains(*SHARES, *PARTS_OF_ONE)
    def _check_numbers(self):
        for version in self:
            with refusing(self.env):
                version._prepare_mix(), version._prepare_scale()

    @api.constrains("holding_policy", "holding_confirmed")
    def _check_holding(self):
        for version in self:
            if version.holding_policy == "hold_above_floor" and (
                not version.holding_confirmed
            ):
                raise ValidationError(
                    self.env._(
                        "Withholding wages is unlawful in many countries. Select “Wage "
                        "law checked” once a lawyer has confirmed it is allowed, or "
                        "choose “Pay in full and flag missing reports”."
                    )
                )

    @api.constrains("loyalty_share", "loyalty_confirmed")
    def _check_loyalty(self):
        for version in self:
            with refusing(self.env):
                share = version._loyalty_share()
            if share and not version.loyalty_confirmed:
                raise ValidationError(
                    self.env._(
                        "Holding back pay that has been earned is unlawful in many "
                        "countries. Select “Labour law checked” once a lawyer has "
                        "confirmed it is allowed, or set the loyalty share to 0."
                    )
                )

    @api.constrains("leaver_months")
    def _check_leaver_months(self):
        for version in self:
            if not 0 <= version.leaver_months <= MOST_LEAVER_MONTHS:
                raise ValidationError(
                    self.env._(
                        "Enter a whole number of months after departure, from 0 to %s. "
                        "With 0, the successor is credited from the next day.",
                        MOST_LEAVER_MONTHS,
                    )
                )

    def _check_editable(self):
        """Refuse changes unless the version is a draft."""
        for version in self:
            if version.state != "draft":
                raise UserError(version._say_frozen())

    def _say_frozen(self):
        if self.is_started and not self.is_used:
            return self.env._(
                "%s has started, so its terms can't be changed. No agreement uses it "
                "yet: an administrator can withdraw the approval. Otherwise, create a "
                "new version; it can start six months after this one.",
                self.display_name,
            )
        if self.is_started:
            return self.env._(
                "%s has started, so its terms can't be changed. Create a new version; "
                "it can start six months after this one.",
                self.display_name,
            )
        return self.env._(
            "%s is submitted or approved. Return it to draft before you change it.",
            self.display_name,
        )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        for version in versions:
            numbers = version.plan_id.sudo().version_ids.mapped("number")
            version._unlocked().write({"number": max(numbers, default=0) + 1})
        versions._add_maker()
        return versions

    def write(self, vals):
        is_term = not vals.keys().isdisjoint(DRAFT_FIELDS)
        if is_term:
            self.check_access("write")
            self._check_editable()
        result = super().write(vals)
        if is_term:
            self._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    def _copy_version(self, values):
        """Copy the terms into a new draft and link it to its source."""
        self.ensure_one()
        version = self.copy(values)
        version._unlocked().write({"source_id": self.id})
        return version

    # ------------------------------------------------------------ actions
    def action_return(self, reason=None):
        """Return a submitted version to draft; opens the reason wizard first.

        Administrators return it as reviewers; payroll officers can withdraw the
        submission.

        :param str reason: the reason; without one, the wizard is opened
        :raise AccessError: for other roles
        :raise UserError: if the version isn't submitted
        """
        if self.env.user.has_group(PAYROLL_OFFICER):
            return self._take_back("action_return", "submitted", reason)
        return super().action_return(reason)

    def action_withdraw(self, reason=None):
        """Withdraw the approval of a version without agreements; asks for the reason.

        A version that has started can be withdrawn as well: while no employee has been
        shown its terms, it has paid no one.

        :param str reason: the reason; without one, the wizard is opened
        :raise AccessError: if the user isn't an administrator
        :raise UserError: for a version with proposed, accepted or ended agreements
        """
        self._check_reviewer()
        self._check_state("approved")
        self._check_unused()
        result = self._take_back("action_withdraw", "approved", reason)
        if reason:
            self._leave_drafts()
        return result

    # ------------------------------------------------------------ steps
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can prepare pay plans and agreements."),
        )

    def _check_may_submit(self):
        self._check_officer()

    def _check_complete(self):
        """Check that the terms are complete, as required for submission."""
        with refusing(self.env):
            for version in self:
                version._plan_terms()

    def _check_not_maker(self):
        for version in self.sudo():
            if self.env.user in version._makers():
                raise AccessError(
                    self.env._(
                        "You can't approve %s because you prepared it. Another "
                        "administrator has to approve it.",
                        version.display_name,
                    )
                )
            company = version.company_id.with_env(self.env)
            if company._nka_own_agreement(version.plan_id):
                raise AccessError(
                    self.env._(
                        "You can't approve %s because you are paid under this plan. "
                        "Another administrator has to approve it.",
                        version.display_name,
                    )
                )

    def _check_approvable(self):
        versions = self.sudo()
        # Two concurrent approvals could both pass the half-year check.
        versions.plan_id.lock_for_update()
        versions._check_complete()
        versions._check_date_start()

    def _check_unused(self):
        agreements = self.env["nka.pay.agreement"].sudo()
        used = agreements.search(
            [("version_id", "in", self.ids), ("state", "!=", "draft")]
        )
        if used.filtered(lambda agreement: agreement.state != "proposed"):
            raise UserError(
                self.env._(
                    "Employees have accepted agreements on this version, so it can't be "
                    "withdrawn. Create a new version; it can start six months after "
                    "this one."
                )
            )
        if used:
            raise UserError(
                self.env._(
                    "Agreements on this version are proposed to employees. Ask a "
                    "payroll officer to withdraw them first."
                )
            )

    def _hold(self):
        """Let a withdrawal that runs at the same time fail; Odoo then retries it."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE nka_pay_plan_version SET state = state WHERE id = ANY(%s)",
                self.ids,
            )
        )

    def _leave_drafts(self):
        """Let draft agreements find the version that is in force without this one."""
        agreements = self.env["nka.pay.agreement"].sudo()
        drafts = agreements.search(
            [("version_id", "in", self.ids), ("state", "=", "draft")]
        )
        self.env.add_to_compute(agreements._fields["version_id"], drafts)

    def _take_back(self, action, state, reason):
        self._check_state(state)
        if not reason:
            return self._ask_reason(action)
        self._return(reason)
        return True

    def _submit(self):
        self._add_maker()
        return super()._submit()

    def _approve(self):  # pylint: disable=missing-return
        # Administrators decide about versions that they can't write.
        for version in self.sudo():
            super(PayPlanVersion, version)._approve()

    def _return(self, reason):
        return super(PayPlanVersion, self.sudo())._return(reason)

    def _prepare_approval(self):
        return {**super()._prepare_approval(), "digest": self._make_digest()}

    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitted_by_id

    def _add_maker(self):
        """Record that the user prepared the terms, so that they can't approve them."""
        for version in self.sudo():
            if self.env.user not in version.maker_ids:
                version._unlocked().write({"maker_ids": [(4, self.env.uid)]})

    # ------------------------------------------------------------ terms
    def _plan_terms(self):
        """Return the terms of the version for ``paycalc``.

        :rtype: paycalc.PlanTerms
        :raise paycalc.TermsError: if the terms are invalid
        """
        self.ensure_one()
        return paycalc.PlanTerms(
            mix=self._prepare_mix(),
            goals=tuple(line._goal_terms() for line in self.line_ids),
            scale=self._prepare_scale(),
            basis=self.bonus_basis,
            tiers=self.tier_ids._tiers() or paycalc.PLAIN,
            policy=self.holding_policy,
            loyalty_share=self._loyalty_share(),
        )

    def _prepare_mix(self):
        return paycalc.PayMix(*(to_decimal(self[name]) for name in SHARES))

    def _loyalty_share(self):
        return paycalc.Loyalty(to_decimal(self.loyalty_share)).share

    def _prepare_scale(self):
        return paycalc.Scale(to_decimal(self.threshold, 4), to_decimal(self.cap, 4))

    def _last_credited_day(self, last_day):
        """Return the last day on which the leaver is credited for earlier orders.

        :param date last_day: of their agreement
        :rtype: date
        """
        self.ensure_one()
        months = self.leaver_months if self.after_leaving == "leaver" else 0
        return paycalc.months_after(last_day, months)

    def _say_after_leaving(self):
        """Explain who is credited for earlier orders after an agreement ends."""
        self.ensure_one()
        return leaving_texts.after_leaving(self)

    def _say_leaving(self, person, last_day):
        """Explain who is credited for earlier orders if the last agreement ends.

        :param str person: their name
        :param date last_day: of the agreement
        """
        self.ensure_one()
        return leaving_texts.leaving(self, person, last_day)

    def _describe_terms(self):
        """Return the terms as (key, label, text) rows, for hash and comparison."""
        self.ensure_one()
        rows = [
            (name, self._fields[name]._description_string(self.env), self._show(name))
            for name in TERM_FIELDS
        ]
        rows += [
            (name, self._fields[name]._description_string(self.env), self._show(name))
            for name in RECORD_TERMS
            if self[name]
        ]
        rows += [line._describe() for line in self.line_ids.sorted("kpi_id")]
        rows += [tier._describe() for tier in self.tier_ids.sorted("from_percent")]
        return rows

    def _terms_to_read(self):
        """Return the described terms by key, with ratios shown as percentages.

        The hash keeps the plain numbers, because existing hashes were made with those.
        """
        rows = {key: (label, text) for key, label, text in self._describe_terms()}
        for name in PARTS_OF_ONE:
            rows[name] = (rows[name][0], f"{self[name] * 100:g} %")
        return rows

    def _show(self, name):
        field = self._fields[name]
        if field.type == "many2many":
            return ", ".join(self[name].sudo().mapped("name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env))[self[name]]
        return f"{self[name]:g}"

    def _list_differences(self):
        """Return the changes against the version this one was copied from.

        :rtype: list[dict]
        """
        source = self.sudo().source_id
        if not source:
            return []
        before, now = source._terms_to_read(), self._terms_to_read()
        none = ("", "")
        rows = [
            (before.get(key, none), now.get(key, none)) for key in {**before, **now}
        ]
        return [
            {"label": new[0] or old[0], "before": old[1], "now": new[1]}
            for old, new in rows
            if old[1] != new[1]
        ]

    def _make_digest(self):
        """Return the versioned SHA-256 hash over the terms in fixed wording."""
        version = self.with_context(lang="en_US")
        rows = [
            [key, version._in_digest(key, text)]
            for key, _label, text in version._describe_terms()
            if key not in LATER_TERMS or version[key] != LATER_TERMS[key]
        ]
        return self._digest_of([version.plan_id.id, str(version.date_start), rows])

    def _in_digest(self, key, text):
        """Return a term as hashed: names and labels may change, these texts can't."""
        if key in RECORD_TERMS:
            return ",".join(map(str, sorted(self[key].ids)))
        return DIGEST_WORDS[key][self[key]] if key in DIGEST_WORDS else text

    @api.model
    def _digest_of(self, content):
        """Return the versioned SHA-256 hash of canonical JSON of plain values."""
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return f"v1${hashlib.sha256(text.encode()).hexdigest()}"
