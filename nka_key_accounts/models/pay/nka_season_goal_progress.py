import math
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import LazyTranslate, formatLang

from ... import paycalc
from .border import plain, to_decimal

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


class SeasonGoalProgress(models.Model):
    """Measuring goals: live during the season, for good at its end."""

    _inherit = "nka.season.goal"

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

    # ------------------------------------------------------------ compute
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

    # ------------------------------------------------------------ measuring
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
        accounts = self.env["nka.key.account"]
        other = accounts._supervisor_apart_from(self.company_id, apart)
        return other or self.proposed_by_id

    def _measure_one(self):
        goal = self.sudo()
        found = goal.kpi_id._measure(goal.user_id, goal.season_id._span(), True)
        return found[goal.user_id.id].evidence()

    # ------------------------------------------------------------ proposing
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
