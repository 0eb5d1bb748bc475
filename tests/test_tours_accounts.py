"""The steps of a key account's life, done by hand in a real browser."""

from odoo.tests import HttpCase, tagged

from .common_accounts import AccountsCase


@tagged("nka_accounts", "nka_tours")
class TestAccountTours(AccountsCase, HttpCase):
    def _form(self, record):
        return f"/odoo/{record._name}/{record.id}"

    def test_nominate_confirm_handover(self):
        client = self._new_client("Rhine Glass")
        self.start_tour(self._form(client), "nka_nominate", login="nka_manager")
        account = client.key_account_id
        self.assertEqual(account.state, "candidate")
        self.assertEqual(account.manager_id, self.manager)

        self._qualify(account)
        self.start_tour(self._form(account), "nka_confirm", login="nka_super")
        self.assertEqual(account.state, "key")

        lead = self._new_lead(client)
        self.start_tour(self._form(account), "nka_hand_over", login="nka_manager")
        handover = self.env["nka.handover"].search(
            [("key_account_ids", "in", account.ids)]
        )
        self.assertEqual(handover.state, "submitted")
        self.start_tour(
            self._form(handover), "nka_approve_handover", login="nka_super2"
        )
        self.assertEqual(account.manager_id, self.colleague)
        self.assertEqual(lead.user_id, self.colleague)

    def test_lead_with_referral(self):
        self._new_client("Old Mill")
        self.start_tour(
            "/odoo/action-crm.crm_lead_action_pipeline/new?view_type=form",
            "nka_lead_with_referral",
            login="nka_manager",
        )
        lead = self.env["crm.lead"].search([("name", "=", "Cranes for the new yard")])
        self.assertTrue(lead.is_vip)
        self.assertEqual(lead.origin, "referral")
        self.assertEqual(lead.referrer_id, self.account)
        self.assertEqual(self.account.referred_lead_count, 1)
