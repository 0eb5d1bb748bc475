from datetime import datetime

from odoo import api, fields, models

from ..facts import measured
from ..trail.opening import open_list
from .measurement import describe_reason


class SeasonGoalEvidence(models.TransientModel):
    """One record asked for a goal: whether it counts, and if not, why.

    Made anew each time the list is opened; of records that its reader may not read it
    says no more than that they are there.
    """

    _name = "nka.season.goal.evidence"
    _description = "Goal evidence"
    _order = "counts, date desc, id"

    goal_id = fields.Many2one(
        "nka.season.goal", required=True, readonly=True, ondelete="cascade"
    )
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Integer("Record ID", readonly=True)
    name = fields.Char("Record", readonly=True)
    date = fields.Date("Day", readonly=True)
    counts = fields.Boolean("Counts toward the goal", readonly=True)
    reason = fields.Char("Why it doesn't count", readonly=True)

    # ------------------------------------------------------------ actions
    @api.model
    def _open(self, goal):
        """Make the lines of a goal and open them.

        :raise AccessError: for who may not read the goal
        """
        evidence = self._evidence_of(goal)
        lines = self.sudo().create(self._prepare_lines(goal, evidence))
        return open_list(
            self.env,
            self._name,
            [("id", "in", lines.ids)],
            self.env._("What counts: %s", goal.display_name),
            view_mode="list,kanban",
            context={"create": False, "edit": False, "delete": False},
        )

    def action_open_record(self):
        """Open the record behind a line, as far as the reader may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------ lines
    @api.model
    def _evidence_of(self, goal):
        """Records behind a goal's value: the frozen ones, else those of now."""
        goal.ensure_one()
        goal.check_access("read")
        goal = goal.sudo()
        if goal.state == "frozen" and goal.evidence:
            return goal.evidence
        found = goal.kpi_id._measure(goal.user_id, goal.season_id._span(), True)
        return found[goal.user_id.id].evidence()

    @api.model
    def _prepare_lines(self, goal, evidence):
        left_out = dict(evidence.get("left_out", ()))
        reasons = dict.fromkeys(evidence["ids"]) | left_out
        if not reasons:
            return []
        readable = self._readable(evidence["model"], list(reasons))
        date_field = self._date_field(goal.sudo().kpi_id, readable)
        return [
            {
                "goal_id": goal.id,
                "res_model": evidence["model"],
                "res_id": number,
                "name": self._name_of(readable.browse(number) & readable),
                "date": self._day_of(readable.browse(number) & readable, date_field),
                "counts": not reason,
                "reason": describe_reason(self.env, reason),
            }
            for number, reason in reasons.items()
        ]

    @api.model
    def _readable(self, model, ids):
        """Those of these records that are still there and that the reader may read."""
        records = self.env[model].with_context(active_test=False)
        if not records.has_access("read"):
            return records
        return records.search([("id", "in", ids)])

    @api.model
    def _name_of(self, record):
        return record.display_name if record else self.env._("(no access)")

    @api.model
    def _day_of(self, record, date_field):
        value = measured.day_of(record, date_field) if record and date_field else False
        if isinstance(value, datetime):
            return fields.Datetime.context_timestamp(record, value).date()
        return value

    @api.model
    def _date_field(self, kpi, records):
        """The field that puts a record into a season, or what comes next to it."""
        wanted = (
            kpi.date_field_id.name if kpi.measure == "custom" else False,
            "start",
            "invoice_date",
            "date_maturity",
            "origin_decision_date",
            "create_date",
        )
        return next((name for name in wanted if name in records._fields), False)
