from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate

from ... import paycalc
from ..trail.frozen_rows import freeze_rows
from .border import refusing, to_decimal

_lt = LazyTranslate(__name__)

TERM_FIELDS = ("season_id", "employee_id", "kpi_id", "target", "zero_value")
FROZEN_COLUMNS = (
    *TERM_FIELDS,
    "company_id",
    "weight",
    "actual",
    "is_measured",
    "attainment",
    "score",
    "proportion",
    "decision",
    "decision_reason",
    "evidence",
)
RESULT_FIELDS = (
    "actual",
    "is_measured",
    "attainment",
    "score",
    "proportion",
    "evidence",
    "measured_date",
)


class SeasonGoal(models.Model):
    """What one manager is to reach in a season by one measure of his plan."""

    _name = "nka.season.goal"
    _description = "Season goal"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "season_id, employee_id, sequence, id"
    _rec_names_search = ["kpi_id", "employee_id"]
    _check_company_auto = True

    _guarded_fields = (
        "state",
        "agreement_id",
        "decision",
        "decision_reason",
        "proposed_by_id",
        "is_changed",
        "agreed_target",
        "agreed_zero_value",
        *RESULT_FIELDS,
    )
    _reason_actions = {
        "action_propose": _lt("Goals set after the season's start"),
        "action_object": _lt("Object to the goal"),
        "action_leave_out": _lt("Leave the goal out"),
        "action_score_zero": _lt("Score the goal 0"),
    }

    season_id = fields.Many2one(
        "nka.season", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="season_id.company_id", store=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    agreement_id = fields.Many2one(
        "nka.pay.agreement", readonly=True, copy=False, ondelete="restrict"
    )
    kpi_id = fields.Many2one(
        "nka.kpi",
        "Measure",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    sequence = fields.Integer(related="kpi_id.sequence", store=True)
    direction = fields.Selection(related="kpi_id.direction")
    is_count = fields.Boolean(related="kpi_id.is_count")
    unit = fields.Char(related="kpi_id.unit")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("frozen", "Frozen"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    target = fields.Float(digits=(16, 4), required=True, aggregator=None)
    zero_value = fields.Float(
        "Scores 0 at",
        digits=(16, 4),
        aggregator=None,
        help="For lower-is-better: the value that scores 0; above the target.",
    )
    weight = fields.Float(
        "Weight (%)",
        digits=(5, 2),
        help="Fixed by the plan version; filled in from it.",
    )
    # Seasons and values before, the latest first; in words below, for each reader.
    past_values = fields.Json("Values of last seasons", readonly=True)
    actual = fields.Float(digits=(16, 4), readonly=True, copy=False, aggregator=None)
    is_measured = fields.Boolean(readonly=True, copy=False)
    attainment = fields.Float(
        digits=(12, 6),
        readonly=True,
        copy=False,
        aggregator="avg",
        help="How far the target is met, before threshold and cap.",
    )
    score = fields.Float(
        digits=(12, 6),
        readonly=True,
        copy=False,
        aggregator="avg",
        help="The attainment that is paid for, after threshold and cap.",
    )
    proportion = fields.Float(
        "Employed part",
        digits=(12, 10),
        readonly=True,
        copy=False,
        default=1.0,
        aggregator=None,
        help="Employed days / scheduled days of the season; shrinks counts.",
    )
    decision = fields.Selection(
        [
            ("measured", "Measured"),
            ("left_out", "Left out"),
            ("scored_zero", "Scored 0"),
        ],
        default="measured",
        required=True,
        readonly=True,
        copy=False,
    )
    decision_reason = fields.Text("Reason", readonly=True, copy=False)
    evidence = fields.Json(
        readonly=True, copy=False, help="Values and records behind a frozen goal."
    )
    measured_date = fields.Datetime("Measured on", readonly=True, copy=False)
    proposed_by_id = fields.Many2one(
        "res.users", "Set by", readonly=True, copy=False, help="Who set it last."
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _goal_unique = models.Constraint(
        "UNIQUE(season_id, employee_id, kpi_id)",
        "This manager has a goal for this measure in this season already.",
    )

    def init(self):
        """Freeze what pay was calculated from in the database as well."""
        freeze_rows(self.env.cr, self._table, ["frozen"], FROZEN_COLUMNS)

    # ------------------------------------------------------------ compute
    @api.depends("kpi_id.name", "employee_id", "season_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for goal in self:
            goal.display_name = self.env._(
                "%(measure)s, %(employee)s, %(season)s",
                measure=goal.kpi_id.name or "",
                employee=goal.employee_id.sudo().name or "",
                season=goal.season_id.display_name or "",
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for goal in self:
            goal.is_mine = goal.user_id == self.env.user

    # ------------------------------------------------------------ checks
    @api.constrains("target", "zero_value", "kpi_id", "weight")
    def _check_goal(self):
        for goal in self:
            with refusing(self.env):
                goal._goal()

    @api.constrains("weight", "kpi_id", "agreement_id")
    def _check_weight(self):
        """The plan version fixes the goal list and its weights."""
        for goal in self.filtered("agreement_id"):
            weight = goal._planned_weight()
            if weight is None:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” isn't on the goal list that %(employee)s "
                        "agreed to.",
                        measure=goal.kpi_id.name,
                        employee=goal.employee_id.sudo().name,
                    )
                )
            if to_decimal(weight) != to_decimal(goal.weight):
                raise ValidationError(
                    self.env._(
                        "The plan gives “%(measure)s” %(weight)g %%; weights change "
                        "with a new plan version only.",
                        measure=goal.kpi_id.name,
                        weight=weight,
                    )
                )

    def _planned_weight(self):
        lines = self.agreement_id.sudo().version_id.line_ids
        line = lines.filtered(lambda line: line.kpi_id == self.kpi_id)
        return line.weight if line else None

    def _check_editable(self):
        for goal in self:
            if goal.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is proposed or agreed. Use “Change” and give the reason.",
                        goal.display_name,
                    )
                )

    def _check_not_own(self):
        """Nobody sets or decides the goals he is paid by."""
        for goal in self.sudo():
            if goal.user_id == self.env.user:
                raise UserError(
                    self.env._("Your own goals are set by another supervisor.")
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked(vals_list):
            self._check_supervisor()
        vals_list = [self._prepare_planned(vals) for vals in vals_list]
        goals = super().create(vals_list)
        goals._check_not_own()
        goals._resolve_agreements()
        return goals

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(
            {*TERM_FIELDS, "weight", "past_values"}
        ):
            self._check_supervisor()
            self._check_not_own()
            self._check_editable()
            self._unlocked().write({"proposed_by_id": self.env.uid})
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    @api.model
    def _prepare_planned(self, vals):
        """Fill the weight in from the plan when none was given."""
        if vals.get("weight") or not {"season_id", "employee_id"} <= vals.keys():
            return vals
        season = self.env["nka.season"].browse(vals["season_id"])
        agreement = self._agreement_of(season, vals["employee_id"])
        lines = agreement.version_id.line_ids
        line = lines.filtered(lambda line: line.kpi_id.id == vals.get("kpi_id"))
        return {**vals, "weight": line.weight}

    @api.model
    def _agreement_of(self, season, employee_id):
        """The first agreement of an employee in a season, agreed or on the way."""
        return (
            self.env["nka.pay.agreement"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", employee_id),
                    ("company_id", "=", season.company_id.id),
                    ("state", "!=", "draft"),
                    ("date_from", "<=", season.date_end),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", season.date_start),
                ],
                order="date_from",
                limit=1,
            )
        )

    def _resolve_agreements(self):
        for goal in self:
            if not goal.agreement_id:
                agreement = self._agreement_of(goal.season_id, goal.employee_id.id)
                goal._unlocked().write({"agreement_id": agreement.id})

    # ------------------------------------------------------------ terms
    def _goal(self):
        """The goal as the pay arithmetic knows it.

        :rtype: paycalc.Goal
        :raise paycalc.PayError: for a target that can't be measured against
        """
        self.ensure_one()
        return self.kpi_id._goal(
            to_decimal(self.weight),
            to_decimal(self.target, 4),
            to_decimal(self.zero_value, 4),
        )

    def _outcome(self):
        """What became of the goal.

        :rtype: paycalc.Outcome
        :raise paycalc.UnmeasuredGoalError: while nobody decided about it
        """
        self.ensure_one()
        return paycalc.Outcome(
            self._goal(),
            to_decimal(self.actual, 4) if self.is_measured else None,
            self.decision,
            self.decision_reason or "",
        )

    def _scale(self):
        version = self.agreement_id.sudo().version_id
        return version._prepare_scale() if version else paycalc.Scale()
