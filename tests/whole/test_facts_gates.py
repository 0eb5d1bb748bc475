"""Facts of docs/facts.md: gates, discounts, merges, leads, stakeholders, portals."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import new_user
from ..deals.common import DealsCase
from ..documents.common import DocumentCase
from ..leads.common import LeadCase


@tagged("nka_facts")
class TestGates(DocumentCase):
    """The stage “Won” requires the contract; the manager owns the deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.stage_ids = cls.won
        cls.free_client = cls._new_client("Free Foundry")

    def _won(self, client=None, **vals):
        deals = self.env["crm.lead"].with_user(self.manager)
        return deals.create(
            {
                "name": "Deal",
                "type": "opportunity",
                "stage_id": self.won.id,
                "partner_id": client and client.id,
                **vals,
            }
        )

    def test_created_in_won(self):
        with self.refused(UserError, "Contract of test"):
            self._won(self.client)
        with self.refused(UserError, "Contract of test"):
            self._won(self.free_client, is_vip=True)

    def test_client_vip_flag_or_contact_set_afterwards(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.client.id}
        )
        for vals in (
            {"partner_id": self.client.id},
            {"partner_id": contact.id},
            {"is_vip": True},
        ):
            with self.refused(UserError, "Contract of test"):
                self._won(self.free_client).write(vals)
            with self.refused(UserError, "Contract of test"):
                self._won().write(vals)

    def test_moved_to_won(self):
        deal = self.lead.with_user(self.manager)
        for door in (
            lambda: deal.write({"stage_id": self.won.id}),
            deal.action_set_won,
            deal.action_set_won_rainbowman,
        ):
            with self.refused(UserError, "Contract of test"):
                door()

    def test_won_with_the_document(self):
        self._approved()
        self.lead.with_user(self.manager).action_set_won()
        self.assertEqual(self.lead.stage_id, self.won)

    def test_requirement_set_later_is_listed(self):
        self._approved()
        self.lead.with_user(self.manager).action_set_won()
        self._new_type("Guarantee of test", "T-GUAR", stage_ids=self.won.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.lead.stage_id, self.won)
        self.assertTrue(self.lead.is_gate_owed)

    def test_account_confirmed_later_is_listed(self):
        deal = self._won(self.free_client)
        self._key_account(self.free_client)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(deal.stage_id, self.won)
        self.assertTrue(deal.with_env(self.env).is_gate_owed)

    def test_merge_of_deals_with_documents(self):
        twin = self._new_deal(self.client, name="Twin", expected_revenue=1)
        documents = self._approved() | self._approved(lead_id=twin.id)
        both = self.lead | twin
        left = both.with_user(self.supervisor).merge_opportunity()
        self.assertEqual(documents.lead_id.ids, left.ids)

    def test_merge_of_contacts_keeps_the_decision_maker(self):
        boss, anna, double = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": self.client.id}
                for name in ("Boss", "Anna", "A. Berg")
            ]
        )
        people = self.env["nka.stakeholder"]
        top, _plain, decides = (
            people.create(
                {
                    "key_account_id": self.account.id,
                    "partner_id": person.id,
                    "role": role,
                }
            )
            for person, role in (
                (boss, "executive_sponsor"),
                (anna, "user"),
                (double, "decision_maker"),
            )
        )
        decides.reports_to_id = top
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard.with_user(self.supervisor).sudo()._merge((anna | double).ids, anna)
        left = people.search([("partner_id", "=", anna.id)])
        self.assertEqual((left.role, left.reports_to_id), ("decision_maker", top))


