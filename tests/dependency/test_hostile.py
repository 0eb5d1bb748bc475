"""What a manager can't make up or hide alone, with nothing but their login."""

from contextlib import suppress

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DependencyCase


@tagged("nka_dependency")
class TestHostile(DependencyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.accounts[0]
        cls.accounts._unlocked().write({"state": "key"})
        cls.boss, cls.buyer, _clerk = cls.people[cls.first]
        cls.buyer.email = "buyer@clean.example"
        cls.manager.email = "manager@ours.example"
        cls.env.flush_all()

    def _held(self):
        """Return the strength by person in the running month."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self._measured(self.first).filtered("is_current")
        return {row.user_id: row.strength for row in rows if row.strength}

    def _try(self, call):
        """Do what a user tries, flushed as at the end of their request."""
        with suppress(AccessError, UserError), self.cr.savepoint():
            call()
            self.env(user=self.manager.id).flush_all()
        self.env.invalidate_all()

    def _mine(self, model):
        return self.env[model].with_user(self.manager)

    def _post(self, record, user, **vals):
        return record.with_user(user).message_post(
            body="Dear client",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **vals,
        )

    def _meet(self, user, days, person=None, **vals):
        start = fields.Datetime.now() - self._days(days)
        party = (person or self.buyer) | user.partner_id
        return (
            self.env["calendar.event"]
            .with_user(user)
            .with_context(no_mail_to_attendees=True, dont_notify=True)
            .create(
                {
                    "name": "Terms",
                    "start": start,
                    "stop": start,
                    "partner_ids": [Command.set(party.ids)],
                    **vals,
                }
            )
        )

    # ------------------------------------------------------------ meetings
    def test_meetings_made_up_in_an_evening(self):
        """Forty meetings of the year, entered now, are one day of entering them."""
        for days in range(10, 330, 8):
            self._meet(self.manager, days)
        self.assertEqual(self._held(), {self.manager: 5})

    def test_visits_of_the_week_count_on_their_days(self):
        for days in (1, 3, 5):
            self._meet(self.manager, days)
        self.assertEqual(self._held(), {self.manager: 15})

    def test_moved_into_the_past(self):
        event = self._meet(self.manager, 2)
        for days in (40, 80):
            event.copy({"start": self._ago(days), "stop": self._ago(days)})
        event.write({"start": self._ago(120), "stop": self._ago(120)})
        self.assertEqual(self._held(), {self.manager: 5})

    def test_client_who_declined(self):
        event = self._meet(self.manager, 2)
        seat = event.sudo().attendee_ids.filtered(
            lambda one: one.partner_id == self.buyer
        )
        seat.state = "declined"
        self.assertEqual(self._held(), {})

    def test_declined_colleague(self):
        event = self._meet(self.manager, 2)
        event.partner_ids += self.colleague.partner_id
        for state in ("needsAction", "tentative", "accepted"):
            seat = event.attendee_ids.filtered(
                lambda one: one.partner_id == self.colleague.partner_id
            )
            self._try(lambda seat=seat, state=state: seat.write({"state": state}))
        self._try(
            lambda: self._mine("calendar.attendee").create(
                {
                    "event_id": event.id,
                    "partner_id": self.colleague.partner_id.id,
                    "state": "accepted",
                }
            )
        )
        self.assertEqual(self._held(), {self.manager: 5})

    def test_own_private_address_as_a_contact(self):
        self.manager.email = "manager@private.example"
        me = self._mine("res.partner")
        self._try(
            lambda: me.create(
                {
                    "name": "Somebody",
                    "email": "Manager@private.example",
                    "parent_id": self.first.partner_id.id,
                }
            )
        )
        mirror = self.first.partner_id.child_ids.filtered(
            lambda one: one.email_normalized == "manager@private.example"
        )
        self.assertTrue(mirror)
        self._contact(self.first, self.manager, "meeting", self._ago(2), mirror)
        self._contact(self.first, self.manager, "mail", self._ago(3), mirror)
        self.assertEqual(self._held(), {})

    # ------------------------------------------------------------ mails
    def test_emails_of_the_client_they_enter_themselves(self):
        """Of a candidate as well: it may become a key account."""
        for state in ("key", "candidate"):
            self.first._unlocked().write({"state": state})
            for person in (self.manager, self.colleague):
                self._try(
                    lambda person=person: self.buyer.with_user(
                        self.manager
                    ).message_post(
                        body="Hello",
                        message_type="email",
                        author_id=self.buyer.id,
                        partner_ids=person.partner_id.ids,
                    )
                )
            self.assertEqual(self._held(), {})

    def test_added_to_emails_of_the_client(self):
        """The client wrote to somebody, and not to the colleague."""
        task = self.env["res.partner"].create({"name": "Elsewhere"})
        mails = self.env["mail.message"].create(
            [
                {
                    "message_type": "email",
                    "author_id": self.buyer.id,
                    "model": "res.partner",
                    "res_id": place.id,
                    "date": self._ago(9),
                }
                for place in (self.buyer, task)
            ]
        )
        link = [Command.link(self.colleague.partner_id.id)]
        for mail in mails.with_user(self.manager):
            self._try(lambda mail=mail: mail.write({"partner_ids": link}))
            with self.refused(AccessError, "own name"):
                mail.write({"partner_ids": link})
        self.assertEqual(self._held(), {})

    def test_emails_moved_into_the_past(self):
        """Also on records that have nothing to do with the client."""
        own = self.env["res.partner"].create({"name": "Elsewhere"})
        for place in (self.buyer, own):
            mail = self._post(place, self.manager, partner_ids=self.buyer.ids)
            with self.refused(AccessError, "own name"):
                mail.write({"date": self._ago(90)})
        self.assertEqual(self._held(), {self.manager: 1})

    def test_emails_that_were_sent_stay(self):
        own = self.env["res.partner"].create({"name": "Elsewhere"})
        for place in (self.buyer, own):
            mail = self._post(place, self.manager, partner_ids=self.buyer.ids)
            rows = mail.sudo().notification_ids
            rows.notification_status = "sent"
            with self.refused(AccessError, "stays on record"):
                mail.unlink()
            with self.refused(AccessError):
                mail.with_user(self.supervisor).unlink()
            for row in rows.with_user(self.manager):
                with self.refused(AccessError):
                    row.write({"notification_status": "canceled"})
                with self.refused(AccessError):
                    row.unlink()
        self.assertEqual(self._held(), {self.manager: 1})

    def test_mentions_in_an_own_comment(self):
        mail = self._post(self.buyer, self.manager)
        mail.write({"partner_ids": [Command.link(self.colleague.partner_id.id)]})
        self.assertEqual(self._held(), {})

    # ------------------------------------------------------------ calls
    def test_notes_turned_into_calls(self):
        call = self.env.ref("mail.mail_activity_data_call")
        note = self._post(self.buyer, self.manager)
        self.env.cr.execute(
            "UPDATE mail_message SET date = %s WHERE id = %s", [self._ago(60), note.id]
        )
        note.invalidate_recordset()
        with self.refused(AccessError):
            note.write({"mail_activity_type_id": call.id})
        self.assertEqual(self._held(), {})

    def test_calls_logged_for_earlier_days(self):
        call = self.env.ref("mail.mail_activity_data_call")
        for days in (10, 50, 90):
            self._try(
                lambda days=days: self.buyer.with_user(self.manager).message_post(
                    body="Talked",
                    mail_activity_type_id=call.id,
                    date=self._ago(days),
                )
            )
        self.assertEqual(self._held(), {self.manager: 3})

    def test_noted_emails_weigh_as_emails(self):
        todo = self.buyer.activity_schedule(
            "mail.mail_activity_data_email", user_id=self.manager.id
        )
        todo.with_user(self.manager).action_feedback(feedback="Sent")
        self.assertEqual(self._held(), {self.manager: 1})

    # ------------------------------------------------------------ orders, documents
    def test_orders_given_to_a_colleague(self):
        """Neither their own, nor those that the shop or an import made."""
        own = self._mine("sale.order").create({"partner_id": self.buyer.id})
        shop = self.env["sale.order"].create(
            {"partner_id": self.buyer.id, "user_id": self.manager.id}
        )
        orders = own | shop.with_user(self.manager)
        orders.sudo().action_confirm()
        before = self._held()
        self.assertEqual(before, {self.manager: 3})
        for order in orders:
            self._try(lambda order=order: order.write({"user_id": self.colleague.id}))
        self.assertEqual(self._held(), before)

    def test_returned_documents(self):
        for state, verdict, points in (
            ("draft", None, {}),
            ("submitted", None, {}),
            ("returned", "returned", {}),
            ("superseded", "returned", {}),
            ("superseded", "approved", {self.manager: 2}),
        ):
            with self.subTest(state=state, verdict=verdict), self.cr.savepoint() as sp:
                self._contact(self.first, self.manager, "document", self._ago(5))
                document = self.env["nka.document"].search([], order="id desc", limit=1)
                self.env.cr.execute(
                    "UPDATE nka_document SET state = %s WHERE id = %s",
                    [state, document.id],
                )
                if verdict:
                    self.env.cr.execute(
                        """INSERT INTO nka_document_review (document_id, verdict)
                                VALUES (%s, %s)""",
                        [document.id, verdict],
                    )
                self.assertEqual(self._held(), points)
                sp.rollback()

    # ------------------------------------------------------------ contacts
    def test_who_decides_is_on_record(self):
        people = self._mine("nka.stakeholder")
        person = people.create(
            {"key_account_id": self.first.id, "partner_id": self.buyer.id}
        )
        trail = self.env["nka.audit.event"].sudo()
        domain = [("kind", "=", "decider"), ("res_id", "=", person.id)]
        self.assertFalse(trail.search(domain))
        person.influence = "3"
        person.role = "decision_maker"
        person.active = False
        person.active = True
        person.unlink()
        events = trail.search(domain, order="id")
        decides = "decision_maker"
        self.assertEqual(
            [(event.old, event.new) for event in events],
            [(False, decides), (decides, False)] * 2,
        )
        self.assertEqual(events.user_id, self.manager)
        self.assertEqual(set(events.mapped("key_account_ref")), {self.first.id})

    def test_merged_and_archived_contacts(self):
        """What was done with a contact stays with the person it is merged into."""
        clerk = self.people[self.first][2]
        self._contact(self.first, self.manager, "mail", self._ago(3), self.buyer)
        self._contact(self.first, self.colleague, "meeting", self._ago(4), self.boss)
        self._contact(self.first, self.deputy, "mail", self._ago(5), clerk)
        before = self._held()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.buyer | clerk).ids, clerk, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(self._held(), before)
        clerk.active = False
        self.assertEqual(self._held(), before)
