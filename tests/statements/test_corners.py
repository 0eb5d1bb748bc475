"""Edge cases of the pay rules; every figure is calculated by hand."""

from datetime import date

from freezegun import freeze_time

from odoo import Command

from ..pay.common import HeldAboveFloor
from .common import StatementCase

MAY, JUNE, JULY = date(2025, 5, 1), date(2025, 6, 1), date(2025, 7, 1)
AUGUST, SEPTEMBER = date(2025, 8, 1), date(2025, 9, 1)
OCTOBER, NOVEMBER, DECEMBER = (date(2025, month, 1) for month in (10, 11, 12))

#: 12 of September's 22 workdays.
LAST_DAY = date(2025, 9, 16)


class CornerCase(StatementCase):
    def _done(self, month, employee=None):
        statement = self._calculate(month, employee)
        self.assertEqual(statement.state, "calculated", statement.exception)
        return statement

    def _line(self, statement, kind):
        return statement.line_ids.filtered(lambda row: row.kind == kind)

    def assertZeroesExplained(self, statement):
        for line in statement.line_ids:
            self.assertTrue(line.amount or line.reason, line.kind)


class TestPartTime(CornerCase):
    """Mondays to Wednesdays: 12 workdays in November 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls.employee.sudo().version_id
        cls.part_time = cls.env["resource.calendar"].create(
            {
                "name": "Three days",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": day,
                                "dayofweek": day,
                                "hour_from": hour,
                                "hour_to": hour + 4,
                                "day_period": period,
                            }
                        )
                        for day in "012"
                        for hour, period in ((8, "morning"), (13, "afternoon"))
                    ),
                ],
            }
        )

    def _days_of(self, statement):
        return statement.employed_days, statement.fixed_amount

    def test_hired_within_the_month(self):
        """Wednesday the 12th: 7 of 12 days, 80,000 × 7 / 12."""
        self.contract.write(
            {
                "resource_calendar_id": self.part_time.id,
                "contract_date_start": date(2025, 11, 12),
            }
        )
        self.assertEqual(self._days_of(self._done(NOVEMBER)), (7, 46666.67))

    def test_left_within_the_month(self):
        """Thursday the 20th, a day off in their calendar: 9 of 12 days."""
        self.contract.write(
            {
                "resource_calendar_id": self.part_time.id,
                "contract_date_end": date(2025, 11, 20),
            }
        )
        self.assertEqual(self._days_of(self._done(NOVEMBER)), (9, 60000))

    def test_fewer_days_a_week_from_mid_month(self):
        """8 days of the full week up to Wednesday the 12th, then 6 of the three-day
        week; hired on the 10th: 3 + 6 of 14.
        """
        self.contract.contract_date_start = date(2025, 11, 10)
        self.employee.sudo().create_version(
            {
                "date_version": date(2025, 11, 13),
                "resource_calendar_id": self.part_time.id,
            }
        )
        self.assertEqual(self._days_of(self._done(NOVEMBER)), (9, 51428.57))


class TestAgreementChanges(CornerCase):
    BASIS = "invoiced"

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{"draw": 50000, **vals})

    def _renew(self, month, last_day, **vals):
        self.agreement.sudo()._unlocked().write({"date_to": last_day})
        return self._accepted(date_from=month, **vals)

    def test_draw_balance_continues_and_the_pool_is_of_both_agreements(self):
        """July and August leave a balance of 100,000; 100,000 earned recover half of
        70,000.
        """
        self._renew(
            SEPTEMBER,
            date(2025, 8, 31),
            target_earnings=300000,
            monthly_quota=3000000,
            draw=30000,
            recovery_rate=0.5,
        )
        self._score_all(SEPTEMBER)
        self._invoice(2000000, date(2025, 9, 30))
        owed = [self._done(month).balance for month in (JULY, AUGUST)]
        self.assertEqual(owed, [50000, 100000])
        september = self._done(SEPTEMBER)
        self.assertEqual(september.balance_before, 100000)
        self.assertEqual(
            (september.bonus_amount, september.carry_amount, september.balance),
            (100000, -35000, 65000),
        )
        self.assertEqual((september.fixed_amount, september.soft_amount), (12e4, 7e4))
        self.assertEqual(september.total_amount, 255000)

    def test_each_month_is_paid_at_its_own_rate(self):
        """1,000,000 at 5 %, then another 500,000 at 10 %."""
        self._renew(AUGUST, date(2025, 7, 31), monthly_quota=1000000, draw=0)
        self._invoice(1000000, date(2025, 7, 31))
        self._invoice(500000, date(2025, 8, 1))
        self.assertEqual(self._done(JULY).bonus_amount, 50000)
        august = self._done(AUGUST)
        self.assertEqual((august.bonus_amount, august.carry_amount), (50000, 0))
        self.assertEqual(august.half_year_credits, 1500000)
        self.assertEqual(august.half_year_quota, 6000000)
        # Friday the 1st, the first day of the agreement, is a workday.
        self.assertEqual((august.employed_days, august.fixed_amount), (21, 80000))


class TestJoinedInTheSeason(CornerCase):
    """Hired on 17 November: 10 of November's 20 days and all 23 of December, of 66 in
    the quarter.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee, cls.other_employee = cls.other_employee, cls.employee
        cls.employee.sudo().version_id.contract_date_start = date(2025, 11, 17)
        cls._accepted(cls.employee, date_from=NOVEMBER)

    def test_pool_and_counts_cover_the_days_employed(self):
        """10,000 + 20,000; leads 4 of 5, average sale value 0.8, overdue 0.7,
        negotiations 8 of 20.
        """
        self._goals(
            DECEMBER,
            vip_leads=(10, 0, 4),
            average_check=(500000, 0, 400000),
            overdue_share=(5, 15, 8),
            negotiations=(40, 0, 8),
        )
        december = self._done(DECEMBER)
        self.assertEqual(december.soft_amount, 19650)
        goals = self._line(december, "goal")
        self.assertEqual(goals.mapped("amount"), [7200, 7200, 5250, 0])
        self.assertZeroesExplained(december)

    def test_threshold_of_a_prorated_target(self):
        """10 of 20 negotiations count half of their 15 %: 92.5 % of the pool."""
        met = {"average_check": (1, 0, 1), "overdue_share": (5, 15, 5)}
        self._goals(DECEMBER, vip_leads=(10, 0, 5), negotiations=(40, 0, 10), **met)
        self.assertEqual(self._done(DECEMBER).soft_amount, 27750)


