from odoo.tests import HttpCase, tagged

from .common_pay import PayCase


@tagged("nka_pay", "nka_tour")
class TestPayTours(HttpCase, PayCase):
    """A manager at his desk accepts his agreement."""

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
