from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.facts import payments
from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.addons.nka_key_accounts.models.pay.nka_kpi import MEANING
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import SeasonCase

CENT = Decimal("0.01")


@tagged("nka_pay")
class TestMeasures(SeasonCase):
    """The four built-in KPIs and custom KPIs."""

    def _actual(self, *args, **kwargs):
        return self._measure(*args, **kwargs)[self.manager.id].actual

    def test_vip_leads(self):
        leads = self.env["crm.lead"].with_user(self.manager)
        with freeze_time("2026-11-10 10:00"):
            lead = leads.create(
                {"name": "Big", "is_vip": True, "origin": "self_sourced"}
            )
            self.assertEqual(self._actual("vip_leads"), 0)
            lead.with_user(self.supervisor).action_confirm_origin()
            leads.create({"name": "Small", "origin": "self_sourced"}).with_user(
                self.supervisor
            ).action_confirm_origin()
        found = self._measure("vip_leads", evidence=True)
        self.assertEqual(found[self.manager.id].actual, 1)
        self.assertEqual(found[self.manager.id].ids, (lead.id,))
        self.assertEqual(found[self.colleague.id].actual, 0)

    def test_vip_leads_referred_by_clients(self):
        own = self._account(self.client)
        foreign = self._key_account(self.other_client, self.colleague)
        clients = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("One", "Two", "Three")]
        )
        leads = self.env["crm.lead"].with_user(self.manager)
        with freeze_time("2026-11-10 10:00"):
            found = leads.create(
                [
                    {
                        "name": client.name,
                        "is_vip": True,
                        "partner_id": client.id,
                        "origin": "referral",
                        "referrer_id": referrer.id,
                    }
                    for client, referrer in zip(
                        clients, (own, foreign, own), strict=True
                    )
                ]
            )
            found[:2].with_user(self.supervisor).action_confirm_origin()
        measured = self._measure("vip_leads", evidence=True)[self.manager.id]
        self.assertEqual(measured.ids, (found[0].id,))
        kpi = self.env.ref("nka_key_accounts.nka_kpi_vip_leads")
        self.env.cr.execute(
            "UPDATE nka_kpi SET counts_colleagues = TRUE WHERE id = %s", [kpi.id]
        )
        kpi.invalidate_recordset()
        self.assertEqual(self._actual("vip_leads"), 2)

    def test_referrer_rule_is_part_of_the_plan(self):
        self.assertIn("counts_colleagues", MEANING)

    def test_average_sale_value(self):
        self._account(self.client)
        self.assertIsNone(self._actual("average_check"))
        self._new_invoice(self.client, 1000, date(2026, 11, 2))
        self._new_invoice(self.client, 500, date(2026, 12, 31))
        self._new_invoice(self.client, 9000, date(2026, 9, 30))
        self._new_invoice(self.client, 300, date(2026, 11, 5), "out_refund")
        found = self._measure("average_check", evidence=True)
        self.assertEqual(found[self.manager.id].actual, 600)
        self.assertEqual(len(found[self.manager.id].ids), 3)
        self.assertIsNone(found[self.colleague.id].actual)

    def test_average_sale_value_of_one_sale(self):
        """The example: one sale of 1,000 as deposit and final invoice, and one of 0."""
        self._account(self.client)
        order = self._order(self.client, 1000)
        for amount in (300, 700):
            self._bill(order, amount)
        self._new_invoice(self.client, 0, date(2026, 11, 2))
        found = self._measure("average_check")[self.manager.id]
        self.assertEqual(found.actual, 1000)
        self.assertEqual(found.values, {"sales": 1000, "invoices": 1})

    def test_average_sale_value_of_other_documents(self):
        """A receipt counts, a credit note reduces, an invoice of two orders is two
        sales, and an order of another client doesn't split a sale.
        """
        self._account(self.client)
        self._new_invoice(self.client, 600, date(2026, 11, 2), "out_receipt")
        self.assertEqual(self._actual("average_check"), 600)
        orders = self._order(self.client, 100) + self._order(self.client, 300)
        self._bill(orders, 400)
        self.assertEqual(
            self._actual("average_check").quantize(CENT), Decimal("333.33")
        )
        self._new_invoice(self.client, 100, date(2026, 11, 5), "out_refund")
        self.assertEqual(self._actual("average_check"), 300)
        stranger = self._order(self.other_client, 100)
        for _n in range(2):
            self._bill(stranger, 300, self.client)
        self.assertEqual(self._actual("average_check"), 300)

    def _order(self, client, amount):
        line = {"name": "Work", "product_uom_qty": 1, "price_unit": amount}
        product = self.env["product.product"].create(
            {"name": "Work", "type": "service"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": client.id,
                "order_line": [Command.create({**line, "product_id": product.id})],
            }
        )
        order.action_confirm()
        return order

    def _bill(self, orders, amount, client=None):
        """Post an invoice of this amount over all these orders, one line each."""
        move = self._new_invoice(
            client or orders[:1].partner_id, amount, date(2026, 11, 2)
        )
        move.button_draft()
        line = move.invoice_line_ids
        for other in orders[1:]:
            line.copy({"move_id": move.id, "sale_line_ids": other.order_line.ids})
        move.invoice_line_ids.price_unit = amount / len(orders)
        line.sale_line_ids = orders[:1].order_line
        move.action_post()
        return move

    def test_overdue_share(self):
        self._account(self.client)
        self._account(self.other_client)
        self.assertEqual(self._actual("overdue_share"), 0)
        self._new_invoice(self.client, 800, date(2026, 11, 2))
        self._new_invoice(
            self.other_client,
            200,
            date(2026, 12, 20),
            invoice_date_due=date(2027, 2, 1),
        )
        self.assertEqual(self._actual("overdue_share"), 80)
        # A credit of the client settles their oldest debt first.
        self._new_invoice(self.client, 700, date(2026, 12, 1), "out_refund")
        found = self._measure("overdue_share", evidence=True)[self.manager.id]
        self.assertEqual(found.actual.quantize(Decimal("0.01")), Decimal("33.33"))
        self.assertEqual(found.values, {"overdue": 100, "open": 300})
        self.assertEqual(len(found.ids), 1)
        self.assertIsNone(self._measure("overdue_share")[self.colleague.id].actual)

    def test_overdue_share_at_the_end_of_the_season(self):
        self._account(self.client)
        invoice = self._new_invoice(self.client, 1000, date(2026, 11, 2))
        before = self._pay(invoice, 400, date(2026, 12, 15))
        self.assertTrue(before)
        self._pay(invoice, 600, date(2027, 1, 3))
        late = self._new_invoice(self.client, 500, date(2027, 1, 2))
        self.assertTrue(late)
        found = self._measure("overdue_share", day="2027-01-05")[self.manager.id]
        self.assertEqual(found.values, {"overdue": 600, "open": 600})

    def test_draft_payment_leaves_the_invoice_open(self):
        """Matched with a draft payment, then posted, then reset to draft."""
        account = self._account(self.client)
        self._new_invoice(self.client, 500, date(2026, 11, 2))
        invoice = self._new_invoice(self.client, 1000, date(2026, 11, 2))
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1000,
                "date": date(2026, 11, 20),
                "journal_id": self.env["account.journal"]
                .search([("type", "=", "bank")], limit=1)
                .id,
                "write_off_line_vals": [],
            }
        )
        lines = (invoice | payment.move_id).line_ids
        lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(invoice.amount_residual, 0)

        def owed():
            self.env.flush_all()
            found = self._measure("overdue_share", evidence=True)[self.manager.id]
            account.invalidate_recordset()
            return found.values["overdue"], len(found.ids), account.overdue_amount

        with freeze_time("2026-12-31"):
            self.assertEqual(owed(), (1500, 2, 1500))
            items = account.action_open_overdue()["domain"]
            self.assertEqual(self.env["account.move.line"].search_count(items), 2)
            self.assertEqual(
                payments.read_open_amounts(account), {account.id: Decimal(1500)}
            )
            found = payments.read_overdue_items(
                self.env.company, self.manager, date(2026, 12, 31)
            )
            self.assertEqual(found[self.manager.id][:2], (2, 1500))
            payment.move_id.action_post()
            payment.sudo().write({"state": "paid"})
            self.assertEqual(owed(), (500, 1, 500))
            payment.sudo().write({"state": "rejected"})
            self.assertEqual(owed(), (1500, 2, 1500))

    def _owned(self, first, last):
        """Assign the client's account from the first to the last day."""
        account = self._account(self.client)
        account.assignment_ids._unlocked().write({"date_from": first, "date_to": last})

    def test_average_sale_value_on_first_and_last_days(self):
        for first, last in (
            (date(2026, 10, 1), date(2026, 12, 31)),
            (date(2026, 1, 1), False),
        ):
            with self.subTest(first=first), self.cr.savepoint() as savepoint:
                self._owned(first, last)
                for amount, day in (
                    (7, date(2026, 9, 30)),
                    (100, date(2026, 10, 1)),
                    (200, date(2026, 12, 31)),
                    (7, date(2027, 1, 1)),
                ):
                    self._new_invoice(self.client, amount, day)
                self.assertEqual(self._actual("average_check"), 150)
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_overdue_on_the_last_day_of_the_season(self):
        """Due that day isn't overdue, paid that day isn't open, and a manager who owns
        the client on that day only is measured by it.
        """
        last = date(2026, 12, 31)
        self._owned(last, last)
        for amount, due in ((100, last), (200, date(2026, 12, 30))):
            self._new_invoice(self.client, amount, last, invoice_date_due=due)
        paid = self._new_invoice(self.client, 400, date(2026, 12, 1))
        self._pay(paid, 400, last)
        self._new_invoice(self.client, 800, date(2027, 1, 1))
        found = self._measure("overdue_share")[self.manager.id]
        self.assertEqual(found.values, {"overdue": 200, "open": 300})

    def test_negotiations_by_company_day(self):
        self.env.company.resource_calendar_id.tz = "Europe/Moscow"
        self._negotiation(self.manager, datetime(2026, 9, 30, 20, 59))
        self._negotiation(self.manager, datetime(2026, 9, 30, 21, 0))
        with freeze_time("2027-01-05"):
            self._negotiation(self.manager, datetime(2026, 12, 31, 21, 0))
        self._negotiation(self.manager, negotiation_outcome="not_held")
        self.assertEqual(self._actual("negotiations"), 1)

    def test_each_kpi_is_one_query_for_all(self):
        users = self.manager + self.colleague + self.supervisor + self.salesman
        self._account(self.client)
        self._new_invoice(self.client, 800, date(2026, 11, 2))
        self.env.flush_all()
        span = self.season._span()
        span.domain(self.env["calendar.event"], "start")
        for code in ("vip_leads", "average_check", "overdue_share", "negotiations"):
            kpi = self._kpi(code)
            kpi._measure(users, span)
            with self.subTest(code), self.assertQueryCount(1):
                kpi._measure(users, span)

    def _account(self, client):
        return self._key_account(client, date_start=date(2026, 1, 1))

    def _pay(self, invoice, amount, day):
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": amount, "payment_date": day})
            ._create_payments()
        )


