"""Changes found after a month was closed become lines of the first open month."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import StatementCase

MAY, JUNE, JULY = date(2025, 5, 1), date(2025, 6, 1), date(2025, 7, 1)
AUGUST, SEPTEMBER = date(2025, 8, 1), date(2025, 9, 1)


def in_month(month, day=5):
    return month.replace(day=day)


class RetroCase(StatementCase):
    @classmethod
    def _closed(cls, month):
        statement = cls._calculate(month)
        assert statement.state == "calculated", statement.exception
        cls._close(statement)
        cls._age()
        return statement

    def _retro(self, statement):
        kinds = ("release", "clawback", "correction")
        lines = statement.line_ids.filtered(lambda row: row.kind in kinds)
        return [(row.kind, row.source_month, row.amount) for row in lines]


class TestRetroInvoiced(RetroCase):
    BASIS = "invoiced"

    def test_additional_sales_in_an_earlier_half_year(self):
        """Posted again for 1,500,000 instead of 1,000,000: 500,000 at 5 %."""
        invoice = self._invoice(1000000, in_month(MAY))
        self._closed(MAY)
        self._close_month(JULY)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 1500000
        invoice.action_post()
        august = self._calculate(AUGUST)
        self.assertFalse(august.exception)
        self.assertEqual(self._retro(august), [("correction", MAY, 25000)])
        self.assertEqual((august.bonus_amount, august.total_amount), (0, 105000))
        line = august.line_ids.filtered(lambda row: row.kind == "correction")
        self.assertIn("added", line.formula)
        self.assertEqual(
            self.env["nka.bonus.line"].browse(line.res_ids).mapped("amount"), [500000]
        )

    def test_reversed_and_restored_costs_nothing(self):
        invoice = self._invoice(1000000, in_month(MAY))
        self._closed(MAY)
        self._close_month(JULY)
        invoice.button_draft()
        august = self._calculate(AUGUST)
        self.assertEqual(self._retro(august), [("clawback", MAY, -50000)])
        self._close(august)
        invoice.action_post()
        september = self._calculate(SEPTEMBER)
        self.assertFalse(september.exception)
        self.assertEqual(self._retro(september), [("correction", MAY, 50000)])
        self.assertEqual(september.balance, 0)

    def test_reversed_and_restored_within_a_month_can_be_approved(self):
        """A mistake in accounting, with a build in between: the amount is zero, with
        the reason.
        """
        invoice = self._invoice(1000000, in_month(MAY))
        self._closed(MAY)
        self._close_month(JULY)
        invoice.button_draft()
        self._build()
        invoice.action_post()
        august = self._calculate(AUGUST)
        self.assertEqual(self._retro(august), [("clawback", MAY, 0)])
        line = august.line_ids.filtered(lambda row: row.kind == "clawback")
        self.assertEqual(line.reason, "Nothing was clawed back.")
        sources = self.env["nka.bonus.line"].browse(line.res_ids)
        self.assertEqual(sources.mapped("amount"), [-1000000, 1000000])
        self._close(august)
        self.assertEqual((august.state, august.total_amount), ("locked", 80000))

    def test_late_invoice_is_paid_with_the_open_month(self):
        self._invoice(1000000, in_month(JULY))
        self._closed(JULY)
        self._invoice(200000, in_month(JULY, 20))
        august = self._calculate(AUGUST)
        self.assertEqual(august.bonus_amount, 10000)
        lines = august.line_ids.filtered(lambda row: row.kind == "bonus")
        source = self.env["nka.bonus.line"].browse(lines.res_ids)
        self.assertEqual(source.mapped("reason"), ["late"])

    def test_clawback_uses_the_length_of_the_source_half_year(self):
        """The agreement began in May: the tiers apply to the quota of two months."""
        self._owned_since(self.other_client, date(2025, 1, 1), self.colleague)
        version = self._tiered_from_may()
        self._accepted(self.other_employee, plan_id=version.plan_id.id, date_from=MAY)
        invoice = self._invoice(5000000, in_month(MAY), self.other_client)
        may = self._calculate(MAY, self.other_employee)
        # 4,000,000 at 5 % and 1,000,000 at twice that rate.
        self.assertEqual(may.bonus_amount, 300000)
        self._close(may)
        self._credit_note(invoice, in_month(AUGUST))
        august = self._calculate(AUGUST, self.other_employee)
        self.assertEqual(self._retro(august), [("clawback", MAY, -300000)])

    def test_later_agreement_changes_no_tier_of_a_closed_month(self):
        """May was paid with one month's quota: 2,000,000 at 5 %, 3,000,000 at 10 %."""
        self._owned_since(self.other_client, date(2025, 1, 1), self.colleague)
        vals = {"plan_id": self._tiered_from_may().plan_id.id, "date_from": MAY}
        self._accepted(self.other_employee, date_to=date(2025, 5, 31), **vals)
        invoice = self._invoice(5000000, in_month(MAY), self.other_client)
        may = self._calculate(MAY, self.other_employee)
        self.assertEqual(may.bonus_amount, 400000)
        self._close(may)
        self._accepted(self.other_employee, **{**vals, "date_from": JUNE})
        may.with_user(self.officer).action_correct()
        self.assertFalse(self.env["nka.pay.correction"].search([]))
        self._credit_note(invoice, in_month(AUGUST))
        august = self._calculate(AUGUST, self.other_employee)
        self.assertEqual(self._retro(august), [("clawback", MAY, -400000)])

    def _tiered_from_may(self):
        plan = self.env["nka.pay.plan"].create({"name": "Account tiers"})
        return self._approved_version(
            MAY,
            plan,
            bonus_basis="invoiced",
            tier_ids=[
                Command.create({"from_percent": 0, "factor": 1}),
                Command.create({"from_percent": 100, "factor": 2}),
            ],
        )

    def test_clawback_after_the_calculation_blocks_the_approval(self):
        invoice = self._invoice(1000000, in_month(MAY))
        self._closed(MAY)
        august = self._calculate(AUGUST)
        self._credit_note(invoice, in_month(AUGUST), amount=100)
        self._build()
        second = self._new_user("officer_b", "group_key_account_payroll_officer")
        with self.assertRaisesRegex(UserError, "Calculate the month again"):
            august.with_user(second).action_approve()

    def test_earlier_month_calculated_later_blocks_the_approval(self):
        july, august = self._calculate(JULY), self._calculate(AUGUST)
        july._unlocked().write({"calculated_date": date(2100, 1, 1)})
        second = self._new_user("officer_b", "group_key_account_payroll_officer")
        with self.assertRaisesRegex(UserError, "was calculated after"):
            august.with_user(second).action_approve()

    def test_leaver_is_paid_late_credits(self):
        """No fixed pay, no draw: the bonus on late credits, by the leaver's last terms."""
        self._closed(MAY)
        self.agreement.sudo()._finish(date(2025, 5, 31), "left")
        self._invoice(100000, in_month(MAY))
        june = self._calculate(JUNE)
        self.assertFalse(june.exception)
        self.assertEqual(
            (june.fixed_amount, june.bonus_amount, june.total_amount), (0, 5000, 5000)
        )
        payable = self.env["nka.pay.statement"]._payable_employees(JUNE, self.company)
        self.assertIn(self.employee, payable)
        self._close(june)
        july = self._calculate(JULY)
        self.assertIn("no accepted pay agreement", july.exception)
        payable = self.env["nka.pay.statement"]._payable_employees(JULY, self.company)
        self.assertNotIn(self.employee, payable)

    def test_leaver_is_paid_by_their_last_terms(self):
        """The terms of May have half the quota, so twice the rate of the terms before."""
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 4, 30)})
        self._accepted(date_from=MAY, date_to=date(2025, 5, 31), monthly_quota=1000000)
        self._closed(MAY)
        self._invoice(100000, in_month(MAY))
        self.assertEqual(self._calculate(JUNE).bonus_amount, 10000)

    def test_quota_to_date_counts_from_the_agreement_on(self):
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 7, 31)})
        self._accepted(date_from=SEPTEMBER)
        september = self._calculate(SEPTEMBER)
        self.assertEqual(september.quota_to_date, 4000000)


