from odoo import models

from ....paycalc import add_months
from ..border import to_money
from .components import COMPONENTS, component_of, line_key
from .reasons import MonthFigures


class PayStatement(models.Model):
    """A statement by component, and what a comparison needs of it."""

    _inherit = "nka.pay.statement"

    def _component_amounts(self):
        """What each statement pays by component; one query.

        :return: ``{statement: {component: Decimal}}`` with every component
        """
        rows = (
            self.env["nka.pay.statement.line"]
            .sudo()
            ._read_group(
                [("statement_id", "in", self.ids), ("is_shown_only", "=", False)],
                ["statement_id", "kind", "component"],
                ["amount:sum"],
            )
        )
        found = {
            row: dict.fromkeys(COMPONENTS, to_money(0, row.currency_id)) for row in self
        }
        for statement, kind, part, amount in rows:
            own = found[self.browse(statement.id)]
            money = to_money(amount, statement.currency_id)
            own[component_of(kind, part)] += money
        return found

    def _month_figures(self):
        """What a comparison of months needs; one query for the lines.

        :return: ``{statement: MonthFigures}``
        """
        lines = self.env["nka.pay.statement.line"].sudo()
        found = lines.search_fetch(
            [("statement_id", "in", self.ids), ("is_shown_only", "=", False)],
            ["statement_id", "kind", "component", "source_month", "explanation"],
        )
        by_statement = found.grouped("statement_id")
        return {
            row: row._prepare_figures(by_statement.get(row.sudo(), lines))
            for row in self
        }

    def _prepare_figures(self, lines):
        return MonthFigures(
            month=self.month,
            inputs={line.kind: _numbers(line.explanation) for line in lines},
            codes={line.kind: (line.explanation or {}).get("code") for line in lines},
            settled=tuple(
                (
                    line_key(line.kind, line.component),
                    line.source_month,
                    dict((line.explanation or {}).get("inputs", ())).get("note"),
                )
                for line in lines
                if component_of(line.kind, line.component) in ("released", "retro")
            ),
            held=to_money(self.held_amount, self.currency_id),
        )

    def _statements_before(self):
        """The calculated statement of the month before; one query.

        :return: ``{statement: statement, empty when there is none}``
        """
        months = {add_months(row.month, -1) for row in self}
        earlier = self.search(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("month", "in", list(months)),
                ("state", "!=", "open"),
            ]
        )
        by_key = {(row.employee_id, row.company_id, row.month): row for row in earlier}
        return {
            row: by_key.get(
                (row.employee_id, row.company_id, add_months(row.month, -1)),
                self.browse(),
            )
            for row in self
        }


def _numbers(explanation):
    explanation = explanation or {}
    return {**dict(explanation.get("inputs", ())), **explanation.get("values", {})}
