from odoo.tests import HttpCase, tagged

from .common import PayCase


@tagged("nka_pay", "nka_tour")
class TestPayTours(HttpCase, PayCase):
    """Browser tour: a manager accepts their agreement."""

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
