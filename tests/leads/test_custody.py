from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LeadCase


@tagged("nka_leads")
class TestCustody(LeadCase):
    """Only a supervisor can move a key account's lead to another account or owner."""

    def _refused(self, action, *args, user=None, lead=None, **kwargs):
        lead = lead or self.lead
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            self._rpc(user or self.manager, lead, action, *args, **kwargs)

    def test_cant_be_reassigned(self):
        self._refused("write", {"user_id": self.colleague.id})
        self._refused("write", {"user_id": False})
        self._refused("web_save", {"user_id": self.colleague.id}, specification={})
        self.assertEqual(self.lead.user_id, self.manager)

    def test_cant_be_moved_to_another_client(self):
        self._refused("write", {"partner_id": self.other_client.id})
        self._refused("write", {"partner_id": False})

    def test_another_contact_of_the_same_client(self):
        self._rpc(self.manager, self.lead, "write", {"partner_id": self.contact.id})
        self.assertEqual(self.lead.key_account_id, self.account)

    def test_cant_be_moved_to_another_company(self):
        company = self.env["res.company"].create({"name": "Second company"})
        self.manager.company_ids |= company
        context = {"allowed_company_ids": self.manager.company_ids.ids}
        self._refused("write", {"company_id": company.id}, context=context)
        team = self.env["crm.team"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        self._refused("write", {"team_id": team.id}, context=context)

    def test_team_of_the_same_company(self):
        team = self.env["crm.team"].create({"name": "Large clients"})
        self._rpc(self.manager, self.lead, "write", {"team_id": team.id})
        self.assertEqual(self.lead.team_id, team)

    def test_cant_be_archived(self):
        self._refused("action_archive")
        self._refused("write", {"active": False})
        self._refused("write", {"active": False}, context={"nka_losing": True})
        self.assertTrue(self.lead.active)

    def test_losing_is_always_allowed(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too expensive"})
        wizard = (
            self.env["crm.lead.lost"]
            .with_user(self.manager)
            .create({"lead_ids": self.lead.ids, "lost_reason_id": reason.id})
        )
        wizard.action_lost_reason_apply()
        self.assertEqual(self.lead.won_status, "lost")
        self.assertEqual(self.lead.lost_reason_id, reason)
        self._rpc(self.manager, self.lead, "action_restore")
        self.assertTrue(self.lead.active)
        self._rpc(self.manager, self.lead, "write", {"active": False, "probability": 0})
        self.assertEqual(self.lead.won_status, "lost")

    def test_losing_cant_reassign(self):
        self._refused("action_set_lost", user_id=self.colleague.id)

    def test_cant_be_deleted(self):
        group = self.env.ref("sales_team.group_sale_manager")
        self.manager.group_ids |= group
        self._refused("unlink")
        self._refused("unlink", context={"_force_unlink": True})
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            self.lead.with_user(self.manager).sudo().unlink()

    def test_cant_be_merged(self):
        second = self._new_lead(self.client, self.manager)
        self._refused("merge_opportunity", lead=self.lead | second)
        self._refused("merge_opportunity", lead=self.lead | self.free_lead)
        wizard = (
            self.env["crm.merge.opportunity"]
            .with_user(self.manager)
            .create({"opportunity_ids": (self.lead | second).ids})
        )
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            wizard.action_merge()

    def test_contact_cant_be_moved_with_its_leads(self):
        lead = self._new_lead(self.contact, self.manager)
        for vals in ({"parent_id": False}, {"is_company": True}):
            with self.assertRaisesRegex(AccessError, "can move such a contact. Ask "):
                self._rpc(self.manager, self.contact, "write", vals)
        self.assertEqual(lead.key_account_id, self.account)
        self._rpc(self.supervisor, self.contact, "write", {"parent_id": False})
        self.assertFalse(lead.key_account_id)

    def test_contact_of_a_key_lead_cant_be_deleted(self):
        lead = self._new_lead(self.contact, self.manager)
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        other = self.env["res.partner"].create({"name": "Boris Lang"})
        self._rpc(self.manager, other, "unlink")
        with self.assertRaisesRegex(UserError, "Archive the contact"):
            self._rpc(self.manager, self.contact, "unlink")
        self.assertEqual(lead.partner_id, self.contact)

    def test_contacts_of_key_accounts_cant_be_merged(self):
        third = self._new_client("Northwind Steel again")
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        merge = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaisesRegex(AccessError, "only a supervisor can merge"):
            merge.with_user(self.manager)._merge((self.client | third).ids)

    def test_merged_contact_brings_its_leads(self):
        """Persons have neither company nor parent that a merge would write."""
        client, twin = self.env["res.partner"].create(
            [{"name": "Boris Lang"}, {"name": "Boris Lang"}]
        )
        account = self._key_account(client)
        lead = self._new_lead(twin, self.manager)
        self.assertFalse(lead.key_account_id)
        self.env.flush_all()
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge.with_user(self.supervisor).sudo()._merge((client | twin).ids, client)
        self.assertEqual(lead.partner_id, client)
        self.assertEqual(lead.key_account_id, account)

    def test_lead_is_assigned_to_the_accounts_manager(self):
        """Managers can take unassigned and colleagues' leads of their account."""
        unowned = self._new_lead(self.client)
        self._rpc(self.manager, unowned, "write", {"user_id": self.manager.id})
        elsewhere = self._new_lead(self.client, self.colleague)
        self._refused("write", {"user_id": self.salesman.id}, lead=elsewhere)
        self._rpc(self.manager, elsewhere, "write", {"user_id": self.manager.id})
        self.assertEqual((unowned | elsewhere).user_id, self.manager)
        self.assertEqual(
            self._events(elsewhere, "lead_owner").mapped("new"), [self.manager.name]
        )

    def test_owner_outside_the_account_cannot_reassign(self):
        lead = self._new_lead(self.client, self.salesman)
        self._refused(
            "write", {"user_id": self.colleague.id}, user=self.salesman, lead=lead
        )

    def test_superuser_isnt_a_supervisor(self):
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            self.lead.sudo().write({"user_id": self.colleague.id})

    def test_supervisor_can_and_events_are_recorded(self):
        self._rpc(
            self.supervisor,
            self.lead,
            "write",
            {"user_id": self.colleague.id, "active": False},
        )
        [owner] = self._events(self.lead, "lead_owner")
        self.assertEqual(
            (owner.old, owner.new), (self.manager.name, self.colleague.name)
        )
        self.assertEqual(owner.user_id, self.supervisor)
        self.assertTrue(self._events(self.lead, "lead_archived"))
        self._rpc(
            self.supervisor, self.lead, "write", {"partner_id": self.other_client.id}
        )
        [moved] = self._events(self.lead, "lead_account")
        self.assertEqual((moved.old, moved.new), (self.client.name, False))

    def test_supervisor_merges_and_deletes_with_events(self):
        second = self._new_lead(self.client, self.manager)
        both = self.lead | second
        self._rpc(self.supervisor, both, "merge_opportunity")
        self.assertEqual(len(both.exists()), 1)
        for lead in both:
            self.assertTrue(self._events(lead, "lead_merged"))
        self.assertTrue(self._events(both - both.exists(), "lead_deleted"))

    def test_handover_reassigns_leads(self):
        """The addon's code passes the guard with an object that clients can't send."""
        lead = self.lead.with_user(self.manager)
        lead._unlocked().write({"user_id": self.colleague.id})
        self.assertEqual(self.lead.user_id, self.colleague)
        with self.assertRaises(AccessError):
            self._rpc(
                self.manager,
                self.lead,
                "write",
                {"user_id": self.salesman.id},
                context={"nka_key": True},
            )

    def test_leads_of_candidates_and_former_accounts_are_unprotected(self):
        self._nominate(self.other_client)
        self._rpc(self.manager, self.free_lead, "write", {"active": False})
        self.account.with_user(self.supervisor).action_retire(reason="Over")
        self._rpc(self.manager, self.lead, "write", {"user_id": self.colleague.id})
        self.assertEqual(self.lead.user_id, self.colleague)
