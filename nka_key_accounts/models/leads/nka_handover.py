from odoo import Command, fields, models
from odoo.fields import Domain


class Handover(models.Model):
    """Hand over open leads and upcoming meetings together with the account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        return {
            **super()._owned_domains(accounts),
            "crm.lead": Domain("key_account_id", "in", accounts.ids),
        }

    def _checklist_sources(self, accounts):
        return [
            *super()._checklist_sources(accounts),
            ("lead", self._open_leads(accounts)),
            ("meeting", self._planned_meetings(accounts)),
        ]

    def _open_leads(self, accounts):
        return self.env["crm.lead"].search(
            [("key_account_id", "in", accounts.ids), ("won_status", "=", "pending")]
        )

    def _planned_meetings(self, accounts):
        """Return upcoming meetings about the accounts that the outgoing manager attends
        or organizes.
        """
        clients = self._clients_given_up(accounts)
        about = Domain("opportunity_id.key_account_id", "in", accounts.ids) | Domain(
            "partner_ids.commercial_partner_id", "in", clients.ids
        )
        person = Domain("user_id", "=", self.from_user_id.id) | Domain(
            "partner_ids", "in", self.from_user_id.partner_id.ids
        )
        coming = Domain("stop", ">", fields.Datetime.now())
        return self.env["calendar.event"].search(about & person & coming)

    def _move_work(self, accounts):
        leads = self._open_leads(accounts)
        # Otherwise only a supervisor can reassign leads of a key account.
        self._givers(leads)._unlocked().write({"user_id": self.to_user_id.id})
        self._move_meetings(accounts)
        leads.message_subscribe(partner_ids=self.to_user_id.partner_id.ids)
        return super()._move_work(accounts)

    def _move_meetings(self, accounts):
        giver, receiver = self.from_user_id, self.to_user_id
        meetings = self._planned_meetings(accounts)
        self._givers(meetings).write({"user_id": receiver.id})
        self._quietly(meetings).write(
            {
                "partner_ids": [
                    Command.unlink(giver.partner_id.id),
                    Command.link(receiver.partner_id.id),
                ]
            }
        )
