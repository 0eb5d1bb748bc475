"""Browser tour of a month-end close: officers, manager and supervisor."""

from odoo.tests import HttpCase, tagged

from .common import NOVEMBER, CloseCase


@tagged("nka_pay", "nka_tour")
class TestCloseTour(HttpCase, CloseCase):
    def test_month_end_close_by_all_roles(self):
        self.account.with_user(self.supervisor).supervisor_id = self.supervisor
        self._cover(NOVEMBER, NOVEMBER.replace(day=30))
        self._invoice(2000000, NOVEMBER.replace(day=12))
        close = self._new_close()
        page = f"/odoo/month-close/{close.id}"
        action = "/odoo/action-nka_key_accounts.nka_pay"
        self.start_tour(page, "nka_close_calculate", login="nka_payroll")
        statement = close.statement_ids
        mine = f"{action}_statement_action_mine/{statement.id}"
        self.start_tour(mine, "nka_close_dispute", login="nka_manager")
        self.assertEqual(statement.open_dispute_count, 1)
        self.start_tour(
            f"{action}_dispute_action", "nka_close_answer", login="nka_super"
        )
        self.assertEqual(statement.dispute_ids.answered_by_id, self.supervisor)
        self.start_tour(page, "nka_close_approve_and_lock", login="officer_2")
        self.assertEqual(close.state, "locked")
        self.assertEqual(statement.sudo().payslip_id.state, "done")
        self._download(statement)

    def _download(self, statement):
        """The employee can download the PDF of their own statement; a colleague can't.

        In test mode Odoo returns the HTML page instead of a PDF.
        """
        url = f"/report/pdf/nka_key_accounts.report_pay_statement/{statement.id}"
        self.authenticate("nka_manager", "nka_manager")
        self.assertIn("180,000.00", self.url_open(url).text)
        self.authenticate("nka_colleague", "nka_colleague")
        self.assertNotIn("180,000.00", self.url_open(url).text)
