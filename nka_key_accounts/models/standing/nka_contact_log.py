from odoo import api, fields, models

from ..facts import contacts
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
    due_ids = fields.Many2many("mail.activity", compute="_compute_due_ids")
    answered_ids = fields.Many2many(
        "mail.activity",
        "nka_contact_log_activity_rel",
        "log_id",
        "activity_id",
        "Completes",
        compute="_compute_answered_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', due_ids)]",
        help="Planned contacts that are completed by this one. Those you remove are moved "
        "to the date of the next contact.",
    )

    @api.depends("key_account_id")
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        for log in self:
            days = log.key_account_id.cadence_days
            log.next_date = fields.Date.add(today, days=days)

    @api.depends("key_account_id")
    def _compute_due_ids(self):
        """Show what users planned; reminders of the daily job need no decision."""
        today = fields.Date.context_today(self)
        reminder = self.env.ref(CONTACT_ACTIVITY)
        for log in self:
            due = contacts.due_activities(log.key_account_id, today)
            log.due_ids = due.filtered(
                lambda todo: not todo.automated or todo.activity_type_id != reminder
            )

    @api.depends("key_account_id")
    def _compute_answered_ids(self):
        for log in self:
            log.answered_ids = log._own_due()

    def action_apply(self):
        """Complete what the contact answers, log it, and schedule the next one.

        :return: the action that closes the dialog
        """
        self.ensure_one()
        account = self.key_account_id
        account.check_access("read")
        self._complete_planned()
        # The daily job's reminders, whoever has them; they are needed no more.
        account.sudo().activity_unlink([CONTACT_ACTIVITY])
        if self.next_date:
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

    def _own_due(self):
        """Return the due contacts that the user or the account team planned.

        Contacts that others planned for themselves, such as a supervisor, stay theirs.
        """
        team = self.key_account_id.sudo().acting_user_ids | self.env.user
        return self.due_ids.filtered(
            lambda todo: not todo.user_id or todo.user_id in team
        )

    def _complete_planned(self):
        """Mark the answered contacts as done, and move the others to the next date."""
        answered = self.answered_ids & self.due_ids
        # As superuser: deputies may log contacts, but not change the manager's plans.
        own = self._own_due().sudo()
        if self.next_date:
            (own - answered).date_deadline = self.next_date
        for planned in filter(None, (own & answered, answered - own)):
            planned.action_feedback()

    def _note_contact(self, account):
        """Log a done activity on the account, and on the contact it was with."""
        person = self.stakeholder_id.partner_id
        for record in filter(None, (account, person)):
            activity = record.activity_schedule(KINDS[self.kind], user_id=self.env.uid)
            activity.action_feedback(feedback=self.note)
