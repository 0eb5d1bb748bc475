"""The document types as installed: review rules, defaults and the stages that require
them.
"""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DocumentCase


class Shipped(NamedTuple):
    """Expected values of an installed document type."""

    applies_to: str
    review_days: int
    validity_days: int
    sampling: int
    allow_bulk: bool
    stages: tuple
    items: tuple


QUALIFIED, PROPOSED, WON = "crm.stage_lead2", "crm.stage_lead3", "crm.stage_lead4"
TYPES = {
    "client_card": Shipped(
        "account",
        3,
        365,
        100,
        False,
        (QUALIFIED,),
        (
            "Legal name and tax number match the register",
            "Signatory and their signing authority",
            "Bank details",
        ),
    ),
    "credit_check": Shipped(
        "account",
        2,
        180,
        100,
        False,
        (QUALIFIED,),
        (
            "Financial statements for the last year",
            "Payment discipline",
            "Proposed limit and the reason for it",
        ),
    ),
    "offer": Shipped(
        "lead",
        2,
        0,
        100,
        False,
        (PROPOSED,),
        (
            "Prices and discounts within approval limits",
            "Terms of payment and delivery",
            "Validity date",
        ),
    ),
    "contract": Shipped(
        "lead",
        3,
        0,
        100,
        False,
        (WON,),
        (
            "Signed and stamped by both parties",
            "All annexes attached",
            "Terms match the approved offer",
        ),
    ),
    "specification": Shipped(
        "lead", 3, 0, 50, True, (), ("Quantities and units", "Delivery dates")
    ),
    "minutes": Shipped(
        "both",
        5,
        0,
        20,
        True,
        (),
        ("Attendees", "What was agreed, who is responsible, and by when"),
    ),
    "act": Shipped(
        "lead",
        3,
        0,
        50,
        True,
        (),
        ("Signed by the client", "Amounts match the order"),
    ),
    "reconciliation": Shipped(
        "account",
        5,
        90,
        50,
        True,
        (),
        ("Signed by both parties", "Balance matches the accounting records"),
    ),
    "competitor": Shipped("both", 5, 180, 20, True, (), ("Source named",)),
}


@tagged("nka_documents")
class ShippedCase(DocumentCase):
    gates_closed = samples_drawn = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = {name: cls._type(name) for name in TYPES}
        cls.deal = cls.lead.with_user(cls.manager)

    @classmethod
    def _type(cls, name):
        return cls.env.ref(f"nka_key_accounts.nka_document_type_{name}")

    @classmethod
    def _make(cls, name, lead=None, method="_approved"):
        """Create a document on the deal, or on the account if its type says so."""
        kind = cls.types[name]
        about = {"lead_id": (lead or cls.lead).id}
        if kind.applies_to == "account":
            about = {"lead_id": False, "key_account_id": cls.account.id}
        return getattr(cls, method)(type_id=kind.id, **about)

    def _assert_missing(self, stage, *names, lead=None):
        """Assert that the stage refuses the deal and lists these types in this order."""
        lead = lead or self.deal
        before = lead.stage_id
        with self.assertRaises(UserError) as caught:
            lead.write({"stage_id": self.env.ref(stage).id})
        wanted = ", ".join(self.types[name].name for name in names)
        self.assertIn(f"Required: {wanted}.", caught.exception.args[0])
        self.assertEqual(lead.stage_id, before)

    def _enter(self, stage, lead=None):
        stage = self.env.ref(stage)
        lead = lead or self.deal
        lead.write({"stage_id": stage.id})
        self.assertEqual(lead.stage_id, stage)


class TestShippedTypes(ShippedCase):
    def test_exactly_these_types_are_installed(self):
        """The two types created by the tests are excluded by their codes."""
        found = self.env["nka.document.type"].with_context(active_test=False).search([])
        own = found.filtered(lambda kind: not kind.code.startswith("T-"))
        shipped = self.env["nka.document.type"].union(*self.types.values())
        self.assertEqual(own, shipped)
        self.assertEqual(
            own.mapped("code"),
            [
                "CARD",
                "CREDIT",
                "OFFER",
                "CONTRACT",
                "SPEC",
                "MINUTES",
                "ACT",
                "RECON",
                "COMP",
            ],
        )

    def test_defaults(self):
        for name, shipped in TYPES.items():
            kind = self.types[name]
            with self.subTest(name):
                self.assertEqual(
                    (
                        kind.applies_to,
                        kind.review_days,
                        kind.validity_days,
                        kind.sampling_percent,
                        kind.allow_bulk,
                        tuple(kind.item_ids.mapped("name")),
                    ),
                    (*shipped[:5], shipped.items),
                )
                self.assertEqual((kind.answer_days, kind.warning_days), (3, 14))
                self.assertTrue(kind.active)
                self.assertFalse(kind.company_id)

    def test_stages(self):
        for name, shipped in TYPES.items():
            stages = self.env["crm.stage"].union(*map(self.env.ref, shipped.stages))
            self.assertEqual(self.types[name].stage_ids, stages, name)
        won = self.env["crm.stage"].search([("is_won", "=", True)])
        self.assertEqual(self.types["contract"].stage_ids, won)

    def test_no_stage_requires_a_qualification(self):
        asking = self.env["crm.stage"].search([("requires_qualification", "=", True)])
        self.assertFalse(asking)


