from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LeadCase


@tagged("nka_leads")
class TestLeadAccount(LeadCase):
    """A lead has the account of its client and company, in any order of creation."""

    def test_lead_of_a_contact_belongs_to_the_clients_account(self):
        lead = self._new_lead(self.contact)
        self.assertEqual(lead.key_account_id, self.account)

    def test_existing_leads_get_a_new_account(self):
        self.assertFalse(self.free_lead.key_account_id)
        lost = self._new_lead(self.other_client, self.manager, active=False)
        account = self._nominate(self.other_client)
        self.assertEqual((self.free_lead | lost).key_account_id, account)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM crm_lead WHERE key_account_id = %s", [account.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (2,))

    def test_a_new_account_touches_its_own_leads_only(self):
        """The number of queries doesn't grow with the leads of other clients."""
        self.env.cr.execute("UPDATE crm_lead SET key_account_id = NULL")
        self.env.invalidate_all()
        self._nominate(self.other_client)
        self.env.flush_all()
        self.assertFalse(self.lead.key_account_id)
        self.assertTrue(self.free_lead.key_account_id)

    def test_lead_follows_its_customer(self):
        self.free_lead.partner_id = self.client
        self.assertEqual(self.free_lead.key_account_id, self.account)
        self.free_lead.with_user(self.supervisor).partner_id = self.other_client
        self.assertFalse(self.free_lead.key_account_id)

    def test_contact_that_joins_the_client_brings_its_leads(self):
        person = self.env["res.partner"].create({"name": "Boris Lang"})
        lead = self._new_lead(person)
        self.assertFalse(lead.key_account_id)
        person.parent_id = self.client
        self.assertEqual(lead.key_account_id, self.account)

    def test_status_and_end_of_the_account(self):
        self.assertEqual(self.lead.key_account_state, "key")
        self.account.with_user(self.supervisor).action_retire(reason="Moved abroad")
        self.assertEqual(self.lead.key_account_id, self.account)
        self.assertEqual(self.lead.key_account_state, "former")

    def test_deleted_candidate_releases_its_leads(self):
        candidate = self._nominate(self.other_client)
        self.assertEqual(self.free_lead.key_account_id, candidate)
        candidate.with_user(self.supervisor).unlink()
        self.assertFalse(self.free_lead.key_account_id)

    def test_each_company_has_its_own_account(self):
        company = self.env["res.company"].create({"name": "Second company"})
        lead = self._new_lead(self.client, company_id=company.id)
        self.assertEqual(lead.company_id, company)
        self.assertFalse(lead.key_account_id)

    def test_lead_without_company_finds_the_account(self):
        company = self.env["res.company"].create({"name": "Second company"})
        leads = self.env["crm.lead"].with_company(company)
        lead = leads.create(
            {
                "name": "Web inquiry",
                "partner_id": self.client.id,
                "user_id": False,
                "team_id": False,
                "company_id": False,
            }
        )
        self.assertFalse(lead.company_id)
        self.assertEqual(lead.key_account_id, self.account)

    def test_account_of_a_lead_cant_be_written(self):
        other = self._nominate(self.other_client)
        leads = self.env["crm.lead"]
        for attempt in (
            lambda: self._rpc(
                self.manager, self.lead, "write", {"key_account_id": False}
            ),
            lambda: self._rpc(
                self.manager, self.lead, "write", {"key_account_id": other.id}
            ),
            lambda: self._rpc(
                self.manager,
                leads,
                "create",
                [{"name": "Forged", "key_account_id": other.id}],
            ),
            lambda: self.lead.sudo().write({"key_account_id": other.id}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertEqual(self.lead.key_account_id, self.account)

    def test_defaults_of_other_models_do_not_reach_a_lead(self):
        lead = self._rpc(
            self.manager,
            self.env["crm.lead"],
            "create",
            [{"name": "From a quotation", "partner_id": self.client.id}],
            context={"default_key_account_id": 1, "default_origin": "SO042, by phone"},
        )
        lead = self.env["crm.lead"].browse(lead)
        self.assertEqual(lead.key_account_id, self.account)
        self.assertFalse(lead.origin)

    def test_nominate_from_a_lead(self):
        action = self._rpc(self.manager, self.free_lead, "action_nominate_key_account")
        account = self.env["nka.key.account"].browse(action["res_id"])
        self.assertEqual(account.partner_id, self.other_client)
        self.assertEqual(account.state, "candidate")
        self.assertEqual(account.nominated_by_id, self.manager)
        self.assertEqual(self.free_lead.key_account_id, account)

    def test_nominate_needs_a_customer(self):
        lead = self.env["crm.lead"].create({"name": "Nobody yet"})
        with self.assertRaisesRegex(UserError, "The lead has no customer yet"):
            lead.with_user(self.supervisor).action_nominate_key_account()

    def test_open_the_account(self):
        action = self._rpc(self.manager, self.lead, "action_open_key_account")
        self.assertEqual(action["res_id"], self.account.id)
