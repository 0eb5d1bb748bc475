"""Health and completeness of an account: what lowers them, what leaves them alone."""

from odoo.tests import freeze_time, tagged

from .test_accounts_figures import FiguresCase


@tagged("nka_accounts")
class TestHealth(FiguresCase):
    def _health(self, account=None):
        account = account or self.account
        account._refresh_health()
        return account.health

    def test_in_touch_and_paid_is_well(self):
        self.assertEqual(self._health(), 100)
        self.assertEqual(self.account.health_level, "good")
        self.assertIn("In touch", self.account.health_contributors)

    def test_silence_lowers_it(self):
        cadence = self.account.cadence_days
        with freeze_time(self.today + self._days(2 * cadence)):
            self.assertEqual(self._health(), 50)
        with freeze_time(self.today + self._days(9 * cadence)):
            self.assertEqual(self._health(), 0)
            self.assertEqual(self.account.health_level, "poor")
            self.assertEqual(self.account.health_scores["contact"], 0)

    def test_no_invoices_are_no_good_payment(self):
        self._health()
        self.assertNotIn("overdue", self.account.health_scores)
        self._new_invoice(self.client, 100)
        self._health()
        self.assertEqual(self.account.health_scores["overdue"], 100)

    def test_overdue_lowers_it(self):
        self._new_invoice(self.client, 875)
        self._new_invoice(self.client, 125, self.today - self._days(30))
        self.assertEqual(self._health(), 80)
        self.assertEqual(self.account.health_scores["overdue"], 50)
        self._new_invoice(self.other_client, 10, self.today - self._days(500))
        # In touch 100 × 60, overdue 0 × 40, the year's revenue gone 0 × 25.
        self.assertEqual(self._health(self.other_account), 48)

    def test_daily_job_scores_all_and_leaves_no_edit(self):
        before = self.account.write_date
        self._new_invoice(self.client, 100, self.today - self._days(30))
        self.env["nka.key.account"]._cron_refresh_health()
        self.assertEqual(self.account.health, 60)
        self.assertEqual(self.account.write_date, before)

    def test_nobody_writes_it(self):
        self.account.with_user(self.manager).action_refresh_health()
        self.assertEqual(self.account.health, 100)

    def test_queries_are_constant(self):
        accounts = self.account | self.other_account
        for _warm in range(2):
            accounts._refresh_health()
        # The company's weights, then one statement for all.
        with self.assertQueryCount(2):
            accounts._refresh_health()


@tagged("nka_accounts")
class TestCompleteness(FiguresCase):
    def test_items_add_up(self):
        account = self.account
        self.assertEqual(account.completeness, round(100 * 2 / 7))
        self.contact.email = "anna@northwind.example"
        self.env["res.partner"].create(
            {"name": "Per Lind", "phone": "1", "parent_id": self.client.id}
        )
        account.with_user(self.supervisor).deputy_id = self.colleague
        account.note = "<p>Buys in spring</p>"
        self._new_meeting(self.contact, 3)
        self.env["nka.account.plan"].create(
            {"key_account_id": account.id}
        )._unlocked().write({"state": "approved"})
        self.env.invalidate_all()
        self.assertEqual(account.completeness, 100)
        self.assertEqual(account.completeness_items.count("fa-check"), 7)
        account.note = "<p><br></p>"
        self.env.invalidate_all()
        self.assertEqual(account.completeness, round(100 * 6 / 7))
        self.assertEqual(account.completeness_items.count("fa-square-o"), 1)
