"""Stage requirements are set by administrators of key accounts and logged."""

from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import tagged

from ..common import new_user
from .common import DocumentCase


@tagged("nka_documents")
class TestRequirements(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.stage_ids = cls.won
        cls.boss = new_user(cls.env, "nka_boss", "sales_team.group_sale_manager")
        cls.kam_admin.group_ids += cls.env.ref("sales_team.group_sale_manager")

    def test_sales_administrator_edits_other_stage_fields(self):
        stage = self.won.with_user(self.boss)
        stage.write({"name": "Won", "requirements": "Signed"})
        self.assertTrue(stage.create({"name": "Pilot"}))

    def test_sales_administrator_cannot_change_requirements(self):
        stage = self.won.with_user(self.boss)
        for vals in (
            {"nka_document_type_ids": [Command.clear()]},
            {"requires_qualification": True},
        ):
            with self.refused(AccessError, "Ask nka_admin"):
                stage.write(vals)
        with self.refused(AccessError, "Ask nka_admin"):
            stage.unlink()
        with self.refused(AccessError, "Ask nka_admin"):
            stage.create({"name": "Pilot", "requires_qualification": True})

    def test_changes_are_logged(self):
        self.won.with_user(self.kam_admin).nka_document_type_ids -= self.contract
        event = self._events(self.won, "requirements")
        self.assertEqual(event.user_id, self.kam_admin)
        self.assertIn("Contract of test", event.old)
        self.contract.with_user(self.kam_admin).stage_ids = self.won
        self.assertIn(
            "Contract of test", self._events(self.won, "requirements")[-1].new
        )

    def test_gate_refusal_names_the_author(self):
        """A user who can't create documents is referred to the person who can."""
        seller = new_user(
            self.env, "nka_seller", "sales_team.group_sale_salesman", name="Sam"
        )
        deal = self._new_deal(self.client, user=seller).with_user(seller)
        with self.assertRaises(RedirectWarning) as caught:
            deal.action_set_won_rainbowman()
        message, action, label, _more = caught.exception.args
        self.assertIn("Contract of test", message)
        self.assertIn("nka_manager", label)
        self.assertEqual(action["res_model"], "nka.help.request")
