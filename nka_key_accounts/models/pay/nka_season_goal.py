from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate

from ... import paycalc
from ..trail.frozen_rows import frozen_rows
from ..trail.nka_review_mixin import TODO_ACTIVITY
from ..trail.opening import open_action, open_list
from ..trail.roles import SUPERVISOR
from .border import plain, refusing, to_decimal
from .goal_decisions import check_decidable, check_season_over, check_team
from .measurement import describe_evidence, shown

_lt = LazyTranslate(__name__)

TERM_FIELDS = ("season_id", "employee_id", "kpi_id", "target", "zero_value")

#: Fields set by measuring a goal.
RESULT_FIELDS = ("actual", "is_measured", "attainment", "score", "proportion")
#: Columns of a frozen goal that the database protects: pay was calculated from them.
FROZEN_COLUMNS = (
    *TERM_FIELDS,
    "company_id",
    "weight",
    *RESULT_FIELDS,
    "decision",
    "decision_reason",
    "evidence",
)

#: Values of an accepted goal without a pending change.
NOTHING_PENDING = {"is_changed": False, "agreed_target": 0, "agreed_zero_value": 0}


class SeasonGoal(models.Model):
    """Goal of one manager for one KPI and season, with target and result."""

    _name = "nka.season.goal"
    _description = "Season goal"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "season_id, employee_id, sequence, id"
    _rec_names_search = ["kpi_id", "employee_id"]
    _check_company_auto = True
    _content_fields = FROZEN_COLUMNS
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
        "evidence",
        "measured_date",
    )
    _audit_kinds = {"goal": _lt("Goal"), "decision": _lt("Decision on a goal")}
    _audit_readers = "role"
    _company_fields = ("season_id",)
    _reason_actions = {
        "action_propose": _lt("Goals set after the season's start"),
        "action_object": _lt("Object to the goal"),
        "action_leave_out": _lt("Exclude the goal"),
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
        "KPI",
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
        "Zero-score value",
        digits=(16, 4),
        aggregator=None,
        help="For lower-is-better: the value that scores 0; above the target.",
    )
    weight = fields.Float("Weight (%)", digits=(5, 2), help="Set by the plan version.")
    # (season id, value) pairs, newest first; ``history`` shows them as text.
    past_values = fields.Json("Values of previous seasons", readonly=True)
    actual = fields.Float(digits=(16, 4), readonly=True, copy=False, aggregator=None)
    is_measured = fields.Boolean("Measured", readonly=True, copy=False)
    attainment = fields.Float(
        digits=(12, 6),
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Actual against target, before threshold and cap.",
    )
    score = fields.Float(
        digits=(12, 6),
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Attainment used for goal pay, after threshold and cap.",
    )
    proportion = fields.Float(
        "Proration factor",
        digits=(12, 10),
        readonly=True,
        copy=False,
        default=1.0,
        aggregator=None,
        help="Workdays employed / scheduled workdays in the season. Prorates targets "
        "that are counts.",
    )
    decision = fields.Selection(
        [
            ("measured", "Measured"),
            ("left_out", "Excluded"),
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
        "res.users", "Last set by", readonly=True, copy=False
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_changed = fields.Boolean(
        "Changed after acceptance",
        readonly=True,
        copy=False,
        help="The manager hasn't accepted the change yet. Until they do, the goal "
        "counts as originally agreed.",
    )
    agreed_target = fields.Float(
        "Agreed target", digits=(16, 4), readonly=True, copy=False, aggregator=None
    )
    agreed_zero_value = fields.Float(
        "Agreed zero-score value",
        digits=(16, 4),
        readonly=True,
        copy=False,
        aggregator=None,
    )
    progress = fields.Float(
        "Progress (%)",
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        help="Attainment in percent; never below 0.",
    )
    is_exception = fields.Boolean(
        "Awaiting decision",
        compute="_compute_is_exception",
        store=True,
        help="It couldn't be measured. A supervisor has to exclude it or score it 0.",
    )
    evidence_text = fields.Char("Based on", compute="_compute_evidence_text")
    history = fields.Char(
        "Previous seasons",
        compute="_compute_history",
        help="The manager's results in previous seasons.",
    )

    _goal_unique = models.Constraint(
        "UNIQUE(season_id, employee_id, kpi_id)",
        "This manager already has a goal for this KPI in this season.",
    )

    @api.model
    def _guards(self):
        return super()._guards() + frozen_rows(self._table, ["frozen"], FROZEN_COLUMNS)

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

    @api.depends("attainment")
    def _compute_progress(self):
        for goal in self:
            goal.progress = max(goal.attainment, 0.0) * 100

    @api.depends("is_measured", "decision", "state", "measured_date")
    def _compute_is_exception(self):
        """Flag goals measured after the season's end that need a decision."""
        for goal in self:
            measured_late = (
                goal.measured_date
                and goal.measured_date.date() > goal.season_id.date_end
            )
            goal.is_exception = bool(
                measured_late
                and goal.state != "frozen"
                and (goal.state != "accepted" or not goal.is_measured)
                and goal.decision == "measured"
            )

    @api.depends("evidence")
    @api.depends_context("lang")
    def _compute_evidence_text(self):
        for goal in self:
            goal.evidence_text = describe_evidence(self.env, goal.evidence)

    @api.depends("past_values")
    @api.depends_context("lang")
    def _compute_history(self):
        ids = {number for goal in self for number, _value in goal.past_values or ()}
        seasons = self.env["nka.season"].sudo().browse(ids).exists()
        names = {season.id: season.display_name for season in seasons}
        for goal in self:
            goal.history = " · ".join(
                f"{names[number]}: {shown(self.env, value)}"
                for number, value in goal.past_values or ()
                if number in names
            )

    # ------------------------------------------------------------ checks
    @api.constrains("target", "zero_value", "kpi_id", "weight")
    def _check_goal(self):
        for goal in self:
            with refusing(self.env):
                goal._goal()

    @api.constrains("weight", "kpi_id", "agreement_id")
    def _check_weight(self):
        """Check that the goal list and weights match the plan version."""
        for goal in self.filtered("agreement_id"):
            weight = goal.agreement_id._planned_weight(goal.kpi_id)
            if weight is None:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” isn't on the goal list that %(employee)s "
                        "accepted.",
                        measure=goal.kpi_id.name,
                        employee=goal.employee_id.sudo().name,
                    )
                )
            if to_decimal(weight) != to_decimal(goal.weight):
                raise ValidationError(
                    self.env._(
                        "The pay plan sets the weight of “%(measure)s” to %(weight)g "
                        "%%. Weights can be changed only in a new plan version.",
                        measure=goal.kpi_id.name,
                        weight=weight,
                    )
                )

    def _check_editable(self):
        for goal in self:
            if goal.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is already proposed or agreed. Use “Change” to edit it, "
                        "and give a reason.",
                        goal.display_name,
                    )
                )

    def _check_not_own(self):
        """Refuse to let users set or decide the goals they are paid by."""
        for goal in self.sudo():
            if goal.user_id == self.env.user:
                raise UserError(self.env._("Another supervisor has to set your goals."))

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked(vals_list):
            self._check_supervisor()
            check_team(self._named_in(vals_list, "employee_id"))
        goals = super().create([self._prepare_planned(vals) for vals in vals_list])
        goals._check_not_own()
        goals._resolve_agreements()
        return goals

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint(
            {*TERM_FIELDS, "weight", "past_values"}
        ):
            self._check_supervisor()
            self._check_not_own()
            check_team(self.env["hr.employee"].browse(vals.get("employee_id")))
            self._check_editable()
            self._unlocked().write({"proposed_by_id": self.env.uid})
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    @api.model
    def _prepare_planned(self, vals):
        """Fill in the weight from the plan if none is given."""
        if vals.get("weight") or not {"season_id", "employee_id"} <= vals.keys():
            return vals
        season = self.env["nka.season"].browse(vals["season_id"])
        kpi = self.env["nka.kpi"].browse(vals.get("kpi_id"))
        weight = season._agreement_of(vals["employee_id"])._planned_weight(kpi)
        return {**vals, "weight": weight or 0.0}

    def _resolve_agreements(self):
        for goal in self.filtered(lambda goal: not goal.agreement_id):
            agreement = goal.season_id._agreement_of(goal.employee_id.id)
            goal._unlocked().write({"agreement_id": agreement.id})

    # ------------------------------------------------------------ actions
    def action_propose(self, reason=None):
        """Propose drafts to their managers; a reason is required once the season runs.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise AccessError: if the user isn't a supervisor
        :raise UserError: for the user's own goals, or without an agreement
        """
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft")
        self._resolve_agreements()
        self._check_agreed()
        if not reason and any(season._has_begun() for season in self.season_id):
            return self._ask_reason("action_propose")
        self._move_to("proposed", note=reason or False, proposed_by_id=self.env.uid)
        self._ask_managers()
        return True

    def action_accept(self):
        """Accept the user's own goals.

        :raise UserError: for goals of another person
        """
        self._check_own()
        self._check_state("proposed")
        self.sudo()._move_to("accepted", **NOTHING_PENDING)
        self.sudo().activity_feedback([TODO_ACTIVITY])
        return True

    def action_object(self, reason=None):
        """Return the user's own goal to its supervisor; accepted terms are restored.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise UserError: for goals of another person
        """
        self._check_own()
        self._check_state("proposed")
        if not reason:
            return self._ask_reason("action_object")
        changed = self.sudo().filtered("is_changed")
        changed._restore(reason)
        (self.sudo() - changed)._move_to("draft", note=reason)
        for goal in self.sudo():
            goal.activity_feedback([TODO_ACTIVITY])
            goal.activity_schedule(
                TODO_ACTIVITY,
                user_id=goal.proposed_by_id.id,
                summary=self.env._("Objection to a goal"),
                note=reason,
            )
        return True

    def action_change(self):
        """Open the wizard for the new target and the reason.

        :raise UserError: for an accepted goal of a season that has ended
        """
        self.ensure_one()
        self._check_changeable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the goal"),
            "res_model": "nka.season.goal.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_goal_id": self.id},
        }

    def action_leave_out(self, reason=None):
        """Exclude goals that can't be measured; the other goals share their weight.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise UserError: while the season runs, or if the goal counts as measured
        :raise AccessError: for a goal never accepted that the user set
        """
        return self._decide("left_out", "action_leave_out", reason)

    def action_score_zero(self, reason=None):
        """Score goals that can't be measured 0; raises as :meth:`action_leave_out`.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._decide("scored_zero", "action_score_zero", reason)

    def action_open_evidence(self):
        """Open the counted records: the frozen ones, else the current ones."""
        evidence = self.env["nka.season.goal.evidence"]._evidence_of(self)
        return open_list(
            self.env,
            evidence["model"],
            [("id", "in", evidence["ids"])],
            self.display_name,
            context={"active_test": False, "create": False},
        )

    def action_open_reasons(self):
        """Open the list of records that count or don't, with the reasons."""
        return self.env["nka.season.goal.evidence"]._open(self)

    @api.model
    def action_open_mine(self):
        """Open the user's own goals, measured as of now."""
        self._refresh_mine()
        return open_action(self.env, "nka_season_goal_action_mine")

    # ------------------------------------------------------------ setting
    def _check_own(self):
        self.check_access("read")
        for goal in self.sudo():
            if not goal.user_id or goal.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only %s can respond to these goals.", goal.employee_id.name
                    )
                )

    def _check_agreed(self):
        for goal in self:
            if not goal.agreement_id:
                raise UserError(
                    self.env._(
                        "%s has no agreement in this season. Ask the payroll officer "
                        "to propose one first.",
                        goal.employee_id.sudo().name,
                    )
                )
            if not to_decimal(goal.weight):
                raise UserError(
                    self.env._(
                        "This goal has no weight. Add its KPI to the goal list of the "
                        "manager's pay plan first."
                    )
                )

    def _ask_managers(self):
        """Schedule one activity per manager and season, on the first of their goals."""
        goals = self.sudo().filtered("user_id")
        for (season, user), own in goals.grouped(
            lambda goal: (goal.season_id, goal.user_id)
        ).items():
            own[0].activity_schedule(
                TODO_ACTIVITY,
                user_id=user.id,
                summary=self.env._("Accept your goals for %s", season.display_name),
            )

    # ------------------------------------------------------------ changing
    def _check_changeable(self):
        """Refuse changes to accepted goals after the season, when results are known."""
        self._check_supervisor()
        self._check_not_own()
        self._check_state("proposed", "accepted")
        for goal in self:
            agreed = goal.state == "accepted" or goal.is_changed
            if agreed and goal.season_id._is_over():
                raise UserError(
                    self.env._(
                        "%s was agreed and its season has ended, so it counts as "
                        "agreed. Change the goals of the next season instead.",
                        goal.display_name,
                    )
                )

    def _restore(self, note):
        """Restore changed goals to the terms that were accepted.

        :param str note: the reason, for the audit trail
        """
        for goal in self:
            before = goal._describe()
            agreed = {
                "target": goal.agreed_target,
                "zero_value": goal.agreed_zero_value,
            }
            goal._unlocked().write({**agreed, **NOTHING_PENDING})
            goal._record("goal", before, goal._describe(), note)
        if self:
            self._move_to("accepted", note=note)

    def _lapse_changes(self):
        """Restore goals whose change wasn't accepted by the end of the season."""
        changed = self.filtered(
            lambda goal: goal.is_changed and goal.season_id._is_over()
        )
        changed._restore(self.env._("Not accepted by the end of the season"))
        changed.activity_feedback([TODO_ACTIVITY])

    def _describe(self):
        text = plain(self.target)
        is_lower = self.direction == paycalc.LOWER
        return f"{text} / {plain(self.zero_value)}" if is_lower else text

    def _record(self, kind, before, now, note):
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(self, kind, old=before, new=now, note=note)
        events._append([entry])

    # ------------------------------------------------------------ deciding
    def _decide(self, decision, action, reason):
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft", "proposed", "accepted")
        check_season_over(self)
        self.sudo()._lapse_changes()
        self._refresh()
        check_decidable(self, decision)
        if not reason:
            return self._ask_reason(action)
        for goal in self:
            goal._record("decision", goal.decision, decision, reason)
        self._unlocked().write({"decision": decision, "decision_reason": reason})
        self.sudo().activity_feedback([TODO_ACTIVITY])
        self.sudo()._freeze()
        self.season_id.sudo()._close_frozen()
        return True

    def _makers(self):
        """Return the creator and the user who last set or changed the goal."""
        return super()._makers() | self.proposed_by_id

    # ------------------------------------------------------------ measuring
    @api.model
    def _refresh_mine(self):
        self.search([("user_id", "=", self.env.uid)])._refresh()

    def _refresh(self, evidence=False):
        """Measure goals of seasons that have begun, unless they are frozen.

        Runs one query per KPI and season, for all managers at once.

        :param bool evidence: also store which records were counted
        """
        today = fields.Date.context_today(self)
        goals = self.sudo().filtered(
            lambda goal: goal.state != "frozen" and goal.season_id.date_start <= today
        )
        now = fields.Datetime.now()
        for season, of_season in goals.grouped("season_id").items():
            proportions = season._proportions(of_season.employee_id)
            for kpi, group in of_season.grouped("kpi_id").items():
                found = kpi._measure(group.user_id, season._span(), evidence)
                for goal in group:
                    values = goal._prepare_result(
                        found.get(goal.user_id.id), proportions[goal.employee_id.id]
                    )
                    goal._unlocked().write({**values, "measured_date": now})
        return True

    def _prepare_result(self, measurement, proportion):
        """Return the values of a goal after measuring it; writes nothing.

        :param Measurement measurement: None if the employee has no user
        :param Decimal proportion: proration factor of the season
        """
        actual = measurement.actual if measurement else None
        values = {
            "actual": float(actual or 0),
            "is_measured": actual is not None,
            "proportion": float(proportion),
            "attainment": 0.0,
            "score": 0.0,
            # Always stores the numbers; the records behind them only when freezing.
            "evidence": measurement and measurement.evidence(),
        }
        if actual is not None and self.decision == "measured" and self.weight:
            outcome = paycalc.Outcome(self._goal(), to_decimal(actual, 4))
            score = paycalc.score_goal(outcome, self._scale(), proportion)
            values["attainment"] = float(score.raw or 0)
            values["score"] = float(score.amount)
        return values

    def _freeze(self):
        """Freeze goals that are decided, or accepted and measured, with evidence."""
        self._lapse_changes()
        self._refresh(evidence=True)
        ready = self.filtered(
            lambda goal: (
                goal.state != "frozen"
                and (
                    goal.decision != "measured"
                    or (goal.state == "accepted" and goal.is_measured)
                )
            )
        )
        if ready:
            ready._move_to("frozen")
        self._ask_supervisors()

    def _ask_supervisors(self):
        """Schedule one activity per open goal for a supervisor who can decide it."""
        for goal in self.filtered("is_exception"):
            decider = goal._decider()
            if decider and decider not in goal.activity_ids.user_id:
                goal.activity_schedule(
                    TODO_ACTIVITY,
                    user_id=decider.id,
                    summary=self.env._("Exclude the goal, or score it 0"),
                )

    def _decider(self):
        """Return the proposer; for a goal never accepted, another supervisor if any."""
        if self.state == "accepted":
            return self.proposed_by_id
        apart = self._makers() | self.user_id
        users = self.env["res.users"]
        others = users._nka_holders(SUPERVISOR, self.company_id, apart)
        return others[:1] or self.proposed_by_id

    # ------------------------------------------------------------ terms
    def _goal(self):
        """Return the goal for ``paycalc``.

        :rtype: paycalc.Goal
        :raise paycalc.PayError: if the target can't be used for measuring
        """
        self.ensure_one()
        return self.kpi_id._goal(
            to_decimal(self.weight),
            to_decimal(self.target, 4),
            to_decimal(self.zero_value, 4),
        )

    def _outcome(self):
        """Return the outcome of the goal for ``paycalc``.

        :rtype: paycalc.Outcome
        :raise paycalc.UnmeasuredGoalError: if it needs a decision first
        """
        self.ensure_one()
        return paycalc.Outcome(
            self._goal(),
            to_decimal(self.actual, 4) if self.is_measured else None,
            self.decision,
            self.decision_reason or "",
        )

    def _scale(self):
        """Return threshold and cap of the agreed plan version."""
        terms = self.agreement_id.sudo().version_id
        return terms._prepare_scale() if terms else paycalc.Scale()
