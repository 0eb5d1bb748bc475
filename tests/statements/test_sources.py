"""Every figure on a statement opens its source records, for each role."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import proven_talk
from .common import StatementCase

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)


class SourcesCase(StatementCase):
    """The last month of a season, paid by payments, with goals measured from records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.with_user(cls.supervisor).supervisor_id = cls.supervisor
        cls.invoice = cls._invoice(1000000, date(2025, 12, 3))
        cls.payment = cls._pay(cls.invoice, 600000, date(2025, 12, 10))

    def _opened(self, line, user):
        action = line.with_user(user).action_open_sources()
        records = self.env[action["res_model"]].with_user(user)
        return records.with_context(active_test=False).search(action["domain"])


@tagged("nka_pay")
class TestStatementSources(SourcesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(DECEMBER, date(2025, 12, 31))
        goals = cls._goals(
            DECEMBER,
            state="accepted",
            vip_leads=(10, 0, 10),
            average_check=(10, 0, 10),
            overdue_share=(5, 15, 5),
            negotiations=(10, 0, 10),
        )
        cls.talk = proven_talk(cls.env, cls.manager, datetime(2025, 12, 4, 9))
        cls.env.flush_all()
        with freeze_time("2026-01-06"):
            goals._freeze()
        cls.goals = goals
        cls.statement = cls._calculate(DECEMBER)

    def _goal_line(self, code):
        goal = self.goals.filtered(lambda row: row.kpi_id == self._kpi(code))
        lines = self.statement.line_ids
        return goal, lines.filtered(
            lambda row: (row.explanation or {}).get("goal_id") == goal.id
        )

    def test_every_amount_opens_for_all_its_readers(self):
        self.assertFalse(self.statement.exception)
        for user in (self.manager, self.supervisor, self.officer):
            for line in self.statement.line_ids:
                if line.amount:
                    found = self._opened(line, user)
                    self.assertTrue(found, f"{line.label} for {user.login}")
                else:
                    self.assertTrue(line.with_user(user).reason, line.label)

    def test_goal_opens_the_counted_records_only(self):
        _goal, line = self._goal_line("negotiations")
        self.assertEqual(self._opened(line, self.manager), self.talk)
        # Nothing was counted: it opens the goal itself, not a record with the same id.
        goal, line = self._goal_line("vip_leads")
        self.assertEqual(self._opened(line, self.manager), goal)
        # The officer can't read leads, invoices or meetings of clients.
        goal, line = self._goal_line("overdue_share")
        self.assertEqual(self._opened(line, self.officer), goal)

    def test_credit_opens_invoice_and_payment(self):
        bonus = self.statement.line_ids.filtered(lambda row: row.kind == "bonus")
        for user in (self.manager, self.supervisor):
            credit = self._opened(bonus, user)
            for action, record in (
                (credit.action_open_source(), self.invoice),
                (credit.action_open_payment(), self.payment),
            ):
                self.assertEqual(
                    (action["res_model"], action["res_id"]), (record._name, record.id)
                )
                view_id = action["views"][0][0]
                opened = record.with_user(user)
                fields = opened.get_view(view_id)["models"][record._name]
                if record == self.payment:
                    self.assertTrue(opened.web_read({name: {} for name in fields}))
                self.assertTrue(opened.read(["name"]))

    def test_refusal_states_what_the_line_shows(self):
        credit = self._lines().with_user(self.officer)
        for action in (credit.action_open_source, credit.action_open_payment):
            with self.refused(UserError, "The line shows"):
                action()

    def test_undone_payment_is_named(self):
        self.payment.move_id.line_ids.remove_move_reconcile()
        with self.refused(UserError, "no longer exists in accounting"):
            self._lines().with_user(self.manager).action_open_payment()

    def test_superior_reads_the_credits_behind_their_teams_pay(self):
        self.employee.parent_id = self._new_employee(self.supervisor_2)
        statement = self._calculate(DECEMBER)
        bonus = statement.line_ids.filtered(lambda row: row.kind == "bonus")
        self.assertEqual(
            sum(self._opened(bonus, self.supervisor_2).mapped("amount")), 500000
        )


@tagged("nka_pay")
class TestForecastSources(SourcesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._score_all(DECEMBER)

    def _open(self, user=None):
        forecasts = self.env["nka.pay.forecast"].with_user(user or self.manager)
        action = forecasts.action_open_mine()
        return forecasts.browse(action["res_id"])

    @freeze_time("2025-12-20 10:00:00")
    def test_todays_payments_count_when_the_page_is_opened(self):
        self._build()
        self.assertEqual(self._open().credits, 500000)
        self._pay(self.invoice, 600000, date(2025, 12, 20))
        self.env.cr.execute(
            "UPDATE nka_bonus_head SET date = %s", [datetime(2025, 12, 20, 9)]
        )
        self.assertEqual(self._open().credits, 1000000)

    @freeze_time("2025-12-20 10:00:00")
    def test_every_line_and_figure_opens(self):
        self._build()
        forecast = self._open()
        self.assertEqual(set(forecast.line_ids.mapped("kind")), {"unpaid", "goal"})
        for line in forecast.line_ids:
            action = line.action_open()
            record = self.env[action["res_model"]].browse(action["res_id"])
            self.assertTrue(record.with_user(self.manager).read(["display_name"]))
        for action in (forecast.action_open_credits(), forecast.action_open_reports()):
            records = self.env[action["res_model"]].with_user(self.manager)
            records.search(action["domain"]).read(["display_name"])
        found = forecast.action_open_credits()["domain"]
        credits = self.env["nka.bonus.line"].with_user(self.manager).search(found)
        self.assertEqual(sum(credits.mapped("amount")), forecast.credits)

    @freeze_time("2025-11-20 10:00:00")
    def test_zero_has_a_reason(self):
        forecast = self._open()
        self.assertEqual(forecast.bonus_sure, 0)
        self.assertIn("No sales were credited", forecast.bonus_reason)
        self.assertIn("last month of the season", forecast.soft_reason)

    @freeze_time("2025-12-20 10:00:00")
    def test_forecast_does_not_wait_for_a_build_in_progress(self):
        """A fresh ledger isn't built again either; the page shows its time."""
        self._build()
        stamp = datetime.now() - timedelta(minutes=1)
        self.env.cr.execute("UPDATE nka_bonus_head SET date = %s", [stamp])
        self._pay(self.invoice, 600000, date(2025, 12, 20))
        forecast = self._open()
        self.assertEqual((forecast.credits, forecast.built_on), (500000, stamp))
