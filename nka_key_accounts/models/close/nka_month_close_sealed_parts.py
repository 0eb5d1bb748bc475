from odoo import models
from odoo.tools import SQL

from ..pay.statement.nka_pay_statement import AMOUNTS

#: Fields of a statement that are sealed, besides its amounts.
MONEY = (
    *AMOUNTS,
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
)
DAYS = ("employed_days", "covered_days")


class MonthCloseSealedParts(models.Model):
    """What is sealed of every statement, each part for all people at once.

    Every method takes the locked statements and returns plain JSON by statement id.
    """

    _inherit = "nka.month.close"

    def _seal_statement(self, statements):
        digits = self.currency_id.decimal_places
        return {
            row.id: {
                "employee": row.employee_id.id,
                "user": row.user_id.id,
                "calculated_by": row.calculated_by_id.id,
                "approved_by": row.approved_by_id.id,
                **{name: f"{row[name]:.{digits}f}" for name in MONEY},
                **{name: f"{row[name]:.2f}" for name in DAYS},
                "shares": row.shares,
            }
            for row in statements
        }

    def _seal_lines(self, statements):
        digits = self.currency_id.decimal_places
        found = {row.id: [] for row in statements}
        for line in statements.line_ids.sorted(lambda row: (row.sequence, row.id)):
            found[line.statement_id.id].append(
                [
                    line.kind,
                    line.component,
                    f"{line.amount:.{digits}f}",
                    line.is_shown_only,
                    str(line.source_month or ""),
                    line.explanation,
                    line.res_model or "",
                    line.res_ids or [],
                ]
            )
        return found

    def _seal_agreement(self, statements):
        return {
            row.id: [
                row.agreement_id.id,
                row.agreement_id.digest or "",
                row.agreement_id.version_id.id,
                row.agreement_id.version_id.digest or "",
            ]
            for row in statements
        }

    def _seal_credits(self, statements):
        """The month's ledger lines, hashed where they are: there may be many."""
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), SUM(amount)::text,
                          encode(sha256(convert_to(string_agg(
                              concat_ws('|', id, date, origin_date, basis, kind, reason,
                                        amount, source_ref, move_ref, revision,
                                        corrects_id), ';' ORDER BY id), 'UTF8')), 'hex')
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    GROUP BY user_id""",
                self.company_id.id,
                statements.user_id.ids,
                self.month,
                self.month_end,
            )
        )
        found = {user_id: rest for user_id, *rest in rows}
        return {row.id: found.get(row.user_id.id, [0, "0", ""]) for row in statements}

    def _seal_goals(self, statements):
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.company_id.id),
                ("season_id.date_end", "=", self.month_end),
                ("employee_id", "in", statements.employee_id.ids),
            ],
            order="id",
        )
        by_employee = goals.grouped("employee_id")
        return {
            row.id: [
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
                for goal in by_employee.get(row.employee_id, ())
            ]
            for row in statements
        }

    def _seal_reports(self, statements):
        """The reports a statement says that it went by; later ones are another month's."""
        ids = {
            row.id: {
                id_
                for line in row.line_ids
                if line.res_model == "nka.work.report"
                for id_ in line.res_ids or ()
            }
            for row in statements
        }
        reports = self.env["nka.work.report"].browse(set().union(*ids.values()))
        known = {
            report.id: [
                report.id,
                str(report.date_from),
                str(report.date_to),
                report.state,
            ]
            for report in reports.exists()
        }
        return {
            key: [known.get(id_, [id_, "gone"]) for id_ in sorted(own)]
            for key, own in ids.items()
        }
