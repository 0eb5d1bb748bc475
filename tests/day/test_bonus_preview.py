"""The bonus that an order or a deal would bring, against the statement once it is paid."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.day import bonus_preview
from odoo.tests import tagged

from ..ledger.common import YEAR_START
from ..statements.common import StatementCase

DAY = date(2025, 11, 10)
NOVEMBER = date(2025, 11, 1)


class PreviewCase(StatementCase):
    """Rate 5 %, half-year quota 12,000,000; above 100 % of it, twice the rate."""

    BASIS = "paid"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Work", "type": "service", "invoice_policy": "order"}
        )
        clock = freeze_time(DAY)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.account.with_user(cls.supervisor).supervisor_id = cls.supervisor
        for user in cls.manager | cls.colleague | cls.supervisor:
            cls._let_read_sales(user)

    @classmethod
    def _let_read_sales(cls, user):
        """Let a user read all orders and deals, so that only the preview is hidden."""
        user.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        vals["tier_ids"] = [
            Command.create({"from_percent": 0, "factor": 0.5}),
            Command.create({"from_percent": 50, "factor": 1}),
            Command.create({"from_percent": 100, "factor": 2}),
        ]
        return super()._approved_version(date_start, plan, **vals)

    @classmethod
    def _quoted(cls, *prices, discount=0, client=None, **vals):
        lines = [
            {
                "product_id": cls.product.id,
                "price_unit": price,
                "discount": discount,
                "tax_ids": [Command.set(cls.tax.ids)],
            }
            for price in prices
        ]
        return cls.env["sale.order"].create(
            {
                "partner_id": (client or cls.client).id,
                "order_line": [Command.create(line) for line in lines],
                **vals,
            }
        )

    def _preview(self, record, user=None):
        record.invalidate_recordset(["nka_bonus_preview", "nka_bonus_preview_note"])
        own = record.with_user(user or self.manager).sudo(False)
        return own.read(["nka_bonus_preview", "nka_bonus_preview_note"])[0]

    def _amount(self, record, user=None):
        return self._preview(record, user)["nka_bonus_preview"]

    def _billed(self, order, day=DAY):
        move = order._create_invoices(final=True)
        move.invoice_date = day
        move.action_post()
        return move

    def _paid(self, order, day=DAY):
        if order.state != "sale":
            order.action_confirm()
        move = self._billed(order, day)
        self._pay(move, move.amount_residual, day, currency_id=move.currency_id.id)
        return move

    def _bonus(self, employee=None, month=NOVEMBER):
        self.env["nka.bonus.builder"]._build(self.company)
        statement = self._calculate(month, employee)
        return statement.bonus_amount


@tagged("post_install", "-at_install")
class TestPreview(PreviewCase):
    def _assert_comes_true(self, order, employee=None, user=None):
        before = self._bonus(employee)
        preview = self._amount(order, user)
        self._paid(order)
        self.assertTrue(preview)
        self.assertAlmostEqual(self._bonus(employee) - before, preview, 2)
        self.assertAlmostEqual(self._amount(order, user), preview, 2)

    def test_quotation_confirmed_and_paid_brings_what_it_showed(self):
        self._assert_comes_true(self._quoted(400000))

    def test_nothing_is_built_before(self):
        order = self._quoted(400000)
        preview = self._amount(order)
        self.assertEqual(preview, 10000)
        self._paid(order)
        self.assertEqual(self._bonus(), preview)

    def test_credits_that_the_ledger_lacks_count(self):
        self._paid(self._quoted(6000000))
        order = self._quoted(1000000)
        self.assertEqual(self._amount(order), 50000)

    def test_discounts_are_deducted(self):
        order = self._quoted(123456.78, discount=7.5)
        self._assert_comes_true(order)

    def test_order_that_crosses_a_step_and_the_quota(self):
        self._paid(self._quoted(5900000))
        self._assert_comes_true(self._quoted(7000000.01))

    def test_credits_of_earlier_months_of_the_half_year_count(self):
        self._paid(self._quoted(5950000), date(2025, 9, 3))
        self._assert_comes_true(self._quoted(100000))

    def test_half_paid_order_shows_the_same(self):
        order = self._quoted(5999999, 300001)
        preview = self._amount(order)
        order.action_confirm()
        move = self._billed(order)
        self._pay(move, 3600000, DAY)
        self.assertAlmostEqual(self._amount(order), preview, 2)
        self._pay(move, move.amount_residual, DAY)
        self.assertAlmostEqual(self._bonus(), preview, 2)

    def test_invoice_with_down_payment(self):
        order = self._quoted(500000)
        preview = self._amount(order)
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 30,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        moves = wizard._create_invoices(order)
        moves.invoice_date = DAY
        moves.action_post()
        self.assertAlmostEqual(self._amount(order), preview, 2)
        self._pay(moves, moves.amount_residual, DAY)
        self.assertAlmostEqual(self._amount(order), preview, 2)
        self._paid(order)
        self.assertAlmostEqual(self._bonus(), preview, 2)
        self.assertAlmostEqual(self._amount(order), preview, 2)

    def test_euro_order_at_todays_rate(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        for day, rate in ((date(2025, 1, 1), 0.8), (DAY, 0.7654321)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": day, "rate": rate}
            )
        prices = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self._quoted(3333.33, 777.77, 1.01, pricelist_id=prices.id)
        order.date_order = date(2025, 10, 1)
        self._assert_comes_true(order)

    def test_credit_note_is_deducted(self):
        order = self._quoted(400000)
        order.action_confirm()
        move = self._billed(order)
        reversal = self.env["account.move.reversal"].create(
            {"move_ids": [Command.set(move.ids)], "journal_id": move.journal_id.id}
        )
        note = self.env["account.move"].browse(reversal.reverse_moves()["res_id"])
        note.invoice_line_ids.price_unit = 100000
        note.invoice_date = DAY
        note.action_post()
        (move + note).line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).reconcile()
        # The noted part can be invoiced again, so it still is to come.
        self._pay(move, move.amount_residual, DAY)
        self.assertEqual(self._bonus(), 7500)

    def test_order_paid_in_an_earlier_half_year_keeps_its_rate(self):
        order = self._quoted(1000000)
        order.action_confirm()
        order.date_order = date(2025, 5, 5)
        self._paid(order, date(2025, 5, 20))
        self._paid(self._quoted(9000000))
        bonus = self._bonus(month=date(2025, 5, 1))
        self.assertEqual(bonus, 25000)
        self.assertEqual(self._amount(order), bonus)

    # ------------------------------------------------------------ whose
    def test_shares_of_two_owners(self):
        self.other_agreement = self._accepted(self.other_employee, date_from=YEAR_START)
        self.account.assignment_ids._unlocked().write({"share": 66.67})
        self._new_owner(self.account, self.colleague, YEAR_START, 33.33)
        order = self._quoted(100000.55)
        for employee, user in (
            (self.employee, self.manager),
            (self.other_employee, self.colleague),
        ):
            with self.subTest(user.name):
                self._assert_comes_true(order.copy(), employee, user)

    def test_split_of_a_handover(self):
        self._accepted(self.other_employee, date_from=YEAR_START)
        order = self._quoted(500000)
        order.action_confirm()
        order.date_order = date(2025, 11, 2)
        self._give_away()
        before = self._amount(order), self._amount(order, self.colleague)
        self.assertEqual(before, (3750, 8750))
        self._paid(order)
        self.assertEqual(self._bonus(), 3750)
        self.assertEqual(self._bonus(self.other_employee), 8750)

    def _give_away(self):
        day = date(2025, 11, 6)
        self.account.assignment_ids._unlocked().write({"date_to": day - timedelta(1)})
        self._new_owner(self.account, self.colleague, day)
        self._split_handover(day)

    def test_owner_and_their_supervisor_see_it(self):
        order = self._quoted(400000)
        lead = self._deal()
        for user in (self.manager, self.supervisor):
            self.assertEqual(self._amount(order, user), 10000)
            self.assertEqual(self._amount(lead, user), 10000)
            self.assertIn(self.manager.name, self._note(order, user))

    def _note(self, record, user=None):
        return self._preview(record, user)["nka_bonus_preview_note"]

    def _deal(self, revenue=400000):
        return self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": self.client.id,
                "expected_revenue": revenue,
                "user_id": self.manager.id,
            }
        )

    def test_others_see_nothing(self):
        order, lead = self._quoted(400000), self._deal()
        boss = self._new_user("other boss", "group_key_account_supervisor")
        for user in (boss, self.officer):
            self._let_read_sales(user)
        for user in (self.colleague, boss):
            for record in (order, lead):
                with self.subTest(user.name):
                    own = record.with_user(user)
                    own.invalidate_recordset()
                    self.assertFalse(own.nka_bonus_preview)
                    self.assertFalse(own.nka_bonus_preview_note)
        for record in (order, lead):
            fields = record.with_user(self.officer).fields_get()
            self.assertNotIn("nka_bonus_preview", fields)
            self.assertNotIn("nka_bonus_preview_note", fields)

    def test_supervisors_see_nothing_of_companies_they_do_not_work_in(self):
        sold = self._deal()._nka_sold(self.company)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        boss = self._new_user("boss elsewhere", "group_key_account_supervisor")
        self.account.supervisor_id = boss
        for companies, sees in ((self.company, True), (elsewhere, False)):
            boss.write(
                {
                    "company_ids": [Command.set(companies.ids)],
                    "company_id": companies.id,
                }
            )
            previews = bonus_preview.Previews(self.env(user=boss.id, su=False))
            self.assertEqual(bool(previews.of(self.account, sold)), sees)

    # ------------------------------------------------------------ deals
    def test_deal_by_expected_revenue_then_by_its_orders(self):
        lead = self._deal(400000)
        self.assertEqual(self._amount(lead), 10000)
        order = self._quoted(500000, opportunity_id=lead.id)
        self.assertEqual(self._amount(lead), 10000)
        order.action_confirm()
        self.assertEqual(self._amount(lead), self._amount(order))
        self._paid(order)
        self.assertEqual(self._bonus(), self._amount(lead))

    # ------------------------------------------------------------ zero
    def test_zero_says_why(self):
        lead = self._deal(0)
        self.assertEqual(self._amount(lead), 0)
        self.assertIn("no expected revenue", self._note(lead))
        lead.expected_revenue = 5
        lead.action_set_lost()
        self.assertIn("lost", self._note(lead))
        order = self._quoted(0)
        self.assertIn("zero", self._note(order))
        order = self._quoted(5000)
        order._action_cancel()
        self.assertIn("cancelled", self._note(order))
        self.assertEqual(self._amount(order), 0)

    def test_order_from_before_the_owner_says_so(self):
        self._accepted(self.other_employee, date_from=YEAR_START)
        order = self._quoted(500000)
        order.action_confirm()
        order.date_order = date(2025, 11, 2)
        self.account.assignment_ids._unlocked().write({"date_to": date(2025, 11, 5)})
        self._new_owner(self.account, self.colleague, date(2025, 11, 6))
        self.account.sudo()._unlocked().write({"manager_id": self.colleague.id})
        self.assertEqual(self._amount(order, self.colleague), 0)
        self.assertIn("no share", self._note(order, self.colleague))
        self.assertEqual(self._amount(order), 12500)

    def test_no_agreement_says_so(self):
        order = self._quoted(5000, client=self.other_client)
        self._owned_since(self.other_client, YEAR_START, self.colleague)
        self.assertIn("agreement", self._note(order, self.colleague))

    def test_other_clients_cost_no_query(self):
        order = self._quoted(5000, client=self.other_client).with_user(self.manager)
        self.env["nka.key.account"]._client_ids()
        order.sudo().mapped("partner_id.commercial_partner_id")
        order.sudo().mapped("nka_bonus_preview")
        order.invalidate_recordset(["nka_bonus_preview"])
        with self.assertQueryCount(0):
            self.assertFalse(order.sudo().nka_bonus_preview)


@tagged("post_install", "-at_install")
class TestPreviewInvoiced(PreviewCase):
    BASIS = "invoiced"

    def test_invoiced_order_brings_what_it_showed(self):
        order = self._quoted(6000000, 654321.99)
        preview = self._amount(order)
        order.action_confirm()
        self._billed(order)
        self.assertAlmostEqual(self._bonus(), preview, 2)
        self.assertAlmostEqual(self._amount(order), preview, 2)
