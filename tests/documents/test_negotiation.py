"""Minutes, the next step and the preparation sheet of a negotiation."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date

from ..competitors.common import CompetitorsCase


@tagged("nka_market")
class TestNegotiation(CompetitorsCase):
    """Next step, minutes and preparation sheet of a client meeting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls._new_meeting(
            cls.director, -1, opportunity_id=cls.lead.id, is_negotiation=True
        ).with_user(cls.manager)

    def test_next_step_creates_one_activity(self):
        with self.assertRaisesRegex(UserError, "next step first"):
            self.meeting.action_plan_next_step()
        self.meeting.action_set_outcome("progress")
        day = self.today + self._days(3)
        self.meeting.write({"next_step": "Send samples", "next_step_date": day})
        self.meeting.action_plan_next_step()
        activity = self.lead.activity_ids
        self.assertEqual(activity.summary, "Send samples")
        self.assertEqual(
            (activity.date_deadline, activity.user_id), (day, self.manager)
        )
        with self.assertRaisesRegex(UserError, "is already planned"):
            self.meeting.action_plan_next_step()

    def test_next_step_without_a_client_is_refused_with_advice(self):
        meeting = self._new_meeting(self.manager.partner_id, -1, next_step="Think")
        with self.assertRaisesRegex(UserError, "Select the deal"):
            meeting.with_user(self.manager).action_plan_next_step()

    def test_minutes_as_a_document(self):
        if "nka.document" not in self.env:
            self.assertFalse(self.meeting.can_make_minutes)
            with self.assertRaisesRegex(UserError, "stored with a key account"):
                self.meeting.action_make_minutes()
            return
        action = self.meeting.action_make_minutes()
        document = self.env["nka.document"].browse(action["res_id"])
        self.assertEqual(document.lead_id, self.lead)
        self.assertEqual(document.key_account_id, self.account)
        self.assertEqual(document.create_uid, self.manager)
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "nka.document"), ("res_id", "=", document.id)]
        )
        self.assertIn(b"Terms", files.raw)

    def test_minutes_contain_the_meeting(self):
        self.meeting.write({"description": "<p>Price is fine</p>", "next_step": "Sign"})
        html = self._report("calendar_event_report_minutes", self.meeting)
        for word in ("Terms", "Anna Berg", "Price is fine", "Sign"):
            self.assertIn(word, html)

    def _report(self, name, records):
        reports = self.env["ir.actions.report"].with_user(self.manager)
        content, _kind = reports._render_qweb_html(
            f"nka_key_accounts.{name}", records.ids
        )
        return content.decode()

    def test_preparation_sheet(self):
        self._map(self.director, role="decision_maker", note="x")
        self._meet(threat="high", offer="Two weeks faster")
        self.competitor.how_to_win = "Ask about spare parts"
        self._promise(text="Ships in a week", promised_date=self.today - self._days(3))
        late = self._new_invoice(self.client, 700, self.today - self._days(50))
        order = self._order()
        html = self._report("nka_key_account_report_preparation", self.account)
        for word in (
            "Anna Berg",
            "Decision maker",
            self.lead.name,
            "Ships in a week",
            "Rival Ltd",
            "Ask about spare parts",
            order.name,
            late.name,
            "two of our people",
            "Preparation sheet",
            format_date(self.env, self.today),
        ):
            self.assertIn(word, html)

    def test_deputy_can_print_it_and_stranger_cannot(self):
        self._order()
        with self.assertRaises(AccessError):
            self.account.with_user(self.colleague)._prepare_preparation()
        sheet = self.account.with_user(self.deputy)._prepare_preparation()
        self.assertEqual(sheet["deals"], self.lead)

    def _order(self):
        product = self.env["product.product"].create({"name": "Film", "list_price": 5})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        return order
