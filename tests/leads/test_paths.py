from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import new_user
from .common import LeadCase

MAIL = """Return-Path: <{sender}>
To: deals@nka.test
From: Anna Berg <{sender}>
Subject: {subject}
Message-Id: <{subject}@nka.test>
Date: Mon, 05 Jan 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

We need a quotation.
"""


@tagged("nka_leads")
class TestLeadPaths(LeadCase):
    """Odoo's ways to create, convert, merge and assign leads keep working."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "Inside sales", "user_id": cls.salesman.id, "use_leads": True}
        )
        cls.env["crm.team.member"].create(
            {"crm_team_id": cls.team.id, "user_id": cls.salesman.id}
        )

    def _mail_in(self, sender, subject):
        thread_id = (
            self.env["mail.thread"]
            .with_context(mail_create_nolog=True)
            .message_process(
                "crm.lead",
                MAIL.format(sender=sender, subject=subject),
                custom_values={"team_id": self.team.id},
            )
        )
        return self.env["crm.lead"].browse(thread_id)

    # ------------------------------------------------------------ incoming
    def test_mail_of_a_key_account_is_assigned_to_its_manager(self):
        lead = self._mail_in("anna@nw.test", "key-mail")
        self.assertEqual(lead.partner_id, self.contact)
        self.assertEqual(lead.key_account_id, self.account)
        self.assertEqual(lead.user_id, self.manager)

    def test_other_mail_is_assigned_to_the_team_leader(self):
        lead = self._mail_in("somebody@else.test", "other-mail")
        self.assertFalse(lead.key_account_id)
        self.assertEqual(lead.user_id, self.salesman)

    def test_website_form(self):
        """The public user creates the lead with sudo, and the team assigns it."""
        public = self.env.ref("base.public_user")
        lead = (
            self.env["crm.lead"]
            .with_user(public)
            .sudo()
            .create(
                {
                    "name": "Contact form",
                    "partner_id": self.client.id,
                    "team_id": self.team.id,
                    "user_id": False,
                }
            )
        )
        lead._assign_userless_lead_in_team("website")
        self.assertEqual(lead.user_id, self.manager)

    # ------------------------------------------------------------ conversion
    def _convert(self, lead, user=None, **vals):
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(user or self.manager)
            .with_context(
                active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
            )
            .create({"lead_id": lead.id, **vals})
        )
        wizard.action_apply()
        return wizard

    def test_conversion_of_a_key_lead(self):
        lead = self._new_lead(self.contact, self.manager, type="lead")
        wizard = self._convert(lead)
        self.assertEqual(wizard.name, "convert")
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.user_id, self.manager)
        self.assertTrue(self.lead.exists())

    def test_conversion_cant_assign_a_key_lead_to_others(self):
        lead = self._new_lead(self.contact, self.manager, type="lead")
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            self._convert(lead, user_id=self.colleague.id)

    def test_conversion_cant_merge_key_leads(self):
        lead = self._new_lead(self.contact, self.manager, type="lead")
        self._new_lead(self.contact, self.manager)
        with self.assertRaisesRegex(AccessError, "Ask a supervisor"):
            self._convert(
                lead, name="merge", duplicated_lead_ids=(lead | self.lead).ids
            )

    def test_conversion_still_merges_other_leads(self):
        lead = self._new_lead(self.other_client, self.manager, type="lead")
        wizard = self._convert(lead)
        self.assertEqual(wizard.name, "merge")
        self.assertEqual(len((lead | self.free_lead).exists()), 1)

    def test_conversion_to_a_new_customer(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "New",
                "type": "lead",
                "partner_name": "Fresh Ltd",
                "user_id": self.manager.id,
            }
        )
        self._convert(lead, action="create")
        self.assertEqual(lead.partner_id.name, "Fresh Ltd")

    def test_mass_conversion(self):
        key = self._new_lead(self.contact, self.manager, type="lead")
        twin = self._new_lead(self.contact, self.manager, type="lead")
        other = self._new_lead(self.other_client, self.manager, type="lead")
        leads = key | twin | other
        wizard = (
            self.env["crm.lead2opportunity.partner.mass"]
            .with_user(self.manager)
            .with_context(
                active_model="crm.lead", active_id=key.id, active_ids=leads.ids
            )
            .create({"deduplicate": True})
        )
        wizard.action_mass_convert()
        self.assertEqual(key.type, "opportunity")
        self.assertTrue(twin.exists(), "key leads aren't merged")
        self.assertEqual(len((other | self.free_lead).exists()), 1)

    def test_merge_of_other_leads(self):
        second = self._new_lead(self.other_client, self.manager)
        self._rpc(self.manager, self.free_lead | second, "merge_opportunity")
        self.assertEqual(len((self.free_lead | second).exists()), 1)

    # ------------------------------------------------------------ assignment
    def test_assignment_gives_key_leads_to_their_manager(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "crm.lead.auto.assignment", True
        )
        self.team.write({"assignment_domain": "[]"})
        self.team.crm_team_member_ids.assignment_max = 1000
        values = {"team_id": False, "type": "lead", "email_from": "anna@nw.test"}
        unowned = self._new_lead(self.contact, **values)
        spread = self._new_lead(self.contact, **{**values, "team_id": self.team.id})
        other = self._new_lead(self.other_client, team_id=False, type="lead")
        mail = "buyer@baltic.test"
        (other | self.free_lead).write({"email_from": mail})
        own = self._new_lead(self.contact, self.manager, email_from="anna@nw.test")
        with patch("random.choices", lambda population, **kw: [self.team]):
            self.team._action_assign_leads(force_quota=True)
        self.assertEqual(unowned.user_id, self.manager)
        self.assertEqual(
            spread.user_id, self.manager, "key leads aren't assigned to team members"
        )
        self.assertTrue(own.exists())
        self.assertEqual(own.user_id, self.manager)
        self.assertTrue(unowned.exists(), "nothing was merged")

    def test_salesperson_creates_for_a_colleagues_account(self):
        """A salesperson can enter a lead for the manager and still read it."""
        lead_id = self._rpc(
            self.salesman,
            self.env["crm.lead"],
            "create",
            {
                "name": "Call for you",
                "partner_id": self.client.id,
                "user_id": self.manager.id,
            },
        )
        lead = self.env["crm.lead"].browse(lead_id)
        self.assertTrue(self._sees(self.manager, lead))
        self.assertTrue(self._sees(self.salesman, lead))

    def test_quotation_context_sets_no_origin(self):
        """Sales sets ``default_origin`` to a text, which isn't the origin of a lead."""
        user = new_user(self.env, "nka_q", "sales_team.group_sale_manager")
        context = self.free_lead._prepare_opportunity_quotation_context()
        self.assertIn("default_origin", context)
        lead = self.env["crm.lead"].with_user(user).with_context(**context)
        self.assertNotIn("origin", lead.default_get(["origin"]))
        self.assertFalse(lead.create({"name": "On the way"}).origin)
