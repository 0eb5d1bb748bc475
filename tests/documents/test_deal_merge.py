"""Merging deals keeps every record of the addon and bypasses no rule."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DocumentCase


class MergeCase(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._new_deal(cls.client, name="Twin", expected_revenue=1)
        cls.lead.stage_id = cls.stage
        cls.both = cls.lead | cls.twin

    def _merge(self, leads=None, user=None, **kwargs):
        leads = leads or self.both
        return leads.with_user(user or self.supervisor).merge_opportunity(**kwargs)

    @classmethod
    def _vip(cls, name, user=None, **vals):
        """Create a VIP lead without a client, owned by the manager by default."""
        return (
            cls.env["crm.lead"]
            .with_user(user or cls.manager)
            .create({"name": name, "type": "opportunity", "is_vip": True, **vals})
        )


@tagged("nka_documents")
class TestMergeKeepsAll(MergeCase):
    def _hang_everything(self, lead):
        """Create one record of each model on a deal, in read-only states."""
        env = self.env
        competitor = env["nka.competitor"].create({"name": "Rival Rolls"})
        qualification = env["nka.qualification"].create(
            {"key_account_id": self.account.id, "lead_id": lead.id}
        )
        qualification._unlocked().write({"state": "approved"})
        items = {
            "nka.document": self._approved(lead_id=lead.id),
            "nka.qualification": qualification,
            "nka.commitment": env["nka.commitment"].create(
                {
                    "text": "Ten days",
                    "kind": "delivery",
                    "lead_id": lead.id,
                    "key_account_id": self.account.id,
                    "promised_date": self.today,
                }
            ),
            "nka.offer.contribution": env["nka.offer.contribution"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Concept",
                    "lead_id": lead.id,
                    "function": "technology",
                    "user_id": self.employee_user.id,
                    "date_due": self.today,
                }
            ),
            "nka.concession": env["nka.concession"].create(
                {"lead_id": lead.id, "name": "Longer payment"}
            ),
            "nka.competitor.presence": env["nka.competitor.presence"].create(
                {"competitor_id": competitor.id, "lead_id": lead.id}
            ),
        }
        env["nka.gate.exception"]._except(lead, "Signed on paper")
        items["nka.gate.exception"] = env["nka.gate.exception"].search(
            [("lead_id", "=", lead.id)]
        )
        return items

    def test_everything_moves(self):
        items = self._hang_everything(self.twin)
        linked = {
            name
            for name, _field, by_model in self.twin._links_of_ours()
            if not by_model
        }
        self.assertEqual(linked, set(items), "every model that references a deal")
        digest = items["nka.document"].digest
        left = self._merge()
        self.assertEqual(left, self.lead)
        self.assertFalse(self.twin.exists())
        for name, item in items.items():
            self.assertEqual(item.exists().lead_id, self.lead, name)
        self.assertEqual(items["nka.document"].state, "approved")
        self.assertEqual(items["nka.document"].digest, digest)
        self.assertTrue(items["nka.document"]._files())
        note = self._events(self.lead, "lead_merged")[-1].note
        for word in ("Document: 1", "Commitment: 1", "Qualification: 1"):
            self.assertIn(word, note)

    def test_records_of_odoo_move(self):
        """Meetings and orders the merging user can't read move along with the deal."""
        meeting = self.env["calendar.event"].create(
            {
                "name": "Talks",
                "start": fields.Datetime.now(),
                "stop": fields.Datetime.now() + self._days(1),
                "opportunity_id": self.twin.id,
                "is_negotiation": True,
                "user_id": self.colleague.id,
                "privacy": "private",
                "active": False,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "opportunity_id": self.twin.id,
                "user_id": self.colleague.id,
            }
        )
        self._merge()
        self.assertEqual(meeting.opportunity_id, self.lead)
        self.assertEqual(order.opportunity_id, self.lead)

    def test_competitor_on_both_deals(self):
        competitor = self.env["nka.competitor"].create({"name": "Rival Rolls"})
        presences = self.env["nka.competitor.presence"]
        kept = presences.create(
            {"competitor_id": competitor.id, "lead_id": self.lead.id, "note": "Cheap"}
        )
        presences.create(
            {
                "competitor_id": competitor.id,
                "lead_id": self.twin.id,
                "note": "Slow",
                "is_incumbent": True,
            }
        )
        third = self._new_deal(self.client, name="Third")
        presences.create({"competitor_id": competitor.id, "lead_id": third.id})
        self._merge(self.both | third)
        self.assertEqual(self.lead.competitor_presence_ids, kept)
        self.assertEqual((kept.note, kept.is_incumbent), ("Cheap\nSlow", True))

    def test_by_the_wizard(self):
        document = self._approved(lead_id=self.twin.id)
        wizard = self.env["crm.merge.opportunity"].with_user(self.supervisor)
        wizard = wizard.with_context(active_ids=self.both.ids).create({})
        wizard.opportunity_ids = self.both
        wizard.action_merge()
        self.assertEqual(document.lead_id, self.lead)

    def test_by_conversion(self):
        document = self._approved(lead_id=self.twin.id)
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.supervisor)
        wizard = wizard.with_context(active_id=self.twin.id, active_ids=self.twin.ids)
        wizard = wizard.create(
            {
                "name": "merge",
                "action": "exist",
                "lead_id": self.twin.id,
                "partner_id": self.client.id,
                "duplicated_lead_ids": [Command.set(self.both.ids)],
                "force_assignment": False,
            }
        )
        wizard.action_apply()
        self.assertEqual(document.lead_id, self.lead)
        self.assertFalse(self.twin.exists())

    def test_document_opens_the_gate_of_the_merged_deal(self):
        self.contract.stage_ids = self.won
        self._approved(lead_id=self.twin.id)
        left = self._merge()
        left.with_user(self.manager).action_set_won()
        self.assertEqual(left.won_status, "won")

    def test_deals_of_two_clients_are_not_merged(self):
        other = self._key_account(self.other_client)
        stranger = self._new_deal(self.other_client)
        with self.refused(UserError, "deals of one client"):
            self._merge(self.lead | stranger)
        self.assertEqual(stranger.key_account_id, other)
        free = self._new_deal(self._new_client("Free Foundry"))
        with self.refused(UserError, "deals of one client"):
            self._merge(self.lead | free)

    def test_lead_without_client_can_be_merged(self):
        vip = self._vip("No client yet")
        document = self._approved(lead_id=vip.id)
        left = self._merge(self.lead | vip)
        self.assertEqual(document.lead_id, left)
        self.assertEqual(left.key_account_id, self.account)

    def test_merge_into_a_gated_stage(self):
        """The VIP flag applies the approval gate to the deal the lead is merged into."""
        self.contract.stage_ids = self.stage
        free = self._new_deal(self.other_client, stage_id=self.stage.id)
        vip = self._vip("Twin")
        with self.refused(UserError, "Contract of test"):
            self._merge(free | vip, self.manager)
        self.assertTrue(vip.exists())


