"""Health score and profile completeness: what affects them, and their history."""

from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..accounts.common import AccountsCase
from .common import FiguresCase


@tagged("nka_accounts")
class TestHealth(FiguresCase):
    def _health(self, account=None):
        account = account or self.account
        account._refresh_health()
        return account.health

    def test_full_score_with_contact_and_payment(self):
        self.assertEqual(self._health(), 100)
        self.assertEqual(self.account.health_level, "good")
        self.assertIn("Contact cadence met", self.account.health_contributors)

    def test_a_late_contact_lowers_it(self):
        cadence = self.account.cadence_days
        with freeze_time(self.today + self._days(2 * cadence)):
            self.assertEqual(self._health(), 50)
        with freeze_time(self.today + self._days(9 * cadence)):
            self.assertEqual(self._health(), 0)
            self.assertEqual(self.account.health_level, "poor")
            self.assertEqual(self.account.health_scores["contact"], 0)

    def test_no_invoices_dont_count_as_paid_on_time(self):
        self._health()
        self.assertNotIn("overdue", self.account.health_scores)
        self._new_invoice(self.client, 100)
        self._health()
        self.assertEqual(self.account.health_scores["overdue"], 100)

    def test_overdue_invoices_lower_it(self):
        self._new_invoice(self.client, 875)
        self._new_invoice(self.client, 125, self.today - self._days(30))
        self.assertEqual(self._health(), 80)
        self.assertEqual(self.account.health_scores["overdue"], 50)
        self._new_invoice(self.other_client, 10, self.today - self._days(500))
        # Contact 100 × 60, overdue 0 × 40, lost revenue 0 × 25, divided by 125.
        self.assertEqual(self._health(self.other_account), 48)

    def test_daily_job_scores_all_and_keeps_the_write_date(self):
        before = self.account.write_date
        self._new_invoice(self.client, 100, self.today - self._days(30))
        self.env["nka.key.account"]._cron_refresh_health()
        self.assertEqual(self.account.health, 60)
        self.assertEqual(self.account.write_date, before)

    def test_refresh_button_recomputes_it(self):
        self.account.with_user(self.manager).action_refresh_health()
        self.assertEqual(self.account.health, 100)

    def test_queries_are_constant(self):
        accounts = self.account | self.other_account
        for _warm in range(2):
            accounts._refresh_health()
        # The company's weights, what the sales history knows, then all accounts at once.
        with self.assertQueryCount(3):
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


class TestHealthHistory(AccountsCase):
    def _past(self, days, health):
        return self.env["nka.health.history"].create(
            {
                "key_account_id": self.account.id,
                "date": self.today - timedelta(days=days),
                "health": health,
            }
        )

    def _alerts(self, kind):
        kind = self.env.ref(f"nka_key_accounts.mail_activity_type_health_{kind}")
        return self.account.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def _run(self):
        self.env["nka.key.account"]._cron_refresh_health()
        self.env.invalidate_all()

    def _owe(self, amount):
        due = self.today - self._days(60)
        return self._new_invoice(self.client, amount, date=due)

    def test_weights_are_per_company(self):
        self._owe(1000)
        self.account._refresh_health()
        usual = self.account.health
        weights = self.env["nka.health.weight"].with_user(self.kam_admin)
        weights.create(
            {"code": "overdue", "weight": 0, "company_id": self.env.company.id}
        )
        self.account._refresh_health()
        self.assertGreater(self.account.health, usual)
        self.assertNotIn("Pays on time", self.account.health_contributors)
        with self.assertRaises(AccessError):
            weights.with_user(self.supervisor).search([]).write({"weight": 1})
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            weights.search([], limit=1).weight = -1
            self.env.flush_all()

    def test_revenue_is_compared_with_the_year_before(self):
        self._new_invoice(self.client, 1000, date=self.today - self._days(500))
        self._new_invoice(self.client, 750, date=self.today - self._days(100))
        self.account._refresh_health()
        self.assertEqual(self.account.health_scores["revenue"], 50)
        self.other_account._refresh_health()
        self.assertNotIn("revenue", self.other_account.health_scores)

    def test_history_trend_and_sparkline(self):
        self._run()
        self._past(40, self.account.health - 20)
        self.env.invalidate_all()
        self.assertEqual(self.account.health_change, 20)
        self.assertEqual(self.account.health_trend, "up")
        self.assertIn("polyline", self.account.health_sparkline)
        rising = self.env["nka.key.account"].search([("health_trend", "=", "up")])
        self.assertEqual(rising, self.account)
        self._run()
        self.assertEqual(
            self.env["nka.health.history"].search_count(
                [("key_account_id", "=", self.account.id)]
            ),
            2,
        )

    def test_a_drop_alerts_the_manager_and_the_supervisor_once(self):
        self._past(40, 100)
        self._past(1, 95)
        self._owe(1000)
        self.account.with_user(self.supervisor).cadence_days = 1
        self.account._unlocked().write({"date_start": self.today - self._days(90)})
        self._run()
        self.assertEqual(self._alerts("fell").user_id, self.manager)
        self.assertEqual(self.account.health_level, "poor")
        self.assertEqual(self._alerts("poor").user_id, self.account.supervisor_id)
        self._alerts("fell").action_feedback()
        self._run()
        self.assertEqual(len(self._alerts("fell")), 1)

    def test_without_a_manager_the_supervisor_is_alerted(self):
        self._past(1, 100)
        self._owe(1000)
        self.account._unlocked().write({"manager_id": False})
        self._run()
        self.assertEqual(self._alerts("fell").user_id, self.account.supervisor_id)

    def test_a_small_or_an_old_drop_raises_no_alert(self):
        self._run()
        self._past(1, self.account.health + 5)
        self._past(40, self.account.health + 5)
        self._run()
        self.assertFalse(self._alerts("fell"))

    def test_many_accounts_cost_constant_queries(self):
        accounts = self.env["nka.key.account"]

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            accounts._cron_refresh_health()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost()
        few = cost()
        clients = [self._new_client(f"Client {number}") for number in range(20)]
        accounts.create(
            [
                {"partner_id": client.id, "manager_id": self.manager.id}
                for client in clients
            ]
        )
        cost()  # a nomination clears caches of the registry
        self.assertLessEqual(cost(), few)

    def test_never_used_for_pay(self):
        model = self.env["ir.model"]._get("nka.key.account")
        field = self.env["ir.model.fields"]._get
        vals = {
            "name": "Healthy accounts",
            "code": "healthy",
            "measure": "custom",
            "model_id": model.id,
            "date_field_id": field("nka.key.account", "date_start").id,
            "owner_field_id": field("nka.key.account", "manager_id").id,
        }
        kpis = self.env["nka.kpi"]
        with self.assertRefused("never affects pay", ValidationError):
            kpis.create(
                {
                    **vals,
                    "aggregate": "average",
                    "value_field_id": field("nka.key.account", "health").id,
                }
            )
        with self.assertRefused("never affects pay", ValidationError):
            kpis.create({**vals, "domain": "[('health_level', '=', 'good')]"})
