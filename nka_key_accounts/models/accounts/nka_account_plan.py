from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

FIRST_YEAR = 2000
LAST_YEAR = 2100


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
