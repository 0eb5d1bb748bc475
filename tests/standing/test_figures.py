"""Compare every figure of an account with slow, plain code over the same records."""

from datetime import datetime, time

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import tagged

from ..common import NkaCase
from .common import FiguresCase


@tagged("nka_accounts")
class TestMoneyFigures(FiguresCase):
    def _slow_revenue(self):
        since = self.today - relativedelta(months=12)
        total = 0
        for move in self.env["account.move"].search([("state", "=", "posted")]):
            if (
                move.move_type in ("out_invoice", "out_refund")
                and move.partner_id in self._family()
                and since < move.invoice_date <= self.today
            ):
                total += move.amount_untaxed_signed
        return total

    def _slow_overdue(self):
        total = 0
        for line in self.env["account.move.line"].search(
            [("parent_state", "=", "posted"), ("partner_id", "in", self._family().ids)]
        ):
            receivable = line.account_id.account_type == "asset_receivable"
            if receivable and line.date_maturity and line.date_maturity < self.today:
                total += line.amount_residual
        return total

    def test_revenue_with_credit_notes_contacts_and_currency(self):
        rate = {"currency_id": self.env.ref("base.EUR").id}
        currency = self.env["res.currency"].browse(rate["currency_id"])
        currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 0.5, "name": "2020-01-01"}
        )
        year = self.today - relativedelta(months=12)
        self._new_invoice(self.client, 1000, self.today - self._days(10))
        self._new_invoice(self.contact, 200, self.today - self._days(10))
        self._new_invoice(self.client, 100, self.today, **rate)
        self._new_invoice(self.client, 50, self.today, "out_refund")
        self._new_invoice(self.client, 7, year)
        self._new_invoice(self.client, 11, year + self._days(1))
        self._new_invoice(self.client, 13, self.today + self._days(3))
        self._new_invoice(self.other_client, 17)
        foreign = (currency == self.env.company.currency_id and 100) or 200
        self.assertEqual(self.account.trailing_revenue, 1000 + 200 + foreign - 50 + 11)
        self.assertEqual(self.account.trailing_revenue, self._slow_revenue())

    def test_overdue_with_partial_payments_and_credits(self):
        old = self.today - self._days(40)
        part = self._new_invoice(self.client, 1000, old)
        self._pay(part, 400)
        paid = self._new_invoice(self.client, 300, old)
        self._pay(paid, 300)
        self._new_invoice(self.contact, 90, old)
        self._new_invoice(self.client, 25, old, "out_refund")
        self._new_invoice(self.client, 5000, self.today)
        self.assertEqual(self.account.overdue_amount, 600 + 90 - 25)
        self.assertEqual(self.account.overdue_amount, self._slow_overdue())

    def test_figures_open_their_records(self):
        old = self.today - self._days(40)
        self._new_invoice(self.contact, 90, old)
        self._new_invoice(self.client, 25, old, "out_refund")
        self._new_invoice(self.client, 13, self.today + self._days(3))
        self._new_lead(self.client)
        self._new_lead(self.client).action_set_won()
        for action, figure, field in (
            ("action_open_invoices", "trailing_revenue", "amount_untaxed_signed"),
            ("action_open_overdue", "overdue_amount", "amount_residual"),
            ("action_open_leads", "pipeline_amount", "expected_revenue"),
        ):
            opened = getattr(self.account.with_user(self.manager), action)()
            records = self.env[opened["res_model"]].search(opened["domain"])
            self.assertTrue(records)
            self.assertEqual(sum(records.mapped(field)), self.account[figure])

    def test_pipeline_and_referrals(self):
        self._new_lead(self.client, expected_revenue=700)
        self._new_lead(self.contact, expected_revenue=30)
        self._new_lead(self.client, expected_revenue=5).action_set_won()
        self._new_lead(self.client, expected_revenue=9).action_set_lost()
        referral = {"origin": "referral", "referrer_id": self.account.id}
        self._new_lead(self.other_client, **referral)
        self._new_lead(
            self.other_client, expected_revenue=80, **referral
        ).action_set_won()
        self._new_lead(self.other_client, **referral).action_set_lost()
        self.assertEqual(self.account.pipeline_amount, 730)
        self.assertEqual(self.account.open_lead_count, 2)
        self.assertEqual(self.account.referred_lead_count, 3)
        self.assertEqual(self.account.referred_won_amount, 80)

    def test_cached_figures_are_recomputed_after_a_change(self):
        self.assertEqual(self.account.trailing_revenue, 0)
        invoice = self._new_invoice(self.client, 1000, self.today - self._days(5))
        self.assertEqual(self.account.trailing_revenue, 1000)
        self.assertEqual(self.account.overdue_amount, 1000)
        self._pay(invoice, 400)
        self.assertEqual(self.account.overdue_amount, 600)
        self.assertEqual(self.account.pipeline_amount, 0)
        lead = self._new_lead(self.client)
        self.assertEqual(self.account.pipeline_amount, 1000)
        lead.action_set_won()
        self.assertEqual(self.account.pipeline_amount, 0)

    def test_search_includes_unflushed_changes(self):
        self._new_meeting(self.contact, 3)
        found = self.env["nka.key.account"].search(
            [("next_contact_date", "=", self.today + self._days(3))]
        )
        self.assertEqual(found, self.account)


