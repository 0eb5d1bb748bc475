"""Users can't post on key account records under another author or date, or by email."""

from datetime import datetime
from email.message import EmailMessage
from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..control.common import ReadingCase

LONG_AGO = datetime(2026, 1, 5, 9)


class SpeakingCase(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = new_test_user(cls.env, "nka_root", "base.group_system")
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id, "email": "anna@nw.test"}
        )
        cls.portal = new_test_user(cls.env, "nka_portal", "base.group_portal")
        cls.supervisor.email = "boss@us.test"
        cls.everybody = (
            cls.manager
            | cls.colleague
            | cls.supervisor
            | cls.officer
            | cls.kam_admin
            | cls.salesman
            | cls.employee_user
            | cls.portal
        )
        cls.env.flush_all()

    def _said(self):
        self.env.invalidate_all()
        return self.env["mail.message"].search_count([])


@tagged("nka_control")
class TestIncomingMail(SpeakingCase):
    """A user could otherwise forge an email from any sender on any date."""

    def _mail(self, number=1):
        mail = EmailMessage()
        mail["From"] = "Boss <boss@us.test>"
        mail["To"] = "sales@us.test"
        mail["Date"] = "Mon, 05 Jan 2026 09:00:00 +0000"
        mail["Message-Id"] = f"<{number}@us.test>"
        mail["Subject"] = "Approved"
        mail.set_content("I approve of it")
        return mail.as_string()

    def test_only_the_mail_server_can_process_mail(self):
        self.cr.flush()
        mail, before = self._mail(), self._said()
        for user in self.everybody:
            for model, number in (
                ("crm.lead", self.lead.id),
                ("nka.key.account", self.account.id),
                ("res.partner", self.contact.id),
                ("crm.lead", None),
                (None, None),
            ):
                with self.refused(AccessError, "Only the mail server can submit"):
                    self._call(
                        user,
                        "mail.thread",
                        "message_process",
                        model,
                        mail,
                        thread_id=number,
                    )
        self.assertEqual(self._said(), before)

    def test_nor_by_its_single_methods(self):
        told = {"email_from": "boss@us.test", "subject": "x", "to": "", "from": ""}
        for user in self.everybody:
            for model, record in (
                ("crm.lead", self.lead),
                ("nka.key.account", self.account),
                ("res.partner", self.contact),
            ):
                with self.refused(AccessError):
                    self._call(user, model, "message_new", told, {"name": "x"})
                with self.refused(AccessError):
                    self._call(
                        user, model, "message_update", record.ids, told, {"name": "x"}
                    )
                with self.refused(AccessError):
                    self._call(user, model, "message_route", "x", told, model)

    def test_mail_gateways_log_in_as_administrator(self):
        for number, user in enumerate(
            (self.system, self.env["res.users"].browse(SUPERUSER_ID)), 7
        ):
            self._call(
                user,
                "mail.thread",
                "message_process",
                "res.partner",
                self._mail(number),
                thread_id=self.contact.id,
            )
        found = self.contact.message_ids.filtered(lambda row: row.subject == "Approved")
        self.assertEqual(len(found), 2)
        self.assertEqual(set(found.mapped("date")), {LONG_AGO})


