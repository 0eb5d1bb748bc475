"""Histories of contact with clients, written as the evidence of Odoo's own records."""

from odoo import Command, fields

from ..people.common import PeopleCase
from .oracle import Contact

QUIET = {
    "dont_notify": True,
    "mail_create_nolog": True,
    "mail_notify_force_send": False,
    "no_mail_to_attendees": True,
    "tracking_disable": True,
}


class DependencyCase(PeopleCase):
    """Two more clients without any history, and one decision maker of each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quiet = cls.env(context={**cls.env.context, **QUIET})
        cls.zone = "Pacific/Auckland"
        cls.env.company.resource_calendar_id.tz = cls.zone
        cls.accounts = cls._clean_accounts(2)
        cls.people = {
            account: cls.env["res.partner"].create(
                [
                    {"name": name, "parent_id": account.partner_id.id}
                    for name in ("Boss", "Buyer", "Clerk")
                ]
            )
            for account in cls.accounts
        }
        cls.env["nka.stakeholder"].create(
            [
                {
                    "key_account_id": account.id,
                    "partner_id": people[0].id,
                    "role": "decision_maker",
                }
                for account, people in cls.people.items()
            ]
        )
        cls.ours = cls.manager | cls.deputy | cls.colleague | cls.supervisor

    @classmethod
    def _clean_accounts(cls, count):
        clients = cls.env["res.partner"].create(
            [{"name": f"Clean {number}", "is_company": True} for number in range(count)]
        )
        return cls.env["nka.key.account"].create(
            [
                {"partner_id": client.id, "manager_id": cls.manager.id}
                for client in clients
            ]
        )

    def _measured(self, accounts=None):
        self.env["nka.dependency"]._measure(self.env.company)
        return self.env["nka.dependency"].search(
            [("key_account_id", "in", (accounts or self.accounts).ids)]
        )

    # ------------------------------------------------------------ evidence
    def _contact(self, account, user, kind, moment, person=None):
        """Write one record of a kind, and return what it proves."""
        person = person or self.people[account][1]
        getattr(self, f"_add_{kind}")(account, user, moment, person)
        named = kind in ("meeting", "mail", "order")
        decides = named and person == self.people[account][0]
        return Contact(account.id, user.id, kind, moment, decides)

    def _add_meeting(self, account, user, moment, person):
        self.quiet["calendar.event"].create(
            {
                "name": "Terms",
                "start": moment,
                "stop": moment,
                "user_id": user.id,
                "partner_ids": [Command.set((person | user.partner_id).ids)],
            }
        )

    def _add_mail(self, account, user, moment, person):
        self.quiet["mail.message"].create(
            {
                "message_type": "email_outgoing",
                "model": "res.partner",
                "res_id": person.id,
                "author_id": user.partner_id.id,
                "date": moment,
                "notification_ids": [
                    Command.create(
                        {
                            "res_partner_id": person.id,
                            "notification_type": "email",
                            "notification_status": "sent",
                        }
                    )
                ],
            }
        )

    def _add_call(self, account, user, moment, person):
        """A call noted on the account names no contact."""
        self.quiet["mail.message"].create(
            {
                "message_type": "notification",
                "model": "nka.key.account",
                "res_id": account.id,
                "author_id": user.partner_id.id,
                "date": moment,
                "mail_activity_type_id": self.env.ref(
                    "mail.mail_activity_data_call"
                ).id,
            }
        )

    def _add_order(self, account, user, moment, person):
        order = self.quiet["sale.order"].create(
            {"partner_id": person.id, "user_id": user.id}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale', date_order = %s WHERE id = %s",
            [moment, order.id],
        )
        order.invalidate_recordset()

    def _add_document(self, account, user, moment, person):
        document = self.quiet["nka.document"].create(
            {
                "type_id": self.env["nka.document.type"]
                .search([("applies_to", "!=", "lead")], limit=1)
                .id,
                "key_account_id": account.id,
                "title": "Notes",
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE nka_document SET state = 'approved', submitted_by_id = %s,
                                       submit_date = %s WHERE id = %s""",
            [user.id, moment, document.id],
        )
        document.invalidate_recordset()

    def _add_approval(self, account, user, moment, person):
        self.env.cr.execute(
            """INSERT INTO nka_audit_event (company_id, date, user_id, kind, res_model,
                                            res_id, key_account_ref, new)
                    VALUES (%s, %s, %s, 'state', 'nka.document', 0, %s, 'approved')""",
            [account.company_id.id, moment, user.id, account.id],
        )

    def _ago(self, days):
        return fields.Datetime.now() - self._days(days)
