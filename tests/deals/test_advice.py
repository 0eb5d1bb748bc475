"""Refusals about deals name who can do what they advise."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DealsCase


@tagged("nka_deals")
class TestAdvice(DealsCase):
    def test_custody(self):
        """Only the account's manager is advised to hand the account over."""
        with self.refused(AccessError, r"nka_super .*propose a handover"):
            self.lead.with_user(self.manager).user_id = self.colleague
        words = self.lead.with_user(self.colleague)._custody_message("archive")
        self.assertIn("nka_super ", words)
        self.assertNotIn("handover", words)

    def test_vip_mark(self):
        lead = self._new_lead(self.other_client, is_vip=True)
        with self.refused(AccessError, "Ask nka_super"):
            lead.with_user(self.manager).is_vip = False

    def test_commitment(self):
        promise = self._promise()
        promise.action_accept() if promise.state == "proposed" else None
        with self.refused(UserError, "ask nka_super.* to waive"):
            promise.unlink()
        with self.refused(AccessError, "nka_manager.* or nka_super"):
            promise.with_user(self.deputy).sudo()._check_answers()

    def test_gift(self):
        item = self.env["nka.concession"].with_user(self.manager)
        item = item.create({"lead_id": self.lead.id, "name": "Training", "cost": 10})
        with self.refused(AccessError, "ask nka_super"):
            item._check_return()

    def test_contribution(self):
        item = self._ask()
        with self.refused(AccessError, "Ask nka_manager"):
            item.with_user(self.employee_user)._check_asks()
