from datetime import date

from odoo.tests import HttpCase, tagged

from .common_pay import PayCase
from .test_statement_examples import StatementCase


@tagged("nka_pay", "nka_tour")
class TestPayTours(HttpCase, PayCase):
    """A manager at his desk accepts his agreement."""

    def test_without_goals(self):
        self.assertFalse(
            self.env["nka.season.goal"].search([("user_id", "=", self.manager.id)])
        )
        self.start_tour("/odoo", "nka_no_goals", login="nka_manager")

    def test_accept_an_agreement(self):
        agreement = self._agreement()
        agreement.action_propose()
        self.start_tour("/odoo", "nka_accept_agreement", login="nka_manager")
        self.assertEqual(agreement.state, "accepted")
        self.assertEqual(agreement.accepted_by_id, self.manager)


@tagged("nka_reports", "nka_tour")
class TestReportTour(HttpCase, PayCase):
    """A manager on his way hands in his week on a small screen."""

    browser_size = "400x800"
    touch_enabled = True

    def test_week_on_a_small_screen(self):
        self.start_tour("/odoo", "nka_week_report", login="nka_manager")
        report = self.env["nka.work.report"].search([("user_id", "=", self.manager.id)])
        self.assertEqual(report.state, "submitted")
        self.assertEqual(report.plans, "Send the offer.")


@tagged("nka_pay", "nka_tour")
class TestDisputeTour(HttpCase, StatementCase):
    """A manager disputes a line of his statement; the officer finds it."""

    BASIS = "invoiced"

    def test_dispute_a_line(self):
        self._invoice(2000000, date(2025, 11, 12))
        statement = self._calculate(date(2025, 11, 1))
        self.start_tour("/odoo", "nka_dispute", login="nka_manager")
        dispute = statement.dispute_ids
        self.assertEqual(
            (dispute.line_kind, dispute.line_amount, dispute.state),
            ("bonus", 100000, "open"),
        )
        self.assertEqual(dispute.user_id, self.manager)
