"""Opening balances: how the first month builds on them, and who can enter them."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import StatementCase

SEPTEMBER, OCTOBER, NOVEMBER = (date(2025, month, 1) for month in (9, 10, 11))


class OpeningCase(StatementCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._new_user("officer_2", "group_key_account_payroll_officer")

    @classmethod
    def _opening(cls, **vals):
        return (
            cls.env["nka.pay.opening"]
            .with_user(cls.officer)
            .create(
                {
                    "employee_id": cls.employee.id,
                    "month": OCTOBER,
                    "note": "Register of September, page 2",
                    **vals,
                }
            )
        )

    @classmethod
    def _approved(cls, **vals):
        opening = cls._opening(**vals)
        opening.action_submit()
        opening.with_user(cls.second).action_approve()
        return opening


class TestOpeningFigures(OpeningCase):
    """The agreement starts in October; the half-year began before the addon was used."""

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        tiers = [
            Command.create({"from_percent": 0, "factor": 1}),
            Command.create({"from_percent": 100, "factor": 2}),
        ]
        return super()._approved_version(date_start, plan, tier_ids=tiers, **vals)

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(
            employee, **{**vals, "date_from": OCTOBER, "draw": 30000}
        )

    def test_credits_reach_the_tier_and_bonus_recovers_the_draw(self):
        """Five months of quota 2,000,000 brought forward: sales of the sixth lie above
        the quota.
        """
        self._approved(credits=11800000, balance=50000)
        self._invoice(1000000, date(2025, 10, 7))
        october = self._calculate(OCTOBER)
        self.assertFalse(october.exception)
        # 200,000 up to the quota of 12,000,000 at 5 %, 800,000 above it at 10 %.
        self.assertEqual(october.bonus_amount, 90000)
        self.assertEqual(october.half_year_quota, 12000000)
        self.assertEqual(october.quota_to_date, 8000000)
        self.assertEqual(october.half_year_credits, 12800000)
        self.assertEqual((october.balance_before, october.balance), (50000, 0))
        self.assertEqual(october.carry_amount, -50000)
        carry = october.line_ids.filtered(lambda line: line.kind == "carry")
        self.assertEqual(carry.res_model, "nka.pay.opening")
        november = self._calculate(NOVEMBER)
        self.assertEqual((november.balance_before, november.balance), (0, 30000))
        self.assertEqual(november.half_year_credits, 12800000)

    def test_without_an_opening_the_half_year_has_three_months(self):
        self._invoice(1000000, date(2025, 10, 7))
        october = self._calculate(OCTOBER)
        self.assertEqual((october.bonus_amount, october.half_year_quota), (50000, 6e6))

    def test_fewer_months_of_quota(self):
        self._approved(credits=5900000, quota_months=1)
        self._invoice(2200000, date(2025, 10, 7))
        october = self._calculate(OCTOBER)
        self.assertEqual(october.half_year_quota, 8000000)
        self.assertEqual(october.bonus_amount, 105000 + 10000)

    def test_new_half_year_begins_at_zero_and_the_draw_balance_continues(self):
        self._approved(credits=9000000, balance=50000)
        self.assertEqual(self._calculate(OCTOBER).balance, 80000)
        january = date(2026, 1, 1)
        self._score_all(date(2025, 12, 1))
        for month in (NOVEMBER, date(2025, 12, 1), january):
            statement = self._calculate(month)
            self.assertFalse(statement.exception)
        self.assertEqual((statement.half_year_credits, statement.balance), (0, 170000))

    def test_only_approved_figures_count(self):
        opening = self._opening(credits=9000000, balance=50000)
        opening.action_submit()
        october = self._calculate(OCTOBER)
        self.assertEqual((october.half_year_credits, october.balance_before), (0, 0))

    def test_forecast_uses_the_opening(self):
        self._approved(credits=11800000)
        forecasts = self.env["nka.pay.forecast"].with_user(self.manager)
        forecast = forecasts._make(self.manager, self.company, date(2025, 10, 20))
        self.assertEqual(forecast.credits_before, 11800000)


class TestOpeningOverOldMonths(OpeningCase):
    """The ledger contains the earlier months; the opening balance replaces them."""

    def test_opening_replaces_ledger_credits_of_earlier_months(self):
        self._invoice(400000, date(2025, 8, 7))
        self._invoice(100000, date(2025, 10, 7))
        self._approved(credits=390000, quota_months=3)
        october = self._calculate(OCTOBER)
        self.assertEqual(october.half_year_credits, 490000)
        self.assertEqual(october.bonus_amount, 5000)

    def test_later_clawback_uses_the_rate_of_its_own_month(self):
        invoice = self._invoice(400000, date(2025, 8, 7))
        self._approved(credits=400000)
        self._calculate(OCTOBER)
        self._credit_note(invoice, date(2026, 2, 3), amount=100000)
        february = self._calculate(date(2026, 2, 1))
        self.assertEqual(february.retro_amount, -5000)


class TestOpeningSteps(OpeningCase):
    def test_two_officers(self):
        opening = self._opening(balance=100)
        opening.action_submit()
        with self.refused(AccessError, "nother payroll officer"):
            opening.action_approve()
        with self.refused(AccessError, "nother payroll officer"):
            opening.with_user(self.officer).sudo().action_approve()
        opening.with_user(self.second).action_approve()
        self.assertEqual(opening.state, "approved")
        states = [event.new for event in self._events(opening, "state")]
        self.assertEqual(states, ["submitted", "approved"])
        self.assertIn("100", self._events(opening, "state")[-1].note)

    def test_officer_cannot_approve_own_pay_nor_own_edits(self):
        self.manager.sudo().group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_payroll_officer"
        )
        opening = self._opening(balance=100)
        opening.with_user(self.second).balance = 90
        opening.action_submit()
        for person in (self.second, self.manager):
            with self.refused(AccessError, "nother payroll officer"):
                opening.with_user(person).action_approve()

    def test_roles(self):
        opening = self._approved(balance=100)
        self.assertEqual(opening.with_user(self.manager).balance, 100)
        for other in (self.colleague, self.supervisor_2):
            opening.invalidate_recordset()
            self.assertFalse(opening.with_user(other).search([("balance", "=", 100)]))
        for nobody in (self.kam_admin, self.salesman, self.employee_user):
            with self.refused(AccessError):
                opening.with_user(nobody).search([])
        for person in (self.manager, self.supervisor, self.kam_admin):
            for step in ("action_submit", "action_approve", "action_return"):
                with self.refused(AccessError):
                    getattr(opening.with_user(person), step)()

    def test_figures_are_read_only_once_submitted(self):
        opening = self._opening(balance=100)
        opening.action_submit()
        for vals in ({"balance": 1}, {"credits": 1}, {"month": NOVEMBER}):
            with self.refused(UserError, "Return it to draft"):
                opening.write(vals)
        with self.refused(AccessError):
            opening.write({"state": "approved"})
        with self.refused(UserError, "Return it to draft"):
            opening.unlink()
        opening.with_user(self.second).action_approve()
        self.refused_by_database(
            "UPDATE nka_pay_opening SET balance = 1 WHERE id = %s", opening.id
        )

    def test_return_asks_for_a_reason_and_withdraws_the_approval(self):
        opening = self._approved(balance=100)
        asked = opening.action_return()
        self.assertEqual(asked["res_model"], "nka.reason.wizard")
        opening.action_return(reason="The register was corrected")
        self.assertEqual(
            (opening.state, bool(opening.approved_by_id)), ("draft", False)
        )
        opening.balance = 80

    def test_source_is_required_and_closed_months_are_refused(self):
        with self.refused(UserError, "where the figures"):
            self._opening(note=" ").action_submit()
        approved = self._approved(balance=100)
        self._close(self._calculate(OCTOBER))
        with self.refused(UserError, "is already approved"):
            approved.action_return(reason="Too late")

    def test_months(self):
        with self.refused(ValidationError, "first day of a month"):
            self._opening(month=date(2025, 10, 2))
        with self.refused(ValidationError, "starts a half-year"):
            self._opening(month=date(2025, 7, 1), credits=5)
        with self.refused(ValidationError, "0 to 3 months"):
            self._opening(quota_months=4)
        self.assertEqual(self._opening().quota_months, 3)
