"""Statements: examples with reports, goals and draws; roles, steps and disputes."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..pay.common import HeldAboveFloor
from .common import StatementCase

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)
JULY = date(2025, 7, 1)


class TestHolding(HeldAboveFloor, StatementCase):
    def test_example_3_held_pay_is_released(self):
        """November 2026 has 21 workdays, 16 of them before the 23rd."""
        november, december = date(2026, 11, 1), date(2026, 12, 1)
        self._cover(november, date(2026, 11, 20))
        self._cover_day(date(2026, 11, 23))
        first = self._calculate(november)
        self.assertFalse(first.exception)
        self.assertEqual((first.fixed_amount, first.held_amount), (60952.38, 19047.62))
        self._close(first)
        self._new_report(date(2026, 11, 24), date(2026, 11, 30))
        self._cover(december, date(2026, 12, 31))
        self._score_all(december)
        second = self._calculate(december)
        self.assertFalse(second.exception)
        self.assertEqual((second.fixed_amount, second.retro_amount), (80000, 19047.62))
        line = second.line_ids.filtered(lambda row: row.kind == "release")
        self.assertEqual(line.source_month, november)
        self.assertTrue(line.res_ids)
        self._close(second)
        third = self._calculate(date(2027, 1, 1))
        self.assertEqual(third.retro_amount, 0)

    def _cover_day(self, day):
        self._new_report(day, day)


class TestDraw(StatementCase):
    BASIS = "invoiced"

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{**vals, "draw": 50000})

    def test_example_5_draw_is_recovered(self):
        """Credits that earn 0, 20,000, 190,000 and 60,000 at 5 %."""
        paid, owed = [], []
        for month, credits in ((7, 0), (8, 400000), (10, 3800000), (11, 1200000)):
            if credits:
                self._invoice(credits, date(2025, month, 5))
            statement = self._calculate(date(2025, month, 1))
            self.assertFalse(statement.exception)
            paid.append(statement.bonus_amount + statement.carry_amount)
            owed.append(statement.balance)
            self.assertEqual(
                statement._shown_shares()[-1]["name"],
                "Bonus and draw" if statement.carry_amount else "Bonus",
            )
        self.assertEqual(paid, [50000, 50000, 110000, 60000])
        self.assertEqual(owed, [50000, 80000, 0, 0])


class TestSeason(StatementCase):
    BASIS = "invoiced"

    def test_example_4_goals_of_the_season(self):
        """12 of 10, 400,000 of 500,000, 8 % (5, zero at 15), 18 of 40: 42,900."""
        self._goals(
            DECEMBER,
            vip_leads=(10, 0, 12),
            average_check=(500000, 0, 400000),
            overdue_share=(5, 15, 8),
            negotiations=(40, 0, 18),
        )
        statement = self._calculate(DECEMBER)
        self.assertFalse(statement.exception)
        self.assertEqual(statement.soft_amount, 42900.00)
        goals = statement.line_ids.filtered(lambda row: row.kind == "goal")
        self.assertEqual(goals.mapped("amount"), [18000, 14400, 10500, 0])
        self.assertTrue(goals[3].reason)
        self.assertEqual(statement.total_amount, 122900.00)

    def test_goals_without_a_score_are_an_exception_not_a_zero(self):
        self._goals(DECEMBER, state="accepted", vip_leads=(10, 0, 12))
        statement = self._calculate(DECEMBER)
        self.assertEqual(statement.state, "open")
        self.assertIn("freeze the season", statement.exception)


class TestClawback(StatementCase):
    BASIS = "invoiced"

    def test_clawback_of_an_earlier_half_year_uses_its_own_rate(self):
        invoice = self._invoice(1000000, date(2025, 5, 5))
        may = self._calculate(date(2025, 5, 1))
        self.assertEqual(may.bonus_amount, 50000)
        self._close(may)
        self._credit_note(invoice, date(2025, 8, 5), amount=120000)
        august = self._calculate(date(2025, 8, 1))
        self.assertEqual(august.bonus_amount, 0)
        self.assertEqual(august.retro_amount, -6000)
        line = august.line_ids.filtered(lambda row: row.kind == "clawback")
        self.assertEqual(line.source_month, date(2025, 5, 1))
        self.assertEqual(august.balance, 6000)
        self.assertEqual(august.credit_amount, 0)

    def test_within_the_half_year_it_runs_through_the_tiers(self):
        invoice = self._invoice(1000000, date(2025, 7, 5))
        self._credit_note(invoice, date(2025, 8, 5), amount=120000)
        self.assertEqual(self._calculate(JULY).bonus_amount, 50000)
        self.assertEqual(self._calculate(date(2025, 8, 1)).bonus_amount, -6000)


class TestSteps(StatementCase):
    BASIS = "invoiced"

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(2000000, date(2025, 11, 12))
        self.statement = self._calculate(NOVEMBER)
        self.second = self._new_user("officer_2", "group_key_account_payroll_officer")

    def test_two_people_prepare_and_approve(self):
        with self.assertRaises(AccessError):
            self.statement.with_user(self.officer).action_approve()
        for nobody in (self.manager, self.supervisor, self.kam_admin):
            with self.assertRaises(AccessError):
                self.statement.with_user(nobody).action_approve()
        self.statement.with_user(self.second).action_approve()
        self.assertEqual(self.statement.state, "approved")
        self.statement.with_user(self.second).action_lock()
        with self.assertRaises(UserError):
            self._calculate(NOVEMBER)

    def test_changed_credits_require_a_new_calculation(self):
        self._invoice(500, date(2025, 11, 13))
        self._build()
        with self.assertRaisesRegex(UserError, "Calculate the month again"):
            self.statement.with_user(self.second).action_approve()

    def test_state_and_amounts_cannot_be_written(self):
        for vals in ({"state": "locked"}, {"total_amount": 1}, {"employee_id": 1}):
            with self.assertRaises(AccessError):
                self.statement.with_user(self.officer).write(vals)
            with self.assertRaises(AccessError):
                self.statement.sudo().write(vals)

    def test_missing_agreement_is_an_exception_and_the_others_continue(self):
        statements = self._calculate(NOVEMBER, self.employee | self.other_employee)
        states = {row.employee_id: row.state for row in statements}
        self.assertEqual(states[self.employee], "calculated")
        self.assertEqual(states[self.other_employee], "open")

    def test_calculating_again_gives_the_same_lines(self):
        before = self.statement.line_ids.read(
            ["kind", "amount", "explanation", "res_ids"]
        )
        self._calculate(NOVEMBER)
        after = self.statement.line_ids.read(
            ["kind", "amount", "explanation", "res_ids"]
        )
        for row in (*before, *after):
            row.pop("id")
        self.assertEqual(before, after)

    def test_query_count_is_constant(self):
        self._calculate(NOVEMBER)
        self.env.invalidate_all()
        with self.assertQueryCount(80):
            self._calculate(NOVEMBER)
            self.env.flush_all()

    def test_every_line_has_an_explanation_and_opens_its_sources(self):
        for line in self.statement.line_ids:
            self.assertTrue(line.label)
            self.assertTrue(line.formula, line.kind)
            self.assertTrue(line.amount or line.reason, line.kind)
        bonus = self.statement.line_ids.filtered(lambda row: row.kind == "bonus")
        action = bonus.with_user(self.manager).action_open_sources()
        lines = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .search(action["domain"])
        )
        self.assertEqual(sum(lines.mapped("amount")), 2000000)
        self.assertEqual(lines.move_id, self.invoice)

    def test_report_contains_everything(self):
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "nka_key_accounts.report_pay_statement", self.statement.ids
            )[0]
            .decode()
        )
        for text in ("100,000.00", "Total", "Agreed share"):
            self.assertIn(text, html)

    def test_course_shows_credits_beside_quota(self):
        course = self.env["nka.pay.course"].with_user(self.manager).search([])
        self.assertEqual(
            {row.kind: row.amount for row in course},
            {"credits": 2000000, "quota": 10000000},
        )


class TestRoles(StatementCase):
    BASIS = "invoiced"

    def setUp(self):
        super().setUp()
        self.account.with_user(self.supervisor).supervisor_id = self.supervisor
        self._invoice(2000000, date(2025, 11, 12))
        self.statement = self._calculate(NOVEMBER)

    def test_pay_of_a_colleague_can_be_neither_read_nor_guessed(self):
        for model in ("nka.pay.statement", "nka.pay.statement.line", "nka.pay.course"):
            records = self.env[model].with_user(self.colleague)
            name = "total_amount" if "total_amount" in records._fields else "amount"
            self.assertFalse(records.search([(name, ">", 0)]))
            self.assertFalse(records.search([], order=f"{name} desc"))
            self.assertFalse(records._read_group([], [], ["__count"])[0][0])
            self.assertFalse(records.name_search(""))
        with self.assertRaises(AccessError):
            self.statement.with_user(self.colleague).read(["total_amount"])
        with self.assertRaises(AccessError):
            self.statement.line_ids[0].with_user(self.colleague).action_open_sources()
        employees = self.env["hr.employee"].with_user(self.colleague)
        self.assertNotIn("statement_ids", employees._fields)

    def test_other_roles(self):
        self.assertTrue(self.statement.with_user(self.manager).total_amount)
        self.assertTrue(self.statement.with_user(self.supervisor).total_amount)
        self.assertTrue(self.statement.with_user(self.officer).total_amount)
        for nobody in (self.supervisor_2,):
            self.assertFalse(self.env["nka.pay.statement"].with_user(nobody).search([]))
        for nobody in (self.salesman, self.employee_user, self.kam_admin):
            with self.assertRaises(AccessError):
                self.env["nka.pay.statement"].with_user(nobody).search([])

    def test_nothing_is_shown_before_the_calculation(self):
        self.statement._unlocked().write({"state": "open"})
        mine = self.env["nka.pay.statement"].with_user(self.manager)
        self.assertFalse(mine.search([]))

    def test_dispute_from_text_to_outcome(self):
        line = self.statement.line_ids[0]
        context = line.with_user(self.manager).action_dispute()["context"]
        disputes = self.env["nka.pay.dispute"].with_user(self.manager)
        with Form(disputes.with_context(**context)) as form:
            form.text = "A day is missing"
        dispute = form.record
        self.assertEqual(self.statement.open_dispute_count, 1)
        with self.assertRaises(AccessError):
            dispute.write({"answer": "yes"})
        officers = dispute.with_user(self.officer)
        with self.assertRaises(UserError):
            officers.action_answer()
        officers.write({"answer": "It was a holiday", "outcome": "rejected"})
        officers.action_answer()
        told = self.env["mail.message"].search(
            [("model", "=", "nka.pay.dispute"), ("res_id", "in", officers.ids)]
        )
        self.assertEqual(told.partner_ids, officers.sudo().user_id.partner_id)
        self.assertEqual(dispute.sudo().state, "answered")
        self.assertEqual(self.statement.open_dispute_count, 0)
        self.assertTrue(self._events(dispute.sudo(), "dispute"))
        with self.assertRaises(UserError):
            officers.write({"answer": "changed"})

    def test_dispute_cannot_be_raised_for_another_employee(self):
        with self.assertRaises(AccessError):
            self.env["nka.pay.dispute"].with_user(self.colleague).create(
                {"statement_id": self.statement.id, "text": "?"}
            )
        with self.assertRaises(AccessError):
            self.env["nka.pay.dispute"].with_user(self.officer).create(
                {"statement_id": self.statement.id, "text": "?"}
            )

    def test_officer_needs_no_accounting_rights(self):
        for model in ("account.move", "account.partial.reconcile", "crm.lead"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.officer).check_access("read")


class ForecastCase(StatementCase):
    def _forecast(self, user=None):
        user = user or self.manager
        return (
            self.env["nka.pay.forecast"]
            .with_user(user)
            ._make(user, self.company, date(2025, 11, 25))
        )

    def _order(self, amount):
        product = self.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order", "type": "service"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": amount,
                            "tax_ids": [],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        return order

    def _kinds(self, forecast):
        return {row.kind: row.amount for row in forecast.line_ids}


class TestForecastPaid(ForecastCase):
    def test_payments_due_this_month_are_expected(self):
        self._match(
            self._invoice(1000000, date(2025, 11, 3)),
            self._money(1200000, date(2025, 11, 10)),
        )
        self._invoice(400000, date(2025, 11, 20))
        later = self._invoice(100, date(2025, 11, 20), invoice_date_due=False)
        later.invoice_date_due = date(2026, 2, 1)
        self._order(70000)
        self._build()
        forecast = self._forecast()
        self.assertEqual((forecast.credits, forecast.expected), (1000000, 400000))
        self.assertEqual((forecast.bonus_sure, forecast.bonus_expected), (50000, 70000))
        self.assertIn("order", self._kinds(forecast))
        with self.assertRaises(AccessError):
            forecast.with_user(self.colleague).read(["credits"])
        self.assertFalse(
            self.env["nka.pay.forecast"].with_user(self.colleague).search([])
        )

    def test_forecast_without_an_agreement(self):
        forecast = self._forecast(self.colleague)
        self.assertIn("no accepted pay agreement", forecast.note)


class TestForecastInvoiced(ForecastCase):
    BASIS = "invoiced"

    def test_invoice_already_credited_is_not_expected_again(self):
        self._invoice(1000000, date(2025, 11, 3))
        self._order(400000)
        self._build()
        forecast = self._forecast()
        self.assertEqual((forecast.credits, forecast.expected), (1000000, 400000))
        self.assertEqual(self._kinds(forecast), {"order": 400000})
