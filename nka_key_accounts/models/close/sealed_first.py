"""Version 1 of a month's integrity hash, kept to verify months locked with it."""

from odoo.tools import SQL

from .seal import LEDGER, Seal

#: Text of a ledger line in version 1.
_CREDIT = SQL(
    """concat_ws('|', basis, source_ref, revision, date, origin_date, kind, reason, amount,
                 move_ref)"""
)


class FirstSeal(Seal):
    """Version 1 of the integrity hash: names, order and formats must not change."""

    is_of_archived = False
    day_format = ".2f"

    def content(self):
        close = self.close
        return {
            "version": "1",
            "company": close.company_id.id,
            "currency": close.currency_id.name,
            "month": str(close.month),
            "left_out": sorted(
                [row.employee_id.id, row.reason] for row in close.exclusion_ids
            ),
            "people": self.people(),
        }

    def parts(self):
        return {
            "statement": {row.id: self._amounts(row) for row in self.statements},
            "lines": self._lines(),
            "agreement": self._agreements(),
            "credits": self._credits(),
            "goals": self._goals(),
            "reports": self._reports(),
            "payslip": self._payslips(),
        }

    def _sources(self, line):
        return [] if line.res_model == LEDGER else super()._sources(line)

    def _agreements(self):
        return {
            row.id: [
                row.agreement_id.id,
                row.agreement_id.digest or "",
                row.agreement_id.version_id.id,
                row.agreement_id.version_id.digest or "",
            ]
            for row in self.statements
        }

    def _credits(self):
        owners = SQL("user_id = ANY(%s)", self.statements.user_id.ids)
        return self._by_statement(self._hash_credits(_CREDIT, owners))

    def _goal_rows(self, goals):
        return [
            [
                goal.id,
                goal.kpi_id.id,
                f"{goal.weight:.4f}",
                f"{goal.target:.4f}",
                f"{goal.zero_value:.4f}",
                f"{goal.actual:.4f}",
                goal.is_measured,
                goal.decision or "",
                goal.state,
            ]
            for goal in goals
        ]

    def _payslip(self, slip):
        return sorted(
            [line.code, f"{line.quantity:.4f}", f"{line.total:.4f}"]
            for line in slip.line_ids
        )
