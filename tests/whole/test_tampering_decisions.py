"""The verification finds decisions changed by SQL: verdicts, discounts, overrides."""

from odoo import Command
from odoo.tests import tagged

from ..common import qualify
from ..proof.common import ProofCase


class DecisionCase(ProofCase):
    def _assert_each(self, record, changes, words):
        """Assert that each change is reported; undo it afterwards."""
        self._assert_whole()
        for change in changes:
            with self.subTest(change), self._undone():
                self._tamper(f"UPDATE {change} WHERE id = %s", record.id)
                self._assert_told(words)


@tagged("nka_proof")
class TestQualifications(DecisionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.qualification = qualify(
            cls.account, cls.supervisor, rating_file=b"eA==", credit_limit=1234.567
        )

    def test_content(self):
        other = self._key_account(self.other_client)
        table = "nka_qualification SET"
        self._assert_each(
            self.qualification,
            (
                f"{table} verdict = 'conditional'",
                f"{table} verdict_reason = 'x'",
                f"{table} date_valid = date_valid + 365",
                f"{table} credit_limit = 1000000",
                f"{table} credit_rating = 'a'",
                f"{table} potential_score = 100",
                f"{table} late_share = 0.1",
                f"{table} rating_file = 'eQ=='",
                f"{table} key_account_id = {other.id}",
            ),
            "Qualification of .* differs from what was recorded at",
        )

    def test_scores(self):
        score = self.qualification.score_ids[:1]
        for change in ("score = '5'", "weight = 99", "reason = 'x'"):
            with self.subTest(change), self._undone():
                self._tamper(
                    f"UPDATE nka_qualification_score SET {change} WHERE id = %s",
                    score.id,
                )
                self._assert_told("differs from what was recorded at")
        self._tamper("DELETE FROM nka_qualification_score WHERE id = %s", score.id)
        self._assert_told("differs from what was recorded at")

    def test_reviewer_submitter_and_date(self):
        table = "nka_qualification SET"
        self._assert_each(
            self.qualification,
            (
                f"{table} reviewer_id = {self.supervisor_2.id}",
                f"{table} submitter_id = {self.supervisor_2.id}",
                f"{table} date_approved = date_approved - 30",
            ),
            "Qualification of .* gives .*, but the audit trail says",
        )

    def test_awaiting_approval(self):
        waiting = self.qualification.copy({"verdict": "qualified"})
        waiting.score_ids.score = "3"
        waiting.action_submit()
        self._assert_each(
            waiting,
            ("nka_qualification SET verdict = 'rejected'",),
            "differs from what was recorded at",
        )

    def test_returned_changed_and_submitted_again(self):
        again = self.qualification.copy({"verdict": "qualified"})
        again.score_ids.score = "3"
        again.action_submit()
        again.with_user(self.supervisor).action_return(reason="Who rated them?")
        again.score_ids.score = "4"
        again.credit_limit = 5
        self._assert_whole()
        again.action_submit()
        again.with_user(self.supervisor_2).action_approve()
        self._assert_whole()


@tagged("nka_proof")
class TestDiscounts(DecisionCase):
    def test_request_and_reviewer(self):
        self.tier.discount_limit = 10
        product = self.env["product.product"].create(
            {"name": "Wrapper", "list_price": 999.99, "type": "service", "taxes_id": []}
        )
        line = {"product_id": product.id, "product_uom_qty": 3, "discount": 33.33}
        order = (
            self.env["sale.order"]
            .with_user(self.manager)
            .create(
                {
                    "partner_id": self.client.id,
                    "order_line": [Command.create(line)],
                }
            )
        )
        other = order.copy()
        order.action_nka_ask_discount(reason="Three years of volume")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        self._assert_whole()
        request.with_user(self.supervisor).action_approve()
        table = "nka_discount_request SET"
        self._assert_each(
            request,
            (
                f"{table} discount = 60",
                f"{table} given_amount = 5000",
                f"{table} discount_limit = 50",
                f"{table} reason = 'x'",
                f"{table} order_id = {other.id}",
                f"{table} asked_by_id = {self.supervisor_2.id}",
            ),
            "differs from what was recorded at",
        )
        self._assert_each(
            request,
            (f"{table} reviewer_id = {self.supervisor_2.id}",),
            "gives .* for “Approved”, but the audit trail says",
        )


@tagged("nka_proof")
class TestGateOverrides(DecisionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = cls.env["crm.stage"].search([("is_won", "=", False)])
        cls.leads = cls.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "partner_id": cls.client.id,
                    "user_id": cls.manager.id,
                }
                for name in ("Furnace", "Mill")
            ]
        )
        cls.lead, cls.other = cls.leads
        deal = cls.lead.with_user(cls.supervisor)
        deal.action_let_through(cls.stages[-1].id, "Signed on paper")
        cls.override = cls.env["nka.gate.exception"].search(
            [("lead_id", "=", cls.lead.id)]
        )

    def test_changed_override(self):
        self.assertEqual(len(self.override), 1)
        table = "nka_gate_exception SET"
        self._assert_each(
            self.override,
            (
                f"{table} lead_id = {self.other.id}",
                f"{table} stage_id = {self.stages[0].id}",
                f"{table} user_id = {self.supervisor_2.id}",
                f"{table} reason = 'x'",
                f"{table} create_date = create_date + interval '2 days'",
            ),
            "no matching event in which .* the override was created or changed outside the program",
        )

    def test_inserted_override(self):
        self._tamper(
            """INSERT INTO nka_gate_exception
                      (lead_id, stage_id, company_id, user_id, reason, create_date)
               SELECT %s, stage_id, company_id, user_id, reason, create_date
                 FROM nka_gate_exception WHERE id = %s""",
            self.other.id,
            self.override.id,
        )
        self._assert_told("no matching event in which .* overrode the gate of “Mill”")

    def test_override_restored_after_the_deal_left_the_stage(self):
        [row] = self.override.read(["company_id", "user_id", "reason"])
        self.lead.stage_id = self.stages[0]
        self.assertFalse(self.override.exists())
        self._assert_whole()
        self._tamper(
            """INSERT INTO nka_gate_exception
                      (lead_id, stage_id, company_id, user_id, reason, create_date)
               VALUES (%s, %s, %s, %s, %s, now() + interval '1 hour')""",
            self.lead.id,
            self.stages[-1].id,
            row["company_id"][0],
            row["user_id"][0],
            row["reason"],
        )
        self._assert_told(
            "no matching event in which .* overrode the gate of “Furnace”"
        )

    def test_event_without_a_hash(self):
        """Events of earlier versions have no hash: compare user, reason and time."""
        self._tamper(
            "UPDATE nka_audit_event SET file_digest = NULL WHERE kind = 'gate_pass'"
        )
        self.assertFalse(
            self.verifications._check_exceptions(self.env.company).findings
        )

    def test_renamed_stage_and_supervisor_give_no_finding(self):
        self.stages[-1].name = "Another name"
        self.supervisor.name = "Another name"
        self._assert_whole()
