"""The approval gate of key account deals and the stage history in the audit trail."""

from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged

from .common import DocumentCase


@tagged("nka_documents")
class TestGate(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.stage_ids = cls.won | cls.stage
        cls.deal = cls.lead.with_user(cls.manager)

    def test_every_write_meets_the_gate(self):
        before = self.deal.stage_id
        for door in (
            lambda: self.deal.write({"stage_id": self.stage.id}),
            lambda: self.deal.web_save({"stage_id": self.stage.id}, {}),
            lambda: self.deal.action_set_won(),
            lambda: self.deal.action_set_won_rainbowman(),
            lambda: self.deal.write({"stage_id": self.won.id, "probability": 0}),
            lambda: self.deal.with_context(nka_gate=True).write(
                {"stage_id": self.won.id}
            ),
        ):
            with self.assertRaises(UserError) as caught:
                door()
            self.assertIn("Contract of test", caught.exception.args[0])
            self.assertIsInstance(caught.exception, RedirectWarning)
            self.assertEqual(self.deal.stage_id, before)

    def test_import_meets_the_gate(self):
        result = (
            self.env["crm.lead"]
            .with_user(self.manager)
            .load([".id", "stage_id/.id"], [[str(self.deal.id), str(self.won.id)]])
        )
        self.assertFalse(result["ids"])
        self.assertIn("Contract of test", result["messages"][0]["message"])

    def test_new_deal_in_a_gated_stage(self):
        with self.assertRaises(UserError):
            self._new_deal(self.client, stage_id=self.won.id)

    def test_approved_document_opens_the_gate(self):
        self.assertIn("Contract of test", self._message_before(self.stage))
        self._approved()
        self.deal.write({"stage_id": self.stage.id})
        self.deal.action_set_won()
        self.assertEqual(self.deal.won_status, "won")

    def _message_before(self, stage):
        missing = self.deal._missing_for(stage)
        return self.deal._missing_message(stage, missing)

    def test_account_document_opens_the_gate(self):
        self._approved(lead_id=False, key_account_id=self.account.id)
        self.deal.write({"stage_id": self.stage.id})
        self.assertEqual(self.deal.stage_id, self.stage)

    def test_document_of_another_deal_does_not_open_the_gate(self):
        other = self._new_deal(self.client)
        self._approved(lead_id=other.id)
        with self.assertRaises(UserError):
            self.deal.write({"stage_id": self.stage.id})

    def test_expired_document_does_not_open_the_gate(self):
        document = self._approved()
        document._unlocked().write({"valid_until": self.today - self._days(1)})
        with self.assertRaises(UserError):
            self.deal.write({"stage_id": self.stage.id})

    def test_losing_is_never_blocked(self):
        self.deal.action_set_lost()
        self.assertEqual(self.deal.won_status, "lost")

    def test_vip_lead_meets_the_gate(self):
        lead = self._new_deal(self.other_client, is_vip=True)
        with self.assertRaises(UserError):
            lead.stage_id = self.stage
        plain = self._new_deal(self.other_client)
        plain.stage_id = self.stage
        self.assertEqual(plain.stage_id, self.stage)

    def test_qualification(self):
        self.contract.stage_ids = False
        self.stage.requires_qualification = True
        self.deal.stage_id = self.stage
        lead = self._new_deal(self.other_client, is_vip=True)
        with self.assertRaisesRegex(UserError, "approved qualification"):
            lead.stage_id = self.stage

    def test_gate_override_is_valid_once(self):
        deal = self.lead.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "reason"):
            deal.action_let_through(self.stage.id, " ")
        deal.action_let_through(self.stage.id, "Signed on paper, scan follows")
        self.assertEqual(deal.stage_id, self.stage)
        event = self._events(deal, "gate_pass")
        self.assertEqual(
            (event.note, event.user_id),
            ("Signed on paper, scan follows", self.supervisor),
        )
        with self.assertRaises(UserError):
            deal.write({"stage_id": self.won.id})

    def test_gate_override_needs_an_uninvolved_supervisor(self):
        with self.assertRaises(AccessError):
            self.deal.action_let_through(self.stage.id, "because")
        own = self._new_deal(self.client, self.supervisor)
        with self.assertRaises(AccessError):
            own.with_user(self.supervisor).action_let_through(self.stage.id, "because")

    def test_message_on_the_deal(self):
        self.contract.stage_ids |= self.deal._next_stage()
        self.deal.invalidate_recordset()
        self.assertIn("Contract of test", self.deal.gate_message)
        self._approved()
        self.deal.invalidate_recordset()
        self.assertFalse(self.deal.gate_message)

    def test_other_deals_cost_no_query(self):
        """Moving a deal without a key account costs no more than without the addon."""
        lead = self._new_deal(self.other_client)
        stages = [lead.stage_id, self.stage]

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            stages.reverse()
            lead.stage_id = stages[0]
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries()
        queries()
        with patch.object(type(lead), "_gated", lambda self: self.browse()):
            without = [queries(), queries()]
        self.assertEqual([queries(), queries()], without)


@tagged("nka_documents")
class TestCourse(DocumentCase):
    def test_stage_history_is_logged(self):
        deal = self.lead.with_user(self.manager)
        deal.stage_id = self.stage
        deal.expected_revenue = 105000
        self.assertFalse(self._events(deal, "amount"))
        deal.expected_revenue = 50000
        self.assertEqual(self._events(deal, "amount").new, "50000.0")
        self.assertEqual(self._events(deal, "stage").new, self.stage.name)
        deal.action_set_lost()
        self.assertEqual(self._events(deal, "outcome").new, "Lost")
        timeline = (
            self.env["nka.audit.event"]
            .with_user(self.supervisor)
            .search(deal.with_user(self.supervisor).action_open_course()["domain"])
        )
        self.assertEqual(set(timeline.mapped("kind")), {"stage", "amount", "outcome"})
