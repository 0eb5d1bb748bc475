"""How an account plan is submitted, approved, returned and revised."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate, is_html_empty

_lt = LazyTranslate(__name__)
FIRST_YEAR = 2000
LAST_YEAR = 2100
REVIEW = "nka_key_accounts.mail_activity_type_review_plan"
#: Objectives of a first plan, in their order.
FIRST_MEASURES = ("revenue", "wallet_share", "overdue")
#: So many of the growth suggestions become actions of a first plan.
SUGGESTED_ACTIONS = 3


class AccountPlan(models.Model):
    """What we want to reach with a client in a year, how it is measured, who does what.

    What can be known is filled in from the facts or the year before
    (``nka_account_plan_facts``); people decide on the vision, the targets and the
    actions. How it is submitted and approved is told in ``nka_account_plan_steps``.
    """

    _name = "nka.account.plan"
    _description = "Account plan"
    _inherit = [
        "nka.state.mixin",
        "nka.account.item.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "nka.read.mixin",
    ]
    _order = "year desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = (
        "state",
        "submitter_id",
        "editor_id",
        "reviewer_id",
        "date_approved",
    )
    _reason_actions = {
        "action_return": _lt("Return the plan"),
        "action_revise": _lt("Why is the plan revised?"),
    }

    key_account_id = fields.Many2one(
        "nka.key.account",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="key_account_id.partner_id", store=True)
    manager_id = fields.Many2one(related="key_account_id.manager_id")
    tier_id = fields.Many2one(related="key_account_id.tier_id")
    year = fields.Integer(
        required=True,
        default=lambda self: fields.Date.context_today(self).year,
        aggregator=False,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    vision = fields.Html(help="Where we want to be with this client, and why he gains.")
    submitter_id = fields.Many2one("res.users", readonly=True, copy=False)
    editor_id = fields.Many2one(
        "res.users", "Last edited by", readonly=True, copy=False
    )
    reviewer_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)
    date_approved = fields.Date("Approved on", readonly=True, copy=False)
    objective_ids = fields.One2many("nka.account.plan.objective", "plan_id")
    action_ids = fields.One2many("nka.account.plan.action", "plan_id")
    progress = fields.Integer(
        "Progress (%)",
        compute="_compute_progress",
        help="Mean of the objectives' progress, each counted up to 100 %.",
    )
    action_count = fields.Integer("Number of actions", compute="_compute_action_counts")
    open_action_count = fields.Integer("Open actions", compute="_compute_action_counts")
    overdue_action_count = fields.Integer(
        "Overdue actions", compute="_compute_action_counts"
    )

    _account_year_unique = models.Constraint(
        "UNIQUE(key_account_id, year)",
        "This account has a plan for that year already. Open that one.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id", "year")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "Plan %(year)s: %(client)s",
                year=plan.year,
                client=plan.sudo().key_account_id.display_name or "",
            )

    @api.depends("objective_ids.progress")
    def _compute_progress(self):
        for plan in self:
            parts = [min(goal.progress, 100) for goal in plan.objective_ids]
            plan.progress = round(sum(parts) / len(parts)) if parts else 0

    @api.depends("action_ids.date_done", "action_ids.date_due")
    def _compute_action_counts(self):
        today = fields.Date.context_today(self)
        for plan in self:
            waiting = plan.action_ids.filtered(lambda step: not step.date_done)
            plan.action_count = len(plan.action_ids)
            plan.open_action_count = len(waiting)
            plan.overdue_action_count = len(
                waiting.filtered(lambda step: step.date_due < today)
            )

    # ------------------------------------------------------------ constraints
    @api.constrains("year")
    def _check_year(self):
        for plan in self:
            if not FIRST_YEAR <= plan.year <= LAST_YEAR:
                raise ValidationError(
                    self.env._("Give the year with four digits, like 2026.")
                )

    # ------------------------------------------------------------ checks
    def _check_editable(self):
        """Refuse to change what a supervisor looks at or has approved."""
        for plan in self:
            if plan.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is before the supervisor or approved, so it stays as it "
                        "is. Have it returned, or revise it.",
                        plan.display_name,
                    )
                )

    @api.model
    def _content_fields(self):
        """Fields that make up the plan; frozen from the submission on."""
        return {"key_account_id", "year", "vision", "objective_ids", "action_ids"}

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._record_creation()
        return plans

    def write(self, vals):
        if self._is_unlocked(vals) or not self._is_content(vals):
            return super().write(vals)
        self._check_editable()
        result = super().write(vals)
        self._unlocked().write({"editor_id": self.env.uid})
        return result

    @api.model
    def _is_content(self, vals):
        """Whether a write changes the plan itself.

        What was reached and done meanwhile is looked at by the lines themselves: the
        form sends them through the plan.
        """
        lines = {"objective_ids", "action_ids"}
        if not vals.keys().isdisjoint(self._content_fields() - lines):
            return True
        commands = [one for name in lines & vals.keys() for one in vals[name]]
        return any(one[0] != fields.Command.UPDATE for one in commands)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for plan in self:
            if plan.state != "draft" or plan.date_approved:
                raise UserError(
                    self.env._(
                        "“%s” went before a supervisor, so it isn't deleted.",
                        plan.display_name,
                    )
                )

    def copy_data(self, default=None):
        """A copy is for the year after the last plan of the account."""
        last = self._last_years()
        vals_list = super().copy_data(default)
        return [
            {**vals, "year": (default or {}).get("year") or last[plan.id] + 1}
            for plan, vals in zip(self, vals_list, strict=True)
        ]

    def _last_years(self):
        groups = dict(
            self._read_group(
                [("key_account_id", "in", self.key_account_id.ids)],
                ["key_account_id"],
                ["year:max"],
            )
        )
        return {plan.id: groups.get(plan.key_account_id, plan.year) for plan in self}

    def _record_creation(self):
        events = self.env["nka.audit.event"]
        events._append(
            [events._prepare_entry(plan, "state", new=plan.state) for plan in self]
        )

    # ============================================================ steps
    # How an account plan is submitted, approved, returned and revised.

    # ------------------------------------------------------------ steps: actions
    def action_submit(self):
        """Put the plan before a supervisor.

        :raise UserError: when the vision, an objective or an action is missing
        """
        self.check_access("write")
        self._check_state("draft")
        self._check_complete()
        self._move_to("submitted", submitter_id=self.env.uid)
        for plan in self:
            plan._ask_reviewer()
        return True

    def action_approve(self):
        """Approve as a supervisor who had no hand in it; the actions begin.

        :raise AccessError: for anybody else
        """
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        today = fields.Date.context_today(self)
        self._move_to("approved", reviewer_id=self.env.uid, date_approved=today)
        self._close_review()
        self.action_ids._raise_reminders()
        return True

    def action_return(self, reason=None):
        """Send it back to its maker; without a reason the question for it opens."""
        self._check_supervisor()
        self._check_state("submitted")
        if not reason:
            return self._ask_reason("action_return")
        self._move_to("draft", note=reason)
        self._close_review()
        for plan in self:
            plan.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(plan.submitter_id or plan.create_uid).id,
                summary=self.env._("Answer: %s", reason),
            )
        return True

    def action_revise(self, reason=None):
        """Open an approved plan again: it counts as a draft until approved anew.

        Without a reason the question for it opens.
        """
        self.check_access("write")
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_revise")
        self._move_to("draft", note=reason)
        return True

    # ------------------------------------------------------------ steps: checks
    def _check_complete(self):
        for plan in self:
            missing = plan._missing()
            if missing:
                raise UserError(
                    self.env._(
                        "Still missing in %(record)s: %(missing)s.",
                        record=plan.display_name,
                        missing=", ".join(missing),
                    )
                )

    def _missing(self):
        """What the supervisor needs to decide, as a list of words."""
        self.ensure_one()
        missing = []
        if is_html_empty(self.vision):
            missing.append(self.env._("the vision"))
        if not self.objective_ids:
            missing.append(self.env._("an objective"))
        if not self.action_ids:
            missing.append(self.env._("an action with owner and date"))
        return missing

    # ------------------------------------------------------------ steps: business
    def _makers(self):
        """Whoever wrote a part of it, submitted it or owns the account."""
        objectives, steps = self.objective_ids, self.action_ids
        writers = objectives.create_uid | objectives.write_uid | steps.create_uid
        return (
            super()._makers()
            | self.submitter_id
            | self.editor_id
            | self.manager_id
            | writers
        )

    def _ask_reviewer(self):
        reviewer = self.key_account_id._reviewer(self.sudo()._makers())
        if reviewer:
            self.sudo().activity_schedule(REVIEW, user_id=reviewer.id)

    def _close_review(self):
        self.sudo().activity_feedback([REVIEW])

    # ============================================================ facts
    # What the system knows for an account plan: measures, the year before, first drafts.

    def action_fill(self):
        """Fill empty parts of drafts: from the plan of the year before, else from facts.

        What is there already stays as it is.
        """
        self.check_access("write")
        self._check_state("draft")
        before = self._plans_before()
        suggestions = self._suggestions()
        for plan in self:
            plan._fill(before.get(plan.id), suggestions.get(plan.key_account_id.id, []))
        return True

    def _plans_before(self):
        """The last earlier plan of each account: one query.

        :rtype: dict[int, nka.account.plan]
        """
        plans = self.search(
            [("key_account_id", "in", self.key_account_id.ids)], order="year"
        )
        found = {}
        for plan in self:
            for other in plans:
                same = other.key_account_id == plan.key_account_id
                if same and other.year < plan.year:
                    found[plan.id] = other
        return found

    def _suggestions(self):
        """Growth suggestions by account, the largest first: one query."""
        found = {}
        for one in self.env["nka.growth.suggestion"].search(
            [("key_account_id", "in", self.key_account_id.ids)]
        ):
            found.setdefault(one.key_account_id.id, []).append(one)
        return found

    def _fill(self, before, suggestions):
        vals = {}
        if not self.vision and before:
            vals["vision"] = before.vision
        if not self.objective_ids:
            vals["objective_ids"] = [
                fields.Command.create(goal) for goal in self._prepare_objectives(before)
            ]
        if not self.action_ids:
            vals["action_ids"] = [
                fields.Command.create(step)
                for step in self._prepare_actions(before, suggestions)
            ]
        self.write(vals)

    def _prepare_objectives(self, before):
        """Last year's objectives with what was reached as target, else the usual ones."""
        if before and before.objective_ids:
            return [
                {
                    "name": goal.name,
                    "measure": goal.measure,
                    "target": max(goal.actual, goal.target)
                    if not goal.is_less_better
                    else min(goal.actual, goal.target),
                }
                for goal in before.objective_ids
            ]
        labels = dict(
            self.objective_ids._fields["measure"]._description_selection(self.env)
        )
        facts = self._measure_year(FIRST_MEASURES, self.year - 1)
        return [
            {
                "name": labels[measure],
                "measure": measure,
                "target": 0 if measure == "overdue" else facts.get(measure, 0.0),
            }
            for measure in FIRST_MEASURES
        ]

    def _measure_year(self, measures, year):
        """Values of this plan's account in another year, by measure."""
        goals = self.env["nka.account.plan.objective"]
        return {
            measure: goals._measure_accounts(
                measure, {(self.key_account_id.id, year)}
            ).get((self.key_account_id.id, year), 0.0)
            for measure in measures
        }

    def _prepare_actions(self, before, suggestions):
        """What was left undone, and the largest growth suggestions."""
        owner = self.manager_id or self.env.user
        due = self._first_due()
        undone = (
            before.action_ids.filtered(lambda step: not step.date_done)
            if before
            else []
        )
        steps = [
            {"name": step.name, "user_id": step.user_id.id, "date_due": due}
            for step in undone
        ]
        known = {step["name"] for step in steps}
        return steps + [
            {"name": one._as_action(), "user_id": owner.id, "date_due": due}
            for one in suggestions[:SUGGESTED_ACTIONS]
            if one._as_action() not in known
        ]

    def _first_due(self):
        """The end of the next quarter, within the plan's year."""
        today = fields.Date.context_today(self)
        if today.year < self.year:
            return date(self.year, 3, 31)
        ends = [date(self.year, *end) for end in ((3, 31), (6, 30), (9, 30))]
        return next((end for end in ends if end > today), date(self.year, 12, 31))

    # ------------------------------------------------------------ facts: year's end
    @api.model
    def _cron_close_years(self):
        """Keep what the objectives of past years ended with."""
        year = fields.Date.context_today(self).year
        goals = self.env["nka.account.plan.objective"].search(
            [("year", "<", year), ("is_final", "=", False)]
        )
        for goal in goals:
            goal._unlocked().write({"actual_final": goal.actual, "is_final": True})