class TestShippedReview(ShippedCase):
    """Review of a document of each installed type."""

    def test_deadline_checklist_and_sample(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                document = self._make(name, method="_submitted")
                self.assertEqual(
                    document.deadline, self.today + self._days(shipped.review_days)
                )
                self.assertEqual(
                    tuple(document.check_ids.mapped("name")), shipped.items
                )
                if shipped.sampling == 100:
                    self.assertTrue(document.sudo().is_sampled)

    def test_every_item_must_hold_in_a_drawn_sample(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                self.assertTrue(all(self.types[name].item_ids.mapped("is_required")))
                document = self._make(name, method="_submitted")
                document.sudo()._unlocked().write({"is_sampled": True})
                reviewed = document.with_user(self.supervisor)
                *others, last = reviewed.check_ids
                for check in others:
                    check.is_done = True
                wanted = f"Check these items first: {shipped.items[-1]}$"
                with self.assertRaisesRegex(UserError, wanted):
                    reviewed.action_approve()
                last.is_done = True
                reviewed.action_approve()
                self.assertEqual(document.state, "approved")

    def test_validity(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                days = shipped.validity_days
                end = self.today + self._days(days) if days else False
                self.assertEqual(self._make(name).valid_until, end)

    def test_gate_types_exclude_bulk_approval(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                pair = self._make(name, method="_submitted")
                pair |= self._make(name, method="_submitted")
                # sampling is tested elsewhere
                pair.sudo()._unlocked().write({"is_sampled": False})
                if shipped.allow_bulk:
                    pair.with_user(self.supervisor).action_approve()
                    self.assertEqual(set(pair.mapped("state")), {"approved"})
                else:
                    with self.assertRaisesRegex(UserError, "one by one"):
                        pair.with_user(self.supervisor).action_approve()


class TestShippedGates(ShippedCase):
    """A key account deal on its way through the pipeline."""

    def test_whole_pipeline(self):
        self._assert_missing(QUALIFIED, "client_card", "credit_check")
        self._make("client_card")
        self._assert_missing(QUALIFIED, "credit_check")
        self._make("credit_check")
        self._enter(QUALIFIED)
        self._assert_missing(PROPOSED, "offer")
        self._make("offer")
        self._enter(PROPOSED)
        self._assert_missing(WON, "contract")
        self._make("contract")
        self._enter(WON)
        self.assertEqual(self.deal.won_status, "won")

    def test_submitted_or_returned_documents_do_not_open_the_gate(self):
        for method in ("_submitted", "_returned"):
            self._make("client_card", method=method)
            self._make("credit_check", method=method)
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_other_types_do_not_open_the_gate(self):
        for name in TYPES.keys() - {"client_card", "credit_check"}:
            self._make(name)
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_requirements_of_the_next_stage_are_shown_beforehand(self):
        self.assertEqual(self.deal.stage_id, self.env.ref("crm.stage_lead1"))
        self.assertIn("Required: Client profile, Credit check.", self.deal.gate_message)

    def test_account_documents_count_for_all_deals(self):
        self._make("client_card")
        self._make("credit_check")
        other = self._new_deal(self.client).with_user(self.manager)
        self._enter(QUALIFIED)
        self._enter(QUALIFIED, other)
        self.assertEqual(other.stage_id, self.env.ref(QUALIFIED))

    def test_deal_documents_count_for_their_deal_only(self):
        other = self._new_deal(self.client).with_user(self.manager)
        self._make("offer")
        self._make("contract")
        self._enter(PROPOSED)
        self._enter(WON)
        self._assert_missing(PROPOSED, "offer", lead=other)
        self._assert_missing(WON, "contract", lead=other)

    def test_expired_documents_are_missing_again(self):
        for name, days in (("client_card", 365), ("credit_check", 180)):
            document = self._make(name)
            self.assertEqual(document.valid_until, self.today + self._days(days))
            document._unlocked().write({"valid_until": self.today - self._days(1)})
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_button_creates_the_first_missing_document(self):
        with self.assertRaises(UserError) as caught:
            self._enter(QUALIFIED)
        _message, action, label = caught.exception.args[:3]
        self.assertEqual(label, "Create “Client profile”")
        card = self.types["client_card"]
        self.assertEqual(
            action["context"],
            {"default_key_account_id": self.account.id, "default_type_id": card.id},
        )
        self._make("client_card")
        self._make("credit_check")
        self._enter(QUALIFIED)
        with self.assertRaises(UserError) as caught:
            self._enter(PROPOSED)
        offer = self.types["offer"]
        self.assertEqual(
            caught.exception.args[1]["context"],
            {"default_lead_id": self.lead.id, "default_type_id": offer.id},
        )

    def test_other_deals_are_not_checked(self):
        deal = self._new_deal(self.other_client).with_user(self.manager)
        for stage in (QUALIFIED, PROPOSED, WON):
            self._enter(stage, deal)
        self.assertEqual(deal.won_status, "won")

    def test_vip_leads_meet_the_same_gates(self):
        lead = self._new_deal(self.other_client, is_vip=True).with_user(self.manager)
        self._assert_missing(QUALIFIED, "client_card", "credit_check", lead=lead)

    def test_stage_can_require_the_qualification_too(self):
        stage = self.env.ref(QUALIFIED)
        stage.requires_qualification = True
        lead = self._new_deal(self.other_client, is_vip=True).with_user(self.manager)
        with self.assertRaises(UserError) as caught:
            self._enter(QUALIFIED, lead)
        self.assertIn(
            "Required: Client profile, Credit check, an approved qualification.",
            caught.exception.args[0],
        )
        # The account was confirmed with an approved qualification.
        self._make("client_card")
        self._make("credit_check")
        self._enter(QUALIFIED)

    def test_losing_requires_nothing(self):
        self.deal.action_set_lost()
        self.assertEqual(self.deal.won_status, "lost")
