"""Job offers: what a candidate is offered, with examples of pay under the plan."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_amount, format_date, html_sanitize

from ... import paycalc
from ..pay.agreed_terms import calculated_terms
from ..pay.border import refusing
from ..proof.contents import digest_of
from ..trail.frozen_rows import frozen_rows
from ..trail.nka_review_mixin import TODO_ACTIVITY
from ..trail.opening import open_records
from ..trail.roles import PAYROLL_OFFICER, SUPERVISOR
from . import offer_texts

_lt = LazyTranslate(__name__)

#: Percent of quota and goals for which the offer shows pay.
LEVELS = tuple(map(Decimal, (80, 100, 120)))
#: What a pay agreement takes over from the offer.
PAY_TERMS = ("target_earnings", "monthly_quota", "draw", "recovery_rate", "floor")
#: What the candidate is offered; read-only once the offer is issued.
TERMS = (
    "name",
    "job_id",
    "company_id",
    "lang",
    "plan_id",
    *PAY_TERMS,
    "date_start",
    "date_until",
    "description",
    "note",
)
ISSUED = ("issued", "accepted", "declined", "withdrawn")
#: Set when the offer is issued or answered.
STEP_FIELDS = ("content", "digest", "issued_by_id", "date_issued")


class JobOffer(models.Model):
    """Job offer to a candidate or to an employee: position, terms and examples of pay.

    A payroll officer prepares and issues it; what was issued is frozen. It pays
    nothing: the pay agreement does, which takes over the terms of an accepted offer and
    is accepted by the employee.
    """

    _name = "nka.job.offer"
    _description = "Job offer"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_issued desc, id desc"
    _check_company_auto = True
    _guarded_fields = (
        "state",
        "agreement_id",
        "answer",
        "date_answered",
        "answered_by_id",
        *STEP_FIELDS,
    )
    _audit_kinds = {"offer": _lt("Job offer")}
    _audit_readers = "role"
    _content_fields = (*TERMS, "version_id", "content")
    _company_fields = ("plan_id", "version_id")
    _reason_actions = {
        "action_accept": _lt("How was the offer accepted?"),
        "action_decline": _lt("Why was the offer declined?"),
        "action_withdraw": _lt("Why is the offer withdrawn?"),
    }

    name = fields.Char(
        "Candidate",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    employee_id = fields.Many2one(
        "hr.employee",
        index=True,
        ondelete="restrict",
        copy=False,
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="Empty until the candidate is hired. The pay agreement is proposed to this "
        "employee.",
    )
    # Stored for the record rule: employees read only the offers made to them.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    job_id = fields.Many2one(
        "hr.job",
        "Job position",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('nka_is_profile', '=', True), "
        "('company_id', 'in', (company_id, False))]",
        default=lambda self: self._only_job(),
    )
    supervisor_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        index=True,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref(SUPERVISOR).ids),
            ("share", "=", False),
        ],
        help="Reads the offer once it is issued.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        required=True,
        default=lambda self: self.env.lang or "en_US",
        help="Language in which the offer is written and printed.",
    )
    plan_id = fields.Many2one(
        "nka.pay.plan",
        "Pay plan",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["nka.pay.agreement"]._only_plan(),
    )
    version_id = fields.Many2one(
        "nka.pay.plan.version",
        "Plan version",
        compute="_compute_version_id",
        store=True,
        index=True,
        ondelete="restrict",
        copy=False,
        help="Approved version in force on the first workday.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("issued", "Issued"),
            ("accepted", "Accepted"),
            ("declined", "Turned down"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    target_earnings = fields.Monetary(
        "Target earnings",
        required=True,
        help="Monthly pay at 100 % attainment of quota and goals.",
    )
    monthly_quota = fields.Monetary(
        "Monthly quota",
        required=True,
        help="Monthly sales that earn the full target bonus.",
    )
    draw = fields.Monetary(
        help="Guaranteed minimum monthly bonus, recovered from later bonus."
    )
    recovery_rate = fields.Float(
        "Recovery rate",
        digits=(5, 4),
        default=1.0,
        help="Share of bonus above the draw that recovers the draw balance, 0 to 1.",
    )
    floor = fields.Monetary(
        "Fixed pay floor",
        help="Minimum monthly fixed pay that is never held for missing reports.",
    )
    date_start = fields.Date(
        "First workday",
        required=True,
        copy=False,
        default=lambda self: self.env["nka.pay.agreement"]._next_month(),
        help="The pay agreement starts on the first of this month.",
    )
    date_until = fields.Date(
        "Answer by", copy=False, help="Last day on which the offer can be accepted."
    )
    description = fields.Html(
        "The position",
        compute="_compute_description",
        store=True,
        readonly=False,
        help="Taken from the position, in the language of the offer.",
    )
    note = fields.Text(
        "Further terms", help="Such as probation, equipment or place of work."
    )
    content = fields.Json("Issued content", readonly=True, copy=False)
    digest = fields.Char("Hash of the offer", readonly=True, copy=False)
    issued_by_id = fields.Many2one("res.users", "Issued by", readonly=True, copy=False)
    date_issued = fields.Datetime("Issued on", readonly=True, copy=False)
    answer = fields.Text(readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", "Recorded by", readonly=True, copy=False
    )
    date_answered = fields.Datetime("Recorded on", readonly=True, copy=False)
    agreement_id = fields.Many2one(
        "nka.pay.agreement",
        "Pay agreement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_late = fields.Boolean("Answer overdue", compute="_compute_is_late")
    is_different = fields.Boolean(
        "Agreement differs", compute="_compute_is_different", compute_sudo=True
    )
    pay_html = fields.Html(
        "Examples of pay", compute="_compute_pay_html", sanitize=False
    )

    @api.model
    def _guards(self):
        """Freeze issued offers with a database trigger as well."""
        return [
            *super()._guards(),
            *frozen_rows(
                self._table,
                list(ISSUED),
                (*TERMS, "version_id", *STEP_FIELDS),
            ),
        ]

    # ------------------------------------------------------------ defaults
    @api.model
    def _only_job(self):
        """Return the position of key account managers if there is only one."""
        jobs = self.env["hr.job"].search(
            [
                ("nka_is_profile", "=", True),
                ("company_id", "in", (self.env.company.id, False)),
            ],
            limit=2,
        )
        return jobs if len(jobs) == 1 else False

    # ------------------------------------------------------------ compute
    @api.depends("name", "job_id")
    def _compute_display_name(self):
        for offer in self:
            names = filter(None, [offer.name, offer.job_id.name])
            offer.display_name = ", ".join(names)

    @api.depends("employee_id")
    def _compute_name(self):
        """Suggest the employee's name, as long as the offer is a draft."""
        for offer in self:
            is_open = offer.state in (False, "draft")
            name = is_open and offer.employee_id.sudo().name
            offer.name = name or offer.name

    @api.depends("plan_id", "date_start")
    def _compute_version_id(self):
        """Find the version by date, as long as the offer is a draft."""
        for offer in self:
            if offer.state in (False, "draft"):
                offer.version_id = offer._find_version()
            else:
                offer.version_id = offer.version_id

    @api.depends("job_id", "lang")
    def _compute_description(self):
        for offer in self:
            job = offer.job_id.with_context(lang=offer.lang or self.env.lang)
            is_open = offer.state in (False, "draft")
            text = job._nka_without_pay() if is_open else offer.description
            offer.description = text

    @api.depends("date_until", "state")
    @api.depends_context("tz")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for offer in self:
            offer.is_late = bool(
                offer.state == "issued"
                and offer.date_until
                and offer.date_until < today
            )

    @api.depends("agreement_id.state", *PAY_TERMS)
    def _compute_is_different(self):
        for offer in self:
            offer.is_different = bool(offer.agreement_id) and any(
                offer[name] != offer.agreement_id[name] for name in PAY_TERMS
            )

    @api.depends("content", "version_id", *PAY_TERMS)
    @api.depends_context("lang")
    def _compute_pay_html(self):
        for offer in self:
            offer.pay_html = self.env["ir.qweb"]._render(
                "nka_key_accounts.job_offer_pay", {"doc": offer}
            )

    # ------------------------------------------------------------ constraints
    @api.constrains(*PAY_TERMS)
    def _check_amounts(self):
        for offer in self:
            with refusing(self.env):
                calculated_terms(offer)

    @api.constrains("supervisor_id", "employee_id")
    def _check_supervisor_id(self):
        for offer in self.sudo():
            if offer.supervisor_id and offer.supervisor_id == offer.user_id:
                raise ValidationError(
                    self.env._(
                        "%s can't be their own supervisor. Choose another one.",
                        offer.supervisor_id.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        if not vals.keys().isdisjoint(TERMS):
            self.check_access("write")
            self._check_editable()
        before = {offer: offer.employee_id.id for offer in self}
        if "employee_id" in vals:
            self.check_access("write")
            self._check_employee_open()
        result = super().write(vals)
        self._record_employee(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        if any(offer.state != "draft" for offer in self):
            raise UserError(
                self.env._(
                    "Issued offers stay on record. Withdraw the offer with its button "
                    "and give the reason."
                )
            )

    def _check_editable(self):
        for offer in self:
            if offer.state != "draft":
                raise UserError(
                    self.env._(
                        "You can't change the offer to %s because it is issued. "
                        "Withdraw it and duplicate it to make another one.",
                        offer.name,
                    )
                )

    def _check_employee_open(self):
        """Refuse another employee once the offer says whose it is."""
        for offer in self:
            if offer.state != "draft" and offer.employee_id:
                raise UserError(
                    self.env._(
                        "The offer to %s is already linked to an employee. Withdraw it "
                        "and make another one.",
                        offer.name,
                    )
                )

    def _record_employee(self, before):
        linked = self.filtered(
            lambda offer: (
                offer.state != "draft" and offer.employee_id.id != before.get(offer)
            )
        )
        self.env["nka.audit.event"]._record(
            linked, "offer", new=lambda offer: offer.sudo().employee_id.name
        )

    # ------------------------------------------------------------ actions
    def action_issue(self):
        """Issue drafts: keep what the candidate is told, and freeze it.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if no plan version is in force on the start date
        """
        self._check_officer()
        self._check_state("draft")
        self._check_not_own()
        for offer in self:
            offer._unlocked().write({"version_id": offer._find_version().id})
            offer._check_complete()
            offer._unlocked().write({"content": offer._prepare_content()})
            offer._move_to(
                "issued",
                digest=digest_of(offer._content()[offer.id]),
                issued_by_id=self.env.uid,
                date_issued=fields.Datetime.now(),
            )
            if offer.date_until:
                offer.sudo().activity_schedule(
                    TODO_ACTIVITY,
                    date_deadline=offer.date_until,
                    user_id=self.env.uid,
                    summary=self.env._("Record the answer to the job offer"),
                )
        return True

    def action_accept(self, reason=None):
        """Record that the candidate accepted the offer, and how.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._answer("action_accept", "accepted", reason)

    def action_decline(self, reason=None):
        """Record that the candidate declined the offer, and why.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._answer("action_decline", "declined", reason)

    def action_withdraw(self, reason=None):
        """Withdraw an issued offer, with the reason.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._answer("action_withdraw", "withdrawn", reason)

    def action_propose_agreement(self):
        """Propose a pay agreement with the terms of the accepted offer and open it.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the offer has no employee, or another plan version is in
            force by now
        """
        self.ensure_one()
        self._check_officer()
        self._check_state("accepted")
        self._check_not_own()
        self._check_agreeable()
        agreement = self.env["nka.pay.agreement"].create(self._prepare_agreement())
        agreement.action_propose()
        self._unlocked().write({"agreement_id": agreement.id})
        self.env["nka.audit.event"]._record(
            self, "offer", new=agreement.display_name, digest=agreement.digest
        )
        return open_records(agreement)

    def action_open_agreement(self):
        """Open the pay agreement made from the offer."""
        self.ensure_one()
        self.check_access("read")
        return open_records(self.agreement_id)

    # ------------------------------------------------------------ steps
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER, self.env._("Only a payroll officer can do this.")
        )

    def _check_not_own(self):
        for offer in self.sudo():
            if offer.user_id == self.env.user:
                raise AccessError(
                    self.env._("Another payroll officer has to handle your job offer.")
                )

    def _check_complete(self):
        self.ensure_one()
        if not self.version_id:
            raise UserError(
                self.env._(
                    "“%(plan)s” has no approved version on %(date)s. Ask an "
                    "administrator to approve one, or choose a later start date.",
                    plan=self.plan_id.name,
                    date=format_date(self.env, self.date_start),
                )
            )
        if self.date_until and self.date_until < fields.Date.context_today(self):
            raise UserError(
                self.env._("The offer can't be answered any more: change “Answer by”.")
            )
        with refusing(self.env):
            calculated_terms(self).bonus_terms(self.version_id._plan_terms())

    def _answer(self, action, state, reason):
        self._check_officer()
        self._check_state("issued")
        self._check_not_own()
        if not reason:
            return self._ask_reason(action)
        self._move_to(
            state,
            note=reason,
            answer=reason,
            answered_by_id=self.env.uid,
            date_answered=fields.Datetime.now(),
        )
        self.sudo().activity_unlink([TODO_ACTIVITY])
        return True

    def _check_agreeable(self):
        if not self.employee_id:
            raise UserError(
                self.env._(
                    "Choose the employee that %s became. The agreement is proposed to "
                    "them.",
                    self.name,
                )
            )
        if self.agreement_id:
            raise UserError(
                self.env._("There is already a pay agreement: open it with its button.")
            )
        version = self._find_version()
        if version != self.version_id:
            raise UserError(
                self.env._(
                    "The offer was made under %(offered)s, but %(current)s is in force "
                    "on the first workday. Make another offer.",
                    offered=self.version_id.display_name,
                    current=version.display_name or "–",
                )
            )

    def _prepare_agreement(self):
        return {
            "employee_id": self.employee_id.id,
            "company_id": self.company_id.id,
            "plan_id": self.plan_id.id,
            "date_from": self.date_start.replace(day=1),
            **{name: self[name] for name in PAY_TERMS},
        }

    def _find_version(self):
        """Return the approved version in force when the pay agreement would start."""
        self.ensure_one()
        version = self.env["nka.pay.plan.version"]
        if self.plan_id and self.date_start:
            plan = self.plan_id._origin
            found = plan._versions_on(self.date_start.replace(day=1))
            version = found.get(plan.id, version)
        return version

    # ------------------------------------------------------------ content
    def _shown(self):
        """Return what the offer says: as issued, or as it would be issued now.

        Whoever reads the offer reads all of it, also without access to pay plans.
        """
        self.ensure_one()
        return self.content or self.sudo()._prepare_content()

    def _prepare_content(self):
        """Return what the candidate is told, in the language of the offer.

        Later changes of the position or of names don't change what was issued.

        :rtype: dict
        """
        self.ensure_one()
        offer = self.with_context(lang=self.lang)
        version, levels = offer.version_id, offer._list_levels()
        return {
            "position": offer.job_id.name or "",
            "description": str(offer.description or ""),
            "levels": levels,
            "words": offer._list_words() if levels else [],
            "plan": version.display_name or "",
        }

    def _list_levels(self):
        """Return monthly pay at each level by component, as text."""
        try:
            levels = paycalc.what_if_table(
                self.version_id._plan_terms(), calculated_terms(self), LEVELS
            )
        except (paycalc.PayError, ValueError):
            return []
        return [
            {
                "level": str(level.quota_level),
                "fixed": str(level.fixed),
                "soft": str(level.soft),
                "bonus": str(level.bonus),
                "held": str(level.held),
                "total": str(level.amount),
            }
            for level in levels
        ]

    def _list_words(self):
        """Return the paragraphs about pay: the plan in words, and the own terms."""
        words = offer_texts.plan_words(self.version_id)
        terms = calculated_terms(self).bonus_terms(self.version_id._plan_terms())
        words.append(
            (
                self.env._("Bonus rate"),
                self.env._(
                    "%s of the sales credited, up to the quota.",
                    offer_texts.percent(self.env, float(100 * terms.rate)),
                ),
            )
        )
        if self.floor and self.version_id.holding_policy == "hold_above_floor":
            words.append((self.env._("Fixed pay floor"), self._money(self.floor)))
        if self.draw:
            words.append(
                (
                    self.env._("Draw"),
                    self.env._(
                        "A bonus of %s per month is paid in any case; what exceeds the "
                        "earned bonus is recovered from later bonuses.",
                        self._money(self.draw),
                    ),
                )
            )
        return [
            list(pair) for pair in (*words, offer_texts.leaving_words(self.version_id))
        ]

    def _money(self, amount):
        """Return an amount in the company's currency without decimals of no use."""
        number, currency = float(amount), self.currency_id
        whole = bool(currency.decimal_places) and number == int(number)
        return format_amount(self.env, number, currency, trailing_zeroes=not whole)

    # ------------------------------------------------------------ printed page
    def _issued_description(self):
        """Return the description of the position for the printed page.

        :rtype: Markup
        """
        return html_sanitize(self._shown()["description"])

    def _width(self, level):
        """Return the width of a level's bar in percent of the longest one."""
        longest = max(float(row["total"]) for row in self._shown()["levels"])
        return 100 * float(level["total"]) / longest if longest else 0

    @api.model
    def _part(self, level, name):
        """Return the percentage of one component of a level's pay."""
        total = float(level["total"])
        return 100 * float(level[name]) / total if total else 0
