from decimal import Decimal

from odoo import models

from ...pay.border import to_money
from ...pay.variance.components import COMPONENTS, label


class MonthCloseRegister(models.Model):
    """The register: everybody's pay of the month on one sheet."""

    _inherit = "nka.month.close"

    def _prepare_register(self):
        """Rows, totals and headings of the register; amounts are Decimal.

        :rtype: dict
        """
        self.ensure_one()
        statements = self._sorted_statements()
        parts = statements._component_amounts()
        rows = [self._prepare_register_row(row, parts[row]) for row in statements]
        return {
            "headings": [label(self.env, name) for name in COMPONENTS],
            "rows": rows,
            "parts": [
                sum((row["parts"][position] for row in rows), Decimal(0))
                for position in range(len(COMPONENTS))
            ],
            "total": sum((row["total"] for row in rows), Decimal(0)),
            "held": sum((row["held"] for row in rows), Decimal(0)),
            "owed": sum((row["owed"] for row in rows), Decimal(0)),
        }

    def _prepare_register_row(self, statement, parts):
        currency = statement.currency_id
        return {
            "name": statement.employee_id.name,
            "parts": [parts[name] for name in COMPONENTS],
            "total": to_money(statement.total_amount, currency),
            "held": to_money(statement.held_amount, currency),
            "owed": to_money(statement.balance, currency),
        }

    def _prepare_signatures(self):
        """Who did which step and when, as far as the month has come."""
        steps = (
            (self.env._("Calculated"), self.calculated_by_id, self.calculated_date),
            (self.env._("Approved"), self.approved_by_id, self.approved_date),
            (self.env._("Locked"), self.locked_by_id, self.locked_date),
        )
        return [
            {"done": step, "person": user.sudo().name, "date": date}
            for step, user, date in steps
            if user
        ]
