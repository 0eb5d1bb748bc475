from datetime import timedelta

from odoo import api, models

from .... import paycalc


class PayStatementPayable(models.Model):
    """Who gets a statement of a month: also those who left and are still owed."""

    _inherit = "nka.pay.statement"

    @api.model
    def _payable_employees(self, month, company):
        """Who gets a statement of a month.

        Whoever has an agreement in it, and whoever's ended one still owes something:
        credits that turned up, corrections, goals of a season, held pay whose reports
        were approved since.

        :param date month: first day
        :rtype: hr.employee, archived ones too
        """
        last = paycalc.add_months(month, 1) - timedelta(1)
        agreements = self.env["nka.pay.agreement"].sudo()
        in_force = agreements._in_force(month, last, company).employee_id
        credited = self._credited_users(month, last, company).ids
        owed = (
            self._corrected_employees(month, company)
            | self._scored_employees(last, company)
            | self._released_employees(month, company, in_force)
        )
        ended = agreements.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("accepted", "ended")),
                ("date_from", "<=", last),
                "|",
                "|",
                ("user_id", "in", credited),
                ("accepted_by_id", "in", credited),
                ("employee_id", "in", owed.ids),
            ]
        )
        return in_force | ended.employee_id

    @api.model
    def _persons(self, employees):
        """Whose each employee's statement is: his login's, or, where that was taken off,
        whose who accepted his last agreement. Who never had one gets no statement.

        :rtype: dict[hr.employee, res.users]
        """
        persons = {employee: employee.user_id for employee in employees}
        without = employees.filtered(lambda row: not row.user_id)
        agreements = self.env["nka.pay.agreement"].sudo()
        accepted = [("employee_id", "in", without.ids), ("accepted_by_id", "!=", False)]
        if without:
            for agreement in agreements.search(accepted, order="date_from"):
                persons[agreement.employee_id] = agreement.accepted_by_id
        return {employee: person for employee, person in persons.items() if person}

    @api.model
    def _credited_users(self, month, last, company):
        rows = (
            self.env["nka.bonus.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("date", ">=", month),
                    ("date", "<=", last),
                ],
                [],
                ["user_id:recordset"],
            )
        )
        return rows[0][0]

    @api.model
    def _corrected_employees(self, month, company):
        """Whose corrections wait to be paid, or are paid by this very month."""
        corrections = self.env["nka.pay.correction"].sudo()
        found = corrections.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "approved"),
                ("statement_id.month", "<", month),
                "|",
                ("settled_id", "=", False),
                ("settled_id.month", "=", month),
            ]
        )
        return found.employee_id

    @api.model
    def _scored_employees(self, last, company):
        """Who has goals in the season that ends on a day."""
        goals = self.env["nka.season.goal"].sudo()
        return goals.search(
            [("company_id", "=", company.id), ("season_id.date_end", "=", last)]
        ).employee_id

    @api.model
    def _released_employees(self, month, company, others):
        """Of whose held pay reports approved since release something.

        :param others: hr.employee, who get a statement anyway and aren't looked at
        """
        statements = self.sudo()
        holding = statements.search(
            [
                ("company_id", "=", company.id),
                ("employee_id", "not in", others.ids),
                ("month", "<", month),
                ("state", "!=", "open"),
                ("held_amount", ">", 0),
            ]
        ).employee_id
        if not holding:
            return holding
        facts = statements._gather(holding, month, company)
        return holding.filtered(lambda row: statements._releases(row, facts))

    def _only_owed(self):
        """Statements of people who had left before the month.

        No fixed pay, no advance: they pay what the time before still owes.
        """
        return self.filtered(
            lambda row: (
                row.agreement_id.date_to and row.agreement_id.date_to < row.month
            )
        )
