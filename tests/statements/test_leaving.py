"""Statements of people whose agreement has ended, and end dates that are too early."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError

from .common import StatementCase

JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in (1, 2, 3))
APRIL, MAY, JUNE, JULY = (date(2025, month, 1) for month in (4, 5, 6, 7))
END, ORDERED = date(2025, 2, 14), date(2025, 1, 20)


class LeavingCase(StatementCase):
    """The manager's agreement ended on 14 February 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._end(END)

    @classmethod
    def _end(cls, day, **vals):
        wizard = cls.env["nka.pay.agreement.end"].with_user(cls.officer)
        values = {"agreement_id": cls.agreement.id, "reason": "Left the company"}
        wizard = wizard.create({**values, "date_to": day, "is_renewal": False, **vals})
        wizard.action_apply()
        return wizard

    def _paid(self, day, amount=100000):
        invoice = self._invoice(amount, ORDERED, taxes=self.tax.browse())
        payment = self._money(amount, day)
        self._match(invoice, payment)
        return payment

    def _payable(self, month):
        return self.env["nka.pay.statement"]._payable_employees(month, self.company)

    def _retro(self, statement):
        lines = statement.line_ids.filtered(
            lambda row: row.kind in ("clawback", "correction")
        )
        return [(row.kind, row.source_month, row.amount) for row in lines]


class TestStatement(LeavingCase):
    def test_bonus_statements_while_payments_arrive(self):
        """20 March and 20 June, both in the last month of a season; nothing in between."""
        for month in (MARCH, JUNE):
            self._paid(month.replace(day=20))
            statement = self._calculate(month)
            self.assertFalse(statement.exception)
            self.assertEqual((statement.fixed_amount, statement.soft_amount), (0, 0))
            self.assertEqual(statement.bonus_amount, 5000)
            self.assertEqual(statement.total_amount, 5000)
            self.assertIn(self.employee, self._payable(month))
        self.assertNotIn(self.employee, self._payable(APRIL))

    def test_statement_shows_the_end_and_until_when_payments_count(self):
        self._paid(date(2025, 3, 20))
        february, march = self._calculate(FEBRUARY), self._calculate(MARCH)
        for statement in february, march:
            self.assertIn("ends on 02/14/2025", statement.leaving_note)
            self.assertIn("until 08/14/2025", statement.leaving_note)
        self.assertFalse(self._calculate(JANUARY).leaving_note)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "nka_key_accounts.report_pay_statement", march.ids
        )
        self.assertIn("until 08/14/2025", html.decode())

    def test_consecutive_terms_are_no_departure(self):
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 2, 28)})
        self._accepted(date_from=MARCH)
        self.assertFalse(self._calculate(FEBRUARY).leaving_note)

    def test_leaver_with_a_login_reads_their_statement(self):
        self._paid(date(2025, 3, 20))
        march = self._calculate(MARCH).with_user(self.manager)
        self.assertIn("until 08/14/2025", march.leaving_note)

    def test_forecast_continues_while_payments_count(self):
        self._paid(date(2025, 5, 5))
        self._build()
        forecasts = self.env["nka.pay.forecast"].with_user(self.manager)
        may = forecasts._make(self.manager, self.company, date(2025, 5, 20)).sudo()
        self.assertIn("until 08/14/2025", may.note)
        self.assertEqual((may.fixed_sure, may.bonus_sure), (0, 5000))
        july = forecasts._make(self.manager, self.company, date(2025, 7, 20)).sudo()
        self.assertEqual((july.bonus_sure, july.total_sure), (0, 0))
        later = forecasts._make(self.manager, self.company, date(2025, 8, 15)).sudo()
        self.assertEqual(
            later.note, "You have no accepted pay agreement for this month."
        )

    def test_clawback_of_later_credits_uses_their_own_rate(self):
        """Credited in May, undone in July: a clawback of May, by the last terms."""
        payment = self._paid(date(2025, 5, 5))
        may = self._calculate(MAY)
        self.assertEqual(may.total_amount, 5000)
        self._close(may)
        self._age()
        self._close_month(JUNE)
        payment.move_id.line_ids.remove_move_reconcile()
        july = self._calculate(JULY)
        self.assertFalse(july.exception)
        self.assertEqual(self._retro(july), [("clawback", MAY, -5000)])
        self.assertEqual((july.bonus_amount, july.total_amount), (0, 0))
        self.assertEqual(july.balance, 5000)

    def test_undone_within_the_half_year_it_is_a_negative_month(self):
        payment = self._paid(date(2025, 5, 5))
        may = self._calculate(MAY)
        self._close(may)
        self._age()
        payment.move_id.line_ids.remove_move_reconcile()
        june = self._calculate(JUNE)
        self.assertEqual((june.bonus_amount, june.total_amount), (-5000, 0))
        self.assertEqual(june.balance, 5000)


