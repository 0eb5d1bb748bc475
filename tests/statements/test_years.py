"""Half-years and seasons of a company whose fiscal year doesn't begin in January."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError

from .test_opening import OpeningCase
from .test_retro import RetroCase

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (
    date(2025, month, 1) for month in range(8, 13)
)


def in_month(month, day=5):
    return month.replace(day=day)


class YearCase(RetroCase):
    """5 % up to the half-year quota (2,000,000 a month), 10 % above it."""

    BASIS = "invoiced"
    YEAR = "4"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.nka_year_month = cls.YEAR

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        tiers = [
            Command.create({"from_percent": 0, "factor": 1}),
            Command.create({"from_percent": 100, "factor": 2}),
        ]
        return super()._approved_version(date_start, plan, tier_ids=tiers, **vals)


class TestFiscalYear(YearCase):
    def test_credits_add_up_from_october(self):
        self._invoice(12000000, in_month(SEPTEMBER))
        self._invoice(12000000, in_month(OCTOBER))
        self._invoice(1000000, in_month(NOVEMBER))
        september, october, november = (
            self._calculate(month) for month in (SEPTEMBER, OCTOBER, NOVEMBER)
        )
        self.assertEqual(september.half_year_credits, 12000000)
        self.assertEqual(
            (october.bonus_amount, october.quota_to_date), (600000, 2000000)
        )
        self.assertEqual(november.half_year_credits, 13000000)
        self.assertEqual(november.half_year_quota, 12000000)
        self.assertEqual(november.bonus_amount, 100000)

    def test_january_continues_the_half_year(self):
        """In a calendar year, January would start a new half-year."""
        self._invoice(12000000, in_month(NOVEMBER))
        self._invoice(1000000, date(2026, 1, 5))
        january = self._calculate(date(2026, 1, 1))
        self.assertEqual(january.half_year_credits, 13000000)
        self.assertEqual(january.bonus_amount, 100000)

    def test_clawback_from_an_earlier_half_year(self):
        """August and October are in two half-years; in a calendar year they are in one."""
        invoice = self._invoice(1000000, in_month(AUGUST))
        self._closed(AUGUST)
        self._close_month(SEPTEMBER)
        invoice.button_draft()
        october = self._calculate(OCTOBER)
        self.assertEqual(self._retro(october), [("clawback", AUGUST, -50000)])
        self.assertEqual(october.half_year_credits, 0)

    def test_seasons_follow(self):
        self.env["nka.season"].search([]).unlink()
        with freeze_time("2026-02-10"):
            self.company.nka_season_months = 4
            self.company._make_seasons()
        seasons = self.env["nka.season"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            sorted(seasons.mapped("date_start"))[:2],
            [date(2025, 12, 1), date(2026, 4, 1)],
        )

    def test_names_of_quarters(self):
        season = self.env["nka.season"].create(
            {
                "company_id": self.company.id,
                "date_start": date(2031, 1, 1),
                "date_end": date(2031, 3, 31),
            }
        )
        self.assertEqual(season.display_name, "2030/31, quarter 4")

    def test_variance_states_that_a_half_year_begins(self):
        self._invoice(13000000, in_month(SEPTEMBER))
        self._invoice(1000000, in_month(OCTOBER))
        self._calculate(SEPTEMBER)
        self._calculate(OCTOBER)
        self.env.flush_all()
        rows = self.env["nka.pay.variance"].search(
            [("month", "=", OCTOBER), ("component", "=", "bonus")]
        )
        self.assertIn("half-year", " ".join(rows.mapped("reason")))


class TestOpening(OpeningCase):
    """October starts a half-year of a fiscal year from April."""

    def test_months_before(self):
        self.company.nka_year_month = "4"
        with self.refused(ValidationError, "starts a half-year"):
            self._opening(credits=100)
        opening = self._opening(month=NOVEMBER, credits=3000000)
        self.assertEqual(opening.quota_months, 1)
        opening.action_submit()
        opening.with_user(self.second).action_approve()
        self.assertEqual(self._calculate(NOVEMBER).half_year_credits, 3000000)


class TestChange(YearCase):
    YEAR = "1"

    def test_change_applies_at_once_while_nothing_is_calculated(self):
        self.company.nka_year_month = "4"
        years = self.company._nka_years()
        self.assertEqual(years.half_year(NOVEMBER), OCTOBER)
        self.assertEqual(years.half_year(date(2020, 2, 1)), date(2019, 10, 1))
        self.assertFalse(self.company._nka_say_years())

    @freeze_time("2025-12-08")
    def test_change_applies_from_the_next_half_year(self):
        self._invoice(1000000, in_month(AUGUST))
        self._invoice(1000000, in_month(NOVEMBER))
        before = self._calculate(NOVEMBER)
        self.assertEqual(before.half_year_credits, 2000000)
        self.company.nka_year_month = "4"
        self.assertEqual(self._calculate(NOVEMBER).half_year_credits, 2000000)
        self.assertEqual(
            self.company._nka_say_years(),
            "From 01/01/2026, half-years start in April and October; until then, in "
            "January and July.",
        )
        years = self.company._nka_years()
        self.assertEqual(years.half_year(date(2026, 2, 1)), date(2026, 1, 1))
        self.assertEqual(years.months_of_half_year(date(2026, 2, 1)), 3)
        self.assertEqual(years.half_year(date(2026, 5, 1)), date(2026, 4, 1))
        february = self._calculate(date(2026, 2, 1))
        self.assertEqual(february.half_year_quota, 6000000)
        event = self._events(self.company, "setting")[-1]
        self.assertIn("From 01/01/2026", event.note)

    def test_withdrawn_before_it_applies(self):
        self._calculate(NOVEMBER)
        self.company.nka_year_month = "4"
        self.company.nka_year_month = "1"
        years = self.company._nka_years()
        for month in (NOVEMBER, date(2026, 2, 1), date(2026, 8, 1)):
            self.assertEqual(years.half_year(month).month in (1, 7), True)
        self.assertEqual(len(years.starts), 1)

    @freeze_time("2025-12-08")
    def test_planned_seasons_without_goals_follow(self):
        self.company.nka_season_months = 6
        self.env["nka.season"].search([]).unlink()
        self.company._make_seasons()
        self._calculate(NOVEMBER)
        self.company.nka_year_month = "4"
        seasons = self.env["nka.season"].search(
            [("company_id", "=", self.company.id)], order="date_start"
        )
        self.assertEqual(
            [(row.date_start, row.date_end) for row in seasons][:3],
            [
                (date(2025, 7, 1), date(2025, 12, 31)),
                (date(2026, 1, 1), date(2026, 3, 31)),
                (date(2026, 4, 1), date(2026, 9, 30)),
            ],
        )

    def test_administrator_sets_it_in_the_settings(self):
        settings = self.env["nka.settings"].with_user(self.kam_admin)
        settings = settings.create({"nka_year_month": "7"})
        self.assertEqual(self.company.nka_year_month, "7")
        self.assertFalse(settings.nka_year_note)
