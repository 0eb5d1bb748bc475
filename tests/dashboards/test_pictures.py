"""Pictures in printed reports show the numbers beside them."""

from datetime import date

from lxml import html

from odoo.tests import tagged

from ..plans.common import PlansCase
from ..statements.common import StatementCase


def widths(content):
    """Return the widths in percent of the bars of a report, from top to bottom."""
    found = []
    for node in html.fromstring(content).iter("div"):
        style = dict(
            part.strip().split(": ", 1)
            for part in (node.get("style") or "").split(";")
            if ": " in part
        )
        if "background-color" in style and style.get("width", "").endswith("%"):
            found.append(float(style["width"][:-1]))
    return found


@tagged("nka_dashboards")
class TestStatementBars(StatementCase):
    BASIS = "invoiced"

    def _print(self, statement):
        reports = self.env["ir.actions.report"].with_user(self.officer)
        content, _kind = reports._render_qweb_html(
            "nka_key_accounts.report_pay_statement", statement.ids
        )
        return content.decode()

    def _say(self, statement, **vals):
        shares = [{**share, **vals} for share in statement.shares]
        statement._unlocked().write({"shares": shares})

    def test_three_bars_of_one_scale(self):
        self._invoice(400000, date(2025, 8, 5))
        statement = self._calculate(date(2025, 8, 1))
        content = self._print(statement)
        shares = statement.shares
        paid = [float(share["amount"]) for share in shares]
        agreed = [float(share["target_amount"]) for share in shares]
        highest = max(paid + agreed)
        self.assertEqual(len(widths(content)), 3)
        for width, amount in zip(widths(content), paid):
            self.assertAlmostEqual(width, 100 * amount / highest, 6)
        self.assertIn("Line: agreed amount", content)

    def test_nothing_agreed_and_paid_draws_nothing(self):
        statement = self._calculate(date(2025, 8, 1))
        self._say(statement, amount="0.00", target_amount="0.00")
        self.assertFalse(widths(self._print(statement)))

    def test_clawback_draws_no_negative_bar(self):
        statement = self._calculate(date(2025, 8, 1))
        self._say(statement, amount="-10.00")
        self.assertEqual(widths(self._print(statement)), [0, 0, 0])


@tagged("nka_dashboards")
class TestPlanAndCompetitors(PlansCase):
    def _print(self, name, record, user):
        reports = self.env["ir.actions.report"].with_user(user)
        content, _kind = reports._render_qweb_html(
            f"nka_key_accounts.{name}", record.ids
        )
        return content.decode()

    def test_progress_and_year(self):
        plan = self._plan()
        content = self._print("report_account_plan", plan, self.manager)
        self.assertEqual(widths(content), [plan.objective_ids.progress])
        self.assertIn(f"{plan._passed_percent()}", content)

    def test_passed_part_of_the_year(self):
        plan = self._plan()
        plan.sudo()._unlocked().write({"year": self.today.year - 1})
        self.assertEqual(plan._passed_percent(), 100)
        plan.sudo()._unlocked().write({"year": self.today.year + 1})
        self.assertEqual(plan._passed_percent(), 0)

    def test_course_of_months(self):
        plan = self._plan()
        self.assertFalse(plan._prepare_course())
        history = self.env["nka.sales.history"].sudo()
        for year, month, amount in (
            (self.today.year, 2, 500),
            (self.today.year - 1, 2, 1000),
            (self.today.year - 1, 3, -50),
        ):
            history.create(
                {
                    "key_account_id": self.account.id,
                    "company_id": self.account.company_id.id,
                    "month": date(year, month, 1),
                    "invoiced_amount": amount,
                }
            )
        course = plan._prepare_course()
        self.assertEqual(len(course), 12)
        self.assertEqual(course[1][1:], (50, 100))
        self.assertEqual(course[2][1:], (0, 0))
        self.assertIn(
            "Invoiced by month", self._print("report_account_plan", plan, self.manager)
        )

    def test_values_won_and_lost(self):
        for outcome, value in (("won", 1000), ("lost", 500)):
            lead = self._new_lead(self.client, expected_revenue=value)
            self._meet(lead_id=lead.id, is_winner=outcome == "lost")
            getattr(lead.with_user(self.manager), f"action_set_{outcome}")()
        self.env.flush_all()
        report = (
            self.env["nka.competitor.report"]
            .with_user(self.supervisor)
            .create({"date_from": self.today, "date_to": self.today})
        )
        rows = [row for row in report._prepare_rows() if any(row["now"][2:])]
        content = self._print("report_competitors", report, self.supervisor)
        values = [value for row in rows for value in row["now"][2:]]
        highest = max(values)
        self.assertEqual(widths(content), [60 * value / highest for value in values])