@tagged("nka_accounts")
class TestContactFigures(FiguresCase):
    def _slow_last_contact(self):
        days = []
        now = fields.Datetime.now()
        family = self._family()
        for event in self.env["calendar.event"].search([]):
            held = event.negotiation_outcome != "not_held"
            if event.partner_ids & family and event.stop <= now and held:
                days.append(event.start.date())
        leads = self.env["crm.lead"].search([("key_account_id", "=", self.account.id)])
        records = (self.account, leads, family)
        for message in self.env["mail.message"].union(
            *(record.message_ids for record in records)
        ):
            kind = message.mail_activity_type_id
            contact = kind.category in ("phonecall", "meeting") or kind == self.env.ref(
                "mail.mail_activity_data_email"
            )
            mail = message.message_type in ("email", "email_outgoing")
            if contact or mail or message.notified_partner_ids & family:
                days.append(message.date.date())
        return max(days, default=False)

    def _assert_last_contact(self, expected):
        self.assertEqual(self.account.last_contact_date, expected)
        self.assertEqual(self._slow_last_contact(), expected)

    def _message_on(self, record, days, **vals):
        return self.env["mail.message"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "message_type": "comment",
                "date": fields.Datetime.now() - self._days(days),
                **vals,
            }
        )

    def test_held_meetings_count(self):
        self._assert_last_contact(False)
        self._new_meeting(self.contact, -9)
        self._new_meeting(self.contact, 2)
        self._new_meeting(self.other_client, -1)
        self._assert_last_contact(self.today - self._days(9))

    def test_missed_negotiation_is_no_contact(self):
        self._new_meeting(self.contact, -9)
        lead = self._new_lead(self.client)
        missed = self._new_meeting(self.contact, -4, opportunity_id=lead.id)
        missed.with_user(self.manager).write({"is_negotiation": True})
        missed.write({"negotiation_outcome": "not_held"})
        self._assert_last_contact(self.today - self._days(9))

    def test_emails_count_and_internal_notes_do_not(self):
        lead = self._new_lead(self.client)
        self._message_on(lead, 8, message_type="email")
        self._assert_last_contact(self.today - self._days(8))
        self._message_on(lead, 5)
        self._assert_last_contact(self.today - self._days(8))
        sent = self._message_on(lead, 3)
        self.env["mail.notification"].create(
            {"mail_message_id": sent.id, "res_partner_id": self.contact.id}
            | {"notification_type": "email"}
        )
        self._assert_last_contact(self.today - self._days(3))

    def test_done_calls_count_and_to_dos_do_not(self):
        lead = self._new_lead(self.client)
        lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.manager.id
        ).action_feedback("Filed")
        self._assert_last_contact(False)
        for record in (lead, self.contact, self.account):
            record.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.manager.id
            ).action_feedback("They like it")
            self._assert_last_contact(self.today)

    def test_next_contact_is_planned_or_by_cadence(self):
        account = self.account
        start = account.date_start + self._days(account.cadence_days)
        self.assertEqual(account.next_contact_date, start)
        self._new_meeting(self.contact, -3)
        due = self.today - self._days(3) + self._days(account.cadence_days)
        self.assertEqual(account.next_contact_date, due)
        self._new_meeting(self.contact, 30)
        self.assertEqual(account.next_contact_date, self.today + self._days(30))
        account.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.today + self._days(5),
            user_id=self.manager.id,
        )
        self.assertEqual(account.next_contact_date, self.today + self._days(5))
        account.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.today + self._days(1),
            user_id=self.manager.id,
        )
        self.assertEqual(account.next_contact_date, self.today + self._days(5))
        account.with_user(self.supervisor).action_retire(reason="Closed down")
        self.assertFalse(account.next_contact_date)

    def test_date_is_in_the_users_time_zone(self):
        """23:30 UTC is the next day in Moscow."""
        evening = datetime.combine(self.today - self._days(5), time(23, 30))
        self._new_meeting(self.contact, 0, start=evening, stop=evening)
        moscow = self.account.with_context(tz="Europe/Moscow")
        self.assertEqual(self.account.last_contact_date, evening.date())
        self.assertEqual(moscow.last_contact_date, evening.date() + self._days(1))

    def test_search_by_due_contact(self):
        accounts = self.env["nka.key.account"]
        domain = [("id", "in", (self.account | self.other_account).ids)]
        self._new_meeting(self.contact, 3)
        day = self.today + self._days(3)

        def found(operator, value):
            return accounts.search([*domain, ("next_contact_date", operator, value)])

        self.assertEqual(found("<=", day), self.account)
        self.assertEqual(found(">", day), self.other_account)
        self.assertEqual(found("=", day), self.account)
        self.assertFalse(found("=", False))
        unset = accounts.search([*domain, ("last_contact_date", "=", False)])
        self.assertEqual(unset, self.account | self.other_account)
        self.assertEqual(
            accounts.search(domain, order="next_contact_date desc")[0],
            self.other_account,
        )


