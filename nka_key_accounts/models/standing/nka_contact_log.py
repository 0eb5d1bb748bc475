from odoo import api, fields, models

from .nka_key_account import CONTACT_ACTIVITY

KINDS = {
    "call": "mail.mail_activity_data_call",
    "meeting": "mail.mail_activity_data_meeting",
    "mail": "mail.mail_activity_data_email",
}


class ContactLog(models.TransientModel):
    """Wizard that logs a contact with a client and plans the next one."""

    _name = "nka.contact.log"
    _inherit = ["nka.known.mixin"]
    _description = "Contact with a client"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    stakeholder_id = fields.Many2one(
        "nka.stakeholder",
        "With whom",
        domain="[('key_account_id', '=', key_account_id)]",
        ondelete="cascade",
    )
    kind = fields.Selection(
        [("call", "Call"), ("meeting", "Meeting"), ("mail", "Email")],
        default="call",
        required=True,
    )
    note = fields.Text("What was said")
    next_date = fields.Date(
        "Next contact",
        compute="_compute_next_date",
        store=True,
        readonly=False,
        help="Prefilled from the cadence. Clear it if a meeting is already planned.",
    )
    next_step = fields.Char("Next step")

    @api.depends("key_account_id")
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        for log in self:
            days = log.key_account_id.cadence_days
            log.next_date = fields.Date.add(today, days=days)

    def action_apply(self):
        """Close the user's contact activities on the account, log the contact, and
        schedule the next one.

        :return: the action that closes the dialog
        """
        self.ensure_one()
        account = self.key_account_id
        account.check_access("read")
        account.activity_unlink(
            [CONTACT_ACTIVITY], user_id=self.env.uid, only_automated=False
        )
        self._note_contact(account)
        if self.next_date:
            account.activity_schedule(
                CONTACT_ACTIVITY,
                date_deadline=self.next_date,
                summary=self.next_step,
                user_id=self.env.uid,
                automated=False,  # a user's plan: the daily job doesn't change it
            )
        return {"type": "ir.actions.act_window_close"}

    def _note_contact(self, account):
        """Log a done activity on the account, and on the contact it was with."""
        person = self.stakeholder_id.partner_id
        for record in filter(None, (account, person)):
            activity = record.activity_schedule(KINDS[self.kind], user_id=self.env.uid)
            activity.action_feedback(feedback=self.note)