@tagged("nka_control")
class TestPosting(SpeakingCase):
    """Users without a role are restricted too, as they can read a client's contacts."""

    def _post(self, user, record, **values):
        return self._call(
            user, record._name, "message_post", record.ids, body="x", **values
        )

    def test_another_author(self):
        for user in (self.salesman, self.employee_user, self.manager, self.kam_admin):
            for values in (
                {"author_id": self.supervisor.partner_id.id},
                {"author_id": self.contact.id},
                {"email_from": "boss@us.test"},
                {"email_from": "Anna <anna@nw.test>"},
                {"author_id": False, "email_from": "nobody@nowhere.test"},
                {"author_id": user.partner_id.id, "email_from": "boss@us.test"},
            ):
                with self.refused(UserError):
                    self._post(user, self.contact, **values)
        meeting = self.env["calendar.event"].create(
            {
                "name": "Talk",
                "start": fields.Datetime.now(),
                "stop": fields.Datetime.now(),
                "user_id": self.manager.id,
                "opportunity_id": self.lead.id,
            }
        )
        for record in (meeting, self.lead):
            with self.refused(AccessError, "own name"):
                self._post(
                    self.manager, record, author_id=self.supervisor.partner_id.id
                )

    def test_another_date(self):
        for user in (self.salesman, self.manager, self.kam_admin):
            user.group_ids += self.env.ref("base.group_partner_manager")
            self._post(user, self.contact, date=str(LONG_AGO), message_type="comment")
            message = self.contact.message_ids.filtered(
                lambda row, user=user: row.author_id == user.partner_id
            )
            self.assertNotIn(LONG_AGO, message.mapped("date"))
            with self.refused(AccessError):
                self._call(
                    user,
                    "mail.message",
                    "write",
                    message[:1].ids,
                    {"date": str(LONG_AGO)},
                )

    def test_direct_creation(self):
        about = {"model": "res.partner", "res_id": self.contact.id, "body": "x"}
        for user in (self.salesman, self.employee_user, self.manager):
            for values in (
                {"author_id": self.contact.id},
                {"author_id": False, "email_from": "anna@nw.test"},
                {"email_from": "anna@nw.test"},
            ):
                with self.refused(UserError):
                    self._call(user, "mail.message", "create", [{**about, **values}])

    def test_as_a_client_outside_their_records(self):
        """Messages of a contact on other records or none prove whom they know."""
        order = self.env["sale.order"].create(
            {"partner_id": self.other_client.id, "user_id": self.manager.id}
        )
        for place in ({}, {"model": "sale.order", "res_id": order.id}):
            values = {
                **place,
                "message_type": "email",
                "author_id": self.contact.id,
                "partner_ids": self.manager.partner_id.ids,
                "body": "x",
            }
            with self.refused(UserError, "own name"):
                self._call(self.manager, "mail.message", "create", values)
            own = self.env["mail.message"].with_user(self.manager)
            said = own.create({**values, "author_id": self.manager.partner_id.id})
            with self.refused(UserError, "own name"):
                said.write({"author_id": self.contact.id})
        with self.refused(UserError, "own name"):
            self._call(
                self.manager,
                "sale.order",
                "message_post",
                order.ids,
                body="x",
                author_id=self.contact.id,
            )
        with self.refused(UserError, "own name"):
            self._call(
                self.manager,
                "mail.thread",
                "message_notify",
                [],
                body="x",
                subject="x",
                author_id=self.contact.id,
                partner_ids=self.manager.partner_id.ids,
            )

    def test_composers(self):
        for mode in ("comment", "mass_mail"):
            for values in (
                {"author_id": self.supervisor.partner_id.id},
                {"email_from": "boss@us.test"},
            ):
                with self.refused(UserError):
                    composers = self.env["mail.compose.message"].with_user(self.manager)
                    composer = composers.create(
                        {
                            "composition_mode": mode,
                            "model": "crm.lead",
                            "res_ids": repr(self.lead.ids),
                            "body": "x",
                            "subject": "x",
                            "partner_ids": self.contact.ids,
                            **values,
                        }
                    )
                    composer.write(values)
                    composer.action_send_mail()

    def _new_template(self, **vals):
        return self.env["mail.template"].create(
            {
                "name": "Greetings",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "subject": "Greetings",
                "body_html": "<p>Greetings</p>",
                "email_from": "{{ object.user_id.email_formatted }}",
                "partner_to": "{{ object.id }}",
                **vals,
            }
        )

    def _senders(self, mails):
        return {mail.res_id: mail.email_from for mail in mails.sudo()}

    def test_templates_that_send_as_the_salesperson(self):
        """Mass mails are sent; those to key accounts show the user who sends them."""
        self.colleague.email, self.salesman.email = "boss@us.test", "me@us.test"
        people = self.contact | self.other_client
        people.user_id = self.colleague
        template = self._new_template()
        composer = self.env["mail.compose.message"].with_user(self.salesman)
        composer.create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": repr(people.ids),
                "template_id": template.id,
            }
        ).action_send_mail()
        about = [("subject", "=", "Greetings"), ("res_id", "in", people.ids)]
        for sent in (
            self.env["mail.mail"].search(about),
            template.with_user(self.salesman).send_mail_batch(people.ids),
        ):
            senders = self._senders(sent)
            self.assertIn("boss@us.test", senders[self.other_client.id])
            self.assertIn("me@us.test", senders[self.contact.id])
            own = sent.filtered(lambda mail: mail.res_id == self.contact.id).sudo()
            self.assertEqual(own.author_id, self.salesman.partner_id)

    def test_mass_mails_cost_other_users_few_queries(self):
        """Whether key accounts are among the recipients is looked up once for all."""
        people = self.env["res.partner"].create(
            [{"name": f"P {n}", "email": f"{n}@x.test"} for n in range(12)]
        )
        template = self._new_template(email_from="boss@us.test")
        self.salesman.email = "me@us.test"
        for sends in (
            lambda few: template.with_user(self.salesman).send_mail_batch(few.ids),
            lambda few: (
                self.env["mail.compose.message"]
                .with_user(self.salesman)
                .create(
                    {
                        "composition_mode": "mass_mail",
                        "model": "res.partner",
                        "res_ids": repr(few.ids),
                        "template_id": template.id,
                    }
                )
                .action_send_mail()
            ),
        ):
            asked = []
            accounts = type(people)._key_accounts_by_contact

            def watched(contacts, accounts=accounts, asked=asked):
                asked.append(contacts)
                return accounts(contacts)

            with patch.object(type(people), "_key_accounts_by_contact", watched):
                sends(people)
            self.assertLessEqual(len(asked), 3)

    def test_email_values_passed_to_a_template(self):
        """They could forge the sender or the date, or reuse another user's message."""
        self.manager.email = "me@us.test"
        said = self.client.message_post(body="Agreed", message_type="comment")
        template = self._new_template(email_from="{{ user.email_formatted }}")
        order_template = self._new_template(
            model_id=self.env["ir.model"]._get("res.users").id, partner_to=False
        )
        here = {"model": "res.partner", "res_id": self.contact.id}
        for user in (self.manager, self.salesman):
            for sent, number, given in (
                (template, self.contact.id, {"author_id": self.contact.id}),
                (template, self.contact.id, {"email_from": "anna@nw.test"}),
                (template, self.contact.id, {"message_type": "email"}),
                (template, self.contact.id, {"date": str(LONG_AGO)}),
                (template, self.contact.id, {"mail_message_id": said.id}),
                (order_template, user.id, {**here, "author_id": self.contact.id}),
                (order_template, user.id, {"mail_message_id": said.id}),
            ):
                with self.subTest(given=given, user=user.login):
                    with self.refused(UserError, "own name"):
                        self._call(
                            user,
                            "mail.template",
                            "send_mail",
                            sent.ids,
                            number,
                            email_values=given,
                        )
                    with self.refused(UserError, "own name"):
                        self._call(
                            user,
                            "mail.template",
                            "send_mail_batch",
                            sent.ids,
                            [number],
                            False,
                            False,
                            given,
                        )
        given = {"email_to": "x@x.test"}
        self._call(
            self.manager,
            "mail.template",
            "send_mail",
            template.ids,
            self.contact.id,
            email_values=given,
        )

    def test_scheduled(self):
        later = self.env["mail.scheduled.message"].with_user(self.manager)
        values = {
            "model": "crm.lead",
            "res_id": self.lead.id,
            "scheduled_date": fields.Datetime.now() + self._days(1),
            "body": "x",
        }
        with self.refused(AccessError, "own name"):
            later.create({**values, "author_id": self.supervisor.partner_id.id})
        own = later.create({**values, "author_id": self.manager.partner_id.id})
        with self.refused(AccessError, "own name"):
            own.write({"author_id": self.supervisor.partner_id.id})
        own.post_message()

    def test_own_name_or_company_address(self):
        self.manager.email = "me@us.test"
        self.env.company.email = "info@us.test"
        for values in (
            {},
            {"author_id": self.manager.partner_id.id},
            {"email_from": self.manager.partner_id.email_formatted},
            {"author_id": self.manager.partner_id.id, "email_from": "info@us.test"},
        ):
            for record in (self.lead, self.contact):
                number = self._post(self.manager, record, **values)
                message = self.env["mail.message"].browse(number)
                self.assertEqual(message.author_id, self.manager.partner_id)

    def test_other_records_are_unaffected(self):
        other = self._new_deal(self.other_client, self.salesman)
        author = self.other_client.id
        self._post(self.salesman, other, author_id=author, date=str(LONG_AGO))
        message = other.message_ids[:1]
        self.assertEqual(message.author_id, self.other_client)
        self.assertEqual(message.date, LONG_AGO)


