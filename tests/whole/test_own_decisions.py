"""A supervisor who is paid for an account doesn't decide on what pays them, whoever of
their colleagues wrote it.
"""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..deals.common import DealsCase

SUPERVISOR = "nka_key_accounts.group_key_account_supervisor"


@tagged("nka_keyholes")
class TestOwnDecisions(DealsCase):
    """The manager and the holder of a share are supervisors as well; an assistant writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sharer = cls._new_user("sharer", "group_key_account_manager")
        (cls.manager | cls.sharer).group_ids |= cls.env.ref(SUPERVISOR)
        cls.assistant = cls.supervisor_2
        cls.env["nka.assignment"]._distribute(
            {cls.account: {cls.manager: 70.0, cls.sharer: 30.0}}, cls.today
        )

    def _assert_others_decide(self, record, step, *args):
        for person in (self.manager, self.sharer):
            with self.assertRaisesRegex(AccessError, "nother supervisor"):
                getattr(record.with_user(person), step)(*args)
        getattr(record.with_user(self.supervisor), step)(*args)

    def test_discount(self):
        order = self._quote(25, user=self.assistant)
        order.action_nka_ask_discount(reason="Volume")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        self._assert_others_decide(request, "action_approve")

    def test_discount_of_the_owner_of_the_deal(self):
        owner = self._new_user("owner", "group_key_account_supervisor")
        self.lead._unlocked().write({"user_id": owner.id})
        order = self._quote(25, user=self.assistant)
        order.sudo().opportunity_id = self.lead
        order.action_nka_ask_discount(reason="Volume")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        with self.assertRaisesRegex(AccessError, "nother supervisor"):
            request.with_user(owner).action_approve()

    def test_qualification(self):
        draft = (
            self.env["nka.qualification"]
            .with_user(self.assistant)
            .create(
                {
                    "key_account_id": self.account.id,
                    "credit_rating": "a",
                    "verdict": "qualified",
                    "verdict_reason": "x",
                }
            )
        )
        draft.score_ids.score = "5"
        draft.action_submit()
        self._assert_others_decide(draft, "action_approve")

    def test_document_of_a_gate(self):
        document = (
            self.env["nka.document"]
            .with_user(self.assistant)
            .create(
                {
                    "type_id": self.env["nka.document.type"]
                    .create({"name": "Paper", "code": "T-P", "review_days": 2})
                    .id,
                    "lead_id": self.lead.id,
                }
            )
        )
        document.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"Paper",
                "res_model": document._name,
                "res_id": document.id,
            }
        )
        document.action_submit()
        self.assertFalse(document.with_user(self.sharer).may_review)
        self._assert_others_decide(document, "action_approve")

    def test_origin_of_a_lead_of_the_account(self):
        lead = self._new_lead_of(self.assistant)
        self._assert_others_decide(lead, "action_confirm_origin")

    def test_stage_without_its_gate(self):
        stage = self.env["crm.stage"].search([("is_won", "=", False)])[-1]
        self._assert_others_decide(
            self.lead, "action_let_through", stage.id, "The client insists"
        )

    def _new_lead_of(self, user):
        return (
            self.env["crm.lead"]
            .with_user(user)
            .create(
                {
                    "name": "Second mill",
                    "type": "lead",
                    "partner_id": self.client.id,
                    "origin": "self_sourced",
                    "is_vip": True,
                }
            )
        )
