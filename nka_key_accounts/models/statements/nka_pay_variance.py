from odoo import api, fields, models
from odoo.tools import SQL

from ...paycalc import add_months
from ..pay.border import to_money
from ..trail.opening import open_records
from .components import COMPONENTS, component_of, selection
from .variance_reasons import MonthFigures, Reason, in_words, reasons_for

ROWS_SQL = SQL(
    """
    WITH component AS (
        SELECT * FROM unnest(%(names)s::varchar[], %(keys)s::varchar[])
               WITH ORDINALITY AS t(name, keys, position)
    ), part AS MATERIALIZED (
        SELECT statement.id AS statement_id, statement.employee_id, statement.user_id,
               statement.company_id, statement.month, component.name AS component,
               component.position, COALESCE(SUM(line.amount), 0) AS amount
          FROM nka_pay_statement statement
         CROSS JOIN component
          LEFT JOIN nka_pay_statement_line line
            ON line.statement_id = statement.id
           AND line.is_shown_only IS NOT TRUE
           AND CASE line.kind WHEN 'correction' THEN 'correction.' || line.component
                    ELSE line.kind END = ANY(string_to_array(component.keys, ','))
         WHERE statement.state != 'open'
         GROUP BY statement.id, component.name, component.position
    ), month AS (
        SELECT DISTINCT company_id, month FROM part
    ), gone AS (
        SELECT part.statement_id, part.employee_id, part.user_id, part.company_id,
               month.month, part.component, part.position, 0::numeric AS amount
          FROM part
          JOIN month ON month.company_id = part.company_id
           AND month.month = part.month + interval '1 month'
         WHERE NOT EXISTS (
            SELECT FROM nka_pay_statement later
             WHERE later.employee_id = part.employee_id
               AND later.company_id = part.company_id
               AND later.month = month.month AND later.state != 'open')
    ), whole AS (
        SELECT *, FALSE AS is_gone FROM part UNION ALL SELECT *, TRUE FROM gone
    ), compared AS (
        SELECT whole.*,
               COALESCE(SUM(amount) FILTER (WHERE NOT is_gone) OVER (
                   person RANGE BETWEEN '1 month' PRECEDING AND '1 month' PRECEDING
               ), 0) AS previous_amount,
               COALESCE(AVG(amount) FILTER (WHERE NOT is_gone) OVER (
                   person RANGE BETWEEN '3 months' PRECEDING AND '1 month' PRECEDING
               ), 0) AS mean_amount
          FROM whole
        WINDOW person AS (
            PARTITION BY employee_id, company_id, component ORDER BY month)
    )
    SELECT (statement_id * 2 + is_gone::int) * 8 + position AS id, statement_id,
           employee_id, user_id, company_id, month, component, position, is_gone,
           amount, previous_amount, mean_amount,
           amount - previous_amount AS change, amount - mean_amount AS mean_change
      FROM compared
     WHERE amount != 0 OR previous_amount != 0 OR mean_amount != 0
    """,
    names=list(COMPONENTS),
    keys=[",".join(keys) for _code, keys in COMPONENTS.values()],
)