@tagged("nka_documents")
class TestOriginInMerge(MergeCase):
    def _claimed(self, name, **vals):
        return self._vip(name, origin="self_sourced", **vals)

    def _rank_first(self, lead):
        lead.sudo().stage_id = self.stage
        return lead

    def test_confirmed_origin_wins_and_its_claimant_stays(self):
        head = self._rank_first(self._vip("First", origin="marketing"))
        claimed = self._claimed("Second")
        claimed.with_user(self.supervisor_2).action_confirm_origin()
        left = self._merge(head | claimed)
        self.assertEqual(left, head)
        self.assertEqual(
            (
                left.origin,
                left.origin_state,
                left.origin_claimed_by_id,
                left.origin_decided_by_id,
            ),
            ("self_sourced", "confirmed", self.manager, self.supervisor_2),
        )

    def test_claimed_origin_keeps_its_claimant(self):
        head = self._rank_first(self._vip("First"))
        left = self._merge(head | self._claimed("Second"))
        self.assertEqual(
            (left.origin_state, left.origin_claimed_by_id), ("claimed", self.manager)
        )

    def test_rejected_origin_stays_rejected(self):
        rejected = self._claimed("First")
        rejected.with_user(self.supervisor_2).action_reject_origin("Came by mail")
        fresh = self._rank_first(self._claimed("Second"))
        left = self._merge(rejected | fresh, self.manager)
        self.assertEqual((left, left.origin_state), (fresh, "rejected"))

    def test_confirmed_origin_is_not_moved_to_another_lead(self):
        """The owner merges; with both leads kept, the confirmation would count twice."""
        head = self._rank_first(self._vip("First"))
        claimed = self._claimed("Second")
        claimed.with_user(self.supervisor_2).action_confirm_origin()
        left = self._merge(head | claimed, self.manager, auto_unlink=False)
        self.assertEqual(
            (left, left.origin_state, left.origin_decided_by_id.ids),
            (head, "claimed", []),
        )

    def test_confirmed_lead_accepts_merged_leads(self):
        head = self._claimed("First")
        head.with_user(self.supervisor_2).action_confirm_origin()
        self._rank_first(head)
        left = self._merge(head | self._vip("Second"), self.manager)
        self.assertEqual((left, left.origin_state), (head, "confirmed"))

    def test_channel_stays_with_the_confirmed_origin(self):
        foreign = self._key_account(self._new_client("Rhine Glass"), self.colleague)
        for referrer, channel in ((self.account, "own"), (foreign, "colleague")):
            with self.subTest(channel):
                head = self._rank_first(self._vip("First"))
                recommended = self._vip(
                    "Second", origin="referral", referrer_id=referrer.id
                )
                recommended.with_user(self.supervisor_2).action_confirm_origin()
                left = self._merge(head | recommended)
                self.assertEqual((left, left.origin_channel), (head, channel))

    def test_vip_flag_is_kept(self):
        plain = self._rank_first(self._new_deal(self.other_client))
        vip = self._vip("Twin")
        left = self._merge(plain | vip, self.manager)
        self.assertEqual((left, left.is_vip), (plain, True))