@tagged("nka_facts")
class TestDiscounts(DealsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.discount_limit = 10
        cls.free_client = cls._new_client("Free Foundry")

    def _refused(self, order):
        with self.refused(UserError, "limit"):
            order.action_confirm()

    def test_discount_above_and_at_the_limit(self):
        self._refused(self._quote(50))
        order = self._quote(10)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_discount_on_a_down_payment_line(self):
        order = self._quote(50)
        order.order_line.is_downpayment = True
        self._refused(order)
        fair = self._quote(0)
        fair.action_confirm()
        with self.refused(UserError, "limit"):
            fair.order_line.write({"is_downpayment": True, "discount": 50})

    def test_negative_line(self):
        order = self._quote(0)
        line = {"product_id": self.wrapper.id, "product_uom_qty": 1}
        order.order_line = [Command.create({**line, "price_unit": -500})]
        self._refused(order)

    def test_contact_with_orders_cannot_be_moved_to_the_client(self):
        person = self.env["res.partner"].create({"name": "Buyer"})
        order = self._quote(50, client=person)
        order.action_confirm()
        with self.refused((AccessError, UserError), "orders"):
            person.with_user(self.manager).parent_id = self.client
            self.env.flush_all()

    def test_client_set_after_confirmation(self):
        order = self._quote(50, client=self.free_client)
        order.action_confirm()
        with self.refused(UserError, "limit"):
            order.write(
                {
                    "partner_id": self.client.id,
                    "partner_invoice_id": self.client.id,
                }
            )

    def test_order_without_a_deal(self):
        company = self.env.company
        company.nka_order_without_deal = "off"
        order = self._quote(0)
        order.action_confirm()
        self.assertFalse(self._events(order, "order_without_deal"))
        company.nka_order_without_deal = "tell"
        order = self._quote(0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertTrue(self._events(order, "order_without_deal"))
        self.assertTrue(order.sudo().activity_ids)
        company.nka_order_without_deal = "block"
        with self.refused(UserError, "deal"):
            self._quote(0).action_confirm()
        order = self._quote(0)
        order.opportunity_id = self.lead
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_covered_by_without_a_meeting_closes_no_gap(self):
        self._map(self.director, role="decision_maker")
        self._map(self.engineer)
        self._new_meeting(self.director, -30)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.account.has_people_gap)
        people = self.env["nka.stakeholder"].search(
            [("key_account_id", "=", self.account.id)]
        )
        people.with_user(self.manager).write(
            {"covered_by_ids": [Command.link(self.colleague.id)]}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.account.has_people_gap)
        now = fields.Datetime.now() - timedelta(days=1)
        self.env["calendar.event"].with_user(self.colleague).create(
            {
                "name": "Talk",
                "start": now,
                "stop": now,
                "partner_ids": [
                    Command.set((self.engineer | self.colleague.partner_id).ids)
                ],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.account.has_people_gap)


@tagged("nka_facts")
class TestLeads(LeadCase):
    def _vip(self, **vals):
        lead = self._new_lead(self._new_client("VIP"), self.manager, is_vip=True)
        if vals:
            self._rpc(self.manager, lead, "write", vals)
        return lead

    def _counted(self):
        kpi = self.env.ref("nka_key_accounts.nka_kpi_vip_leads")
        span = Span(
            self.env.company, self.today - timedelta(40), self.today + timedelta(1)
        )
        self.env.flush_all()
        return kpi._measure(self.manager, span)[self.manager.id].actual

    def test_referral_of_the_managers_own_client(self):
        lead = self._vip(origin="referral", referrer_id=self.account.id)
        self.assertEqual(self._counted(), 0)
        self._rpc(self.supervisor, lead, "action_confirm_origin")
        self.assertEqual(self._counted(), 1)

    def test_self_sourced(self):
        lead = self._vip(origin="self_sourced")
        self._rpc(self.supervisor, lead, "action_confirm_origin")
        self.assertEqual(self._counted(), 1)

    def test_manager_cannot_confirm_their_own_lead(self):
        lead = self._vip(origin="self_sourced")
        with self.refused(UserError):
            self._rpc(self.manager, lead, "action_confirm_origin")
        self.assertEqual(self._counted(), 0)

    def test_referral_changed_to_self_sourced_does_not_count(self):
        foreign = self._key_account(self._new_client("Rhine Glass"), self.colleague)
        lead = self._vip(origin="referral", referrer_id=foreign.id)
        try:
            self._rpc(
                self.manager,
                lead,
                "write",
                {"origin": "self_sourced", "referrer_id": False},
            )
        except (AccessError, UserError):
            self.env.invalidate_all()
        self._rpc(self.supervisor, lead, "action_confirm_origin")
        self.assertEqual(self._counted(), 0)

    def test_mail_of_a_client_whose_manager_left(self):
        self.manager.sudo().action_archive()
        self.env.flush_all()
        self.env.invalidate_all()
        lead_id = self.env["mail.thread"].message_process(
            "crm.lead",
            "From: Anna Berg <anna@nw.test>\nTo: sales@company.example\n"
            "Subject: A new line\nMessage-Id: <1@nw.test>\n\nPlease send an offer.\n",
        )
        lead = self.env["crm.lead"].browse(lead_id)
        self.assertEqual(lead.user_id, self.deputy)
        self.assertEqual(lead.activity_ids.user_id, self.deputy)

    def test_portal_and_public_users_read_no_addon_fields(self):
        portal = new_user(self.env, "nka_portal", "base.group_portal")
        portal.partner_id.parent_id = self.client
        ours = [
            name
            for name in self.env["res.partner"]._fields
            if name.startswith(("nka_", "key_account"))
        ]
        self.assertIn("key_account_state", ours)
        for user in (portal, self.env.ref("base.public_user")):
            partners = self.env(user=user.id, su=False)["res.partner"]
            for name in ours:
                with self.subTest(name), self.refused((AccessError, ValueError)):
                    call_kw(partners, "read", [portal.partner_id.ids, [name]], {})