class PayVariance(models.Model):
    """Pay by person, month and component against earlier months, with the reason."""

    _name = "nka.pay.variance"
    _description = "Pay variance"
    _auto = False
    _order = "month desc, employee_id, position"
    _rec_name = "component"

    statement_id = fields.Many2one("nka.pay.statement", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    component = fields.Selection("_selection_component", readonly=True)
    position = fields.Integer(readonly=True, aggregator=None)
    is_gone = fields.Boolean("No statement this month", readonly=True)
    amount = fields.Monetary("This month", readonly=True)
    previous_amount = fields.Monetary("Last month", readonly=True)
    change = fields.Monetary("Change vs. last month", readonly=True)
    mean_amount = fields.Monetary("3-month average", readonly=True)
    mean_change = fields.Monetary("Change vs. 3-month average", readonly=True)
    # Text instead of Char, because list views wrap Text and truncate Char.
    reason = fields.Text("Reason for the change", compute="_compute_reason")

    @property
    def _table_query(self):
        return ROWS_SQL

    @api.model
    def _selection_component(self):
        return selection(self.env)

    # ------------------------------------------------------------ compute
    @api.depends("statement_id", "component", "is_gone")
    @api.depends_context("lang")
    def _compute_reason(self):
        present = self.filtered(lambda row: not row.is_gone)
        for row, found in present._reasons().items():
            row.reason = row._in_words(found)
        failed = (self - present)._exceptions()
        for row in self - present:
            note = failed.get((row.employee_id.id, row.company_id.id, row.month))
            found = Reason("exception", (("note", note),)) if note else Reason("gone")
            row.reason = row._in_words([found])

    # ------------------------------------------------------------ business
    @api.model
    def _person_means(self, months):
        """Return each person's mean total of the three months before each month.

        All means come from here. Included is everyone with a statement in the month or
        the month before, over the months for which they have one.

        :param months: pairs of company id and first day of a month
        :return: means by employee id, by company id and month
        :rtype: dict[tuple[int, date], dict[int, float]]
        """
        months = [key for key in months if all(key)]
        found = {key: {} for key in months}
        if not months:
            return found
        self.env["nka.pay.statement"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT asked.company_id, asked.month, own.employee_id,
                          AVG(own.total_amount)::float
                     FROM unnest(%s::int[], %s::date[]) AS asked(company_id, month)
                     JOIN nka_pay_statement own ON own.company_id = asked.company_id
                      AND own.month < asked.month
                      AND own.month >= asked.month - interval '3 months'
                      AND own.state != 'open'
                    WHERE EXISTS (
                        SELECT FROM nka_pay_statement present
                         WHERE present.employee_id = own.employee_id
                           AND present.company_id = own.company_id
                           AND present.state != 'open'
                           AND present.month <= asked.month
                           AND present.month >= asked.month - interval '1 month')
                    GROUP BY asked.company_id, asked.month, own.employee_id""",
                [company_id for company_id, _month in months],
                [month for _company_id, month in months],
            )
        )
        for company_id, month, employee_id, mean in rows:
            found[company_id, month][employee_id] = mean
        return found

    # ------------------------------------------------------------ actions
    def action_open_statement(self):
        """Open the statement behind an amount; last month's if there is none.

        :return: window action
        """
        self.ensure_one()
        return open_records(self.statement_id)

    # ------------------------------------------------------------ business
    def _reasons(self):
        """Return the reasons by row; three queries for any number of rows.

        :return: ``{row: tuple of Reason}``
        """
        statements = self.statement_id.sudo()
        before = _statements_before(statements)
        figures = _month_figures(statements.union(*before.values()))
        return {
            row: reasons_for(
                row.component,
                figures[row.statement_id.sudo()],
                figures.get(before[row.statement_id.sudo()]),
            )
            for row in self
        }

    def _in_words(self, reasons):
        """Return the reasons as one text; every difference has one."""
        if not reasons:
            is_same = self.currency_id.is_zero(self.change)
            reasons = [Reason("same" if is_same else "rounding")]
        return "; ".join(in_words(self.env, row, self.currency_id) for row in reasons)

    def _exceptions(self):
        """Return why people couldn't be calculated, by employee, company and month."""
        found = (
            self.env["nka.pay.statement"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", self.employee_id.ids),
                    ("month", "in", list({row.month for row in self})),
                    ("exception", "!=", False),
                ]
            )
        )
        return {
            (row.employee_id.id, row.company_id.id, row.month): row.exception
            for row in found
        }


def _statements_before(statements):
    """Return the calculated statement of the previous month: one query.

    :return: ``{statement: statement, or an empty one}``
    """
    earlier = statements.search(
        [
            ("employee_id", "in", statements.employee_id.ids),
            ("company_id", "in", statements.company_id.ids),
            ("month", "in", [add_months(row.month, -1) for row in statements]),
            ("state", "!=", "open"),
        ]
    )
    by_key = {(row.employee_id, row.company_id, row.month): row for row in earlier}
    keys = {
        row: (row.employee_id, row.company_id, add_months(row.month, -1))
        for row in statements
    }
    return {row: by_key.get(key, earlier.browse()) for row, key in keys.items()}


def _month_figures(statements):
    """Return the figures that a comparison of months needs: one query for the lines.

    :return: ``{statement: MonthFigures}``
    """
    lines = statements.env["nka.pay.statement.line"].search_fetch(
        [("statement_id", "in", statements.ids), ("is_shown_only", "=", False)],
        ["statement_id", "kind", "component", "source_month", "explanation"],
    )
    own = lines.grouped("statement_id")
    return {row: _prepare_figures(row, own.get(row, ())) for row in statements}


def _prepare_figures(statement, lines):
    explained = [(line, line.explanation or {}) for line in lines]
    inputs = {
        line.kind: {**dict(row.get("inputs", ())), **row.get("values", {})}
        for line, row in explained
    }
    settled = [
        (component_of(line.kind, line.component), line.kind, line.source_month, row)
        for line, row in explained
    ]
    return MonthFigures(
        month=statement.month,
        inputs=inputs,
        codes={line.kind: row.get("code") for line, row in explained},
        settled=tuple(
            (component, kind, month, dict(row.get("inputs", ())).get("note"))
            for component, kind, month, row in settled
            if component in ("released", "retro")
        ),
        held=to_money(statement.held_amount, statement.currency_id),
        held_credits=to_money(statement.held_credits, statement.currency_id),
        is_first=not statement.company_id._nka_years().months_passed(statement.month),
    )
