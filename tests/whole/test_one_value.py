"""A figure has one value: the same fact, read from two screens."""

from datetime import date

from odoo import Command, fields, models
from odoo.addons.nka_key_accounts.models.standing.nka_health_weight import percentages
from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..close.common import CloseCase
from ..people.common import PeopleCase
from ..statements.common import StatementCase

OCTOBER, NOVEMBER, DECEMBER = (date(2025, month, 1) for month in (10, 11, 12))


@tagged("nka_facts")
class TestPayFigures(CloseCase):
    def test_average_of_three_months_on_close_and_variances(self):
        for month, day, amount in (
            (OCTOBER, 3, 1000000),
            (NOVEMBER, 4, 500000),
            (DECEMBER, 5, 250000),
        ):
            self._invoice(amount, month.replace(day=day))
            self._build()
            self._calculate(month)
        self._accepted(self.other_employee, date_from=NOVEMBER)
        self._calculate(NOVEMBER, self.other_employee)
        self.env.flush_all()
        close = self._new_close(DECEMBER)
        rows = self.env["nka.pay.variance"].search(
            [("month", "=", DECEMBER), ("company_id", "=", self.company.id)]
        )
        self.assertTrue(close.mean_amount)
        self.assertAlmostEqual(close.mean_amount, sum(rows.mapped("mean_amount")), 2)

    def test_next_invoice_brings_what_the_statement_then_pays(self):
        self._invoice(1900000, date(2025, 11, 3))
        self._build()
        forecast = (
            self.env["nka.pay.forecast"]
            .with_user(self.manager)
            ._make(self.manager, self.company, date(2025, 11, 25))
        )
        self.assertEqual((forecast.next_amount, forecast.next_bonus), (200000, 10000))
        self.assertEqual(forecast.attainment, 95)
        self.assertIn("95", forecast.picture)
        forecast.next_amount = 123456.78
        self.assertEqual(forecast.next_bonus, 6172.84)
        before = self._calculate(NOVEMBER).bonus_amount
        self.assertEqual(forecast.bonus_sure, before)
        self._invoice(123456.78, date(2025, 11, 20))
        self._build()
        after = self._calculate(NOVEMBER).bonus_amount
        self.assertAlmostEqual(after - before, forecast.next_bonus, 2)

    def test_approval_is_shown_as_that_of_the_approver(self):
        version = self._new_version(date(2027, 1, 1))
        # What happens to a new record in the transaction that creates it isn't tracked.
        self.env.cr.flush()
        version.action_submit()
        version.with_user(self.kam_admin).action_approve()
        self.env.cr.flush()
        values = self.env["mail.tracking.value"].search(
            [
                ("mail_message_id.model", "=", version._name),
                ("mail_message_id.res_id", "=", version.id),
                ("field_id.name", "=", "state"),
            ]
        )
        author = values.mail_message_id.author_id
        self.assertEqual(author, self.kam_admin.partner_id)


@tagged("nka_facts")
class TestForecastPaid(StatementCase):
    def test_forecast_leaves_out_what_it_says_is_long_overdue(self):
        invoice = self._invoice(300000, date(2025, 8, 1))
        self._invoice(200000, date(2025, 11, 10))
        forecast = (
            self.env["nka.pay.forecast"]
            .with_user(self.manager)
            ._make(self.manager, self.company, date(2025, 11, 25))
        )
        late = forecast.line_ids.filtered("is_late")
        self.assertEqual(late.res_id, invoice.id)
        self.assertEqual((forecast.late, forecast.expected), (300000, 200000))
        self.assertEqual(forecast.attainment, 0)


