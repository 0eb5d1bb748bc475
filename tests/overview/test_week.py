"""Figures of each week, their changes, the director's page and the weekly mail."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from ..documents.common import PDF, DocumentCase
from .common import DirectorCase

WEEK = timedelta(days=7)


class TestWeek(DirectorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.week = cls.today - timedelta(days=cls.today.weekday())
        cls.weeks = cls.env["nka.account.week"]
        cls.changes = cls.env["nka.week.change"]
        cls.env.cr.execute("UPDATE nka_key_account SET date_start = '2000-01-01'")
        cls.env.invalidate_all()

    def _compare(self):
        """Record both weeks of the company and their changes."""
        self.weeks._take_both(self.company, self.week)
        return self.changes._record(self.company, self.week)

    def _change(self, figure):
        return self._compare().filtered(lambda change: change.figure == figure)

    def test_invoices_of_both_weeks(self):
        for client, amount, day in (
            (self.client, 5000, self.week - timedelta(days=1)),
            (self.client, 1000, self.week - timedelta(days=7)),
            (self.client, 2000, self.week - timedelta(days=8)),
            (self.other_client, 500, self.week - timedelta(days=14)),
            (self.other_client, 700, self.week),
        ):
            self._new_invoice(client, amount, day)
        change = self._change("invoiced")
        self.assertEqual((change.value, change.previous), (6000, 2500))
        self.assertEqual(change.direction, "better")
        self.assertRegex(
            change.reason, r"Northwind Steel \+.*4,000.*; Baltic Paper −.*500"
        )
        self.assertEqual(change.account_ids, self.account | self.other)

    def test_reasons_add_up_to_the_change(self):
        """The accounts behind a change explain all of it."""
        for client, amount in ((self.client, 900), (self.other_client, 300)):
            self._new_invoice(client, amount, self.week - timedelta(days=2))
        for change in self._compare():
            parts = change._read_parts(50)[change.id]
            total = sum(row["difference"] for row in parts)
            if change.figure == "health":
                continue
            self.assertAlmostEqual(float(total), change.value - change.previous, 2)

    def test_figures_agree_with_the_accounts(self):
        """Levels of the current week are those of the accounts."""
        self._new_invoice(self.client, 4000, self.week - timedelta(days=3))
        self.weeks._take(self.company, self.week)
        row = self.weeks.search([("key_account_id", "=", self.account.id)])
        self.account.invalidate_recordset()
        self.assertEqual(row.revenue, 4000)
        self.assertEqual(row.overdue, self.account.overdue_amount)
        self.assertEqual(row.pipeline, self.account.pipeline_amount)
        self.assertEqual(row.pipeline, 1000)

    def test_revenue_is_that_of_the_account_on_the_day_before(self):
        """Twelve months up to Sunday, also where February or a long month begins them."""
        for week in ("2024-03-04", "2025-03-31", "2025-12-29"):
            week = fields.Date.to_date(week)
            sunday = week - timedelta(days=1)
            since = sunday - relativedelta(months=12)
            for amount, day in (
                (1, since),
                (20, since + timedelta(days=1)),
                (300, sunday),
                (4000, week),
            ):
                self._new_invoice(self.client, amount, day)
            self.weeks._take(self.company, week, is_current=False)
            row = self.weeks.search(
                [("key_account_id", "=", self.account.id), ("week", "=", week)]
            )
            with freeze_time(sunday), self.subTest(week):
                self.account.invalidate_recordset()
                self.assertEqual(row.revenue, self.account.trailing_revenue)
                self.assertEqual(row.revenue % 1000, 320)
            moves = self.env["account.move"]
            moves.search([("partner_id", "=", self.client.id)]).button_draft()

    def test_documents_wait_by_the_days_of_the_user(self):
        """Submitted on Sunday evening in UTC: it is Monday in the east already."""
        kind = DocumentCase._new_type.__func__(type(self), "Contract", "T-WEEK")
        document = (
            self.env["nka.document"]
            .with_user(self.manager)
            .create({"type_id": kind.id, "key_account_id": self.account.id})
        )
        DocumentCase._upload.__func__(type(self), document, PDF)
        document.action_submit()
        self.env.flush_all()
        evening = fields.Datetime.to_datetime(self.week) - timedelta(hours=1)
        self.env.cr.execute(
            "UPDATE nka_document_review SET submit_date = %s WHERE document_id = %s",
            [evening, document.id],
        )
        for zone, waiting in (("UTC", 1), ("Asia/Tokyo", 0)):
            self.env.cr.execute("DELETE FROM nka_account_week")
            weeks = self.weeks.with_context(tz=zone)
            weeks._take(self.company, self.week)
            row = weeks.search([("key_account_id", "=", self.account.id)])
            self.assertEqual(row.documents, waiting, zone)

    def test_levels_nobody_kept_are_not_compared(self):
        """The overdue amount of a past day can't be told, so it is no change."""
        self._new_invoice(self.client, 4000, self.week - timedelta(days=3))
        self.assertFalse(self._change("overdue"))
        self.assertFalse(self._change("pipeline"))

    def test_levels_kept_are_compared(self):
        self.weeks._take(self.company, self.week - WEEK)
        self.lead.expected_revenue = 400
        change = self._change("pipeline")
        self.assertEqual((change.value, change.previous), (400, 1000))
        self.assertEqual(change.direction, "worse")

    def test_won_and_lost_deals(self):
        with freeze_time(fields.Datetime.to_datetime(self.week) - timedelta(days=2)):
            self.lead.action_set_won()
            self.env.flush_all()
        self.lead.date_closed = fields.Datetime.to_datetime(self.week) - timedelta(
            days=2
        )
        lost = self.lead.copy({"expected_revenue": 300})
        lost.action_set_lost()
        self.env.flush_all()
        lost.date_closed = self.lead.date_closed - WEEK
        changes = {change.figure: change for change in self._compare()}
        self.assertEqual((changes["won"].value, changes["won"].previous), (1000, 0))
        self.assertEqual((changes["lost"].value, changes["lost"].previous), (0, 300))
        self.assertEqual(changes["lost"].direction, "better")

    def test_taken_once(self):
        self._compare()
        count = self.weeks.search_count([])
        self._compare()
        self.assertEqual(self.weeks.search_count([]), count)

    def test_queries_do_not_grow_with_accounts(self):
        self._compare()
        self.env.cr.execute("DELETE FROM nka_account_week")
        self.env.cr.execute("DELETE FROM nka_week_change")
        self.env.invalidate_all()
        self._compare()
        with self.assertQueryCount(12):
            self.env.cr.execute("DELETE FROM nka_account_week")
            self.env.cr.execute("DELETE FROM nka_week_change")
            self._compare()

    # ------------------------------------------------------------ mail
    def _mails(self):
        """Run the job and return the queued mails."""
        before = self.env["mail.mail"].search([])
        self.env["nka.overview"]._start_week(self.company, self.week)
        return self.env["mail.mail"].search([]) - before

    def test_mail_to_directors(self):
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        mail = self._mails()
        self.assertEqual(mail.recipient_ids, self.director.partner_id)
        change = self.changes.search([("figure", "=", "invoiced")])
        self.assertIn("Invoiced in the week", mail.body_html)
        self.assertIn("Northwind Steel", mail.body_html)
        self.assertIn(f"/odoo/nka.week.change/{change.id}", mail.body_html)
        self.assertLessEqual(mail.body_html.count("/odoo/nka.week.change/"), 5)

    def test_mail_in_the_language_of_the_director(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.director.lang = "ru_RU"
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        self.assertIn("Выставлено за неделю", self._mails().body_html)

    def test_no_mail_when_nothing_changed(self):
        self.assertFalse(self._mails())

    def test_no_mail_when_switched_off(self):
        self.company.nka_week_mail = False
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        self.assertFalse(self._mails())
        self.assertTrue(self.changes.search([]))

    def test_no_mail_to_directors_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.director.write(
            {"company_id": company.id, "company_ids": [(6, 0, company.ids)]}
        )
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        self.assertFalse(self._mails())

    def test_job_of_all_companies(self):
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        with self.enter_registry_test_mode():
            self.env.ref("nka_key_accounts.ir_cron_week").method_direct_trigger()
        self.assertTrue(self.weeks._is_taken(self.company, self.week))

    # ------------------------------------------------------------ access
    def test_rows_are_only_read(self):
        self._new_invoice(self.client, 5000, self.week - timedelta(days=1))
        change = self._compare()[:1]
        row = self.weeks.search([], limit=1)
        for user in (self.director, self.supervisor):
            self.assertTrue(change.with_user(user).read(["reason"]))
            for record in (change, row):
                for attempt in (
                    lambda mine: mine.write({"week": self.week}),
                    lambda mine: mine.unlink(),
                    lambda mine: mine.create({"company_id": self.company.id}),
                ):
                    with self.refused(AccessError):
                        attempt(record.with_user(user))
        for user in (self.manager, self.officer, self.employee_user):
            with self.refused(AccessError):
                change.with_user(user).read(["reason"])
            with self.refused(AccessError):
                row.with_user(user).read(["revenue"])


class TestOverview(DirectorCase):
    def _open(self, user=None):
        pages = self.env["nka.overview"].with_user(user or self.director)
        action = pages.action_open()
        return pages.browse(action["res_id"])

    def test_page_of_the_director(self):
        page = self._open()
        self.assertEqual(page, self._open())
        values = page.web_read(
            {
                "account_count": {},
                "revenue": {},
                "pipeline": {},
                "graph": {},
                "document_count": {},
                "mail_html": {},
                "change_ids": {"fields": {"reason": {}}},
                "attention_ids": {"fields": {"health": {}}},
                "total_ids": {"fields": {"total_amount": {}}},
            }
        )[0]
        self.assertEqual(values["account_count"], 2)
        self.assertEqual(values["pipeline"], 1000)

    def test_every_button_opens_for_the_director(self):
        page = self._open()
        for name in (
            "action_open_accounts",
            "action_open_attention",
            "action_open_portfolio",
            "action_open_pipeline",
            "action_open_documents",
            "action_open_totals",
            "action_preview_mail",
        ):
            action = getattr(page, name)()
            model = self.env[action["res_model"]].with_user(self.director)
            with self.subTest(name):
                model.search(action.get("domain") or [], limit=3).read(["display_name"])

    def test_other_people_have_no_page(self):
        self._open()
        for user in (
            self.manager,
            self.supervisor,
            self.officer,
            self.kam_admin,
            self.employee_user,
        ):
            with self.refused(AccessError):
                self._open(user)

    def test_page_of_another_director(self):
        page = self._open()
        second = self._new_user("nka_director_2", "group_key_account_director")
        with self.refused(AccessError):
            page.with_user(second).read(["revenue"])
