"""Facts of docs/facts.md: work, time off, calendars, negotiations and KPIs."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import mail_from, new_user
from ..pay.common import SeasonCase
from ..statements.common import StatementCase

NOVEMBER = date(2025, 11, 1)
TALK = datetime(2026, 11, 3, 9)
AFTER = "2026-11-20 10:00:00"


@tagged("nka_facts")
class TestWork(StatementCase):
    """November 2025 has 20 workdays; fixed pay is 80,000."""

    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr = new_user(cls.env, "nka_hr", "hr_holidays.group_hr_holidays_manager")
        cls.unpaid, cls.paid = cls.env["hr.leave.type"].create(
            [
                {
                    "name": name,
                    "requires_allocation": False,
                    "leave_validation_type": "hr",
                    "unpaid": unpaid,
                }
                for name, unpaid in (("Unpaid", True), ("Paid", False))
            ]
        )

    def _leave(self, kind, last=date(2025, 11, 30), context=None):
        leaves = self.env["hr.leave"].with_user(self.manager)
        return leaves.with_context(**(context or {})).create(
            {
                "holiday_status_id": kind.id,
                "employee_id": self.employee.id,
                "request_date_from": NOVEMBER,
                "request_date_to": last,
            }
        )

    def test_whole_month_of_unpaid_leave(self):
        self._leave(self.unpaid).with_user(self.hr).action_approve()
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.fixed_amount, statement.unpaid_days), (0, 20))
        self.assertTrue(statement.line_ids.filtered(lambda line: line.kind == "unpaid"))

    def test_half_a_month_of_unpaid_leave(self):
        leave = self._leave(self.unpaid, date(2025, 11, 14))
        leave.with_user(self.hr).action_approve()
        self.assertEqual(self._calculate(NOVEMBER).fixed_amount, 40000)

    def test_unapproved_unpaid_leave_is_paid(self):
        self._leave(self.unpaid)
        self.assertEqual(self._calculate(NOVEMBER).fixed_amount, 80000)

    def test_paid_leave_counts_as_covered_days(self):
        self._leave(self.paid).with_user(self.hr).action_approve()
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.fixed_amount, statement.covered_days), (80000, 20))

    def test_leave_validated_by_the_employee_does_not_count(self):
        leave = self._leave(self.paid)
        for context in (
            {"leave_fast_create": True},
            {"leave_skip_state_check": True, "leave_fast_create": True},
        ):
            try:
                with self.cr.savepoint():
                    leave.with_context(**context).write({"state": "validate"})
            except (AccessError, UserError):
                continue
        self.assertEqual(self._calculate(NOVEMBER).covered_days, 0)

    def test_own_calendar_entry_turned_into_a_public_holiday(self):
        entry = (
            self.env["resource.calendar.leaves"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Mine",
                    "resource_id": self.employee.resource_id.id,
                    "date_from": "2025-11-03 00:00:00",
                    "date_to": "2025-11-28 23:00:00",
                }
            )
        )
        entry.write({"resource_id": False, "calendar_id": False})
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.employed_days, statement.covered_days), (20, 0))

    def test_flexible_hours_leaving_on_a_friday(self):
        """The employee works 10 of the 21 workdays of November 2026."""
        flexible = self.env["resource.calendar"].create(
            {
                "name": "40 hours",
                "schedule_type": "flexible",
                "hours_per_week": 40,
                "hours_per_day": 8,
            }
        )
        employee = self._new_employee(
            self.supervisor_2,
            resource_calendar_id=flexible.id,
            contract_date_end=date(2026, 11, 13),
        )
        days = self.env["nka.work.report"]._month_days(
            employee, date(2026, 11, 1), date(2026, 11, 30)
        )[employee.id]
        self.assertEqual((days.employed, days.scheduled), (10, 21))

    def test_year_from_april(self):
        """With a year from April, a new half-year begins in October."""
        self.company.nka_year_month = "4"
        for amount, day in ((1000, date(2025, 9, 5)), (20, date(2025, 10, 5))):
            self._invoice(amount, day)
        self.assertEqual(self._calculate(date(2025, 9, 1)).half_year_credits, 1000)
        self.assertEqual(self._calculate(date(2025, 10, 1)).half_year_credits, 20)

    def test_year_from_january(self):
        for amount, day in ((1000, date(2025, 9, 5)), (20, date(2025, 10, 5))):
            self._invoice(amount, day)
        self.assertEqual(self._calculate(date(2025, 10, 1)).half_year_credits, 1020)


@tagged("nka_facts")
class TestReasonForNoBonus(StatementCase):
    def _reason(self):
        statement = self._calculate(NOVEMBER)
        return statement.line_ids.filtered(lambda line: line.kind == "bonus").reason

    def test_no_payment(self):
        self.assertIn("No sales were credited", self._reason())

    def test_payment_for_sales_before_the_ownership(self):
        invoice = self._invoice(100, date(2024, 12, 1))
        self._match(invoice, self._money(120, date(2025, 11, 12)))
        self.assertNotIn("No sales were credited", self._reason())

    def test_unmatched_payment(self):
        self._money(120, date(2025, 11, 12))
        self.assertNotIn("No sales were credited", self._reason())

    def test_payment_for_an_opening_balance(self):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date(2025, 1, 1),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "debit": debit,
                            "credit": 120 - debit,
                        }
                    )
                    for account, debit in (
                        (self.client.property_account_receivable_id, 120),
                        (self.bank.suspense_account_id, 0),
                    )
                ],
            }
        )
        entry.action_post()
        self._match(entry, self._money(120, date(2025, 11, 12)))
        self.assertNotIn("No sales were credited", self._reason())


@tagged("nka_facts")
class TestKpis(SeasonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client, date_start=date(2026, 1, 1))
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna", "email": "anna@nw.test", "parent_id": cls.client.id}
        )

    def _talk(self, start=TALK, minutes=60, guests=None, user=None, **vals):
        user = user or self.manager
        guests = self.contact if guests is None else guests
        events = self.env["calendar.event"].with_user(user)
        return events.create(
            {
                "name": "Talk",
                "start": start,
                "stop": start + timedelta(minutes=minutes),
                "partner_ids": [Command.set([user.partner_id.id, *guests.ids])],
                "is_negotiation": True,
                "negotiation_outcome": "progress",
                **vals,
            }
        )

    def _count(self, company=None):
        self.env.flush_all()
        with freeze_time(AFTER):
            found = self._kpi("negotiations")._measure(
                self.manager,
                Span(
                    company or self.env.company, date(2026, 10, 1), date(2026, 12, 31)
                ),
                True,
            )
        return found[self.manager.id]

    def test_forty_backdated_meetings(self):
        nobody = self.env["res.partner"]
        with freeze_time(AFTER):
            for number in range(8):
                self._talk(TALK + timedelta(hours=2 * number))
        mail_from(self.contact, TALK)
        with freeze_time(AFTER):
            for number in range(40):
                start = TALK + timedelta(days=1, minutes=5 * number)
                self._talk(start, 4, nobody)
        found = self._count()
        self.assertEqual((found.actual, len(found.left_out)), (8, 40))

    def test_forty_meetings_with_a_contact_but_without_evidence(self):
        with freeze_time(AFTER):
            for number in range(40):
                self._talk(TALK + timedelta(minutes=5 * number), 4)
        found = self._count()
        self.assertEqual((found.actual, len(found.left_out)), (0, 40))

    def test_overlapping_negotiations_count_once(self):
        with freeze_time(AFTER):
            for number in range(5):
                self._talk(TALK + timedelta(minutes=10 * number))
        mail_from(self.contact, TALK)
        self.assertEqual(self._count().actual, 1)

    def test_archived_negotiation_does_not_count(self):
        with freeze_time(AFTER):
            talk = self._talk()
        mail_from(self.contact, TALK)
        self.assertEqual(self._count().actual, 1)
        talk.active = False
        self.assertEqual(self._count().actual, 0)

    def test_second_company(self):
        with freeze_time(AFTER):
            self._talk()
        mail_from(self.contact, TALK)
        other = self.env["res.company"].create({"name": "Second"})
        self.manager.sudo().company_ids |= other
        self.assertEqual(self._count().actual, 1)
        self.assertEqual(self._count(other).actual, 0)

    def test_rescheduled_series(self):
        with freeze_time("2026-11-01 10:00:00"):
            first = self._talk(
                datetime(2026, 11, 3, 9),
                negotiation_outcome=False,
                recurrency=True,
                rrule_type="weekly",
                tue=True,
                end_type="count",
                count=4,
                event_tz="UTC",
            )
        with freeze_time("2026-11-26 10:00:00"):
            series = first.recurrence_id.calendar_event_ids.sorted("start")
            series[:3].with_user(self.manager).negotiation_outcome = "progress"
            first.with_user(self.manager).write(
                {
                    "start": "2026-11-03 10:00:00",
                    "stop": "2026-11-03 11:00:00",
                    "recurrence_update": "all_events",
                }
            )
            new = self.env["calendar.event"].search(
                [("user_id", "=", self.manager.id), ("is_negotiation", "=", True)]
            )
            new.with_user(self.manager).negotiation_outcome = "agreed"
            self.env.flush_all()
            found = self._kpi("negotiations")._measure(
                self.manager, self.season._span(), True
            )
        self.assertEqual(found[self.manager.id].actual, 4)

    def test_average_sale_value_with_down_payment_and_zero_invoice(self):
        product = self.env["product.product"].create(
            {"name": "Work", "type": "service", "invoice_policy": "order"}
        )
        line = {"product_id": product.id, "price_unit": 1000, "tax_ids": []}
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create(line)]}
        )
        order.action_confirm()
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": 30})
        )
        wizard.create_invoices()
        deposit = order.invoice_ids
        final = self.env["account.move"]
        for move in (deposit, final):
            move = move or order._create_invoices(final=True)
            move.invoice_date = date(2026, 11, 2)
            move.action_post()
        self._new_invoice(self.client, 0, date(2026, 11, 2))
        actual = self._measure("average_check")[self.manager.id].actual
        self.assertEqual(actual, 1000)
        self._new_invoice(self.client, 500, date(2026, 11, 2), "out_receipt")
        actual = self._measure("average_check")[self.manager.id].actual
        self.assertEqual(actual, 750)

    def _own(self, model, value, owner="user_id", **vals):
        field = self.env["ir.model.fields"]._get
        return (
            self.env["nka.kpi"]
            .with_user(self.kam_admin)
            .create(
                {
                    "name": "Own",
                    "code": "own_of_test",
                    "model_id": self.env["ir.model"]._get(model).id,
                    "domain": "[]",
                    "date_field_id": field(model, "create_date").id,
                    "owner_field_id": field(model, owner).id,
                    "aggregate": "sum",
                    "value_field_id": field(model, value).id,
                    **vals,
                }
            )
        )

    def test_sum_of_orders_in_yen(self):
        yen = self.env["res.currency"].create({"name": "JPT", "symbol": "J"})
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": date(2026, 1, 1), "rate": 150}
        )
        prices = self.env["product.pricelist"].create(
            {"name": "Yen", "currency_id": yen.id}
        )
        product = self.env["product.product"].create({"name": "P", "type": "service"})
        line = {"product_id": product.id, "price_unit": 150000, "tax_ids": []}
        self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.manager.id,
                "pricelist_id": prices.id,
                "date_order": "2026-11-05 09:00:00",
                "order_line": [Command.create(line)],
            }
        )
        kpi = self._own(
            "sale.order",
            "amount_untaxed",
            date_field_id=self.env["ir.model.fields"]
            ._get("sale.order", "date_order")
            .id,
        )
        span = Span(self.env.company, date(2026, 10, 1), date(2026, 12, 31))
        self.assertEqual(kpi._measure(self.manager, span)[self.manager.id].actual, 1000)

    def test_amount_without_a_currency(self):
        with self.refused(ValidationError, "currency"):
            self._own("sale.order.line", "price_unit", "salesman_id")
