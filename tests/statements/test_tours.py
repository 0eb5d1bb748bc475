from datetime import date

from odoo.tests import HttpCase, tagged

from .common import StatementCase


@tagged("nka_pay", "nka_tour")
class TestDisputeTour(HttpCase, StatementCase):
    """A manager disputes a line of their statement; the officer finds the dispute."""

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