class TestSeasonEdges(CornerCase):
    def test_excluded_goal_gives_its_weight_to_the_others(self):
        """30 and 25 × 0.7 of the remaining 70: 47.5 / 70 of 60,000."""
        goals = self._goals(
            DECEMBER,
            state="accepted",
            vip_leads=(10, 0, 10),
            average_check=(500000, 0, 0),
            overdue_share=(5, 15, 8),
            negotiations=(40, 0, 0),
        )
        check = goals.filtered(lambda row: row.kpi_id == self._kpi("average_check"))
        check._unlocked().write(
            {
                "decision": "left_out",
                "decision_reason": "No invoice in the season",
                "is_measured": False,
            }
        )
        self.env.flush_all()
        goals._unlocked().write({"state": "frozen"})
        december = self._done(DECEMBER)
        self.assertEqual(december.soft_amount, 40714.29)
        shown = self._line(december, "goal").mapped("amount")
        self.assertEqual(shown, [25714.29, 0, 15000, 0])
        self.assertZeroesExplained(december)

    def test_season_is_scored_by_the_terms_its_goals_were_agreed_under(self):
        """A version from November requires 0.9; the goals' own version requires 0.5."""
        goals = self._goals(
            DECEMBER,
            state="accepted",
            vip_leads=(10, 0, 8),
            average_check=(10, 0, 8),
            overdue_share=(5, 15, 7),
            negotiations=(10, 0, 8),
        )
        self.assertEqual(goals.agreement_id, self.agreement)
        self._approved_version(NOVEMBER, threshold=0.9)
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 10, 31)})
        self._accepted(date_from=NOVEMBER)
        goals._unlocked().write({"state": "frozen"})
        self.assertEqual(self._done(DECEMBER).soft_amount, 48000)


class TestLowCap(CornerCase):
    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        return super()._approved_version(
            date_start, plan, **{**vals, "threshold": 0.8, "cap": 0.8}
        )

    def test_score_above_the_cap_counts_as_the_cap(self):
        """1.2, 0.8 and 1 count 0.8, 0.7999 counts zero: 85 % of the pool × 0.8."""
        self._goals(
            DECEMBER,
            vip_leads=(10, 0, 12),
            average_check=(500000, 0, 400000),
            overdue_share=(5, 15, 5),
            negotiations=(10000, 0, 7999),
        )
        december = self._done(DECEMBER)
        self.assertEqual(december.soft_amount, 40800)
        self.assertIn("threshold", self._line(december, "goal")[-1].reason)


