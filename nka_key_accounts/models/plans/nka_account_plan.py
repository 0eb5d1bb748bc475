"""Account plans: vision, objectives and actions of a year with a client."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import LazyTranslate, format_date, is_html_empty

_lt = LazyTranslate(__name__)
FIRST_YEAR = 2000
LAST_YEAR = 2100
#: Measures of the objectives of a first plan, in order.
FIRST_MEASURES = ("revenue", "wallet_share", "overdue")
#: Number of growth suggestions that become actions of a first plan.
SUGGESTED_ACTIONS = 3


class AccountPlan(models.Model):
    """Yearly plan for a client: vision, measurable objectives and actions.

    Known data is filled in from facts or from the plan of the year before; users decide
    on the vision, the targets and the actions.
    """

    _name = "nka.account.plan"
    _description = "Account plan"
    _inherit = [
        "nka.review.mixin",
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
    _review_activity = "nka_key_accounts.mail_activity_type_review_plan"
    _audit_creation = True
    _reason_actions = {
        "action_return": _lt("Return the plan"),
        "action_revise": _lt("Why is the plan being revised?"),
    }

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
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
    vision = fields.Html(
        help=("Where we want to be with this client, and what they gain from it.")
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    editor_id = fields.Many2one(
        "res.users", "Last edited by", readonly=True, copy=False
    )
    reviewer_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)
    date_approved = fields.Date("Approved on", readonly=True, copy=False)
    objective_ids = fields.One2many(
        "nka.account.plan.objective", "plan_id", "Objectives"
    )
    action_ids = fields.One2many("nka.account.plan.action", "plan_id", "Actions")
    progress = fields.Integer(
        "Progress (%)",
        compute="_compute_progress",
        help="Average progress of the objectives, each capped at 100 %.",
    )
    action_count = fields.Integer("Total actions", compute="_compute_action_counts")
    open_action_count = fields.Integer("Open actions", compute="_compute_action_counts")
    overdue_action_count = fields.Integer(
        "Overdue actions", compute="_compute_action_counts"
    )

    _account_year_unique = models.Constraint(
        "UNIQUE(key_account_id, year)",
        "This account already has a plan for that year. Open that plan instead.",
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
                    self.env._("Enter the year with four digits, such as 2026.")
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if self._is_unlocked(vals) or not self._is_content(vals):
            return super().write(vals)
        self._check_editable()
        result = super().write(vals)
        self._unlocked().write({"editor_id": self.env.uid})
        return result

    @api.model
    def _is_content(self, vals):
        """Return whether a write changes content that is locked after submission.

        Updates of lines are checked by the lines themselves, because the form sends
        results and completed actions through the plan.
        """
        if not vals.keys().isdisjoint(("key_account_id", "year", "vision")):
            return True
        lines = {"objective_ids", "action_ids"}
        commands = [one for name in lines & vals.keys() for one in vals[name]]
        return any(one[0] != Command.UPDATE for one in commands)

    def _check_editable(self):
        """Refuse changes once a plan is submitted or approved."""
        for plan in self:
            if plan.state != "draft":
                # Constraints run as superuser; only users with access may see the name.
                plan.sudo(False).check_access("read")
                raise UserError(
                    self.env._(
                        "“%s” is awaiting approval or already approved, so you can't "
                        "change it. Ask for it to be returned, or revise it.",
                        plan.display_name,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for plan in self:
            if plan.state != "draft" or plan.date_approved:
                raise UserError(
                    self.env._(
                        "“%s” has been submitted to a supervisor, so it can't be "
                        "deleted.",
                        plan.display_name,
                    )
                )

    def copy_data(self, default=None):
        """Copy a plan to the year after the account's latest plan."""
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

    # ------------------------------------------------------------ actions
    def action_revise(self, reason=None):
        """Set an approved plan back to draft, to be approved again.

        :param str reason: without it, the reason wizard is opened
        :return: True, or the action that opens the wizard
        :raise UserError: if a plan isn't approved
        """
        self.check_access("write")
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_revise")
        self._move_to("draft", note=reason)
        return True

    def action_fill(self):
        """Fill empty parts of drafts from the plan before, or else from facts.

        Existing content isn't changed.

        :raise UserError: if a plan isn't a draft
        """
        self.check_access("write")
        self._check_state("draft")
        before = self._plans_before()
        suggestions = self._suggestions()
        for plan in self:
            plan._fill(before[plan.id], suggestions.get(plan.key_account_id, ()))
        return True

    # ------------------------------------------------------------ review
    def _missing(self):
        self.ensure_one()
        missing = []
        if is_html_empty(self.vision):
            missing.append(self.env._("the vision"))
        if not self.objective_ids:
            missing.append(self.env._("an objective"))
        if not self.action_ids:
            missing.append(self.env._("an action with owner and date"))
        return missing

    def _approve(self):
        """Approve the plans and schedule reminders of their actions."""
        result = super()._approve()
        self.action_ids._raise_reminders()
        return result

    def _makers(self):
        """Include users who wrote a part, submitted it or manage the account."""
        objectives, steps = self.objective_ids, self.action_ids
        writers = objectives.create_uid | objectives.write_uid | steps.create_uid
        return (
            super()._makers()
            | self.submitter_id
            | self.editor_id
            | self.manager_id
            | writers
        )

    def _reviewers(self):
        return self.key_account_id._reviewer(self.sudo()._makers())

    # ------------------------------------------------------------ first drafts
    def _plans_before(self):
        """Return the latest earlier plan of each account, by plan id. One query.

        :rtype: dict[int, nka.account.plan]
        """
        plans = self.search(
            [("key_account_id", "in", self.key_account_id.ids)], order="year"
        ).grouped("key_account_id")
        return {
            plan.id: plans.get(plan.key_account_id, self.browse()).filtered(
                lambda other, year=plan.year: other.year < year
            )[-1:]
            for plan in self
        }

    def _suggestions(self):
        """Return the growth suggestions by account, largest first. One query."""
        return (
            self.env["nka.growth.suggestion"]
            .search([("key_account_id", "in", self.key_account_id.ids)])
            .grouped("key_account_id")
        )

    def _fill(self, before, suggestions):
        vals = {}
        if not self.vision and before:
            vals["vision"] = before.vision
        if not self.objective_ids:
            vals["objective_ids"] = [
                Command.create(goal) for goal in self._prepare_objectives(before)
            ]
        if not self.action_ids:
            vals["action_ids"] = [
                Command.create(step)
                for step in self._prepare_actions(before, suggestions)
            ]
        self.write(vals)

    def _prepare_objectives(self, before):
        """Return the objectives of the plan before, or else the default ones.

        The target is the better one of the earlier target and result.
        """
        if before.objective_ids:
            return [
                {
                    "name": goal.name,
                    "measure": goal.measure,
                    "target": (min if goal.is_less_better else max)(
                        goal.actual, goal.target
                    ),
                }
                for goal in before.objective_ids
            ]
        measures = self.objective_ids._fields["measure"]
        labels = dict(measures._description_selection(self.env))
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
        """Return the values of measures for this plan's account in another year."""
        goals = self.env["nka.account.plan.objective"]
        key = (self.key_account_id.id, year)
        return {
            measure: goals._measure_accounts(measure, {key}).get(key, 0.0)
            for measure in measures
        }

    def _prepare_actions(self, before, suggestions):
        """Return the open actions of the plan before, and the largest suggestions."""
        owner = self.key_account_id._user_to_tell() or self.env.user
        due = self._first_due()
        undone = before.action_ids.filtered(lambda step: not step.date_done)
        steps = [
            {
                "name": step.name,
                "user_id": (step.user_id.filtered("active") or owner).id,
                "date_due": due,
            }
            for step in undone
        ]
        known = {step["name"] for step in steps}
        return steps + [
            {"name": one._as_action(), "user_id": owner.id, "date_due": due}
            for one in suggestions[:SUGGESTED_ACTIONS]
            if one._as_action() not in known
        ]

    def _first_due(self):
        """Return the next end of a quarter within the plan's year."""
        today = fields.Date.context_today(self)
        if today.year < self.year:
            return date(self.year, 3, 31)
        ends = [date(self.year, *end) for end in ((3, 31), (6, 30), (9, 30))]
        return next((end for end in ends if end > today), date(self.year, 12, 31))

    # ------------------------------------------------------------ printing
    def _passed_percent(self):
        """Return how much of the plan's year has passed, in percent."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        days = (min(today, last) - first).days + 1
        return round(100 * max(0, days) / ((last - first).days + 1))

    def _prepare_course(self):
        """Return the months of the plan's year for :file:`picture_templates.xml`.

        Read as superuser, for a document about an account that the user can read. Heights
        are percentages of the highest month.

        :return: short name of the month, heights of this and of the previous year
        :rtype: list[tuple[str, float, float]]
        """
        self.ensure_one()
        self.check_access("read")
        invoiced = dict(
            self.env["nka.sales.history"]
            .sudo()
            ._read_group(
                [
                    ("key_account_id", "=", self.key_account_id.id),
                    ("month", ">=", date(self.year - 1, 1, 1)),
                    ("month", "<=", date(self.year, 12, 31)),
                ],
                ["month:month"],
                ["invoiced_amount:sum"],
            )
        )
        highest = max(invoiced.values(), default=0)
        if highest <= 0:
            return []

        def height(year, month):
            return 100 * max(0, invoiced.get(date(year, month, 1), 0)) / highest

        return [
            (
                format_date(self.env, date(self.year, month, 1), date_format="LLL"),
                height(self.year, month),
                height(self.year - 1, month),
            )
            for month in range(1, 13)
        ]

    # ------------------------------------------------------------ end of the year
    @api.model
    def _cron_close_years(self):
        """Store the final values of the objectives of past years."""
        year = fields.Date.context_today(self).year
        goals = self.env["nka.account.plan.objective"].search(
            [("year", "<", year), ("is_final", "=", False)]
        )
        for goal in goals:
            goal._unlocked().write({"actual_final": goal.actual, "is_final": True})
