from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ... import paycalc
from ..trail.confined import check_reader
from ..trail.frozen_rows import frozen, frozen_rows
from ..trail.nka_review_mixin import TODO_ACTIVITY
from ..trail.opening import open_action
from . import leaving_texts
from .agreed_terms import (
    ENDED_BY,
    ENDED_BY_KEPT,
    FROZEN_COLUMNS,
    RESOLVED_FIELDS,
    STEP_FIELDS,
    TERM_FIELDS,
    agreed_content,
    calculated_terms,
)
from .border import refusing

_lt = LazyTranslate(__name__)


class PayAgreement(models.Model):
    """Pay agreement: the terms one employee accepted, and the days they apply."""

    _name = "nka.pay.agreement"
    _description = "Pay agreement"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["employee_id"]
    _check_company_auto = True
    _guarded_fields = ("state", "ended_by", *RESOLVED_FIELDS, *STEP_FIELDS)
    _audit_kinds = {
        "proposed": _lt("Proposed"),
        "accepted": _lt("Accepted"),
        "end": _lt("End of an agreement"),
        "ended_by": _lt("Who ended the employment"),
    }
    _audit_readers = "role"
    _company_fields = ("plan_id", "version_id")

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    # Stored for the record rule: users can read only their own agreements.
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
        help="Approved version in force on the first day; its terms apply.",
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
    date_from = fields.Date(
        "In force from",
        required=True,
        default=lambda self: self._next_month(),
        copy=False,
        help="First day of a month.",
    )
    date_to = fields.Date(
        "Last day",
        copy=False,
        help="Last day of the agreement; empty if open-ended. If it falls within a "
        "month, fixed pay and goal pay are paid for the workdays up to it.",
    )
    rate = fields.Float(
        "Bonus rate",
        digits=(16, 12),
        compute="_compute_rate",
        store=True,
        copy=False,
        help="Target bonus / monthly quota: bonus for each unit of sales up to quota.",
    )
    fixed_amount = fields.Monetary("Fixed pay", compute="_compute_parts")
    soft_amount = fields.Monetary("Goal pay", compute="_compute_parts")
    bonus_amount = fields.Monetary("Bonus", compute="_compute_parts")
    proposed_by_id = fields.Many2one(
        "res.users", "Proposed by", readonly=True, copy=False
    )
    proposed_date = fields.Datetime("Proposed on", readonly=True, copy=False)
    accepted_by_id = fields.Many2one(
        "res.users", "Accepted by", readonly=True, copy=False
    )
    accepted_date = fields.Datetime("Accepted on", readonly=True, copy=False)
    digest = fields.Char("Hash of the terms", readonly=True, copy=False)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    leaving_note = fields.Char("After the end", compute="_compute_leaving_note")
    held_note = fields.Text("Held bonus", compute="_compute_leaving_note")
    ended_by = fields.Selection(
        ENDED_BY,
        "Employment ended by",
        readonly=True,
        copy=False,
        help="Held bonus is paid at once, unless the employee ended the employment "
        "before twelve months of it.",
    )
    needs_renewal = fields.Boolean(
        "Needs renewal",
        compute="_compute_needs_renewal",
        help="A newer version of the pay plan is in force than the one agreed to.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "The end date of an agreement can't be before its start date.",
    )
    # A range of one id compares for equality without btree_gist. Deferred, so that the
    # Python check runs first and names the other agreement.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) DEFERRABLE INITIALLY DEFERRED",
        "This employee already has an agreement in this period. End that one first.",
    )

    @api.model
    def _guards(self):
        """Freeze accepted agreements with database triggers as well."""
        return [
            *super()._guards(),
            *frozen_rows(
                self._table,
                ["accepted", "ended"],
                FROZEN_COLUMNS,
                next_states=["ended"],
            ),
            *frozen(
                self._table,
                ENDED_BY_KEPT,
                ["ended_by"],
                "UPDATE",
                name=f"{self._table}_ended_by_kept",
            ),
        ]

    # ------------------------------------------------------------ defaults
    @api.model
    def _only_plan(self):
        """Return the company's pay plan if there is only one."""
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
                employee=agreement.employee_id.sudo().name or "…",
                date=format_date(self.env, agreement.date_from),
            )

    @api.depends("plan_id", "date_from")
    def _compute_version_id(self):
        """Find the version by date, as long as the agreement is a draft."""
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

    @api.depends("date_to", "state", "version_id")
    @api.depends_context("lang")
    def _compute_leaving_note(self):
        """Explain what the end means, also for an agreement without an end date."""
        leaving = self.filtered("version_id")._leaving()
        for agreement in self:
            version = agreement.version_id.sudo()
            agreement.held_note = bool(version) and leaving_texts.held_bonus(version)
            if agreement in leaving:
                agreement.leaving_note = agreement._say_leaving(agreement.date_to)
            elif version and not agreement.date_to:
                agreement.leaving_note = version._say_after_leaving()
            else:
                agreement.leaving_note = False

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
        """Require the first of a month, and one agreement per employee and day."""
        for agreement in self:
            with refusing(self.env):
                paycalc.check_first_of_month(agreement.date_from)
        self._check_overlap()

    def _check_overlap(self):
        # The error names another agreement, so check access to this one first.
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
        return all(
            not one.date_to or two.date_from <= one.date_to
            for one, two in ((self, other), (other, self))
        )

    def _say_overlap(self, other):
        return self.env._(
            "%(employee)s already has an agreement in this period, from %(date)s. Use "
            "“End or renew” on that agreement to end it and start the next one.",
            employee=self.employee_id.sudo().name,
            date=format_date(self.env, other.date_from),
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
        """Limit changes of an employee's pay mix to one per half-year, across plans."""
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
                        "You can't change the terms of %s because they are proposed or "
                        "agreed. Withdraw the proposal, or create new terms from a "
                        "later month.",
                        agreement.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(TERM_FIELDS):
            self.check_access("write")
            self._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_propose(self):
        """Propose drafts to their employees and store the hash of the terms.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if something is missing; the message says what
        """
        self._check_officer()
        self._check_state("draft")
        for agreement in self:
            agreement._unlocked().write({"version_id": agreement._find_version().id})
        self._check_proposable()
        self.version_id.sudo()._hold()
        for agreement in self:
            agreement._move_to(
                "proposed",
                digest=agreement._make_digest(),
                proposed_by_id=self.env.uid,
                proposed_date=fields.Datetime.now(),
            )
            agreement.sudo().activity_schedule(
                TODO_ACTIVITY,
                user_id=agreement.user_id.id,
                summary=self.env._("Read and accept your pay agreement"),
            )
        return True

    def action_withdraw(self):
        """Return a proposed agreement to draft."""
        self._check_officer()
        self._check_state("proposed")
        self._move_to("draft", digest=False, proposed_by_id=False, proposed_date=False)
        self.sudo().activity_unlink([TODO_ACTIVITY])
        return True

    def action_accept(self):
        """Accept the user's own proposed agreement and freeze its terms.

        :raise UserError: for another user, or if the terms changed since the proposal
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        self.sudo()._check_unchanged()
        for agreement in self.sudo():
            agreement._move_to(
                "accepted",
                note=agreement.digest,
                accepted_by_id=self.env.uid,
                accepted_date=fields.Datetime.now(),
            )
            agreement.activity_feedback([TODO_ACTIVITY])
        return True

    def action_end(self):
        """Open the wizard that ends the agreement or renews it with new terms."""
        self.ensure_one()
        self._check_officer()
        self._check_state("accepted")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End or renew"),
            "res_model": "nka.pay.agreement.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_agreement_id": self.id},
        }

    def action_what_if(self):
        """Open the what-if calculator with these terms."""
        self.ensure_one()
        return self.env["nka.pay.what.if"]._action_for(self)

    @api.model
    def action_open_mine(self):
        """Open the user's own agreement: a proposed one, else the accepted one."""
        mine = self.search([("user_id", "=", self.env.uid)])
        order = ("proposed", "accepted", "draft", "ended")
        first = mine.sorted(lambda row: order.index(row.state))[:1]
        form = {"res_id": first.id, "view_mode": "form", "views": [(False, "form")]}
        changes = form if first else {}
        return open_action(self.env, "nka_pay_agreement_action_mine", **changes)

    # ------------------------------------------------------------ steps
    def _check_officer(self):
        self.env["nka.pay.plan.version"]._check_officer()

    def _check_proposable(self):
        """Check that a draft is complete before the employee sees it."""
        for agreement in self:
            if not agreement.user_id:
                raise UserError(
                    self.env._(
                        "%s has no user to accept the agreement with. Link a user to "
                        "the employee first.",
                        agreement.employee_id.sudo().name,
                    )
                )
            if agreement.user_id == self.env.user:
                raise UserError(
                    self.env._("Another payroll officer has to propose your agreement.")
                )
            if not agreement.version_id:
                raise UserError(
                    self.env._(
                        "“%(plan)s” has no approved version on %(date)s. Ask an "
                        "administrator to approve one, or choose a later start date.",
                        plan=agreement.plan_id.name,
                        date=format_date(self.env, agreement.date_from),
                    )
                )
            with refusing(self.env):
                agreement._agreement_terms().bonus_terms(agreement._plan_terms())

    def _check_own(self):
        """Check that the user is the employee: no other user can accept."""
        for agreement in self:
            if not agreement.user_id or agreement.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only %s can accept this agreement, using their own login.",
                        agreement.employee_id.sudo().name,
                    )
                )

    def _check_unchanged(self):
        for agreement in self:
            if agreement.digest != agreement._make_digest():
                raise UserError(
                    self.env._(
                        "The terms changed after they were proposed. Ask the payroll "
                        "officer to propose them again."
                    )
                )

    def _find_version(self):
        self.ensure_one()
        version = self.env["nka.pay.plan.version"]
        if self.plan_id and self.date_from:
            # An unsaved record sent by a client can name any plan; its rate is
            # computed.
            check_reader(self.plan_id._origin)
            versions = self.plan_id.sudo()._versions_on(self.date_from)
            version = versions.get(self.plan_id._origin.id, version)
        return version

    def _previous(self):
        """Return the employee's agreement right before this one."""
        self.ensure_one()
        return self.sudo().search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("date_from", "<", self.date_from),
                ("state", "in", ("accepted", "ended")),
            ],
            order="date_from desc",
            limit=1,
        )

    def _first_day_on_plan(self):
        """Return since when the employee has been on this plan without a break."""
        day, agreement = self.date_from, self
        while agreement and agreement.plan_id == self.plan_id:
            day, agreement = agreement.date_from, agreement._previous()
        return day

    def _finish(self, last_day, reason, ended_by=False):
        """End accepted agreements on ``last_day``; until then they stay in force.

        :param date last_day: their last day
        :param str reason: stored in the audit trail
        :param str ended_by: who ended the employment, if bonus can be held
        """
        # The hash of the terms covers the agreed end date, so the event stores it.
        self.env["nka.audit.event"]._record(
            self, "end", old=lambda row: row.date_to, new=last_day, note=reason
        )
        self._unlocked().write({"date_to": last_day})
        if ended_by and ended_by != self.ended_by:
            self.env["nka.audit.event"]._record(self, "ended_by", new=ended_by)
            self._unlocked().write({"ended_by": ended_by})
        self._end_expired()

    def _leaving(self):
        """Return the agreements that end without another one starting the next day.

        :rtype: nka.pay.agreement
        """
        ended = self.sudo().filtered("date_to")
        starts = {
            (row.employee_id, row.company_id, row.date_from)
            for row in self.sudo().search(
                [
                    ("employee_id", "in", ended.employee_id.ids),
                    ("state", "in", ("accepted", "ended")),
                ]
            )
        }
        return self.browse(
            row.id
            for row in ended
            if (row.employee_id, row.company_id, row.date_to + timedelta(days=1))
            not in starts
        )

    def _say_leaving(self, last_day):
        """Explain who is credited for earlier orders if this is the last agreement.

        :param date last_day: of the agreement
        """
        self.ensure_one()
        person = self.employee_id.sudo().name
        return self.version_id.sudo()._say_leaving(person, last_day)

    def _end_expired(self):
        today = fields.Date.context_today(self)
        expired = self.filtered(
            lambda row: row.state == "accepted" and row.date_to and row.date_to < today
        )
        if expired:
            expired._move_to("ended")

    @api.model
    def _cron_end_expired(self):
        """Move accepted agreements whose last day has passed to ``ended``."""
        today = fields.Date.context_today(self)
        self.search(
            [("state", "=", "accepted"), ("date_to", "<", today)]
        )._end_expired()

    @api.model
    def _in_force(self, date_from, date_to, company=None):
        """Return accepted and ended agreements that cover a day of a span.

        :param date date_from: first day
        :param date date_to: last day
        :param company: res.company; all companies by default
        :rtype: nka.pay.agreement
        """
        domain = self._domain_days(date_from, date_to)
        domain &= Domain("state", "in", ("accepted", "ended"))
        if company:
            domain &= Domain("company_id", "=", company.id)
        return self.search(domain, order="employee_id, date_from")

    @api.model
    def _domain_days(self, date_from, date_to):
        """Return the domain of agreements that cover a day of a span."""
        return Domain(
            [
                ("date_from", "<=", date_to),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", date_from),
            ]
        )

    # ------------------------------------------------------------ terms
    def _plan_terms(self):
        """Return the terms of the agreed plan version.

        :rtype: paycalc.PlanTerms
        """
        return self.version_id.sudo()._plan_terms()

    def _planned_weight(self, kpi):
        """Return the weight of a KPI on the agreed goal list, else None.

        :param kpi: nka.kpi
        :return: percent
        """
        lines = self.sudo().version_id.line_ids
        line = lines.filtered(lambda line: line.kpi_id == kpi)
        return line.weight if line else None

    def _span(self):
        """Return the first and last day, and whether unpaid leave is deducted.

        ``nka.work.report._month_days`` counts days within this span; the last day may
        be empty.

        :rtype: tuple[date, date, bool]
        """
        policy = self.sudo().version_id.unpaid_leave or paycalc.DEDUCT
        return self.date_from, self.date_to, policy == paycalc.DEDUCT

    def _agreement_terms(self):
        """Return the agreement's terms for ``paycalc``.

        :rtype: paycalc.AgreementTerms
        :raise paycalc.PayError: if the terms are invalid
        """
        return calculated_terms(self)

    def _try_terms(self):
        """Return the terms, or None while they are incomplete or invalid."""
        if not self.version_id:
            return None
        try:
            self._plan_terms()
            return self._agreement_terms()
        except paycalc.PayError:
            return None

    def _make_digest(self, *last_day):
        """Return the versioned SHA-256 hash over everything the employee accepts.

        :param last_day: the agreed one, if the agreement was ended since
        """
        self.ensure_one()
        agreement = self.sudo()
        (last_day,) = last_day or (agreement.date_to,)
        return agreement.env["nka.pay.plan.version"]._digest_of(
            agreed_content(agreement, last_day)
        )
