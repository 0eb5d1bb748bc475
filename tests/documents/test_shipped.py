"""The document types as they are installed: what they ask of whom, and at which stage."""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DocumentCase


class Shipped(NamedTuple):
    """What a type is installed with."""

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
    gates_closed = True

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
        """A document about the deal, or about the account if its type says so."""
        kind = cls.types[name]
        about = {"lead_id": (lead or cls.lead).id}
        if kind.applies_to == "account":
            about = {"lead_id": False, "key_account_id": cls.account.id}
        return getattr(cls, method)(type_id=kind.id, **about)

    def _assert_missing(self, stage, *names, lead=None):
        """The deal is refused at the stage, and told these types in their order."""
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
    def test_these_types_and_no_others(self):
        """The two of the tests' own are told apart by their codes."""
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

    def test_no_stage_asks_for_a_qualification(self):
        asking = self.env["crm.stage"].search([("requires_qualification", "=", True)])
        self.assertFalse(asking)


class TestShippedReview(ShippedCase):
    """What becomes of a document of each type."""

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

    def test_validity(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                days = shipped.validity_days
                end = self.today + self._days(days) if days else False
                self.assertEqual(self._make(name).valid_until, end)

    def test_what_gates_is_approved_one_by_one(self):
        for name, shipped in TYPES.items():
            with self.subTest(name):
                pair = self._make(name, method="_submitted")
                pair |= self._make(name, method="_submitted")
                # drawn or not is another question
                pair.sudo()._unlocked().write({"is_sampled": False})
                if shipped.allow_bulk:
                    pair.with_user(self.supervisor).action_approve()
                    self.assertEqual(set(pair.mapped("state")), {"approved"})
                else:
                    with self.assertRaisesRegex(UserError, "one by one"):
                        pair.with_user(self.supervisor).action_approve()


class TestShippedGates(ShippedCase):
    """A deal of a key account on its way through the pipeline."""

    def test_the_whole_way(self):
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

    def test_submitted_or_returned_documents_do_not_open_it(self):
        for method in ("_submitted", "_returned"):
            self._make("client_card", method=method)
            self._make("credit_check", method=method)
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_other_types_open_nothing(self):
        for name in TYPES.keys() - {"client_card", "credit_check"}:
            self._make(name)
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_the_next_stage_is_told_before_it_is_tried(self):
        self.assertEqual(self.deal.stage_id, self.env.ref("crm.stage_lead1"))
        self.assertIn("Required: Client profile, Credit check.", self.deal.gate_message)

    def test_documents_of_the_account_serve_all_its_deals(self):
        self._make("client_card")
        self._make("credit_check")
        other = self._new_deal(self.client).with_user(self.manager)
        self._enter(QUALIFIED)
        self._enter(QUALIFIED, other)
        self.assertEqual(other.stage_id, self.env.ref(QUALIFIED))

    def test_those_of_a_deal_serve_it_alone(self):
        other = self._new_deal(self.client).with_user(self.manager)
        self._make("offer")
        self._make("contract")
        self._enter(PROPOSED)
        self._enter(WON)
        self._assert_missing(PROPOSED, "offer", lead=other)
        self._assert_missing(WON, "contract", lead=other)

    def test_what_expired_is_missing_again(self):
        for name, days in (("client_card", 365), ("credit_check", 180)):
            document = self._make(name)
            self.assertEqual(document.valid_until, self.today + self._days(days))
            document._unlocked().write({"valid_until": self.today - self._days(1)})
        self._assert_missing(QUALIFIED, "client_card", "credit_check")

    def test_the_button_makes_what_is_missing_first(self):
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

    def test_other_deals_pass(self):
        deal = self._new_deal(self.other_client).with_user(self.manager)
        for stage in (QUALIFIED, PROPOSED, WON):
            self._enter(stage, deal)
        self.assertEqual(deal.won_status, "won")

    def test_vip_leads_meet_the_same_gates(self):
        lead = self._new_deal(self.other_client, is_vip=True).with_user(self.manager)
        self._assert_missing(QUALIFIED, "client_card", "credit_check", lead=lead)

    def test_a_stage_may_ask_for_the_qualification_too(self):
        stage = self.env.ref(QUALIFIED)
        stage.requires_qualification = True
        lead = self._new_deal(self.other_client, is_vip=True).with_user(self.manager)
        with self.assertRaises(UserError) as caught:
            self._enter(QUALIFIED, lead)
        self.assertIn(
            "Required: Client profile, Credit check, an approved qualification.",
            caught.exception.args[0],
        )
        # The account was confirmed with an approved one.
        self._make("client_card")
        self._make("credit_check")
        self._enter(QUALIFIED)

    def test_losing_needs_nothing(self):
        self.deal.action_set_lost()
        self.assertEqual(self.deal.won_status, "lost")