@tagged("nka_accounts")
class TestFigureCost(FiguresCase):
    def _accounts(self, count):
        clients = self.env["res.partner"].create(
            [{"name": f"Client {n}", "is_company": True} for n in range(count)]
        )
        return self.env["nka.key.account"].create(
            [{"partner_id": c.id, "manager_id": self.manager.id} for c in clients]
        )

    def _list_queries(self, user, accounts):
        names = [*accounts._figure_names(), "health", "partner_id", "manager_id"]
        specification = {name: {} for name in names}
        for many2one in ("partner_id", "manager_id"):
            specification[many2one] = {"fields": {"display_name": {}}}
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        accounts.with_user(user).web_search_read(
            [("id", "in", accounts.ids)], specification
        )
        return self.cr.sql_log_count - before

    def test_list_of_80_costs_the_same_as_a_list_of_2(self):
        accounts = self._accounts(80)
        self._list_queries(self.manager, accounts)
        few = self._list_queries(self.manager, accounts[:2])
        self.assertEqual(self._list_queries(self.manager, accounts), few)
        self.assertLessEqual(few, 12)

    def test_partner_fields_of_80_cost_the_same_as_of_2(self):
        partners = self.env["res.partner"].browse(self._accounts(80).partner_id.ids)
        names = [
            "key_account_id",
            "key_account_state",
            "key_account_manager_id",
            "key_account_tier_id",
        ]

        def queries(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.salesman).read(names)
            return self.cr.sql_log_count - before

        queries(partners)
        self.assertEqual(queries(partners), queries(partners[:2]))


@tagged("nka_accounts")
class TestFigures(NkaCase):
    def test_revenue_and_overdue(self):
        account = self._key_account(self.client)
        self._new_invoice(self.client, 1000, self.today - self._days(60))
        self._new_invoice(self.client, 500, self.today - self._days(800))
        self.assertEqual(account.trailing_revenue, 1000)
        self.assertEqual(account.overdue_amount, 1500)

    def test_figures_are_summed_and_sorted_by_the_database(self):
        accounts = self._key_account(self.client) | self._key_account(self.other_client)
        self._new_invoice(self.client, 300)
        self._new_invoice(self.other_client, 700)
        model = self.env["nka.key.account"]
        domain = [("id", "in", accounts.ids)]
        [(manager, revenue)] = model._read_group(
            domain, ["manager_id"], ["trailing_revenue:sum"]
        )
        self.assertEqual((manager, revenue), (self.manager, 1000))
        ordered = model.search(domain, order="trailing_revenue desc")
        self.assertEqual(ordered.partner_id.ids, (self.other_client + self.client).ids)