class TestEarlierHalfYear(CornerCase):
    def test_refunds_in_two_months_reverse_the_bonus_to_the_cent(self):
        """33,333.33 earned 1,666.67; refunds of a third and two thirds reverse it."""
        bare = self.tax.browse()
        invoice = self._invoice(33333.33, date(2025, 5, 5), taxes=bare)
        self._match(invoice, self._money(33333.33, date(2025, 5, 31)))
        may = self._done(MAY)
        self.assertEqual(may.bonus_amount, 1666.67)
        self._close(may)
        taken = []
        for month, amount in ((JULY, 11111.11), (AUGUST, 22222.22)):
            day = month.replace(day=4)
            note = self._credit_note(invoice, day, amount=amount, match=False)
            self._match(note, self._money(amount, day, kind="outbound"))
            statement = self._done(month)
            line = self._line(statement, "clawback")
            self.assertEqual(line.source_month, MAY)
            self.assertEqual(statement.total_amount, 80000)
            taken.append((line.amount, statement.balance))
            self._close(statement)
        self.assertEqual(taken, [(-555.56, 555.56), (-1111.11, 1666.67)])

    def test_last_day_and_first_day_of_two_half_years(self):
        invoice = self._invoice(1000000, date(2025, 6, 2))
        for day in (date(2025, 6, 30), date(2025, 7, 1)):
            self._match(invoice, self._money(600000, day))
        self._score_all(JUNE)
        june, july = self._done(JUNE), self._done(JULY)
        self.assertEqual((june.credit_amount, july.credit_amount), (500000, 500000))
        self.assertEqual(july.half_year_credits, 500000)


class TestNothing(CornerCase):
    def test_month_of_zeros_gives_the_reason_of_every_part(self):
        """The manager has an agreement and left before the month."""
        self.employee.sudo().version_id.contract_date_end = date(2025, 10, 31)
        november = self._done(NOVEMBER)
        self.assertEqual((november.total_amount, november.employed_days), (0, 0))
        self.assertZeroesExplained(november)
        self.assertEqual(
            self._line(november, "fixed").reason, "No workdays employed in this period."
        )
        self.assertFalse(november._shown_shares()[0]["percent"])


