"""A statement is mailed once, even after failures, a reopening and a second lock."""

from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules import get_module_path

from .test_mail import MailCase

LOGGER = "odoo.addons.mail.models.mail_mail"


class MailOnceCase(MailCase):
    def _reopen(self):
        self.close.with_user(self.kam_admin).action_reopen(reason="A wrong invoice")

    def _lock_again(self):
        self.close.with_user(self.officer).action_calculate()
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()

    def _round(self):
        """Run the job once, including its cleanup, without its commits."""
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 9
        ):
            self.notes._cron_send()

    def _outgoing(self):
        mails = self.env["mail.mail"].sudo()
        return mails.search(
            [
                ("model", "=", "nka.pay.statement"),
                ("state", "in", ("outgoing", "exception")),
            ]
        )

    def _fail(self):
        with self.assertLogs(LOGGER, "ERROR"):
            self._deliver(error=OSError("connection refused"))

    def _states(self):
        return sorted(self.notes.search([]).mapped("state"))


class TestOnce(MailOnceCase):
    def test_a_failed_delivery_a_reopening_and_a_second_lock(self):
        self.close.action_mail_statements()
        self._round()
        self._fail()
        self._reopen()
        self.assertFalse(self._outgoing())
        self.assertEqual(self._states(), ["withdrawn"] * 2)
        self._round()
        self.assertFalse(self._outgoing())
        self._lock_again()
        self.close.action_mail_statements()
        for _number in range(3):
            self._round()
        self.assertEqual(len(self._outgoing()), 2)
        self.assertEqual(len(self._deliver()), 2)
        self._round()
        self.assertFalse(self._outgoing())
        self.assertEqual(self._states(), ["sent", "sent", "withdrawn", "withdrawn"])
        self.assertEqual((self.close.mail_count, self.close.mail_sent_count), (2, 2))

    def test_waiting_and_queued_mails_are_withdrawn_with_their_files(self):
        self.close.action_mail_statements()
        first = self._note_of(self.employee)
        first._send()
        files = self.env["ir.attachment"].sudo()
        own = [("res_model", "=", first._name)]
        self.assertEqual(files.search_count(own), 1)
        self._reopen()
        self.assertEqual(self._states(), ["withdrawn", "withdrawn"])
        self.assertFalse(files.search_count(own))
        self.assertFalse(self._outgoing())
        event = self._events(first.statement_id, "mail")
        self.assertIn("the month was reopened", event.note)
        self.assertEqual(event.old, "first@example.com")

    def test_retried_after_two_failures_it_is_sent_once(self):
        self.close.action_mail_statements()
        self._round()
        for _number in range(2):
            self._fail()
            self._round()
        self.assertEqual(len(self._outgoing()), 2)
        self.assertEqual(len(self._deliver()), 2)
        self.assertFalse(self._deliver())

    def test_an_address_changed_before_the_second_lock(self):
        self.close.action_mail_statements()
        self._round()
        self._fail()
        self._reopen()
        self.employee.work_email = "new@example.com"
        self._lock_again()
        self.close.action_mail_statements()
        self._round()
        sent = self._deliver()
        self.assertEqual(
            sorted(message["To"] for message in sent),
            ["new@example.com", "other@example.com"],
        )

    def test_an_address_changed_between_two_attempts(self):
        self.close.action_mail_statements()
        self._round()
        self._fail()
        self.employee.work_email = "new@example.com"
        self._round()
        self.assertEqual(len(self._outgoing()), 2)
        self.assertEqual(
            sorted(message["To"] for message in self._deliver()),
            ["new@example.com", "other@example.com"],
        )

    def test_a_new_revision_without_changes_sends_no_second_mail(self):
        """The month is locked again with its last payslip; no one's pay changes."""
        self.close.action_mail_statements()
        self._round()
        self._deliver()
        self.close._seal("All payslips generated")
        self.assertEqual(self.close.revision, 2)
        self.assertFalse(self.close._note_mails())

    def test_resending_twice_at_once(self):
        self.close.action_mail_statements()
        note = self._note_of(self.employee).with_user(self.officer)
        self._round()
        note.action_resend()
        note.action_resend()
        self._round()
        self.assertEqual(len(self._outgoing()), 2)


