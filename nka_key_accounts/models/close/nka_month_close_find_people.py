from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import paycalc

STATEMENT = "nka.pay.statement"


class MonthCloseFindPeople(models.Model):
    """Items of the checklist about people: terms, contracts, reports, goals."""

    _inherit = "nka.month.close"

    def _statements_of(self, employee_ids):
        """Statements of the month by employee: what an officer may open of a person."""
        own = self.statement_ids.filtered(
            lambda row: row.employee_id.id in employee_ids
        )
        return own.ids

    def _find_exception(self, _rule):
        """Who couldn't be calculated, or not yet."""
        broken = self.statement_ids.filtered(
            lambda row: row.exception or row.state == "open"
        )
        return STATEMENT, broken.ids

    def _find_agreement(self, _rule):
        agreed = (
            self.env["nka.pay.agreement"]
            .search(
                self._domain_during()
                & Domain("state", "in", ("accepted", "ended"))
                & Domain("version_id.date_start", "<=", self.month)
            )
            .employee_id
        )
        left = self.statement_ids._only_owed().employee_id
        lacking = self.statement_ids.employee_id - agreed - left
        return STATEMENT, self._statements_of(lacking.ids)

    def _find_contract(self, _rule):
        """Everybody is employed under exactly one contract on days of the month.

        Who left before it is paid by his last one, so there has to be one at all.
        """
        counts = self._contract_counts()
        left = self.statement_ids._only_owed().employee_id
        wrong = {
            employee.id
            for employee in self.statement_ids.employee_id
            if counts.get(employee.id) not in ((0, 1) if employee in left else (1,))
        }
        return STATEMENT, self._statements_of(wrong)

    def _contract_counts(self):
        """Contracts on days of the month, of everybody who had one by then."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT employee_id, COUNT(DISTINCT contract_date_start)
                              FILTER (WHERE COALESCE(contract_date_end, %s) >= %s)
                         FROM hr_version
                        WHERE employee_id = ANY(%s) AND active
                          AND contract_date_start <= %s
                        GROUP BY employee_id""",
                    self.month_end,
                    self.month,
                    self.statement_ids.employee_id.ids,
                    self.month_end,
                )
            )
        )

    def _find_slip(self, _rule):
        """Payslips of 40/10/50 in the month that pay none of these statements."""
        slips = self.env["hr.payslip"].search(
            [
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("company_id", "=", self.company_id.id),
                ("date_from", "<=", self.month_end),
                ("date_to", ">=", self.month),
                ("state", "=", "done"),
                ("is_nka", "=", True),
            ]
        )
        return "hr.payslip", (slips - self.statement_ids.payslip_id).ids

    def _find_coverage(self, _rule):
        short = self.statement_ids.filtered(
            lambda row: row.state != "open" and row.covered_days < row.employed_days
        )
        return STATEMENT, short.ids

    def _find_goals(self, _rule):
        """Goals of a season that ends with the month and isn't settled."""
        goals = self.env["nka.season.goal"].search(
            [
                ("season_id.company_id", "=", self.company_id.id),
                ("season_id.date_end", "=", self.month_end),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("state", "!=", "frozen"),
            ]
        )
        return "nka.season.goal", goals.ids

    def _find_dispute(self, _rule):
        disputes = self.env["nka.pay.dispute"].search(
            [("statement_id", "in", self.statement_ids.ids), ("state", "=", "open")]
        )
        return "nka.pay.dispute", disputes.ids

    def _find_left_out(self, _rule):
        """People of this month who still wait for an earlier one."""
        waiting = self.env["nka.month.close.exclusion"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("close_id.month", "<", self.month),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("state", "!=", "closed"),
            ]
        )
        return "nka.month.close.exclusion", waiting.ids

    def _find_deviation(self, rule):
        """Totals far off what the same person got in the three months before."""
        rows = self.env[STATEMENT]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("employee_id", "in", self.statement_ids.employee_id.ids),
                ("month", "<", self.month),
                ("month", ">=", paycalc.add_months(self.month, -3)),
                ("state", "!=", "open"),
            ],
            ["employee_id"],
            ["total_amount:avg"],
        )
        means = {employee.id: mean for employee, mean in rows}
        far = self.statement_ids.filtered(
            lambda row: (
                row.state != "open"
                and _is_far(row.total_amount, means.get(row.employee_id.id), rule.limit)
            )
        )
        return STATEMENT, far.ids


def _is_far(amount, mean, limit):
    """Whether an amount is more than ``limit`` percent off a mean that is known."""
    return mean is not None and abs(amount - mean) > abs(mean) * limit / 100