class HeldCase(HeldAboveFloor, CornerCase):
    """November 2026 has 21 workdays; pay for days without a report is held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.november, cls.december = date(2026, 11, 1), date(2026, 12, 1)
        cls.january = date(2027, 1, 1)


class TestFloorAboveFixed(HeldCase):
    FLOOR = 100000

    def test_without_any_report_all_of_it_is_paid(self):
        """7 of 21 days earn a third, which is below the floor."""
        november = self._done(self.november)
        self.assertEqual((november.fixed_amount, november.held_amount), (80000, 0))
        self.employee.sudo().version_id.contract_date_end = date(2026, 11, 10)
        november = self._done(self.november)
        self.assertEqual((november.fixed_amount, november.held_amount), (26666.67, 0))


class TestHeld(HeldCase):
    """The first 16 days are reported."""

    def _cover_sixteen(self):
        self._cover(self.november, date(2026, 11, 20))
        self._new_report(date(2026, 11, 23), date(2026, 11, 23))

    def _held_november(self):
        self._cover_sixteen()
        statement = self._done(self.november)
        self.assertEqual(
            (statement.fixed_amount, statement.held_amount), (60952.38, 19047.62)
        )
        self._close(statement)
        return statement

    def _released(self, statement):
        return sum(self._line(statement, "release").mapped("amount"))

    def test_nothing_is_held_if_approved_before_the_close(self):
        self._cover_sixteen()
        self.assertTrue(self._done(self.november).held_amount)
        self._new_report(date(2026, 11, 24), date(2026, 11, 30))
        november = self._done(self.november)
        self.assertEqual((november.fixed_amount, november.held_amount), (80000, 0))
        self._close(november)
        self._score_all(self.december)
        self.assertFalse(self._released(self._done(self.december)))

    def test_released_in_two_steps_once_each(self):
        """19 of 21 days are covered in December, all of them in January."""
        self._held_november()
        self._score_all(self.december)
        self.assertFalse(self._released(self._done(self.december)))
        self._new_report(date(2026, 11, 24), date(2026, 11, 26))
        for _again in range(2):
            december = self._done(self.december)
            self.assertEqual(self._released(december), 11428.57)
        self._close(december)
        self._new_report(date(2026, 11, 27), date(2026, 11, 30))
        january = self._done(self.january)
        self.assertEqual(self._line(january, "release").source_month, self.november)
        self.assertEqual(self._released(january), 7619.05)

    def test_holiday_entered_later_needs_no_report(self):
        """The 30th turns out to be a holiday; the other days are reported: everything
        is paid.
        """
        self._held_november()
        self._new_report(date(2026, 11, 24), date(2026, 11, 27))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": False,
                "company_id": self.company.id,
                "date_from": "2026-11-29 20:00:00",
                "date_to": "2026-11-30 23:00:00",
            }
        )
        self._score_all(self.december)
        self.assertEqual(self._released(self._done(self.december)), 19047.62)

    def test_adjustment_of_the_days_keeps_the_other_release(self):
        """The manager had left on the 23rd: 16 of 21 days, all of them reported."""
        november = self._held_november()
        self.employee.sudo().version_id.contract_date_end = date(2026, 11, 23)
        self.env.flush_all()
        november.with_user(self.officer).action_correct()
        correction = self.env["nka.pay.correction"].search([])
        self.assertEqual(correction.mapped("amount"), [-19047.62])
        second = self._new_user("officer_d", "group_key_account_payroll_officer")
        correction.with_user(second).action_approve()
        self._score_all(self.december)
        december = self._done(self.december)
        # 60,952.38 was correct; the release and its reversal add up to zero.
        self.assertEqual((december.retro_amount, december.fixed_amount), (0, 0))
        self.assertEqual(self._released(december), 19047.62)


class TestEndWithinAMonth(StatementCase):
    """An agreement that ends within a month pays its part of it (docs/pay.md, fixed
    pay).

    The person stays employed and is paid differently from the 17th on.
    """

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

    def test_fixed_and_goal_pay_are_prorated_by_workdays(self):
        self._end(LAST_DAY)
        statement = self._calculate(SEPTEMBER)
        self.assertEqual((statement.employed_days, statement.covered_days), (12, 12))
        self.assertEqual(statement.fixed_amount, 43636.36)
        # 20,000 + 20,000 + rnd(20,000 × 12 / 22)
        self.assertEqual(statement.soft_amount, 50909.09)

    def test_first_of_a_month_pays_its_day(self):
        """Monday the first: 80,000 / 22, and the same part of the third month's pool."""
        self._end(SEPTEMBER)
        statement = self._calculate(SEPTEMBER)
        self.assertEqual(statement.fixed_amount, 3636.36)
        self.assertEqual(statement.soft_amount, 40909.09)

    def test_draw_is_prorated_too(self):
        self._end(date(2025, 6, 30))
        self._accepted(date_from=date(2025, 7, 1), date_to=LAST_DAY, draw=22000)
        self.assertEqual(self._calculate(SEPTEMBER).carry_amount, 12000)

    def test_last_of_a_month_pays_all_of_it(self):
        self._end(date(2025, 9, 30))
        statement = self._calculate(SEPTEMBER)
        self.assertEqual(statement.employed_days, 22)
        self.assertEqual(statement.total_amount, 80000 + 60000)

    def test_month_after_pays_nothing(self):
        self._end(LAST_DAY)
        self.assertTrue(self._calculate(date(2025, 10, 1)).exception)

    def test_goals_show_the_part_that_is_paid(self):
        self._end(LAST_DAY)
        goals = self._goals(date(2025, 12, 1), state="accepted", negotiations=(1, 0, 1))
        goals |= self.env["nka.season.goal"].search(
            [("season_id", "=", self._season(SEPTEMBER).id)]
        )
        with freeze_time("2025-12-31"):
            shown = self._season(SEPTEMBER)._proportions(goals.employee_id)
        # July and August in full, 12 days of September: of 66 workdays.
        found = shown[self.employee.id]
        self.assertAlmostEqual(float(found), (23 + 21 + 12) / (23 + 21 + 22))
