"""An agreement that ends within a month pays its part of the month (docs: pay, fixed)."""

from datetime import date

from freezegun import freeze_time

from .test_statement_examples import StatementCase

SEPTEMBER = date(2025, 9, 1)
#: 12 of September's 22 workdays.
LAST_DAY = date(2025, 9, 16)


class TestEndWithinAMonth(StatementCase):
    """He stays employed and is paid another way from the seventeenth on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._score_all(SEPTEMBER)
        cls._cover(SEPTEMBER, date(2025, 9, 30))

    def _end(self, last_day):
        wizard = self.env["nka.pay.agreement.end"].with_user(self.officer)
        wizard.create(
            {
                "agreement_id": self.agreement.id,
                "date_to": last_day,
                "is_renewal": False,
                "reason": "Moves to purchasing",
            }
        ).action_apply()

    def test_fixed_and_soft_pay_shrink_with_the_workdays(self):
        self._end(LAST_DAY)
        statement = self._calculate(SEPTEMBER)
        self.assertEqual((statement.employed_days, statement.covered_days), (12, 12))
        self.assertEqual(statement.fixed_amount, 43636.36)
        # 20,000 + 20,000 + rnd(20,000 × 12 / 22)
        self.assertEqual(statement.soft_amount, 50909.09)

    def test_the_first_of_a_month_pays_its_day(self):
        """Monday the first: 80,000 / 22, and as much of the third month's pool."""
        self._end(SEPTEMBER)
        statement = self._calculate(SEPTEMBER)
        self.assertEqual(statement.fixed_amount, 3636.36)
        self.assertEqual(statement.soft_amount, 40909.09)

    def test_the_draw_shrinks_too(self):
        self._end(date(2025, 6, 30))
        self._accepted(date_from=date(2025, 7, 1), date_to=LAST_DAY, draw=22000)
        self.assertEqual(self._calculate(SEPTEMBER).carry_amount, 12000)

    def test_the_last_of_a_month_pays_all_of_it(self):
        self._end(date(2025, 9, 30))
        statement = self._calculate(SEPTEMBER)
        self.assertEqual(statement.employed_days, 22)
        self.assertEqual(statement.total_amount, 80000 + 60000)

    def test_the_month_after_owes_nothing(self):
        self._end(LAST_DAY)
        self.assertTrue(self._calculate(date(2025, 10, 1)).exception)

    def test_goals_show_the_part_that_is_paid(self):
        self._end(LAST_DAY)
        goals = self._goals(date(2025, 12, 1), state="accepted", negotiations=(1, 0, 1))
        goals |= self.env["nka.season.goal"].search(
            [("season_id", "=", self._season(SEPTEMBER).id)]
        )
        with freeze_time("2025-12-31"):
            shown = goals._proportions()
        # July and August whole, 12 days of September: of 66 workdays.
        found = shown[self._season(SEPTEMBER).id, self.employee.id]
        self.assertAlmostEqual(float(found), (23 + 21 + 12) / (23 + 21 + 22))