@tagged("nka_market")
class TestAccountFigures(PeopleCase):
    def _seen(self):
        self.account._refresh_health()
        self.account.invalidate_recordset()
        return self.account.contact_reason, self.account.health_scores["contact"]

    def _plan(self, days):
        self.account.activity_ids.unlink()
        self.account.activity_schedule(
            "mail.mail_activity_data_call",
            fields.Date.context_today(self.account) + self._days(days),
            user_id=self.manager.id,
        )

    def test_health_is_lost_only_for_contacts_on_the_list(self):
        self._new_meeting(self.director, -20)
        reason, score = self._seen()
        self.assertEqual(reason, "overdue")
        self.assertLess(score, 100)
        self._plan(5)
        self.assertEqual(self._seen(), (False, 100))
        self._plan(60)
        reason, score = self._seen()
        self.assertEqual(reason, "overdue")
        self.assertLess(score, 100)

    def test_late_plan_is_on_the_list_and_lowers_the_health(self):
        self._new_meeting(self.director, -2)
        self.assertEqual(self._seen(), (False, 100))
        self._plan(-6)
        reason, score = self._seen()
        self.assertEqual(reason, "planned")
        self.assertLess(score, 100)

    def test_filter_and_list_of_contacts_due_show_the_same(self):
        arch = self.env["nka.key.account"].get_view(view_type="search")["arch"]
        self.assertNotIn("'next_contact_date', '&lt;='", arch)

    def test_weights_are_shown_as_shares_of_100(self):
        self.assertEqual(percentages([60, 40, 25, 15, 15, 10, 10])[:3], [34, 23, 14])
        for weights in ([60, 40, 25, 15, 15, 10, 10], [1, 1, 1], [7], [0, 3, 3]):
            self.assertEqual(sum(percentages(weights)), 100)
        model = self.env["nka.health.weight"]
        model.search([]).unlink()
        codes = [code for code, _label in model._selection_code()]
        rows = model.create([{"code": code, "weight": 25} for code in codes])
        self.assertEqual(sum(rows.mapped("share")), 100)

    def test_sales_that_grew_show_no_fall(self):
        account = self._key_account(self._new_client("Newcomer"))
        product = self.env["product.product"].create({"name": "Film"})
        for day, amount in ((date(2024, 11, 5), 100), (date(2025, 4, 1), 900)):
            line = {"product_id": product.id, "price_unit": amount, "tax_ids": []}
            self._new_invoice(
                account.partner_id, 0, date=day, invoice_line_ids=[Command.create(line)]
            )
        history = self.env["nka.sales.history"]
        history._refresh(self.env.company)
        found = history._read_group(
            [("key_account_id", "=", account.id)],
            ["month:year"],
            ["invoiced_amount:sum", "growth:avg"],
            order="month:year",
        )
        self.assertEqual([row[1:] for row in found[:2]], [(100, False), (900, False)])

    def test_report_says_whose_deals_it_counts(self):
        report = self.env["nka.competitor.report"]
        self.assertIn("All deals", report.with_user(self.supervisor)._scope())
        self.assertIn("access", report.with_user(self.manager)._scope())


@tagged("nka_facts")
class TestScreens(TransactionCase):
    def test_dates_are_dates(self):
        views = self.env["ir.ui.view"].search(
            [("model_data_id.module", "=", "nka_key_accounts")]
        )
        worded = views.filtered(lambda view: "remaining_days" in (view.arch_db or ""))
        self.assertFalse(worded.mapped("xml_id"))

    def test_credit_form_shows_amounts_and_names(self):
        arch = self.env["nka.bonus.line"].get_view(view_type="form")["arch"]
        for raw in ("move_ref", "source_ref", "revision"):
            self.assertNotIn(raw, arch)

    def test_no_text_is_the_name_of_a_model(self):
        """A text computed as ``records and text`` shows "nka.offer.contribution()"."""
        own = [name for name in self.env if name.startswith("nka.")]
        for name in (*own, "crm.lead", "sale.order", "res.partner"):
            model = self.env[name]
            if model._abstract or not model._auto:
                continue
            record = models.BaseModel.new(model, {})  # a field may be named `new`
            for fname, field in model._fields.items():
                is_text = field.type in ("char", "text", "html") and field.compute
                if is_text and field._module == "nka_key_accounts":
                    with self.subTest(f"{name}.{fname}"):
                        self.assertNotRegex(str(record[fname] or ""), r"^[a-z_.]+\(")
