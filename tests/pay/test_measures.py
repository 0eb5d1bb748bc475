from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.addons.nka_key_accounts.models.pay.nka_kpi import MEANING
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import SeasonCase


@tagged("nka_pay")
class TestMeasures(SeasonCase):
    """The four measures that come with the addon, and own ones."""

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

    def test_vip_leads_recommended_by_clients(self):
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

    def test_whose_clients_count_is_part_of_the_plan(self):
        self.assertIn("counts_colleagues", MEANING)

    def test_average_check(self):
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
        # A credit of the client pays his oldest debt first.
        self._new_invoice(self.client, 700, date(2026, 12, 1), "out_refund")
        found = self._measure("overdue_share", evidence=True)[self.manager.id]
        self.assertEqual(found.actual.quantize(Decimal("0.01")), Decimal("33.33"))
        self.assertEqual(found.values, {"overdue": 100, "open": 300})
        self.assertEqual(len(found.ids), 1)
        self.assertIsNone(self._measure("overdue_share")[self.colleague.id].actual)

    def test_overdue_share_as_of_the_seasons_end(self):
        self._account(self.client)
        invoice = self._new_invoice(self.client, 1000, date(2026, 11, 2))
        before = self._pay(invoice, 400, date(2026, 12, 15))
        self.assertTrue(before)
        self._pay(invoice, 600, date(2027, 1, 3))
        late = self._new_invoice(self.client, 500, date(2027, 1, 2))
        self.assertTrue(late)
        found = self._measure("overdue_share", day="2027-01-05")[self.manager.id]
        self.assertEqual(found.values, {"overdue": 600, "open": 600})

    def _owned(self, first, last):
        """The client's account, owned from the first to the last day."""
        account = self._account(self.client)
        account.assignment_ids._unlocked().write({"date_from": first, "date_to": last})

    def test_average_check_of_the_seasons_and_the_owners_first_and_last_day(self):
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

    def test_overdue_on_the_seasons_last_day(self):
        """Due that day isn't overdue, paid that day isn't open, and who owns the client
        on that day only is measured by it.
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

    def test_negotiations_by_the_companys_day(self):
        self.env.company.resource_calendar_id.tz = "Europe/Moscow"
        self._negotiation(self.manager, datetime(2026, 9, 30, 20, 59))
        self._negotiation(self.manager, datetime(2026, 9, 30, 21, 0))
        with freeze_time("2027-01-05"):
            self._negotiation(self.manager, datetime(2026, 12, 31, 21, 0))
        self._negotiation(self.manager, negotiation_outcome="not_held")
        self.assertEqual(self._actual("negotiations"), 1)

    def test_each_measure_is_one_query_for_all(self):
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
class TestOwnMeasure(SeasonCase):
    """Measures without code, and what they may not look into."""

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

    def test_closed_models_and_fields(self):
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

    def test_only_the_admin_makes_them(self):
        for user in (self.manager, self.supervisor, self.officer):
            with self.refused(AccessError):
                self._own().with_user(user).write({"name": "x"})

    def test_meaning_stays_while_a_plan_uses_it(self):
        kpi = self._kpi("negotiations").with_user(self.kam_admin)
        with self.refused(ValidationError, "goal list"):
            kpi.direction = "lower"
        kpi.write({"name": "Talks", "direction": "higher"})

    def test_in_a_plan(self):
        kpi = self._own(aggregate="count")
        version = self._new_version(
            date(2030, 1, 1),
            line_ids=[Command.create({"kpi_id": kpi.id, "weight": 100})],
        )
        version.action_submit()
        self.assertEqual(version._plan_terms().goals[0].key, "won_value")
