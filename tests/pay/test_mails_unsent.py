"""Emails that were scheduled, logged or queued but never sent don't prove a
negotiation.
"""

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_negotiations import TalkCase


@tagged("nka_pay")
class TestUnsent(TalkCase):
    def test_scheduled_mass_mailing(self):
        """An email scheduled for the next century was never sent."""
        event = self._held()
        template = self.env["mail.template"].create(
            {
                "name": "Later",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Talk",
                "body_html": "As discussed",
                "auto_delete": False,
                "scheduled_date": "2099-01-01 00:00:00",
            }
        )
        with freeze_time("2026-11-04 10:00:00"):
            composer = self._rpc(
                self.manager,
                self.env["mail.compose.message"],
                "create",
                [
                    {
                        "composition_mode": "mass_mail",
                        "model": "res.partner",
                        "res_ids": str(self.contact.ids),
                        "template_id": template.id,
                    }
                ],
            )
            waiting = self.env["mail.compose.message"].browse(composer)
            self._rpc(self.manager, waiting, "action_send_mail")
        mail = self.env["mail.mail"].search(
            [("recipient_ids", "in", self.contact.ids)], limit=1
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.scheduled_date.year, 2099)
        self.assertEqual(self._why(event), "no_evidence")
        mail.notification_ids.unlink()
        with self.refused(AccessError, "records that a message was sent"):
            self._rpc(
                self.manager,
                self.env["mail.notification"],
                "create",
                [
                    {
                        "mail_message_id": mail.mail_message_id.id,
                        "res_partner_id": self.contact.id,
                        "mail_mail_id": mail.id,
                        "notification_type": "email",
                        "notification_status": "sent",
                    }
                ],
            )
        self.assertEqual(self._why(event), "no_evidence")