class TestRetroPaid(RetroCase):
    def test_undone_in_the_same_half_year_and_in_a_later_one(self):
        invoices = [self._invoice(120000, in_month(MAY)) for _number in range(2)]
        payments = [self._money(144000, in_month(MAY)) for _number in range(2)]
        for invoice, payment in zip(invoices, payments, strict=True):
            self._match(invoice, payment)
        self.assertEqual(self._closed(MAY).bonus_amount, 12000)
        payments[0].move_id.line_ids.remove_move_reconcile()
        june = self._calculate(JUNE)
        self.assertEqual((june.bonus_amount, self._retro(june)), (-6000, []))
        self._score_all(JUNE)
        self._close(self._calculate(JUNE))
        payments[1].move_id.line_ids.remove_move_reconcile()
        july = self._calculate(JULY)
        self.assertEqual(self._retro(july), [("clawback", MAY, -6000)])
        self.assertEqual(july.bonus_amount + july.carry_amount, 6000)
        self.assertEqual(july.balance, 12000)

    def test_matched_again_in_a_later_half_year_changes_nothing(self):
        """A mistake in accounting moves no sales into the current half-year."""
        invoice = self._invoice(1000000, in_month(MAY))
        payment = self._money(1200000, in_month(MAY, 20))
        self._match(invoice, payment)
        self._closed(MAY)
        self._close_month(JULY)
        payment.move_id.line_ids.remove_move_reconcile()
        august = self._closed(AUGUST)
        self.assertEqual(self._retro(august), [("clawback", MAY, -50000)])
        self._match(invoice, payment)
        september = self._calculate(SEPTEMBER)
        self.assertEqual(self._retro(september), [("correction", MAY, 50000)])
        self.assertEqual((september.bonus_amount, september.half_year_credits), (0, 0))


