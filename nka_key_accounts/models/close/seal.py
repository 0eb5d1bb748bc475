"""Base class of all versions of a month's integrity hash."""

from odoo.tools import SQL

#: Fields of a statement covered by version 1 and all later versions.
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
    """Integrity hash of a month and its locked statements: base of all versions.

    This code is part of every version: changing it would break the hashes of months
    already locked. A version defines what it covers in ``content`` and ``parts``.

    :param close: nka.month.close, as superuser
    """

    #: Whether archived records are covered, whatever the context of the caller.
    is_of_archived = True
    day_format = ".4f"

    def __init__(self, close):
        self.close = close.with_context(active_test=not self.is_of_archived)
        self.env = self.close.env
        self.statements = self.close.statement_ids.filtered(
            lambda row: row.state == "locked"
        )

    def content(self):
        """Return the data covered, as plain and reproducible JSON."""
        raise NotImplementedError

    def parts(self):
        """Return the data covered per statement, by part and statement id.

        It is plain JSON.
        """
        raise NotImplementedError

    def people(self):
        """Return the parts of every employee, by employee id as text."""
        parts = self.parts()
        return {
            str(row.employee_id.id): {
                name: found.get(row.id) for name, found in parts.items()
            }
            for row in self.statements
        }

    # ------------------------------------------------------------ statements
    def _amounts(self, row):
        """Return the employee, users, amounts and days of a statement."""
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
        """Return the ids that a line was calculated from.

        Credits get new ids when the ledger is rebuilt, so each version covers them in
        its own way.
        """
        return line.res_ids or []

    # ------------------------------------------------------------ credits
    def _hash_credits(self, columns, users=EVERYBODY):
        """Hash the month's ledger lines by owner in SQL, because there may be many.

        :param SQL columns: the text of a line
        :param SQL users: condition on the owner; all by default
        :return: ``{user id: [count, sum, hash]}``
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
        """Return the goals of the season that ends with the month, by statement id."""
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
        """Return the covered values of each goal, its id first."""
        raise NotImplementedError

    def _reports(self):
        """Return the reports that each statement was calculated from, by its id.

        Reports approved later belong to another month.
        """
        ids = report_ids(self.statements)
        reports = self.env["nka.work.report"].browse(set().union(*ids.values()))
        known = {row[0]: row for row in self._report_rows(reports.exists())}
        return {
            key: [known.get(id_, [id_, "gone"]) for id_ in sorted(own)]
            for key, own in ids.items()
        }

    def _report_rows(self, reports):
        """Return the covered values of each report, its id first."""
        return [
            [report.id, str(report.date_from), str(report.date_to), report.state]
            for report in reports
        ]

    # ------------------------------------------------------------ payslips
    def _payslips(self):
        """Return the payslip of each statement; False while it isn't confirmed."""
        found = {}
        for row in self.statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and self._payslip(slip)
        return found

    def _payslip(self, slip):
        """Return the covered values of a payslip."""
        raise NotImplementedError


def report_ids(statements):
    """Return the ids of the weekly reports that each statement was calculated from.

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
    """Return the source ids of a statement line; empty if they were damaged."""
    ids = line.res_ids if isinstance(line.res_ids, list) else []
    return [id_ for id_ in ids if isinstance(id_, int)]