@tagged("nka_documents")
class TestHostileMerge(MergeCase):
    """A manager tries to get rid of records, or to take over a colleague's."""

    def test_deals_of_key_accounts(self):
        self._draft(lead_id=self.twin.id)
        with self.refused(AccessError, "can merge it"):
            self._merge(user=self.manager)
        self.assertTrue(self.twin.exists())

    def test_vip_lead_of_a_colleague(self):
        theirs = self._vip("Theirs", self.colleague)
        mine = self._vip("My records")
        self.manager.group_ids |= self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        for context in ({}, {"nka_merge": True, "active_test": False}):
            leads = (mine | theirs).with_context(**context)
            with self.refused(AccessError, "only a supervisor can merge it"):
                self._merge(leads, self.manager, user_id=self.manager.id)
        self.assertEqual(theirs.user_id, self.colleague)

    def test_deal_of_a_colleague_with_documents(self):
        theirs = self._new_deal(self.other_client, self.colleague)
        self._draft(self.colleague, lead_id=theirs.id)
        mine = self._new_deal(self.other_client)
        self.manager.group_ids |= self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        with self.refused(AccessError, "only a supervisor can merge it"):
            self._merge(mine | theirs, self.manager)

    def test_documents_are_kept(self):
        """If a manager can merge a deal, its documents are kept."""
        vip, twin = self._vip("One"), self._vip("Two")
        document = self._returned(lead_id=twin.id)
        left = self._merge(vip | twin, self.manager)
        self.assertEqual((document.lead_id, document.state), (left, "returned"))

    def test_conversion_excludes_deals_that_cannot_be_merged(self):
        theirs = self._vip("Theirs", self.colleague, email_from="buyer@one.example")
        self.manager.group_ids |= self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        mine = self.env["crm.lead"].with_user(self.manager)
        mine = mine.create({"name": "My records", "email_from": "buyer@one.example"})
        found = mine._get_lead_duplicates(email="buyer@one.example")
        self.assertIn(mine, found)
        self.assertNotIn(theirs, found)
