import math
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_date, formatLang

from ... import paycalc
from ..trail.frozen_rows import freeze_rows
from ..trail.roles import SUPERVISOR
from .border import plain, refusing, to_decimal

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

#: Values of a goal that was agreed to as it stands.
NOTHING_PENDING = {"is_changed": False, "agreed_target": 0, "agreed_zero_value": 0}
_lt = LazyTranslate(__name__)

#: Numbers behind a measured value, by the name they are kept under.
EVIDENCE = {
    "sales": _lt("Sales"),
    "invoices": _lt("Invoices"),
    "open": _lt("Open receivables"),
    "overdue": _lt("Of these overdue"),
    "count": _lt("Records counted"),
    "sum": _lt("Sum"),
}

#: How many seasons a proposal looks back.
LOOK_BACK = 3


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
    _audit_kinds = {
        "goal": _lt("Goal"),
        "decision": _lt("Decision on a goal"),
    }
    _audit_readers = "role"
    _company_fields = ("season_id",)
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

    # decisions
    is_changed = fields.Boolean(
        "Changed since it was agreed",
        readonly=True,
        copy=False,
        help="The manager hasn't accepted the change. What was agreed counts until he "
        "does.",
    )
    agreed_target = fields.Float(
        "Agreed target", digits=(16, 4), readonly=True, copy=False, aggregator=None
    )
    agreed_zero_value = fields.Float(
        "Agreed to score 0 at",
        digits=(16, 4),
        readonly=True,
        copy=False,
        aggregator=None,
    )

    # progress
    progress = fields.Float(
        "Progress (%)",
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        help="Attainment in percent, not below 0.",
    )
    is_exception = fields.Boolean(
        "Waits for a decision",
        compute="_compute_is_exception",
        store=True,
        help="Nothing could be measured; a supervisor leaves it out or scores it 0.",
    )
    evidence_text = fields.Char("Made of", compute="_compute_evidence_text")
    history = fields.Char(
        "Last seasons",
        compute="_compute_history",
        help="What the manager reached before.",
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

    # ============================================================ decisions
    # Changing what was agreed, and deciding about what can't be measured.
    #
    # Neither takes a goal from the manager who is about to reach it, nor spares him one
    # he is about to miss: what was agreed and can be measured counts as measured, by the
    # terms he last agreed to.

    # ------------------------------------------------------------ decisions: actions
    def action_change(self):
        """Ask for the new target and the reason.

        :raise UserError: for an agreed goal of a season that is over
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
        """Leave goals that can't be measured out; their weight goes to the others.

        :raise UserError: while the season runs, or for what counts as measured
        :raise AccessError: for a goal nobody agreed to that one set oneself
        """
        return self._decide("left_out", "action_leave_out", reason)

    def action_score_zero(self, reason=None):
        """Score goals that can't be measured 0; refused like leaving them out."""
        return self._decide("scored_zero", "action_score_zero", reason)

    # ------------------------------------------------------------ decisions: checks
    def _check_changeable(self):
        """After the season's end the results are known: what was agreed stays."""
        self._check_supervisor()
        self._check_not_own()
        self._check_state("proposed", "accepted")
        for goal in self:
            agreed = goal.state == "accepted" or goal.is_changed
            if agreed and goal._is_over():
                raise UserError(
                    self.env._(
                        "%s was agreed, and its season is over: it counts as it was "
                        "agreed. Change the goals of the next season instead.",
                        goal.display_name,
                    )
                )

    def _check_season_over(self):
        """What can't be measured is known at the season's end only."""
        for goal in self:
            if not goal._is_over():
                raise UserError(
                    self.env._(
                        "The season runs until %(day)s, and what can be measured then "
                        "counts. Where the target no longer fits, change it with a "
                        "reason; the manager accepts it once more.",
                        day=format_date(self.env, goal.season_id.date_end),
                    )
                )

    def _check_undecided(self):
        """A goal that was agreed to and measured leaves nothing to decide."""
        for goal in self:
            if goal.state == "accepted" and goal.is_measured:
                raise UserError(
                    self.env._(
                        "%s was agreed and could be measured, so it counts as "
                        "measured. Freeze the season; what is wrong about the records "
                        "behind it is put right there.",
                        goal.display_name,
                    )
                )

    def _check_two_people(self):
        """Who set a goal that nobody agreed to doesn't decide what it pays."""
        for goal in self.sudo():
            if goal.state != "accepted" and self.env.user in goal._makers():
                raise AccessError(
                    self.env._(
                        "You set %(goal)s, and %(employee)s never agreed to it. "
                        "Another supervisor decides, or the manager accepts it late. "
                        "Nothing was changed.",
                        goal=goal.display_name,
                        employee=goal.employee_id.name,
                    )
                )

    def _check_one_counts(self):
        """Something has to be left to pay by: a season without goals can't be paid."""
        for (season, employee), goals in (
            self.sudo().grouped(lambda goal: (goal.season_id, goal.employee_id)).items()
        ):
            others = season.goal_ids.filtered(
                lambda goal, e=employee: goal.employee_id == e
            )
            if all(goal.decision == "left_out" for goal in others - goals):
                raise UserError(
                    self.env._(
                        "Nothing would be left to pay the season of %s by. Score one "
                        "of the goals 0 instead.",
                        employee.name,
                    )
                )

    # ------------------------------------------------------------ decisions: changing
    def _change(self, target, zero_value, reason):
        """Change a proposed or agreed goal; the manager accepts it once more.

        What was agreed is kept: it counts unless he does.

        :param float target: the new target
        :param float zero_value: the new value that scores 0
        :param str reason: kept in the trail with the old and the new values
        """
        self.ensure_one()
        self._check_changeable()
        before = self._describe()
        self._unlocked().write(
            {**self._prepare_agreed(), "target": target, "zero_value": zero_value}
        )
        with refusing(self.env):
            self._goal()
        self._record_terms(before, reason)
        if self.state == "accepted":
            self._move_to("proposed", note=reason, proposed_by_id=self.env.uid)
        self._ask_managers()

    def _prepare_agreed(self):
        """What to keep of an agreed goal when it changes; the first of many changes."""
        if self.state != "accepted":
            return {}
        return {
            "is_changed": True,
            "agreed_target": self.target,
            "agreed_zero_value": self.zero_value,
        }

    def _restore(self, note):
        """Bring changed goals back to what was agreed.

        :param str note: why, for the trail
        """
        for goal in self:
            before = goal._describe()
            values = {
                "target": goal.agreed_target,
                "zero_value": goal.agreed_zero_value,
            }
            goal._unlocked().write({**values, **NOTHING_PENDING})
            goal._record_terms(before, note)
        if self:
            self._move_to("accepted", note=note)

    def _lapse_changes(self):
        """Changes that weren't accepted by the season's end don't count."""
        changed = self.filtered(lambda goal: goal.is_changed and goal._is_over())
        changed._restore(self.env._("Not accepted by the season's end"))
        changed.activity_feedback(["mail.mail_activity_data_todo"])

    def _record_terms(self, before, note):
        events = self.env["nka.audit.event"]
        now = self._describe()
        events._append(
            [events._prepare_entry(self, "goal", old=before, new=now, note=note)]
        )

    def _describe(self):
        text = plain(self.target)
        is_lower = self.direction == "lower"
        return f"{text} / {plain(self.zero_value)}" if is_lower else text

    # ------------------------------------------------------------ decisions: deciding
    def _decide(self, decision, action, reason):
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft", "proposed", "accepted")
        self._check_season_over()
        self.sudo()._lapse_changes()
        self._refresh()
        self._check_undecided()
        self._check_two_people()
        if decision == "left_out":
            self._check_one_counts()
        if not reason:
            return self._ask_reason(action)
        self._record_decision(decision, reason)
        self._unlocked().write({"decision": decision, "decision_reason": reason})
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        self.sudo()._freeze()
        self.season_id.sudo()._close_frozen()
        return True

    def _record_decision(self, decision, reason):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    goal, "decision", old=goal.decision, new=decision, note=reason
                )
                for goal in self
            ]
        )

    def _makers(self):
        """Who drafted the goal, and who set, proposed or changed it last."""
        return super()._makers() | self.proposed_by_id

    def _is_over(self):
        return self.season_id.date_end < self._today()

    # ============================================================ steps
    # Setting goals and accepting them.

    # ------------------------------------------------------------ steps: actions
    def action_propose(self, reason=None):
        """Show drafts to their managers; after the season's start with a reason only.

        :raise AccessError: for anybody but a supervisor
        :raise UserError: for one's own goals, or without an agreement
        """
        self._check_supervisor()
        self._check_not_own()
        self._check_state("draft")
        self._resolve_agreements()
        self._check_agreed()
        if not reason and self._is_late():
            return self._ask_reason("action_propose")
        self._move_to("proposed", note=reason or False, proposed_by_id=self.env.uid)
        self._ask_managers()
        return True

    def action_accept(self):
        """The manager accepts his own goals, one or all of a season.

        :raise UserError: for anybody else
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        self.sudo()._move_to("accepted", **NOTHING_PENDING)
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_object(self, reason=None):
        """The manager sends a goal back, saying why.

        A goal that was agreed before its change stays as it was agreed.
        """
        self.check_access("read")
        self._check_own()
        self._check_state("proposed")
        if not reason:
            return self._ask_reason("action_object")
        changed = self.sudo().filtered("is_changed")
        changed._restore(reason)
        (self.sudo() - changed)._move_to("draft", note=reason)
        for goal in self.sudo():
            goal.activity_feedback(["mail.mail_activity_data_todo"])
            goal.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=goal.proposed_by_id.id,
                summary=self.env._("Objection to a goal"),
                note=reason,
            )
        return True

    def action_open_evidence(self):
        """The records that were counted: frozen ones, else those of now."""
        self.ensure_one()
        evidence = self.evidence if self.state == "frozen" else None
        evidence = evidence or self._measure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": evidence["model"],
            "view_mode": "list,form",
            "domain": [("id", "in", evidence["ids"])],
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def action_open_mine(self):
        """Open the acting person's goals, measured as of now."""
        self._refresh_mine()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_season_goal_action_mine"
        )

    # ------------------------------------------------------------ steps: business
    @api.model
    def _refresh_mine(self):
        self.search([("user_id", "=", self.env.uid)])._refresh()

    def _today(self):
        return fields.Date.context_today(self)

    def _is_late(self):
        today = self._today()
        return any(goal.season_id.date_start <= today for goal in self)

    def _check_own(self):
        for goal in self.sudo():
            if not goal.user_id or goal.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "Only %s can answer for his own goals. Nothing was changed.",
                        goal.employee_id.name,
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
                raise UserError(self.env._("A goal needs a weight from the plan."))

    def _ask_managers(self):
        """One activity per manager and season, on the first of his goals."""
        asked = set()
        for goal in self.sudo():
            key = (goal.season_id.id, goal.user_id.id)
            if key not in asked and goal.user_id:
                asked.add(key)
                goal.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=goal.user_id.id,
                    summary=self.env._(
                        "Accept your goals of %s", goal.season_id.display_name
                    ),
                )

    # ============================================================ progress
    # Measuring goals: live during the season, for good at its end.

    # ------------------------------------------------------------ progress: compute
    @api.depends("evidence")
    @api.depends_context("lang")
    def _compute_evidence_text(self):
        for goal in self:
            values = (goal.evidence or {}).get("values", {})
            goal.evidence_text = "; ".join(
                goal._show_evidence(name, value)
                for name, value in values.items()
                if name in EVIDENCE
            )

    @api.depends("past_values")
    @api.depends_context("lang")
    def _compute_history(self):
        ids = {number for goal in self for number, _value in goal.past_values or ()}
        seasons = self.env["nka.season"].sudo().browse(ids).exists()
        names = {season.id: season.display_name for season in seasons}
        for goal in self:
            goal.history = " · ".join(
                f"{names[number]}: {goal._show_number(value)}"
                for number, value in goal.past_values or ()
                if number in names
            )

    def _show_evidence(self, name, value):
        label = self.env._(EVIDENCE[name])  # pylint: disable=translation-contains-variable
        return f"{label}: {self._show_number(value)}"

    def _show_number(self, value):
        number = float(value)
        return formatLang(self.env, number, 0 if number.is_integer() else 2)

    @api.depends("attainment")
    def _compute_progress(self):
        for goal in self:
            goal.progress = max(goal.attainment, 0.0) * 100

    @api.depends("is_measured", "decision", "state", "measured_date")
    def _compute_is_exception(self):
        """An exception is what was measured and found unmeasurable after the end."""
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

    # ------------------------------------------------------------ progress: measuring
    def _refresh(self, evidence=False):
        """Measure goals of seasons that have begun, unless they are frozen.

        One query per measure and season, however many managers.

        :param bool evidence: keep what was counted as well
        """
        today = fields.Date.context_today(self)
        goals = self.sudo().filtered(
            lambda goal: goal.state != "frozen" and goal.season_id.date_start <= today
        )
        now = fields.Datetime.now()
        proportions = goals._proportions()
        for (season, kpi), group in goals.grouped(
            lambda g: (g.season_id, g.kpi_id)
        ).items():
            found = kpi._measure(group.user_id, season._span(), evidence)
            for goal in group:
                measurement = found.get(goal.user_id.id)
                proportion = proportions[goal.season_id.id, goal.employee_id.id]
                values = goal._prepare_result(measurement, proportion)
                # The numbers always; the records behind them for good at the end.
                values["evidence"] = measurement and measurement.evidence()
                goal._unlocked().write({**values, "measured_date": now})
        return True

    def _prepare_result(self, measurement, proportion):
        """Values of a goal after measuring it; writes nothing.

        :param Measurement measurement: None when there is no person to measure
        :param Decimal proportion: employed part of the season
        """
        actual = measurement.actual if measurement else None
        values = {
            "actual": float(actual or 0),
            "is_measured": actual is not None,
            "proportion": float(proportion),
            "attainment": 0.0,
            "score": 0.0,
        }
        if actual is not None and self.decision == "measured" and self.weight:
            outcome = paycalc.Outcome(self._goal(), to_decimal(actual, 4))
            score = paycalc.score_goal(outcome, self._scale(), proportion)
            values["attainment"] = float(score.raw or 0)
            values["score"] = float(score.amount)
        return values

    def _proportions(self):
        """Employed part of the season by season and employee, as the pay counts it:
        days under an agreement. Who has agreed to none yet counts by contract.

        :rtype: dict[tuple[int, int], Decimal]
        """
        result = {}
        for season, goals in self.grouped("season_id").items():
            days = self.env["nka.work.report"]._month_days(
                goals.employee_id,
                season.date_start,
                season.date_end,
                self._agreed_spans(season),
            )
            for employee in goals.employee_id:
                month = days.get(employee.id)
                result[season.id, employee.id] = (
                    month.proportion if month else Decimal(1)
                )
        return result

    @api.model
    def _agreed_spans(self, season):
        """First and last days of the agreements in a season, by employee id."""
        spans = {}
        for agreement in (
            self.env["nka.pay.agreement"]
            .sudo()
            ._in_force(season.date_start, season.date_end, season.company_id)
        ):
            span = agreement.date_from, agreement.date_to
            spans.setdefault(agreement.employee_id.id, []).append(span)
        return spans

    def _freeze(self):
        """Freeze accepted, measurable or decided goals with their evidence."""
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
        """One activity per open goal for a supervisor who may decide about it."""
        for goal in self.filtered("is_exception"):
            decider = goal._decider()
            if decider and decider not in goal.activity_ids.user_id:
                goal.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=decider.id,
                    summary=self.env._("Leave the goal out, or score it 0"),
                )

    def _decider(self):
        """Who proposed it; for what nobody agreed to, another supervisor if any."""
        if self.state == "accepted":
            return self.proposed_by_id
        apart = self._makers() | self.user_id
        users = self.env["res.users"]
        others = users._nka_holders(SUPERVISOR, self.company_id, apart)
        return others[:1] or self.proposed_by_id

    def _measure_one(self):
        goal = self.sudo()
        found = goal.kpi_id._measure(goal.user_id, goal.season_id._span(), True)
        return found[goal.user_id.id].evidence()

    # ------------------------------------------------------------ progress: proposing
    @api.model
    def _draft_for(self, season):
        """Draft the missing goals of a season from everybody's last seasons.

        :return: the new goals
        :rtype: nka.season.goal
        """
        agreements = self._agreements_of(season)
        known = {(goal.employee_id, goal.kpi_id) for goal in season.sudo().goal_ids}
        histories = self._measure_histories(season, agreements)
        return self.create(
            [
                self._prepare_draft(season, agreement, line, histories)
                for agreement in agreements
                for line in agreement.version_id.line_ids
                if (agreement.employee_id, line.kpi_id) not in known
            ]
        )

    @api.model
    def _agreements_of(self, season):
        """The first agreement of everybody in a season, except one's own."""
        agreements = self.env["nka.pay.agreement"].sudo()
        found = agreements._in_force(
            season.date_start, season.date_end, season.company_id
        )
        first = {}
        for agreement in found:
            if agreement.user_id and agreement.user_id != self.env.user:
                first.setdefault(agreement.employee_id, agreement)
        return agreements.union(*first.values())

    @api.model
    def _measure_histories(self, season, agreements):
        """What everybody reached before: one query per measure and past season.

        :return: (season, value) pairs by measure and user
        """
        histories = {}
        for past in season.sudo()._before(LOOK_BACK):
            for kpi in agreements.version_id.line_ids.kpi_id:
                found = kpi._measure(agreements.user_id, past._span())
                for user_id, measurement in found.items():
                    if measurement.actual is not None:
                        pairs = histories.setdefault((kpi.id, user_id), [])
                        pairs.append((past, measurement.actual))
        return histories

    @api.model
    def _prepare_draft(self, season, agreement, line, histories):
        pairs = histories.get((line.kpi_id.id, agreement.user_id.id), [])
        target, zero_value = self._propose_target(line.kpi_id, [v for _s, v in pairs])
        return {
            "season_id": season.id,
            "employee_id": agreement.employee_id.id,
            "kpi_id": line.kpi_id.id,
            "weight": line.weight,
            "target": target,
            "zero_value": zero_value,
            "past_values": [(past.id, plain(value, 2)) for past, value in pairs],
        }

    @api.model
    def _propose_target(self, kpi, values):
        """The mean of the last seasons, rounded to what one would say; else the default.

        Where lower is better, the best season or the default, whichever is better:
        who stands still at his mean scores 0 then.

        :return: target and value that scores 0
        """
        mean = float(sum(values) / len(values)) if values else 0.0
        if kpi.direction != paycalc.LOWER:
            return self._round_target(kpi, mean) or kpi.default_target or 1.0, 0.0
        distance = kpi.default_zero_value - kpi.default_target
        known = [kpi.default_target] if distance > 0 else []
        target = self._round_target(kpi, min([*map(float, values), *known], default=0))
        least = target + (distance if distance > 0 else target or 1.0)
        return target, max(self._round_target(kpi, mean), least)

    @api.model
    def _round_target(self, kpi, mean):
        if kpi.is_count:
            return float(math.ceil(mean))
        if not mean:
            return 0.0
        digits = 2 - math.floor(math.log10(abs(mean)))
        return round(mean, digits)
