import re

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PartnersCase


class ContactMergeCase(PartnersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls.env["res.partner"].create(
            {"name": "A. Berg", "parent_id": cls.client.id}
        )
        cls.boss = cls.env["res.partner"].create(
            {"name": "Eva Fors", "parent_id": cls.client.id}
        )

    @classmethod
    def _map(cls, person, **vals):
        return cls.env["nka.stakeholder"].create(
            {
                "key_account_id": cls.account.id,
                "partner_id": person.id,
                "covered_by_ids": [Command.set(cls.manager.ids)],
                **vals,
            }
        )

    def _people(self):
        people = self.env["nka.stakeholder"].with_context(active_test=False)
        return people.search([("key_account_id", "=", self.account.id)])


@tagged("nka_accounts")
class TestMergedStakeholders(ContactMergeCase):
    """Of two entries of one person the stronger role is kept, with all data."""

    def test_the_decision_maker_remains_whichever_contact_is_kept(self):
        for remaining in ("double", "contact"):
            with self.subTest(remaining), self.cr.savepoint() as savepoint:
                self._map(self.contact, role="user", influence="3", note="Likes tea")
                self._map(self.double, role="decision_maker", influence="1")
                both = self.contact | self.double
                self._merge(both, getattr(self, remaining), self.supervisor)
                [person] = self._people()
                self.assertEqual(person.partner_id, getattr(self, remaining))
                self.assertEqual(person.role, "decision_maker")
                self.assertEqual(person.influence, "3")
                self.assertEqual(person.note, "Likes tea")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_coverage_and_reporting_lines(self):
        top = self._map(self.boss, role="executive_sponsor")
        first = self._map(self.contact, role="user", reports_to_id=top.id)
        second = self._map(
            self.double,
            role="decision_maker",
            covered_by_ids=[Command.set(self.colleague.ids)],
        )
        clerk = self._map(
            self.env["res.partner"].create({"name": "C", "parent_id": self.client.id}),
            reports_to_id=first.id,
        )
        self._merge(self.contact | self.double, self.contact, self.supervisor)
        self.assertEqual(second.covered_by_ids, self.manager | self.colleague)
        self.assertEqual(clerk.reports_to_id, second)
        self.assertEqual(second.reports_to_id, top)
        self.assertEqual(second.partner_id, self.contact)

    def test_a_duplicate_that_reported_to_the_first(self):
        first = self._map(self.contact, role="decision_maker")
        self._map(self.double, reports_to_id=first.id)
        self._merge(self.contact | self.double, self.double, self.supervisor)
        self.assertFalse(self._people().reports_to_id)

    def test_superior_between_the_two_duplicates(self):
        first = self._map(self.contact, role="decision_maker")
        middle = self._map(self.boss, reports_to_id=first.id)
        self._map(self.double, reports_to_id=middle.id)
        self._merge(self.contact | self.double, self.contact, self.supervisor)
        self.assertFalse(first.reports_to_id)
        self.assertEqual(middle.reports_to_id, first)

    def test_messages_and_activities_are_kept(self):
        first = self._map(self.contact, role="user")
        second = self._map(self.double, role="decision_maker")
        first.message_post(body="Met at the fair")
        first.activity_schedule("mail.mail_activity_data_call", user_id=self.manager.id)
        self._merge(self.contact | self.double, self.contact, self.supervisor)
        self.assertIn("Met at the fair", str(second.message_ids.mapped("body")))
        self.assertTrue(second.activity_ids)

    def test_merge_leaves_an_event(self):
        self._map(self.contact, role="user")
        self._map(self.double, role="decision_maker")
        self._merge(self.contact | self.double, self.contact, self.supervisor)
        event = self._events(self.account, "merge")[-1]
        self.assertIn("Anna Berg", event.old)
        self.assertIn("Decision maker", event.new)
        self.assertEqual(event.user_id, self.supervisor)

    def test_manager_cannot_merge_contacts_of_a_key_account(self):
        self._map(self.contact)
        self._map(self.double, role="decision_maker")
        with self.assertRefused(re.escape(self.supervisor.name), AccessError):
            self._merge(self.contact | self.double, self.contact, self.manager)
        self.assertEqual(len(self._people()), 2)

    def test_contacts_of_two_clients_cant_be_merged(self):
        stranger = self.env["res.partner"].create(
            {"name": "Otto Lund", "parent_id": self.other_client.id}
        )
        self._map(self.contact)
        with self.assertRefused("isn't a contact of", ValidationError):
            self._merge(self.contact | stranger, stranger, self.supervisor)
        self.assertTrue(self.contact.exists())

    def test_stakeholders_of_one_client_in_several_companies(self):
        company = self.env["res.company"].create({"name": "Second"})
        foreign = self.env["nka.key.account"].create(
            {"partner_id": self.client.id, "company_id": company.id}
        )
        self._map(self.contact, role="decision_maker")
        other = self._map(
            self.double,
            key_account_id=foreign.id,
            role="champion",
            covered_by_ids=[Command.clear()],
        )
        self._merge(self.contact | self.double, self.double, self.supervisor)
        self.assertEqual(other.partner_id, self.double)
        self.assertEqual(self._people().partner_id, self.double)


@tagged("nka_accounts")
class TestMergedDocuments(ContactMergeCase):
    """Merging a foreign company into a client excludes its earlier sales."""

    def _revenue(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.account.trailing_revenue

    def test_company_merged_into_the_client(self):
        self._new_invoice(self.client, 100)
        invoice = self._new_invoice(self.twin, 20000)
        self._merge(self.client | self.twin, self.client, self.supervisor)
        self.assertEqual(invoice.partner_id, self.client)
        self.assertEqual(self._revenue(), 100)
        self._new_invoice(self.client, 7)
        self.assertEqual(self._revenue(), 107)
        self.assertTrue(self._events(self.account, "join"))

    def test_client_merged_into_the_company(self):
        self._new_invoice(self.client, 100)
        self._new_invoice(self.twin, 20000)
        self._merge(self.client | self.twin, self.twin, self.supervisor)
        self.assertEqual(self.account.partner_id, self.twin)
        self.assertEqual(self._revenue(), 100)

    def test_contacts_of_the_merged_company(self):
        clerk = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": self.twin.id}
        )
        self._new_invoice(clerk, 20000)
        self._merge(self.client | self.twin, self.client, self.supervisor)
        self.assertEqual(clerk.commercial_partner_id, self.client)
        self.assertEqual(self._revenue(), 0)

    def test_foreign_person_merged_into_a_contact(self):
        person = self.env["res.partner"].create({"name": "Per Lind"})
        self._new_invoice(person, 20000)
        self._merge(self.contact | person, self.contact, self.supervisor)
        self.assertEqual(self._revenue(), 0)

    def test_contact_merged_into_a_foreign_person(self):
        """Odoo makes the person a contact of the client: what the client bought counts."""
        person = self.env["res.partner"].create({"name": "Per Lind"})
        self._new_invoice(person, 20000)
        self._new_invoice(self.double, 300)
        with self.refused(AccessError):
            self._merge(self.double | person, person, self.manager)
        self._merge(self.double | person, person, self.supervisor)
        self.assertEqual(person.commercial_partner_id, self.client)
        self.assertEqual(self._revenue(), 300)
        self._new_invoice(person, 7)
        self.assertEqual(self._revenue(), 307)

    def test_contact_merged_into_a_company(self):
        """It leaves the client, but what it bought stays, however sales are read."""
        company = self.env["res.partner"].create({"name": "Lind", "is_company": True})
        self._new_invoice(self.double, 300)
        with self.refused(AccessError):
            self._merge(self.double | company, company, self.manager)
        self._merge(self.double | company, company, self.supervisor)
        self.assertEqual(company.commercial_partner_id, company)
        self.assertEqual(self._revenue(), 300)
        self.assertTrue(self._events(self.account, "leave"))
        self._new_invoice(company, 20000)
        self.assertEqual(self._revenue(), 300)

    def test_contact_that_joined_and_is_merged_later(self):
        person = self.env["res.partner"].create({"name": "Per Lind"})
        self._new_invoice(person, 20000)
        person.with_user(self.supervisor).parent_id = self.client
        self._new_invoice(person, 5)
        self._new_invoice(self.contact, 100, date=self.today - self._days(9))
        self._merge(self.contact | person, self.contact, self.supervisor)
        self.assertEqual(self._revenue(), 105)
        self._new_invoice(self.contact, 1, date=self.today - self._days(9))
        self.assertEqual(self._revenue(), 106)

    def test_a_manager_with_the_supervisor_role(self):
        self.manager.group_ids |= self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        self._new_invoice(self.twin, 20000)
        with self.assertRefused("another supervisor", AccessError):
            self._merge(self.client | self.twin, self.client, self.manager)
        self.assertTrue(self.twin.exists())

    def test_all_references_to_a_contact_move(self):
        lead = self._new_lead(self.double)
        commitment = self.env["nka.commitment"].create(
            {"text": "Price", "kind": "price", "lead_id": lead.id}
        )
        competitor = self.env["nka.competitor"].create(
            {"name": "Rhine Glass", "partner_id": self.double.id}
        )
        self._merge(self.contact | self.double, self.contact, self.supervisor)
        self.assertEqual(lead.partner_id, self.contact)
        self.assertEqual(commitment.key_account_id, self.account)
        self.assertEqual(competitor.partner_id, self.contact)

    def test_referrer_of_a_lead_is_kept_when_its_client_is_merged(self):
        lead = self._new_lead(
            self.other_client, origin="referral", referrer_id=self.account.id
        )
        self._merge(self.client | self.twin, self.twin, self.supervisor)
        self.assertEqual(lead.referrer_id, self.account)
        self.assertEqual(lead.referrer_partner_id, self.twin)

    def test_two_key_accounts_cant_be_merged(self):
        with self.assertRefused("histories can't be merged", UserError):
            self._merge(self.client | self.other_client, self.client, self.supervisor)
