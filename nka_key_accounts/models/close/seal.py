"""What all versions of a month's seal have in common."""

from odoo.tools import SQL

#: Fields of a statement that version 1 sealed, and all later ones.
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
EVERYBODY = SQL("TRUE")


class Seal:
    """A month and its locked statements, as every version of its seal sees them.

    What is here is part of all versions: a change of it would break the seals of months
    that are locked. A version says what it covers in ``content`` and ``parts``.

    :param close: nka.month.close, as superuser
    """

    #: Whether archived rows are sealed, whoever asks.
    is_of_archived = True
    day_format = ".4f"

    def __init__(self, close):
        self.close = close.with_context(active_test=not self.is_of_archived)
        self.env = self.close.env
        self.statements = self.close.statement_ids.filtered(
            lambda row: row.state == "locked"
        )

    def content(self):
        """Plain JSON, the same however often it is asked."""
        raise NotImplementedError

    def parts(self):
        """What is sealed of every statement: plain JSON by part and statement id."""
        raise NotImplementedError

    def people(self):
        """The parts of every person."""
        parts = self.parts()
        return {
            str(row.employee_id.id): {
                name: found.get(row.id) for name, found in parts.items()
            }
            for row in self.statements
        }

    # ------------------------------------------------------------ statements
    def _amounts(self, row):
        """Of a statement: whose it is, who made it, amounts and days."""
        digits = self.close.currency_id.decimal_places
        return {
            "employee": row.employee_id.id,
            "user": row.user_id.id,
            "calculated_by": row.calculated_by_id.id,
            "approved_by": row.approved_by_id.id,
            **{name: f"{row[name]:.{digits}f}" for name in MONEY},
            **{name: format(row[name], self.day_format) for name in DAYS},
            "shares": row.shares,
        }

    def _lines(self):
        found = {row.id: [] for row in self.statements}
        lines = self.statements.line_ids
        for line in lines.sorted(lambda row: (row.sequence, row.id)):
            found[line.statement_id.id].append(self._line(line))
        return found

    def _line(self, line):
        digits = self.close.currency_id.decimal_places
        return [
            line.kind,
            line.component,
            f"{line.amount:.{digits}f}",
            line.is_shown_only,
            str(line.source_month or ""),
            line.explanation,
            line.res_model or "",
            self._sources(line),
        ]

    def _sources(self, line):
        """Ids that a line was calculated from; those of credits are given anew when the
        ledger is, so each version seals these in another way.
        """
        return line.res_ids or []

    # ------------------------------------------------------------ credits
    def _hash_credits(self, columns, users=EVERYBODY):
        """The month's ledger lines by owner, hashed where they are: there may be many.

        :param SQL columns: the text of a line
        :return: ``{user id: [count, sum, digest]}``
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), SUM(amount)::text,
                          encode(sha256(convert_to(string_agg(%s,
                              ';' ORDER BY basis, source_ref, revision), 'UTF8')), 'hex')
                     FROM nka_bonus_line
                    WHERE company_id = %s AND date BETWEEN %s AND %s AND %s
                    GROUP BY user_id""",
                columns,
                self.close.company_id.id,
                self.close.month,
                self.close.month_end,
                users,
            )
        )
        return {user_id: rest for user_id, *rest in rows}

    def _by_statement(self, credits):
        return {
            row.id: credits.get(row.user_id.id, [0, "0", ""]) for row in self.statements
        }

    # ------------------------------------------------------------ inputs
    def _goals(self):
        """Goals of the season that ends with the month."""
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.close.company_id.id),
                ("season_id.date_end", "=", self.close.month_end),
                ("employee_id", "in", self.statements.employee_id.ids),
            ],
            order="id",
        )
        known = {row[0]: row for row in self._goal_rows(goals)}
        by_employee = goals.grouped("employee_id")
        return {
            row.id: [known[goal.id] for goal in by_employee.get(row.employee_id, ())]
            for row in self.statements
        }

    def _goal_rows(self, goals):
        """What is sealed of each goal, its id first."""
        raise NotImplementedError

    def _reports(self):
        """The reports a statement says that it went by; later ones are another month's."""
        ids = report_ids(self.statements)
        reports = self.env["nka.work.report"].browse(set().union(*ids.values()))
        known = {row[0]: row for row in self._report_rows(reports.exists())}
        return {
            key: [known.get(id_, [id_, "gone"]) for id_ in sorted(own)]
            for key, own in ids.items()
        }

    def _report_rows(self, reports):
        """What is sealed of each report, its id first."""
        return [
            [report.id, str(report.date_from), str(report.date_to), report.state]
            for report in reports
        ]

    # ------------------------------------------------------------ payslips
    def _payslips(self):
        """The payslip that pays a statement; none while it is waiting."""
        found = {}
        for row in self.statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and self._payslip(slip)
        return found

    def _payslip(self, slip):
        """What is sealed of a payslip."""
        raise NotImplementedError


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
