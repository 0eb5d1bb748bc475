"""The variance report: figures compared with plain SQL, and the reason of every change."""

from datetime import date
from decimal import Decimal

from odoo.addons.nka_key_accounts.models.statements.variance_reasons import (
    Reason,
    in_words,
)
from odoo.exceptions import AccessError

from ..common import new_user
from .common import StatementCase

AUGUST, SEPTEMBER, OCTOBER = (date(2025, month, 1) for month in (8, 9, 10))


class TestVariance(StatementCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=date(2025, 9, 1))

    def _rows(self, month, user=None, employee=None):
        rows = self.env["nka.pay.variance"].with_user(user or self.officer)
        self.env.flush_all()
        found = rows.search(
            [
                ("month", "=", month),
                ("employee_id", "=", (employee or self.employee).id),
            ]
        )
        return {row.component: row for row in found}

    def test_compared_with_last_month_and_the_3_month_average(self):
        for month, amount in ((6, 1000000), (7, 400000), (8, 600000), (9, 100000)):
            self._invoice(amount, date(2025, month, 5))
            self._calculate(date(2025, month, 1))
        bonus = self._rows(SEPTEMBER)["bonus"]
        self.assertEqual(bonus.amount, 5000)
        self.assertEqual((bonus.previous_amount, bonus.change), (30000, -25000))
        self.assertAlmostEqual(bonus.mean_amount, (50000 + 20000 + 30000) / 3, 2)
        self.assertIn("100,000.00 instead of 600,000.00", bonus.reason)
        fixed = self._rows(SEPTEMBER)["fixed"]
        self.assertEqual((fixed.change, fixed.reason), (0, "same as last month"))

    def test_components_add_up_to_the_total(self):
        self._invoice(1000000, date(2025, 8, 5))
        self._calculate(AUGUST)
        september = self._calculate(SEPTEMBER, self.employee | self.other_employee)
        self.env.cr.execute(
            "SELECT SUM(amount) FROM nka_pay_statement_line "
            "WHERE statement_id IN %s AND is_shown_only IS NOT TRUE",
            (tuple(september.ids),),
        )
        (by_hand,) = self.env.cr.fetchone()
        self.env.flush_all()
        rows = self.env["nka.pay.variance"].search([("month", "=", SEPTEMBER)])
        self.assertEqual(sum(rows.mapped("amount")), float(by_hand))
        self.assertEqual(float(by_hand), sum(september.mapped("total_amount")))
        parts = september._component_amounts()
        for statement in september:
            total = float(sum(parts[statement].values()))
            self.assertEqual(total, statement.total_amount)

    def test_adjustment_counts_as_the_component_it_changes(self):
        august = self._calculate(AUGUST)
        self._close(august)
        second = self._new_user("officer_v", "group_key_account_payroll_officer")
        for component, amount in (("fixed", 400), ("soft", -30), ("bonus", 2)):
            self.env["nka.pay.correction"].with_user(self.officer).create(
                {
                    "statement_id": august.id,
                    "component": component,
                    "amount": amount,
                    "reason": "Mistyped",
                }
            ).with_user(second).action_approve()
        self._score_all(SEPTEMBER)
        september = self._calculate(SEPTEMBER)
        amounts = september._component_amounts()[september]
        self.assertEqual((amounts["released"], amounts["retro"]), (400, -28))
        self.assertEqual(
            (september.released_amount, september.correction_amount), (400, -28)
        )
        rows = self._rows(SEPTEMBER)
        self.assertEqual((rows["released"].amount, rows["retro"].amount), (400, -28))
        self.assertIn("Mistyped", rows["released"].reason)

    def test_new_and_leaving_employees(self):
        self._calculate(AUGUST)
        self._calculate(SEPTEMBER, self.other_employee)
        new = self._rows(SEPTEMBER, employee=self.other_employee)["fixed"]
        self.assertIn("no statement for last month", new.reason)
        gone = self._rows(SEPTEMBER)["fixed"]
        self.assertTrue(gone.is_gone)
        self.assertEqual((gone.amount, gone.change), (0, -80000))
        self.assertEqual(gone.reason, "no statement for this month")
        self.assertEqual(gone.action_open_statement()["res_id"], gone.statement_id.id)

    def test_failed_calculation_is_the_reason(self):
        self._calculate(AUGUST)
        self.agreement.with_user(self.officer)._finish(date(2025, 8, 31), "Left")
        self._calculate(SEPTEMBER, self.employee | self.other_employee)
        self.assertIn(
            "no accepted pay agreement", self._rows(SEPTEMBER)["fixed"].reason
        )

    def test_end_of_a_season(self):
        self._calculate(AUGUST)
        self._score_all(SEPTEMBER)
        self._calculate(SEPTEMBER)
        self.assertIn(
            "season ends, goal attainment 100 %", self._rows(SEPTEMBER)["soft"].reason
        )
        self._calculate(OCTOBER)
        self.assertEqual(
            self._rows(OCTOBER)["soft"].reason, "no season ends this month"
        )

    def test_attainment_has_two_decimals(self):
        values = (("now", Decimal("0.668896")), ("before", Decimal("0.5")))
        words = in_words(
            self.env, Reason("attainment", values), self.env.company.currency_id
        )
        self.assertEqual(words, "goal attainment 66.89 % instead of 50 %")

    def test_clawback_of_an_earlier_half_year(self):
        invoice = self._invoice(1000000, date(2025, 5, 5))
        self._calculate(date(2025, 7, 1))
        self._credit_note(invoice, date(2025, 8, 5), amount=120000)
        self._calculate(AUGUST)
        rows = self._rows(AUGUST)
        self.assertEqual(rows["retro"].reason, "clawback of the bonus for May 2025")
        self.assertIn("draw: earned -6,000.00", rows["carry"].reason)

    def test_new_terms_and_days_employed(self):
        self._calculate(SEPTEMBER, self.other_employee)
        version = self.other_employee.version_id
        version.contract_date_end = date(2025, 10, 15)
        self._calculate(OCTOBER, self.other_employee)
        row = self._rows(OCTOBER, employee=self.other_employee)["fixed"]
        self.assertIn(
            "employed, less unpaid leave: 11 of 23; last month 22 of 22", row.reason
        )

    def test_reasons_are_in_the_user_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self._calculate(AUGUST)
        self._calculate(SEPTEMBER)
        reader = new_user(
            self.env,
            "olga",
            "nka_key_accounts.group_key_account_payroll_officer",
            lang="ru_RU",
        )
        row = self._rows(SEPTEMBER, user=reader)["fixed"]
        text = row.with_context(lang="ru_RU").reason
        self.assertNotEqual(text, "same as last month")

    def test_only_payroll_officers_read_it(self):
        self._calculate(AUGUST)
        for person in (self.manager, self.supervisor, self.kam_admin, self.salesman):
            with self.refused(AccessError):
                self.env["nka.pay.variance"].with_user(person).search([])

    def test_query_count_is_constant(self):
        self._calculate(SEPTEMBER, self.employee | self.other_employee)
        self._calculate(OCTOBER, self.employee | self.other_employee)
        rows = self.env["nka.pay.variance"].search([("month", "=", OCTOBER)])
        counts = []
        for some in (rows[:1], rows):
            self.env.invalidate_all()
            some.fetch(["statement_id", "component", "is_gone"])
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            some.mapped("reason")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