class TestWithdrawn(MailOnceCase):
    def test_an_earlier_revision_cant_be_sent_again(self):
        self.close.action_mail_statements()
        self._round()
        self._deliver()
        old = self._note_of(self.employee)
        self._reopen()
        self._lock_again()
        self.close.action_mail_statements()
        with self.refused(UserError, "locked again with revision 2.*of revision 1"):
            old.with_user(self.officer).action_resend()

    def test_mails_being_sent_while_the_month_is_reopened(self):
        """A mail is either delivered and noted as sent, or fails and isn't retried."""
        self.close.action_mail_statements()
        self._round()
        nothing = self.env["mail.mail"]
        notes = self.env.registry["nka.pay.statement.mail"]
        with patch.object(notes, "_free_mails", lambda self: nothing):
            with self.refused(UserError, "is being emailed right now"):
                self._note_of(self.employee).with_user(self.officer).action_resend()
            self._reopen()
        self.assertEqual(self._states(), ["queued", "queued"])
        self._note_of(self.employee)._note_sent()
        self._note_of(self.other_employee)._note_failed("connection refused")
        self._lock_again()
        self._round()
        self.assertEqual(self._note_of(self.employee).state, "sent")
        self.assertEqual(self._note_of(self.other_employee).state, "withdrawn")

    def test_requeued_withdrawn_mails_arent_sent(self):
        self.close.action_mail_statements()
        self._round()
        mails = self._outgoing()
        notes = self.env.registry["nka.pay.statement.mail"]
        with patch.object(notes, "_free_mails", lambda self: self.mail_id.browse()):
            self._reopen()
        mails.mark_outgoing()
        self.assertFalse(self._deliver())
        self.assertEqual(set(mails.mapped("state")), {"cancel"})
        self.assertEqual(self._states(), ["withdrawn", "withdrawn"])


class TestReplaces(MailOnceCase):
    SAID = "It replaces the statement of revision 1"

    def _bodies(self):
        return {
            message["To"]: message.get_body().get_content()
            for message in self._deliver()
        }

    def _page(self, employee):
        statement = self._note_of(employee)[:1].statement_id
        reports = self.env["ir.actions.report"]
        html, _type = reports._render_qweb_html(
            "nka_key_accounts.action_report_pay_statement", statement.ids
        )
        return html.decode()

    def test_mail_and_pdf_say_that_a_statement_replaces_another(self):
        self.close.action_mail_statements()
        self._round()
        for body in self._bodies().values():
            self.assertNotIn("replaces", body)
        self.assertNotIn("replaces", self._page(self.employee))
        self._reopen()
        self.assertNotIn("replaces", self._page(self.employee))
        self._lock_again()
        self.close.action_mail_statements()
        self._round()
        bodies = self._bodies()
        self.assertEqual(len(bodies), 2)
        for body in bodies.values():
            self.assertIn(self.SAID, " ".join(body.split()))
        self.assertIn(self.SAID, self._page(self.employee))
        statement = self._note_of(self.employee)[:1].statement_id
        self.assertEqual((statement.revision, statement.replaced_revision), (2, 1))

    def test_in_the_employees_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.manager.lang = "ru_RU"
        self._reopen()
        self._lock_again()
        statement = self.close.sudo().statement_ids.filtered(
            lambda row: row.employee_id == self.employee
        )
        said = statement.with_context(lang="ru_RU")._say_replaced()
        self.close.action_mail_statements()
        self._round()
        mail = self._note_of(self.employee).mail_id
        self.assertIn(said, mail.body_html)

    def test_employee_excluded_the_second_time(self):
        self.close.action_mail_statements()
        self._round()
        self._deliver()
        self._reopen()
        self.close.with_user(self.officer).action_calculate()
        out = (
            self.env["nka.month.close.exclusion"]
            .with_user(self.officer)
            .create(
                {
                    "close_id": self.close.id,
                    "employee_id": self.other_employee.id,
                    "reason": "In dispute",
                }
            )
        )
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        self.close.action_mail_statements()
        self._round()
        self.assertEqual(list(self._bodies()), ["first@example.com"])
        out.action_calculate()
        out.with_user(self.second).action_close()
        self.close.action_mail_statements()
        self._round()
        bodies = self._bodies()
        self.assertEqual(list(bodies), ["other@example.com"])
        said = " ".join(bodies["other@example.com"].split())
        self.assertIn("to revision 3 of the month. " + self.SAID, said)

    def test_earlier_locked_statements_get_their_revision(self):
        statements = self.close.sudo().statement_ids
        self.close._seal("All payslips generated")
        self.env.flush_all()
        self.cr.execute("UPDATE nka_pay_statement SET revision = NULL")
        path = (
            f"{get_module_path('nka_key_accounts')}/migrations/19.0.1.3.0/post-seal.py"
        )
        spec = spec_from_file_location("post_seal", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(statements.mapped("revision"), [1, 1])
