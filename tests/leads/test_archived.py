from odoo.tests import tagged

from .common import LeadCase

MAIL = """From: Anna Berg <anna@northwind.example>
To: sales@company.example
Subject: A new line
Message-Id: <{number}@northwind.example>

Please send an offer.
"""


@tagged("nka_leads")
class TestArchivedManager(LeadCase):
    """Leads and activities of an archived manager go to the deputy or a supervisor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.with_user(cls.supervisor).write(
            {"deputy_id": cls.deputy.id, "supervisor_id": cls.supervisor.id}
        )
        cls.contact.email = "anna@northwind.example"
        cls.team = cls.env["crm.team"].create({"name": "Sales", "use_leads": True})
        cls.env.flush_all()

    def _leave(self, *users):
        for user in users:
            user.sudo().action_archive()
        self.env.flush_all()
        self.env.invalidate_all()

    def _mail_in(self, number=1):
        lead_id = self.env["mail.thread"].message_process(
            "crm.lead",
            MAIL.format(number=number),
            custom_values={"team_id": self.team.id},
        )
        return self.env["crm.lead"].browse(lead_id)

    def test_before_the_manager_is_archived(self):
        lead = self._mail_in()
        self.assertEqual(lead.key_account_id, self.account)
        self.assertEqual(lead.user_id, self.manager)
        self.assertFalse(lead.activity_ids)

    def test_mail_goes_to_the_deputy(self):
        self._leave(self.manager)
        lead = self._mail_in()
        self.assertEqual(lead.user_id, self.deputy)
        self.assertEqual(lead.activity_ids.user_id, self.deputy)
        self.assertIn("has left", str(lead.activity_ids.note))
        self.assertTrue(self._events(lead, "lead_owner"))

    def test_without_a_deputy_to_the_supervisor(self):
        self._leave(self.manager, self.deputy)
        lead = self._mail_in()
        self.assertEqual(lead.user_id, self.supervisor)
        self.assertEqual(lead.activity_ids.user_id, self.supervisor)

    def test_without_either_to_another_supervisor(self):
        self._leave(self.manager, self.deputy, self.supervisor)
        lead = self._mail_in()
        holders = self.env["res.users"]._nka_holders(
            "nka_key_accounts.group_key_account_supervisor", self.env.company
        )
        self.assertIn(lead.user_id, holders)

    def test_rule_based_assignment(self):
        self._leave(self.manager)
        lead = self._new_lead(self.client, self.manager)
        self.team._allocate_leads_deduplicate(lead)
        self.assertEqual(lead.user_id, self.deputy)

    def test_other_leads_are_assigned_as_before(self):
        lead = self._new_lead(self.other_client)
        lead.user_id = False
        lead.team_id = self.team
        lead._assign_userless_lead_in_team("test")
        self.assertFalse(lead.user_id)

    def test_activities_on_all_records_of_the_account(self):
        lead = self._new_lead(self.client, self.manager)
        commitment = self.env["nka.commitment"].create(
            {"text": "Price", "kind": "price", "lead_id": lead.id}
        )
        document = self.env["nka.document"].create(
            {
                "type_id": self.env["nka.document.type"].search([], limit=1).id,
                "key_account_id": self.account.id,
                "title": "Contract",
            }
        )
        self._leave(self.manager)
        for record in (lead, self.account, self.client, commitment, document):
            activity = record.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.manager.id
            )
            self.assertEqual(activity.user_id, self.deputy, record)

    def test_activities_of_an_archived_supervisor_go_to_another(self):
        self._leave(self.supervisor)
        activity = self.account.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.supervisor.id
        )
        self.assertEqual(activity.user_id, self.account._reviewer())
        self.assertTrue(activity.user_id.active)
        self.assertNotIn(activity.user_id, self.manager | self.deputy)

    def test_reminders(self):
        self._leave(self.manager)
        self.assertEqual(self.account._user_to_tell(), self.deputy)
        [row] = [
            row
            for row in self.env["nka.key.account"]._read_contact_plan()
            if row["id"] == self.account.id
        ]
        self.assertEqual(row["user_id"], self.deputy.id)
        self._leave(self.deputy, self.supervisor)
        self.env["nka.key.account"]._cron_plan_contacts()
        self.assertTrue(all(self.account.activity_ids.user_id.mapped("active")))

    def test_activities_of_other_records_are_unaffected(self):
        self._leave(self.salesman)
        other = self.other_client.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.salesman.id
        )
        self.assertEqual(other.user_id, self.salesman)
