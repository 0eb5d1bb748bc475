from odoo.tests import HttpCase, tagged

from .common import EmployeesCase


@tagged("nka_reports", "nka_tour")
class TestReportTour(HttpCase, EmployeesCase):
    """Browser tour: a manager submits their weekly report on a small screen."""

    browser_size = "400x800"
    touch_enabled = True

    def test_weekly_report_on_a_small_screen(self):
        self.start_tour("/odoo", "nka_week_report", login="nka_manager")
        report = self.env["nka.work.report"].search([("user_id", "=", self.manager.id)])
        self.assertEqual(report.state, "submitted")
        self.assertEqual(report.plans, "Send the offer.")
