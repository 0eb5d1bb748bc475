"""What the system knows for an account plan: measures, the year before, first drafts."""

from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

#: Objectives of a first plan, in their order.
FIRST_MEASURES = ("revenue", "wallet_share", "overdue")
#: So many of the growth suggestions become actions of a first plan.
SUGGESTED_ACTIONS = 3


class AccountPlanFacts(models.Model):
    _inherit = "nka.account.plan"

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

    # ------------------------------------------------------------ year's end
    @api.model
    def _cron_close_years(self):
        """Keep what the objectives of past years ended with."""
        year = fields.Date.context_today(self).year
        goals = self.env["nka.account.plan.objective"].search(
            [("year", "<", year), ("is_final", "=", False)]
        )
        for goal in goals:
            goal._unlocked().write({"actual_final": goal.actual, "is_final": True})


class AccountPlanObjectiveFacts(models.Model):
    _inherit = "nka.account.plan.objective"

    def _measure(self):
        """Actual values of these objectives: one statement for each measure in use.

        :rtype: dict[nka.account.plan.objective, float]
        """
        values = {}
        for measure, goals in self.grouped("measure").items():
            keys = {goal._measure_key() for goal in goals}
            found = self._measure_accounts(measure, keys)
            values.update({goal: found.get(goal._measure_key(), 0.0) for goal in goals})
        return values

    def _measure_key(self):
        return (self.key_account_id._origin.id, self.year)

    @api.model
    def _measure_accounts(self, measure, keys):
        """Values of a measure by account and year: one statement.

        :param set keys: pairs of an account's id and a year
        :rtype: dict[tuple[int, int], float]
        """
        keys = sorted(key for key in keys if all(key))
        expression = self._sql_measures().get(measure)
        if not keys or not expression:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id, asked.year, (%s)::float8
                     FROM (VALUES %s) AS asked (id, year)
                     JOIN nka_key_account account ON account.id = asked.id""",
                expression,
                SQL(", ").join(SQL("(%s, %s)", *key) for key in keys),
            )
        )
        return {(account, year): value or 0.0 for account, year, value in rows}

    @api.model
    def _sql_measures(self):
        """Hook: measure -> expression over ``account`` and the asked ``year``.

        What is overdue and the wallet share are as of today.
        """
        accounts = self.env["nka.key.account"]
        return {
            "revenue": accounts._sql_revenue(
                "account",
                SQL("MAKE_DATE(asked.year - 1, 12, 31)"),
                SQL("MAKE_DATE(asked.year, 12, 31)"),
            ),
            "overdue": accounts._sql_overdue_amount("account"),
            "wallet_share": accounts._sql_wallet_share("account"),
        }

    def _take_baseline(self):
        """Note where the objectives start: the year before for what adds up in a year."""
        for measure, goals in self.grouped("measure").items():
            keys = {(goal.key_account_id.id, goal.year - 1) for goal in goals}
            found = self._measure_accounts(measure, keys)
            for goal in goals:
                value = found.get((goal.key_account_id.id, goal.year - 1), 0.0)
                goal._unlocked().write({"baseline": value})