class TestDraw(LeavingCase):
    """A draw of 50,000 was paid for January."""

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{"draw": 50000, **vals})

    def test_no_new_draw_and_the_balance_is_recovered(self):
        january = self._calculate(JANUARY)
        self.assertEqual((january.total_amount, january.balance), (130000, 50000))
        self._close(january)
        self._age()
        february = self._calculate(FEBRUARY)
        self._close(february)
        self._age()
        self._paid(date(2025, 3, 20), 2000000)
        march = self._calculate(MARCH)
        owed = february.balance
        self.assertEqual(march.bonus_amount, 100000)
        self.assertEqual((march.carry_amount, march.balance), (-owed, 0))
        self.assertEqual(march.total_amount, 100000 - owed)


class TestTiers(LeavingCase):
    """Twice the rate above the half-year quota: two months of it in the last half-year."""

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        tiers = [
            Command.create({"from_percent": 0, "factor": 1}),
            Command.create({"from_percent": 100, "factor": 2}),
        ]
        return super()._approved_version(
            date_start, plan, **{**vals, "tier_ids": tiers}
        )

    def test_tiers_continue_over_the_half_year(self):
        """4,000,000 in January and February: all of March lies above the quota."""
        for day in (ORDERED, date(2025, 2, 3), date(2025, 3, 20)):
            self._paid(day, 2000000)
        march = self._calculate(MARCH)
        self.assertEqual(march.half_year_quota, 4000000)
        self.assertEqual(march.bonus_amount, 200000)

    def test_next_half_year_uses_the_last_quota(self):
        """3,000,000 in July would exceed one month's quota, but not two."""
        self._paid(date(2025, 7, 10), 3000000)
        july = self._calculate(JULY)
        self.assertEqual(july.half_year_quota, 4000000)
        self.assertEqual(july.quota_to_date, 0)
        self.assertEqual(july.bonus_amount, 150000)


class TestTooEarly(StatementCase):
    """January and February are closed: terms can neither begin nor end in them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._close_month(FEBRUARY)

    def _wizard(self, day, **vals):
        return (
            self.env["nka.pay.agreement.end"]
            .with_user(self.officer)
            .create(
                {
                    "agreement_id": self.agreement.id,
                    "reason": "Left the company",
                    "date_to": day,
                    "is_renewal": False,
                    **vals,
                }
            )
        )

    def test_agreement_ends_on_the_last_paid_day_at_the_earliest(self):
        for day in (END, date(2025, 2, 27), date(2024, 12, 31)):
            with self.subTest(day=day), self.refused(UserError, "02/28/2025"):
                self._wizard(day).action_apply()
        self._wizard(date(2025, 2, 28)).action_apply()
        self.assertEqual(self.agreement.date_to, date(2025, 2, 28))

    def test_new_terms_start_after_the_last_paid_day(self):
        with self.refused(UserError, "02/28/2025"):
            self._wizard(date(2025, 1, 31), is_renewal=True).action_apply()
        self._wizard(date(2025, 2, 28), is_renewal=True).action_apply()

    def test_version_starts_in_an_open_month(self):
        plan = self.env["nka.pay.plan"].create({"name": "Another plan"})
        for day in (JANUARY, FEBRUARY):
            with self.subTest(day=day), self.refused(ValidationError, "03/01/2025"):
                self._new_version(day, plan)
        self._new_version(MARCH, plan)

    def test_month_closed_meanwhile_blocks_the_approval(self):
        plan = self.env["nka.pay.plan"].create({"name": "Another plan"})
        version = self._new_version(MARCH, plan)
        version.action_submit()
        self._close_month(MARCH)
        with self.refused(ValidationError, "04/01/2025"):
            version.with_user(self.kam_admin).action_approve()

    def test_months_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Sister"})
        plan = self.env["nka.pay.plan"].create({"name": "P", "company_id": other.id})
        self.assertIsNone(plan._first_open_day())
        self.assertEqual(self.plan._first_open_day(), MARCH)
