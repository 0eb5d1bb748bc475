"""What a month's seal of version 1 covers; months sealed by it stay verifiable by it."""

from odoo.tools import SQL

#: Fields of a statement that version 1 sealed; names and order are part of it.
MONEY = (
    "fixed_amount",
    "held_amount",
    "soft_amount",
    "bonus_amount",
    "carry_amount",
    "retro_amount",
    "total_amount",
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
)
DAYS = ("employed_days", "covered_days")
LEDGER = "nka.bonus.line"


class FirstSeal:
    """A month and its locked statements, as version 1 saw them.

    :param close: nka.month.close, as superuser
    """

    def __init__(self, close):
        # Whoever asks: archived rows weren't sealed.
        self.close = close.with_context(active_test=True)
        self.env = self.close.env
        self.statements = self.close.statement_ids.filtered(
            lambda row: row.state == "locked"
        )

    def content(self):
        """Plain JSON, the same however often it is asked."""
        close = self.close
        parts = {
            "statement": self._statements(),
            "lines": self._lines(),
            "agreement": self._agreements(),
            "credits": self._credits(),
            "goals": self._goals(),
            "reports": self._reports(),
            "payslip": self._payslips(),
        }
        return {
            "version": "1",
            "company": close.company_id.id,
            "currency": close.currency_id.name,
            "month": str(close.month),
            "left_out": sorted(
                [row.employee_id.id, row.reason] for row in close.exclusion_ids
            ),
            "people": {
                str(row.employee_id.id): {
                    name: found.get(row.id) for name, found in parts.items()
                }
                for row in self.statements
            },
        }

    def _statements(self):
        digits = self.close.currency_id.decimal_places
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
            for row in self.statements
        }

    def _lines(self):
        digits = self.close.currency_id.decimal_places
        found = {row.id: [] for row in self.statements}
        lines = self.statements.line_ids
        for line in lines.sorted(lambda row: (row.sequence, row.id)):
            found[line.statement_id.id].append(
                [
                    line.kind,
                    line.component,
                    f"{line.amount:.{digits}f}",
                    line.is_shown_only,
                    str(line.source_month or ""),
                    line.explanation,
                    line.res_model or "",
                    [] if line.res_model == LEDGER else line.res_ids or [],
                ]
            )
        return found

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
        """The month's ledger lines, hashed where they are: there may be many."""
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), SUM(amount)::text,
                          encode(sha256(convert_to(string_agg(
                              concat_ws('|', basis, source_ref, revision, date,
                                        origin_date, kind, reason, amount, move_ref),
                              ';' ORDER BY basis, source_ref, revision), 'UTF8')), 'hex')
                     FROM nka_bonus_line
                    WHERE company_id = %s AND user_id = ANY(%s)
                      AND date BETWEEN %s AND %s
                    GROUP BY user_id""",
                self.close.company_id.id,
                self.statements.user_id.ids,
                self.close.month,
                self.close.month_end,
            )
        )
        found = {user_id: rest for user_id, *rest in rows}
        return {
            row.id: found.get(row.user_id.id, [0, "0", ""]) for row in self.statements
        }

    def _goals(self):
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.close.company_id.id),
                ("season_id.date_end", "=", self.close.month_end),
                ("employee_id", "in", self.statements.employee_id.ids),
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
            for row in self.statements
        }

    def _reports(self):
        """The reports a statement says that it went by; later ones are another month's."""
        ids = report_ids(self.statements)
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

    def _payslips(self):
        """The payslip that pays a statement, with its lines; none while it is waiting."""
        found = {}
        for row in self.statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and sorted(
                [line.code, f"{line.quantity:.4f}", f"{line.total:.4f}"]
                for line in slip.line_ids
            )
        return found


def report_ids(statements):
    """Ids of the work reports that each statement says it went by.

    :rtype: dict[int, set[int]]
    """
    return {
        row.id: {
            id_
            for line in row.line_ids
            if line.res_model == "nka.work.report"
            for id_ in ids_of(line)
        }
        for row in statements
    }


def ids_of(line):
    """Ids that a line of a statement says it came from; none where they are destroyed."""
    ids = line.res_ids if isinstance(line.res_ids, list) else []
    return [id_ for id_ in ids if isinstance(id_, int)]
