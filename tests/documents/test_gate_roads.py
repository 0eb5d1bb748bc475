"""The approval gate applies in every way a key account deal can get into a stage."""

import re
import runpy
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_path

from .common import DocumentCase

OWED = "nka_key_accounts.mail_activity_type_gate_owed"


class RoadCase(DocumentCase):
    """“Won” and the stage before it require the contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.stage_ids = cls.won | cls.stage
        cls.lead_stage = cls.lead.stage_id
        cls.free_client = cls._new_client("Free Foundry")
        cls.free = cls._new_deal(cls.free_client, stage_id=cls.stage.id)
        cls.free_deal = cls.free.with_user(cls.manager)

    def _assert_gate(self, door, deal=None, words="Contract of test"):
        deal = deal or self.free
        before = (deal.stage_id, deal.partner_id, deal.is_vip, deal.active)
        with self.refused(UserError, words):
            door()
        deal.invalidate_recordset()
        after = (deal.stage_id, deal.partner_id, deal.is_vip, deal.active)
        self.assertEqual(after, before)


@tagged("nka_documents")
class TestRoadsOfTheManager(RoadCase):
    """Each attempt runs with the salesperson's own login and is refused."""

    def test_won_and_then_assigned_to_the_client(self):
        deal = self._new_deal(self.free_client, stage_id=self.won.id)
        own = deal.with_user(self.manager)
        self._assert_gate(lambda: own.write({"partner_id": self.client.id}), deal)
        contact = self._new_client("Buyer", is_company=False, parent_id=self.client.id)
        self._assert_gate(lambda: own.write({"partner_id": contact.id}), deal)
        self._assert_gate(
            lambda: own.web_save({"partner_id": self.client.id}, {}), deal
        )
        self._assert_gate(
            lambda: own.with_context(nka_gate=True, tracking_disable=True).write(
                {"partner_id": self.client.id}
            ),
            deal,
        )

    def test_won_without_a_client_and_then_assigned(self):
        deal = self.env["crm.lead"].with_user(self.manager)
        deal = deal.create({"name": "Cash", "type": "opportunity"})
        deal.action_set_won()
        self._assert_gate(lambda: deal.write({"partner_id": self.client.id}), deal)

    def test_vip_flag_set_afterwards(self):
        self._assert_gate(lambda: self.free_deal.write({"is_vip": True}))

    def test_client_and_stage_at_once(self):
        early = self._new_deal(self.free_client).with_user(self.manager)
        vals = {"partner_id": self.client.id, "stage_id": self.won.id}
        self._assert_gate(lambda: early.write(vals), early)

    def test_several_deals_at_once(self):
        both = self.free_deal | self._new_deal(self.free_client).with_user(self.manager)
        self._assert_gate(lambda: both.write({"partner_id": self.client.id}))

    def test_conversion_of_a_lead(self):
        lead = self.env["crm.lead"].with_user(self.manager)
        lead = lead.create({"name": "Somebody wrote", "type": "lead"})
        lead.stage_id = self.stage
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.manager)
        wizard = wizard.with_context(active_id=lead.id, active_ids=lead.ids).create(
            {
                "name": "convert",
                "action": "exist",
                "lead_id": lead.id,
                "partner_id": self.client.id,
                "user_id": self.manager.id,
            }
        )
        self._assert_gate(wizard.action_apply, lead)

    def test_mass_conversion(self):
        contact = self._new_client(
            "Buyer", is_company=False, parent_id=self.client.id, email="b@nw.example"
        )
        lead = self.env["crm.lead"].with_user(self.manager)
        lead = lead.create(
            {"name": "Mail", "type": "lead", "email_from": contact.email}
        )
        lead.write({"partner_id": False, "stage_id": self.stage.id})
        wizard = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        wizard = wizard.with_context(active_ids=lead.ids).create(
            {"user_ids": [Command.set(self.manager.ids)], "deduplicate": False}
        )
        self._assert_gate(wizard.action_mass_convert, lead)

    def test_restored(self):
        self._approved()
        deal = self.lead.with_user(self.manager)
        deal.stage_id = self.stage
        deal.action_set_lost()
        self.lead.nka_document_ids._unlocked().write(
            {"valid_until": self.today - self._days(1)}
        )
        for door in (
            deal.action_unarchive,
            deal.action_restore,
            lambda: deal.write({"active": True}),
            deal.action_set_won,
        ):
            self._assert_gate(door, self.lead)

    def test_marked_while_lost_and_restored(self):
        self.free_deal.action_set_lost()
        self.free_deal.is_vip = True
        self._assert_gate(self.free_deal.action_unarchive)
        self._assert_gate(self.free_deal.action_set_won)

    def test_losing_is_never_refused(self):
        deal = self.lead.with_user(self.manager)
        self._approved()
        deal.stage_id = self.stage
        self.contract.stage_ids = self.won | self.stage
        self.minutes.stage_ids = self.stage
        deal.action_set_lost()
        self.assertEqual(deal.won_status, "lost")

    def test_won_from_a_lost_deal_applies_its_own_gate_only(self):
        deal = self.lead.with_user(self.manager)
        self.minutes.stage_ids = deal.stage_id
        self._approved()
        deal.action_set_lost()
        deal.action_set_won()
        self.assertEqual((deal.active, deal.won_status), (True, "won"))

    def test_duplicate_in_the_stage(self):
        deal = self.lead.with_user(self.manager)
        with self.refused(UserError, "Contract of test"):
            deal.copy({"stage_id": self.won.id})
        self.assertNotEqual(deal.copy().stage_id, self.stage)

    def test_import_of_the_client(self):
        result = (
            self.env["crm.lead"]
            .with_user(self.manager)
            .load([".id", "partner_id/.id"], [[str(self.free.id), str(self.client.id)]])
        )
        self.assertFalse(result["ids"])
        self.assertIn("Contract of test", result["messages"][0]["message"])

    def test_quotation_sets_the_client(self):
        lead = self.env["crm.lead"].with_user(self.manager)
        lead = lead.create({"name": "Somebody", "type": "opportunity"})
        lead.stage_id = self.stage
        wizard = self.env["crm.quotation.partner"].with_user(self.manager)
        wizard = wizard.with_context(active_model="crm.lead", active_id=lead.id)
        wizard = wizard.create(
            {"action": "exist", "lead_id": lead.id, "partner_id": self.client.id}
        )
        self._assert_gate(wizard.action_apply, lead)

    def test_team_with_other_stages(self):
        """The first stage of another team is checked like any other."""
        first = self.env["crm.stage"].create({"name": "First of theirs", "sequence": 0})
        team = self.env["crm.team"].create(
            {"name": "Theirs", "member_ids": [Command.link(self.manager.id)]}
        )
        own = self.env["crm.team"].create({"name": "Ours"})
        first.team_ids = team
        self.contract.stage_ids |= first
        start = self.lead.stage_id
        start.team_ids = own
        deal = self.lead.with_user(self.manager)
        self._assert_gate(lambda: deal.write({"team_id": team.id}), self.lead)

    def test_company(self):
        """The account belongs to the company of the lead."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.company_ids |= other
        deal = self._new_deal(self.client, company_id=other.id, team_id=False)
        deal.stage_id = self.stage
        self.assertFalse(deal.key_account_id)
        own = deal.with_user(self.manager).with_context(
            allowed_company_ids=[self.env.company.id, other.id]
        )
        company = self.env.company.id
        self._assert_gate(lambda: own.write({"company_id": company}), deal)

    def test_contact_moved_below_the_client(self):
        """Refused to everyone but a supervisor; the contact stays where it was."""
        person = self._new_client("Buyer", is_company=False)
        deal = self._new_deal(person, stage_id=self.won.id)
        with self.refused((UserError, AccessError)):
            person.with_user(self.manager).parent_id = self.client
        self.assertFalse(deal.key_account_id)

    def test_documents_first(self):
        """Once the contract is approved, the deal can be assigned to the client."""
        self._approved(lead_id=self.free.id)
        self.free_deal.partner_id = self.client
        self.assertEqual(self.free.key_account_id, self.account)

    def test_refusals_name_who_can_help_and_are_logged(self):
        events = self.env.registry["nka.audit.event"]
        with patch.object(events, "_append_refusal") as kept:
            name = re.escape(self.supervisor.name)
            with self.refused(UserError, f"{name} can approve it"):
                self.lead.with_user(self.manager).stage_id = self.stage
            with self.refused(UserError, "earlier stage first"):
                self.free_deal.partner_id = self.client
        kinds = [call.args[1] for call in kept.call_args_list]
        self.assertEqual(kinds, ["gate", "gate"])

    def test_gate_override_holds_until_the_deal_moves(self):
        deal = self.free.with_user(self.supervisor)
        deal.action_let_through(self.stage.id, "Framework contract signed")
        self.free_deal.partner_id = self.client
        self.assertFalse(self.free.is_gate_owed)
        start = self.lead.stage_id
        self.free_deal.stage_id = start
        self._assert_gate(lambda: self.free_deal.write({"stage_id": self.stage.id}))

    def test_upgrade_knows_earlier_gate_overrides(self):
        deal = self.lead.with_user(self.supervisor)
        deal.action_let_through(self.stage.id, "Signed on paper")
        other = self._new_deal(self.client).with_user(self.supervisor)
        other.action_let_through(self.stage.id, "Signed on paper")
        other.with_user(self.manager).stage_id = self.lead_stage
        self.env.flush_all()
        self.env["nka.gate.exception"].search([]).unlink()
        self.env.flush_all()
        path = "migrations/19.0.1.2.0/post-gates.py"
        path = file_path(f"nka_key_accounts/{path}")
        runpy.run_path(path)["migrate"](self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        made = self.env["nka.gate.exception"].search([])
        self.assertEqual(made.lead_id, self.lead)
        self.assertEqual(
            (made.user_id, made.reason), (self.supervisor, "Signed on paper")
        )
        self.assertFalse(self.lead.is_gate_owed)

    def test_gate_overrides_cannot_be_written(self):
        exceptions = self.env["nka.gate.exception"]
        vals = {
            "lead_id": self.lead.id,
            "stage_id": self.stage.id,
            "company_id": self.env.company.id,
            "user_id": self.supervisor.id,
            "reason": "because",
        }
        for user in (self.manager, self.supervisor, self.kam_admin):
            with self.refused(AccessError):
                exceptions.with_user(user).create(vals)


@tagged("nka_documents")
class TestChangesByOthers(RoadCase):
    """Changes to requirements undo nothing; the deals concerned are listed, with an
    event and an activity.
    """

    def _assert_listed(self, deal, subject=None):
        self.env.flush_all()
        deal.invalidate_recordset()
        found = self.env["crm.lead"].with_user(self.supervisor)
        found = found.search([("is_gate_owed", "=", True)])
        self.assertIn(deal, found)
        self.assertTrue(deal.is_gate_owed)
        self.assertIn("Contract of test", deal.gate_owed_message)
        self.assertTrue(self._events(deal, "gate_owed"))
        self.assertTrue((subject or self.account).activity_search([OWED]))

    def _enter(self):
        """Move the deal to a stage that requires nothing yet."""
        self.contract.stage_ids = False
        self.lead.with_user(self.manager).stage_id = self.stage
        self.assertFalse(self.lead.is_gate_owed)

    def test_requirement_of_the_stage(self):
        self._enter()
        self.stage.nka_document_type_ids = self.contract
        self._assert_listed(self.lead)
        self.assertEqual(self.lead.stage_id, self.stage)

    def test_requirement_of_the_type(self):
        self._enter()
        self.contract.with_user(self.kam_admin).stage_ids = self.stage
        self._assert_listed(self.lead)

    def test_new_type(self):
        self._enter()
        self._new_type("Contract of test too", "T-2", stage_ids=self.stage.ids)
        self.assertTrue(self._events(self.lead, "gate_owed"))

    def test_type_restored(self):
        self.contract.active = False
        self.lead.with_user(self.manager).stage_id = self.stage
        self.contract.active = True
        self._assert_listed(self.lead)

    def test_qualification_required(self):
        lead = self._new_deal(self.other_client, is_vip=True)
        lead.stage_id.requires_qualification = True
        self.assertTrue(lead.is_gate_owed)
        self.assertTrue(self._events(lead, "gate_owed"))
        self.assertTrue(lead.activity_search([OWED]))
        self.assertFalse(self.lead.is_gate_owed)

    def test_client_becomes_a_key_account(self):
        account = self._key_account(self.free_client)
        self._assert_listed(self.free, account)
        self.assertEqual(self.free.stage_id, self.stage)

    def test_contact_moved_by_a_supervisor(self):
        person = self._new_client("Buyer", is_company=False)
        deal = self._new_deal(person, stage_id=self.won.id)
        person.with_user(self.supervisor).parent_id = self.client
        self.assertEqual(deal.key_account_id, self.account)
        self._assert_listed(deal)

    def test_contacts_merged_by_a_supervisor(self):
        twin = self._new_client("Northwind Steel")
        deal = self._new_deal(twin, stage_id=self.won.id)
        for group in ("base.group_erp_manager", "account.group_account_invoice"):
            self.supervisor.group_ids |= self.env.ref(group)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard.with_user(self.supervisor)._merge(
            (twin | self.client).ids, self.client, extra_checks=False
        )
        self._assert_listed(deal)

    def test_stage_becomes_the_won_stage(self):
        self._enter()
        self.stage.is_won = True
        self.assertEqual(self._events(self.lead, "outcome").new, "Won")

    def test_leaving_the_list(self):
        """A deal leaves the list by an approved document or a supervisor's gate
        override.
        """
        self._enter()
        self.stage.nka_document_type_ids = self.contract
        self.env.invalidate_all()
        deal = self.lead.with_user(self.supervisor)
        wizard = deal.action_ask_let_through()["context"]
        self.assertEqual(wizard["default_stage_id"], self.stage.id)
        deal.action_let_through(self.stage.id, "Signed before")
        self.lead.invalidate_recordset()
        self.assertFalse(self.lead.is_gate_owed)

    def test_document_takes_it_off(self):
        self._enter()
        self.stage.nka_document_type_ids = self.contract
        document = self._approved()
        self.lead.invalidate_recordset()
        self.assertFalse(self.lead.is_gate_owed)
        # A document approved once doesn't put the deal back on the list when it
        # expires.
        document._unlocked().write({"state": "expired"})
        self.lead.invalidate_recordset()
        self.assertFalse(self.lead.is_gate_owed)

    def test_handover_to_a_team_with_other_stages(self):
        first = self.env["crm.stage"].create({"name": "First of theirs", "sequence": 0})
        first.team_ids = self.env["crm.team"].create(
            {"name": "Theirs", "member_ids": [Command.link(self.colleague.id)]}
        )
        self.lead.stage_id.team_ids = self.env["crm.team"].create({"name": "Ours"})
        self.contract.stage_ids |= first
        lead = self.lead.with_user(self.supervisor)
        lead._unlocked().write({"user_id": self.colleague.id})
        self.assertEqual(self.lead.stage_id, first)
        self._assert_listed(self.lead)

    def test_one_activity_per_account(self):
        self._enter()
        second = self._new_deal(self.client)
        second.stage_id = self.stage
        self.stage.nka_document_type_ids = self.contract
        self.assertEqual(len(self.account.activity_search([OWED])), 1)
        self.assertTrue(self._events(second, "gate_owed"))

    def test_query_count_is_constant(self):
        self._enter()
        deals = self.env["crm.lead"]
        for number in range(12):
            deals |= self._new_deal(self.client, name=f"Deal {number}")

        def counted(leads):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads._missing_by_lead(self.stage)
            leads._owed()
            return self.cr.sql_log_count - before

        self.stage.nka_document_type_ids = self.contract
        counted(deals[:2])
        self.assertLessEqual(counted(deals), counted(deals[:2]))


@tagged("nka_documents")
class TestQualificationOfTheDeal(DocumentCase):
    def test_of_the_account(self):
        valid = self.account.qualification_id
        self.assertEqual(self.lead.qualification_id, valid)
        leads = self.env["crm.lead"]
        self.assertIn(self.lead, leads.search([("qualification_id", "=", valid.id)]))
        self.assertIn(self.lead, leads.search([("qualification_id", "!=", False)]))
        free = self._new_deal(self.other_client)
        self.assertFalse(free.qualification_id)
        self.assertIn(free, leads.search([("qualification_id", "=", False)]))

    def _judge(self, verdict, lead=None, days=0):
        qualification = self.env["nka.qualification"].create(
            {
                "key_account_id": self.account.id,
                "lead_id": lead and lead.id,
                "verdict": verdict,
                "verdict_reason": "As the facts say",
                "date": self.today + self._days(days),
            }
        )
        qualification._unlocked().write({"state": "approved"})
        self.lead.invalidate_recordset()
        self.account.invalidate_recordset()
        return qualification

    def test_qualification_of_the_deal_takes_precedence(self):
        own = self._judge("qualified", self.lead)
        general = self._judge("qualified")
        self.assertEqual(self.lead.qualification_id, own)
        other = self._new_deal(self.client)
        self.assertEqual(other.qualification_id, general)

    def test_later_rejection_counts_for_all_deals(self):
        self._judge("qualified", self.lead)
        self._judge("rejected")
        self.assertFalse(self.lead.qualification_id)
        self.assertFalse(self.account.qualification_id)

    def test_another_deal_does_not_outweigh_a_rejection(self):
        self._judge("rejected", self.lead)
        other = self._new_deal(self.client)
        positive = self._judge("qualified", other)
        self.assertFalse(self.lead.qualification_id)
        self.assertEqual(other.qualification_id, positive)
        self.stage.requires_qualification = True
        with self.refused(UserError, "approved qualification"):
            self.lead.with_user(self.manager).stage_id = self.stage
        other.with_user(self.manager).stage_id = self.stage

    def test_hidden_from_others(self):
        with self.refused(AccessError):
            self.lead.with_user(self.salesman).read(["qualification_id"])


@tagged("nka_documents")
class TestTypeFits(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.of_account = cls._new_type(
            "Competitor profile", "T-CARD", applies_to="account"
        )
        cls.of_deal = cls._new_type("Offer", "T-OFFER", applies_to="lead")

    def test_account_type_on_a_deal(self):
        with self.refused(UserError, "is an account document"):
            self._draft(type_id=self.of_account.id)
        document = self._draft()
        with self.refused(UserError, "is an account document"):
            document.type_id = self.of_account
        own = self._draft(
            type_id=self.of_account.id, lead_id=False, key_account_id=self.account.id
        )
        with self.refused(UserError, "is an account document"):
            own.lead_id = self.lead

    def test_deal_type_on_an_account(self):
        with self.refused(UserError, "is a deal document"):
            self._draft(
                type_id=self.of_deal.id, lead_id=False, key_account_id=self.account.id
            )
        document = self._draft(type_id=self.of_deal.id)
        with self.refused(UserError, "is a deal document"):
            document.lead_id = False

    def test_existing_documents_are_kept(self):
        document = self._approved()
        self.contract.applies_to = "account"
        successor = document.with_user(self.manager).action_new_revision()
        successor = self.env["nka.document"].browse(successor["res_id"])
        self.assertEqual(successor.lead_id, self.lead)

    def test_vip_without_account_is_advised_to_nominate(self):
        self.of_account.stage_ids = self.stage
        lead = self._new_deal(self.other_client, is_vip=True)
        with self.refused(UserError, "nominate the client"):
            lead.with_user(self.manager).stage_id = self.stage

    def test_mail_with_a_deal_type_keeps_its_text(self):
        self.manager.email = "manager@example.com"
        values = self.env["nka.document"].message_new(
            {
                "subject": "T-OFFER: Northwind Steel",
                "email_from": self.manager.email,
                "body": "",
                "message_id": "<1@nka>",
            }
        )
        self.assertEqual(values.key_account_id, self.account)
        self.assertFalse(values.type_id)