@tagged("nka_control")
class TestExistingMessages(SpeakingCase):
    """Users can't rewrite the messages of key accounts that they can read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.said = cls.lead.with_user(cls.supervisor).message_post(
            body="Ask for the guarantee", message_type="comment"
        )
        cls.lead.with_user(cls.manager).expected_revenue = 7
        cls.cr.flush()
        cls.tracked = cls.lead.message_ids.filtered("tracking_value_ids")

    def test_messages_of_others(self):
        for message in (self.said, self.tracked[:1]):
            for attempt in (
                lambda row: row.unlink(),
                lambda row: row.write({"body": "x"}),
                lambda row: row.sudo().write({"body": "x"}),
                lambda row: row.sudo().unlink(),
                lambda row: row.with_context(_force_unlink=True).unlink(),
                lambda row: self.lead.with_user(self.manager)._message_update_content(
                    row.sudo(), body="x", strict=False
                ),
            ):
                with self.refused(AccessError, "can't be changed"):
                    attempt(message.with_user(self.manager))
        self.assertIn("guarantee", self.said.body)

    def test_own_message(self):
        own = self.lead.with_user(self.manager).message_post(
            body="Hello", message_type="comment"
        )
        own.write({"body": "Hello there"})
        self.assertIn("Hello there", own.body)
        own.unlink()
        self.assertFalse(own.exists())

    def test_messages_are_deleted_with_their_record(self):
        lead = self._new_deal(self.other_client, self.salesman)
        lead.message_post(body="x")
        lead.unlink()
        self.said.with_user(self.supervisor).body = "Ask for the other guarantee"
        self.supervisor.group_ids += self.env.ref("sales_team.group_sale_manager")
        self.lead.with_user(self.supervisor).unlink()
        self.assertFalse(self.said.exists())

    def test_starring_and_pinning_are_allowed(self):
        said = self.said.with_user(self.manager)
        said.toggle_message_starred()
        self.assertTrue(said.starred)
        said.write({"pinned_at": fields.Datetime.now()})
        self.assertTrue(said.pinned_at)