class TestAdjustment(RetroCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.may = cls._closed(MAY)
        cls.second = cls._new_user("officer_c", "group_key_account_payroll_officer")

    def _correct(self, amount, component="fixed", **vals):
        return (
            self.env["nka.pay.correction"]
            .with_user(self.officer)
            .create(
                {
                    "statement_id": self.may.id,
                    "component": component,
                    "amount": amount,
                    "reason": "Target earnings were mistyped",
                    **vals,
                }
            )
        )

    def test_adjustment_is_paid_once_with_the_first_open_month(self):
        correction = self._correct(4000)
        self.assertEqual(self._retro(self._calculate(JULY)), [])
        correction.with_user(self.second).action_approve()
        for _again in range(2):
            july = self._calculate(JULY)
            self.assertEqual(self._retro(july), [("correction", MAY, 4000)])
        self.assertEqual((july.retro_amount, july.total_amount), (4000, 84000))
        line = july.line_ids.filtered(lambda row: row.kind == "correction")
        self.assertEqual(line.formula, "Target earnings were mistyped")
        self.assertEqual(line.res_ids, correction.ids)
        self.assertEqual(correction.settled_id, july)
        self.assertEqual(self._retro(self._calculate(AUGUST)), [])
        self._close(july)
        self.assertEqual(self._retro(self._calculate(AUGUST)), [])
        self.assertEqual(self.may.total_amount, 80000)
        self.assertEqual(len(self._events(correction.sudo(), "correction")), 1)

    def test_bonus_clawback_runs_through_the_draw(self):
        self._correct(-4000, "bonus").with_user(self.second).action_approve()
        july = self._calculate(JULY)
        self.assertEqual((july.retro_amount, july.total_amount), (-4000, 80000))
        self.assertEqual(july.balance, 4000)

    def test_failed_month_leaves_the_adjustment_for_the_next(self):
        correction = self._correct(4000)
        correction.with_user(self.second).action_approve()
        self._calculate(JULY)
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 6, 30)})
        self.agreement.sudo()._unlocked().write({"target_earnings": 200000})
        july = self._calculate(JULY)
        self.assertEqual((july.fixed_amount, july.total_amount), (0, 4000))
        self._goals(date(2025, 9, 1), state="accepted", vip_leads=(1, 0, 1))
        september = self._calculate(SEPTEMBER)
        self.assertTrue(september.exception)
        self.assertEqual(correction.settled_id, july)

    def test_reopened_month_does_not_pay_its_own_adjustment(self):
        july = self._calculate(JULY)
        july.with_user(self.second).action_approve()
        correction = self._correct(4000, statement_id=july.id)
        correction.with_user(self.second).action_approve()
        july._take_back("A day was forgotten")
        self.assertEqual(self._retro(self._calculate(JULY)), [])

    def test_month_that_paid_an_adjustment_to_a_leaver_is_adjusted_manually(self):
        self.agreement.sudo()._finish(date(2025, 5, 31), "left")
        self._correct(4000).with_user(self.second).action_approve()
        july = self._calculate(JULY)
        self.assertEqual(july.total_amount, 4000)
        self._close(july)
        action = july.with_user(self.officer).action_correct()
        self.assertEqual(action["context"], {"default_statement_id": july.id})
        self.assertEqual(len(self.env["nka.pay.correction"].search([])), 1)

    def test_two_people_are_required(self):
        correction = self._correct(4000)
        with self.refused(AccessError, "worked on"):
            correction.with_user(self.officer).action_approve()
        for nobody in (self.manager, self.supervisor, self.kam_admin):
            with self.refused(AccessError, "payroll officer"):
                correction.with_user(nobody).action_approve()
            with self.refused(AccessError):
                self._correct(1).with_user(nobody).write({"amount": 2})
        with self.refused(AccessError):
            correction.with_user(self.second).write({"state": "approved"})
        correction.with_user(self.second).action_approve()
        with self.refused(UserError, "approved adjustment can't be changed"):
            correction.with_user(self.officer).write({"amount": 1})
        with self.refused(UserError, "approved adjustment can't be changed"):
            correction.sudo().unlink()
        self.refused_by_database(
            "UPDATE nka_pay_correction SET amount = 1 WHERE id = %s", correction.id
        )
        self.refused_by_database(
            "DELETE FROM nka_pay_correction WHERE id = %s", correction.id
        )

    def test_refusals(self):
        with self.refused(ValidationError, "other than zero"):
            self._correct(0)
        july = self._calculate(JULY)
        with self.refused(ValidationError, "Calculate it again"):
            self._correct(1, statement_id=july.id)
        with self.refused(UserError):
            july.with_user(self.officer).action_correct()
        for nobody in (self.manager, self.supervisor):
            with self.refused(AccessError, "dispute the line"):
                self.may.with_user(nobody).action_correct()
        self.manager.group_ids = [
            Command.link(
                self.env.ref("nka_key_accounts.group_key_account_payroll_officer").id
            )
        ]
        for attempt in (
            lambda: self.may.with_user(self.manager).action_correct(),
            lambda: self._correct(1).with_user(self.manager).action_approve(),
            lambda: self._correct(1).with_user(self.manager).write({"amount": 9}),
        ):
            with self.refused(AccessError, "nother payroll officer"):
                attempt()

    def test_access(self):
        correction = self._correct(4000)
        corrections = self.env["nka.pay.correction"]
        self.assertFalse(corrections.with_user(self.manager).search([]))
        correction.with_user(self.second).action_approve()
        self.assertEqual(corrections.with_user(self.manager).search([]), correction)
        for nobody in (self.colleague, self.supervisor_2):
            self.assertFalse(corrections.with_user(nobody).search([("amount", ">", 0)]))
        for nobody in (self.salesman, self.employee_user, self.kam_admin):
            with self.refused(AccessError):
                corrections.with_user(nobody).search([])

    def test_proposed_from_present_data(self):
        """The manager left in mid-May: 12 of 22 workdays; deducted once."""
        self.employee.sudo().version_id.contract_date_end = date(2025, 5, 16)
        self.env.flush_all()
        action = self.may.with_user(self.officer).action_correct()
        made = self.env["nka.pay.correction"].search([])
        self.assertEqual(action["res_model"], "nka.pay.correction")
        self.assertEqual(
            [(row.component, row.amount) for row in made], [("fixed", -36363.64)]
        )
        self.assertEqual(made.create_uid, self.officer)
        action = self.may.with_user(self.officer).action_correct()
        self.assertEqual(action["context"]["default_statement_id"], self.may.id)
        self.assertEqual(len(self.env["nka.pay.correction"].search([])), 1)
