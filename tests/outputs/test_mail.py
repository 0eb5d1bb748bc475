"""Email statements: employees get only their own, whatever the mail server does."""

from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.exceptions import AccessError, UserError

from ..documents.test_full_store import full_store
from .common import PDF, OutputCase


class MailCase(OutputCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee.work_email = "first@example.com"
        cls.other_employee.work_email = "other@example.com"
        cls.notes = cls.env["nka.pay.statement.mail"]

    def setUp(self):
        super().setUp()
        statements = type(self.env["nka.pay.statement"])
        self.startPatcher(patch.object(statements, "_render_pdf", lambda row: PDF))

    def _job(self):
        """Run the job without its commits."""
        for note in self.notes._due():
            note._send()

    def _note_of(self, employee):
        return self.notes.search([("statement_id.employee_id", "=", employee.id)])

    def _deliver(self, error=None):
        """Send the queued mails; the mail server accepts them or raises ``error``."""
        sent = []

        def send_email(server, message, *args, **kwargs):
            if error:
                raise error
            sent.append(message)
            return message["Message-Id"]

        mails = self.notes.search([]).mail_id
        with (
            patch.object(IrMail_Server, "_disable_send", return_value=False),
            patch.object(IrMail_Server, "_connect__", return_value=None),
            patch.object(IrMail_Server, "send_email", send_email),
        ):
            mails.send()
        return sent


class TestMail(MailCase):
    def test_employees_get_their_own_statement_only(self):
        self.close.action_mail_statements()
        self.assertEqual(set(self.notes.search([]).mapped("state")), {"waiting"})
        self._job()
        self.assertEqual(set(self.notes.search([]).mapped("state")), {"queued"})
        sent = self._deliver()
        self.assertEqual(len(sent), 2)
        for message in sent:
            files = list(message.iter_attachments())
            self.assertEqual(len(files), 1)
            self.assertEqual(files[0].get_content(), PDF)
        to = {message["To"]: message["Subject"] for message in sent}
        self.assertEqual(set(to), {"first@example.com", "other@example.com"})
        self.assertIn(self.manager.name, to["first@example.com"])
        for message in sent:
            self.assertNotIn("80,000", message.as_string())
        notes = self.notes.search([])
        self.assertEqual(set(notes.mapped("state")), {"sent"})
        self.assertEqual(self.close.statement_ids.mapped("mail_state"), ["sent"] * 2)
        event = self._events(self._note_of(self.employee).statement_id, "mail")
        self.assertEqual(event.new, "first@example.com")

    def test_mailing_twice_sends_once(self):
        self.close.action_mail_statements()
        self._job()
        self._deliver()
        action = self.close.with_user(self.second).action_mail_statements()
        self.assertIn("already been queued or sent", action["params"]["message"])
        self._job()
        self.assertFalse(self._deliver())

    def test_a_server_failure_is_recorded_and_retried(self):
        self.close.action_mail_statements()
        self._job()
        with self.assertLogs("odoo.addons.mail.models.mail_mail", "ERROR"):
            self._deliver(error=OSError("connection refused"))
        note = self._note_of(self.employee)
        self.assertEqual((note.state, note.attempts), ("failed", 1))
        self.assertIn("connection refused", note.error)
        self._job()
        self.assertEqual((note.state, note.attempts), ("queued", 2))
        self.assertEqual(len(self._deliver()), 2)
        self.assertEqual((note.state, note.error), ("sent", False))

    def test_after_five_attempts_an_officer_must_resend(self):
        self.close.action_mail_statements()
        self.notes.search([])._unlocked().write({"attempts": 5, "state": "failed"})
        self._job()
        note = self._note_of(self.employee)
        self.assertEqual(note.state, "failed")
        note.with_user(self.officer).action_resend()
        self._job()
        self.assertEqual((note.state, note.attempts), ("queued", 1))

    def test_missing_or_shared_addresses_get_no_mail(self):
        self.employee.work_email = False
        self.manager.email = False
        self.close.action_mail_statements()
        self._job()
        note = self._note_of(self.employee)
        self.assertEqual(note.state, "failed")
        self.assertIn("No email address", note.error)
        self.employee.work_email = "Other@Example.com"
        note.with_user(self.officer).action_resend()
        self._job()
        self.assertIn("has the same email address", note.error)
        self.assertFalse(note.sudo().mail_id)
        self.assertEqual(self._note_of(self.other_employee).state, "queued")

    def test_a_failing_print_stops_no_other_statement(self):
        self.close.action_mail_statements()
        first = self._note_of(self.employee)

        def render(statement):
            if statement == first.statement_id:
                raise UserError("wkhtmltopdf failed")
            return PDF

        with patch.object(type(self.env["nka.pay.statement"]), "_render_pdf", render):
            self._job()
        self.assertEqual((first.state, first.error), ("failed", "wkhtmltopdf failed"))
        self.assertEqual(self._note_of(self.other_employee).state, "queued")

    def test_a_read_only_disk_is_recorded_and_retried(self):
        files = self.env.registry["ir.attachment"]
        self.close.action_mail_statements()
        with patch.object(files, "_file_write", side_effect=OSError("read-only")):
            self._job()
        notes = self.notes.search([])
        self.assertEqual(set(notes.mapped("state")), {"failed"})
        self.assertEqual(set(notes.mapped("error")), {"The PDF couldn't be generated."})
        self.assertFalse(notes.mail_id)
        self._job()
        self.assertEqual(set(notes.mapped("state")), {"queued"})
        self.assertEqual(len(self._deliver()), 2)

    def test_private_addresses_if_the_company_uses_them(self):
        self.company.nka_mail_private = True
        self.employee.private_email = "home@example.com"
        self.close.action_mail_statements()
        self._job()
        self.assertEqual(self._note_of(self.employee).email, "home@example.com")
        self.assertEqual(self._note_of(self.other_employee).state, "failed")

    def test_resending_uses_the_current_address(self):
        self.close.action_mail_statements()
        self._job()
        self._deliver()
        self.employee.work_email = "new@example.com"
        note = self._note_of(self.employee)
        note.with_user(self.officer).action_resend()
        self._job()
        sent = self._deliver()
        self.assertEqual([message["To"] for message in sent], ["new@example.com"])

    def test_roles(self):
        for user in (self.manager, self.supervisor, self.kam_admin, self.salesman):
            with self.refused(AccessError):
                self.close.with_user(user).action_mail_statements()
        self.close.action_mail_statements()
        own = self.notes.with_user(self.manager).search([])
        self.assertEqual(own.statement_id.employee_id, self.employee)
        with self.refused(AccessError):
            own.action_resend()
        with self.refused(AccessError):
            own.with_user(self.officer).write({"email": "thief@example.com"})
        with self.refused(AccessError):
            self.notes.with_user(self.supervisor).search([])

    def test_a_reopened_month_cant_be_mailed(self):
        self.close.action_mail_statements()
        self.close.with_user(self.kam_admin).action_reopen(reason="A wrong invoice")
        self.assertFalse(self.notes._due())
        with self.refused(UserError, "is no longer locked"):
            self._note_of(self.employee).with_user(self.officer).action_resend()


class TestMailAtLock(OutputCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.nka_mail_statements = True

    def test_the_lock_queues_mails_without_waiting_for_the_server(self):
        with patch.object(IrMail_Server, "_connect__", side_effect=OSError("down")):
            self.close.with_user(self.kam_admin).action_reopen(reason="Once more")
            self.close.action_calculate()
            self.close.with_user(self.second).action_approve()
            self.close.with_user(self.second).action_lock()
        notes = self.env["nka.pay.statement.mail"].search([])
        self.assertEqual(notes.mapped("state"), ["waiting", "waiting"])
        self.assertEqual(notes.mapped("revision"), [2, 2])
        self.assertEqual(self.close.state, "locked")


class TestFullStore(MailCase):
    def test_statements_are_sent_once_there_is_room(self):
        self.close.action_mail_statements()
        with full_store():
            self._job()
        self.assertEqual(self._deliver(), [])
        note = self._note_of(self.employee)
        self.assertNotEqual(note.state, "sent")
        self._job()
        sent = self._deliver()
        self.assertEqual(len(sent), 2)
        self.assertEqual(note.state, "sent")