@tagged("nka_pay")
class TestCustomKpi(SeasonCase):
    """Custom KPIs without code, and the models they can't use."""

    def _field(self, model, name):
        return self.env["ir.model.fields"]._get(model, name)

    def _own(self, model="crm.lead", **vals):
        values = {
            "name": "Won value",
            "code": "won_value",
            "model_id": self.env["ir.model"]._get(model).id,
            "domain": "[('is_vip', '=', True)]",
            "date_field_id": self._field(model, "create_date").id,
            "owner_field_id": self._field(model, "user_id").id,
            "aggregate": "sum",
            "value_field_id": self._field(model, "expected_revenue").id,
        }
        kpis = self.env["nka.kpi"].with_user(self.kam_admin)
        return kpis.create({**values, **vals})

    def test_count_sum_average(self):
        today = self.today
        leads = self.env["crm.lead"].with_user(self.manager)
        for revenue in (100, 300):
            leads.create({"name": "x", "is_vip": True, "expected_revenue": revenue})
        leads.create({"name": "small", "expected_revenue": 999})
        span = Span(self.env.company, today.replace(day=1), today)
        users = self.manager + self.colleague
        kpi = self._own()
        for aggregate, expected, empty in (
            ("count", 2, 0),
            ("sum", 400, 0),
            ("average", 200, None),
        ):
            kpi.aggregate = aggregate
            found = kpi._measure(users, span, evidence=True)
            self.assertEqual(found[self.manager.id].actual, expected)
            self.assertEqual(len(found[self.manager.id].ids), 2)
            self.assertEqual(found[self.colleague.id].actual, empty)

    def test_conditions_are_literals(self):
        for domain in (
            "[('id', '=', uid)]",
            "__import__('os').system('true')",
            "[('name', '=', open('/etc/passwd').read())]",
            "[(1 for x in [])]",
            "[('nothing', '=', 1)]",
            "[",
        ):
            with self.refused(ValidationError):
                self._own(domain=domain)

    def test_models_and_fields_not_allowed(self):
        for model in ("res.users", "hr.version", "nka.pay.agreement", "ir.model"):
            with self.refused(ValidationError):
                self._own(model, date_field_id=self._field(model, "create_date").id)
        for domain in (
            "[('user_id.password', '!=', False)]",
            "[('user_id.login', '=', 'admin')]",
            "[('partner_id.name', 'ilike', 'a')]",
            "[('user_id.crm_team_member_ids.active', '=', True)]",
            "[('order_ids', 'any', [('id', '>', 0)])]",
        ):
            with self.refused(ValidationError):
                self._own(domain=domain)
        self._own(domain="[('stage_id.is_won', '=', True), ('user_id', '!=', False)]")

    def test_amounts_in_several_currencies(self):
        """The example: JPY 150,000 at 150 is 1,000."""
        currency = self.env.company.currency_id
        yen, pound = (
            self.env["res.currency"].create({"name": name, "symbol": name})
            for name in ("JPT", "GBT")
        )
        rates = self.env["res.currency.rate"]
        for one, day, rate in (
            (yen, date(2026, 1, 1), 150),
            (yen, date(2026, 12, 1), 300),
            (pound, date(2026, 11, 1), 0.5),
        ):
            rates.create({"currency_id": one.id, "name": day, "rate": rate})
        kpi = self._own(
            "sale.order",
            domain="[]",
            date_field_id=self._field("sale.order", "date_order").id,
            owner_field_id=self._field("sale.order", "user_id").id,
            value_field_id=self._field("sale.order", "amount_untaxed").id,
        )

        def order(one, amount, day):
            return self._quotation(one, amount, day)

        order(yen, 150000, datetime(2026, 11, 5, 9))
        self.assertEqual(self._value(kpi), 1000)
        order(currency, 500, datetime(2026, 11, 6, 9))
        order(yen, 150000, datetime(2026, 12, 5, 9))
        order(pound, 50, datetime(2026, 10, 5, 9))
        self.assertEqual(self._value(kpi), 1000 + 500 + 500 + 100)
        kpi.aggregate = "average"
        self.assertEqual(self._value(kpi), 525)

    def _value(self, kpi, company=None):
        span = Span(company or self.env.company, date(2026, 10, 1), date(2026, 12, 31))
        return kpi._measure(self.manager, span)[self.manager.id].actual

    def _quotation(self, currency, amount, day, **vals):
        prices = self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )
        product = self.env["product.product"].create(
            {"name": "Work", "type": "service"}
        )
        return self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.manager.id,
                "pricelist_id": prices.id,
                "date_order": day,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": [],
                        }
                    )
                ],
                **vals,
            }
        )

    def _orders_measure(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        return self._own(
            "sale.order",
            domain="[('state', '=', 'sale')]",
            date_field_id=self._field("sale.order", "date_order").id,
            owner_field_id=self._field("sale.order", "user_id").id,
            value_field_id=self._field("sale.order", "amount_untaxed").id,
        )

    def _mine(self, day):
        """Create a quotation of the manager for a client without an account."""
        order = self._quotation(self.env.company.currency_id, 500, day)
        order.partner_id = self.env["res.partner"].create({"name": "Passer-by"})
        return order.with_user(self.manager)

    def test_order_moved_into_the_season_counts_in_its_own(self):
        kpi = self._orders_measure()
        early, late = datetime(2026, 9, 20, 9), datetime(2026, 11, 5, 9)
        order = self._mine(early)
        with freeze_time(early):
            order.action_confirm()
        order.write({"date_order": late})
        self.assertEqual(self._value(kpi), 0)
        other = self._mine(early)
        with freeze_time(late):
            other.action_confirm()
        other.write({"date_order": early})
        self.assertEqual(self._value(kpi), 500)
        found = kpi._measure(self.manager, self.season._span(), evidence=True)
        self.assertEqual(found[self.manager.id].ids, (other.id,))

    def test_order_confirmed_with_a_chosen_date(self):
        """Backdated into a past season: it counts when it was confirmed."""
        kpi = self._orders_measure()
        order = self._mine(datetime(2026, 11, 5, 9))
        with freeze_time("2027-01-20"):
            order.write({"state": "sale", "date_order": datetime(2026, 11, 5, 9)})
        self.assertEqual(self._value(kpi), 0)

    def test_deal_moved_into_the_season_by_its_closing_date(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        leads = self.env["crm.lead"].with_user(self.manager)
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        kpi = self._own(
            domain="[('stage_id.is_won', '=', True)]",
            date_field_id=self._field("crm.lead", "date_closed").id,
            aggregate="count",
        )
        vals = {"name": "Won", "type": "opportunity", "user_id": self.manager.id}
        lead = leads.create(vals)
        with freeze_time("2026-09-20 10:00"):
            lead.stage_id = won
        moment = "2026-11-05 10:00:00"
        with self.refused(AccessError, "Mark the deal as won"):
            lead.write({"date_closed": moment})
        with self.refused(AccessError, "Mark the deal as won"):
            leads.create({**vals, "stage_id": won.id, "date_closed": moment})
        with self.refused(AccessError, "Mark the deal as won"):
            leads.with_context(default_date_closed=moment).create(
                {**vals, "stage_id": won.id}
            )
        self.assertEqual(self._value(kpi), 0)
        with freeze_time(moment):
            leads.create({**vals, "stage_id": won.id})
        self.assertEqual(self._value(kpi), 1)

    def _won_deals(self, domain="[('stage_id.is_won', '=', True)]"):
        return self._own(
            domain=domain,
            date_field_id=self._field("crm.lead", "date_closed").id,
            aggregate="count",
        )

    def _deal(self, **vals):
        deal = {"name": "W", "type": "opportunity", "user_id": self.manager.id, **vals}
        return self.env["crm.lead"].with_user(self.manager).create(deal)

    def _deal_won_in_september(self):
        with freeze_time("2026-09-20 10:00"):
            return self._deal(stage_id=self._won_stage().id)

    def _open_stage(self):
        return self.env["crm.stage"].search([("is_won", "=", False)], limit=1)

    def _won_stage(self):
        return self.env["crm.stage"].search([("is_won", "=", True)], limit=1)

    def test_deal_won_twice_counts_on_the_first_day(self):
        """Reopening, changing the probability, archiving, losing and writing the day,
        each as the manager through RPC; in November the deal would count again.
        """
        opened = {"stage_id": self._open_stage().id}
        won = {"stage_id": self._won_stage().id}
        roads = {
            "reopened": [opened, won],
            "probability": [{"probability": 100}],
            "another stage by probability": [{**opened, "probability": 50}, won],
            "archived": [{"active": False}, {"active": True}],
            "lost": [{**opened, "active": False, "probability": 0}, won],
            "emptied": [{"date_closed": False}, {"probability": 100}],
        }
        kpi = self._won_deals()
        for road, steps in roads.items():
            with self.subTest(road):
                lead = self._deal_won_in_september()
                day = lead.date_closed
                with freeze_time("2026-11-05 10:00"):
                    for vals in steps:
                        lead.with_user(self.manager).write(vals)
                self.assertEqual(lead.first_won_date, day)
                self.assertTrue(lead.stage_id.is_won)
                self.assertGreater(lead.date_closed, day)
                self.assertEqual(self._value(kpi), 0)

    def test_deal_won_once_counts_on_that_day(self):
        kpi = self._won_deals()
        with freeze_time("2026-11-05 10:00"):
            lead = self._deal(stage_id=self._open_stage().id)
            lead.stage_id = self._won_stage()
        self.assertFalse(lead.first_won_date)
        self.assertEqual(self._value(kpi), 1)

    def test_reopened_deal_is_not_won(self):
        kpi = self._won_deals(domain="[('type', '=', 'opportunity')]")
        with freeze_time("2026-11-03 10:00"):
            lead = self._deal(stage_id=self._won_stage().id)
        self.assertEqual(self._value(kpi), 1)
        with freeze_time("2026-11-05 10:00"):
            lead.stage_id = self._open_stage()
        self.assertEqual(self._value(kpi), 0)

    def test_won_deal_that_is_lost_counts_on_the_day_it_was_lost(self):
        kpi = self._won_deals(domain="[('won_status', '=', 'lost')]")
        lead = self._deal_won_in_september()
        with freeze_time("2026-11-05 10:00"):
            lead.stage_id = self._open_stage()
            lead.action_set_lost()
        self.assertEqual(self._value(kpi), 1)

    def test_first_won_day_cannot_be_written(self):
        lead = self._deal_won_in_september()
        with freeze_time("2026-11-05 10:00"):
            for vals in (
                {"date_closed": "2026-11-05 10:00:00"},
                {"first_won_date": "2026-11-05 10:00:00"},
            ):
                with self.refused(AccessError, ""):
                    lead.with_user(self.manager).write(vals)

    def test_sales_administrator_changes_the_closing_date(self):
        lead = self._deal_won_in_september()
        self.supervisor.group_ids += self.env.ref("sales_team.group_sale_manager")
        later = datetime(2026, 11, 3, 10)
        lead.with_user(self.supervisor).write({"date_closed": later})
        self.assertEqual((lead.date_closed, lead.first_won_date), (later, later))
        self.assertEqual(self._value(self._won_deals()), 1)

    def test_currency_rate_of_the_confirmation_day(self):
        kpi = self._orders_measure()
        yen = self.env["res.currency"].create({"name": "JPT", "symbol": "J"})
        for day, rate in ((date(2026, 1, 1), 150), (date(2026, 12, 1), 50)):
            self.env["res.currency.rate"].create(
                {"currency_id": yen.id, "name": day, "rate": rate}
            )
        order = self._quotation(yen, 150000, datetime(2026, 11, 5, 9), state="sale")
        self.assertEqual(self._value(kpi), 1000)
        order.with_user(self.manager).write({"date_order": datetime(2026, 12, 5, 9)})
        self.assertEqual(self._value(kpi), 1000)

    def test_amount_without_a_currency_is_refused(self):
        line = {
            "date_field_id": self._field("sale.order.line", "create_date").id,
            "owner_field_id": self._field("sale.order.line", "salesman_id").id,
            "domain": "[]",
        }
        price = self._field("sale.order.line", "price_unit").id
        with self.refused(ValidationError, "without a currency"):
            self._own("sale.order.line", value_field_id=price, **line)
        self._own(
            "sale.order.line",
            value_field_id=self._field("sale.order.line", "product_uom_qty").id,
            **line,
        )

    def test_archived_records(self):
        """They count only if the KPI says so; lost leads do."""
        leads = self.env["crm.lead"]
        vals = {"is_vip": True, "user_id": self.manager.id, "type": "opportunity"}
        leads.create({"name": "There", "expected_revenue": 1, **vals})
        gone = leads.create({"name": "Gone", "expected_revenue": 2, **vals})
        gone.write({"active": False, "probability": 20})
        lost = leads.create({"name": "Lost", "expected_revenue": 4, **vals})
        lost.action_set_lost()
        kpi = self._own(date_field_id=self._field("crm.lead", "create_date").id)
        span = Span(self.env.company, self.today.replace(day=1), self.today)

        def value(domain):
            kpi.domain = domain
            return kpi._measure(self.manager, span)[self.manager.id].actual

        self.assertEqual(value("[]"), 5)
        self.assertEqual(value("[('active', '=', False)]"), 6)
        self.assertEqual(value("[('active', 'in', [True, False])]"), 7)

    def test_records_of_other_companies(self):
        """A record counts in its own company; one without a company counts in its
        owner's.
        """
        other = self.env["res.company"].create({"name": "Other"})
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        leads = self.env["crm.lead"]
        for amount, company in (
            (1, self.env.company),
            (2, other),
            (4, branch),
            (8, self.env["res.company"]),
        ):
            lead = leads.create(
                {
                    "name": "Deal",
                    "is_vip": True,
                    "user_id": self.manager.id,
                    "expected_revenue": amount,
                    "date_deadline": date(2026, 11, 5),
                }
            )
            self.env.flush_all()
            self.cr.execute(
                "UPDATE crm_lead SET company_id = %s WHERE id = %s",
                [company.id or None, lead.id],
            )
        self.env.invalidate_all()
        kpi = self._own(date_field_id=self._field("crm.lead", "date_deadline").id)
        self.assertEqual(self._value(kpi), 13)
        self.assertEqual(self._value(kpi, other), 2)

    def test_only_the_admin_creates_them(self):
        for user in (self.manager, self.supervisor, self.officer):
            with self.refused(AccessError):
                self._own().with_user(user).write({"name": "x"})

    def test_definition_is_locked_while_a_plan_uses_it(self):
        kpi = self._kpi("negotiations").with_user(self.kam_admin)
        with self.refused(ValidationError, "approved plan version"):
            kpi.direction = "lower"
        kpi.write({"name": "Talks", "direction": "higher"})

    def test_kpi_in_a_plan(self):
        kpi = self._own(aggregate="count")
        version = self._new_version(
            date(2030, 1, 1),
            line_ids=[Command.create({"kpi_id": kpi.id, "weight": 100})],
        )
        version.action_submit()
        self.assertEqual(version._plan_terms().goals[0].key, "won_value")
