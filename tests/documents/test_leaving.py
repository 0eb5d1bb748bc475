"""Files of key accounts that are sent by email or copied leave an audit event."""

import hashlib

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PDF, DocumentCase

OTHER = b"%PDF-1.4\nsomething else\n%%EOF"


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


class LeavingCase(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls._submitted()
        cls.file = cls.document._files()
        cls.stranger = cls.env["res.partner"].create(
            {"name": "Myself", "email": "me@private.example"}
        )

    def _new_events(self, kind, record=None):
        return self._events(record or self.document, kind) - self.known

    def setUp(self):
        super().setUp()
        self.known = self._events(self.document)

    def _assert_sent(self, *addresses, kind="file_sent", name="file0.pdf", raw=PDF):
        """Assert that exactly one event since the start names the file, its hash and
        the addresses.
        """
        event = self._new_events(kind)
        self.assertEqual(len(event), 1, event.mapped("new"))
        self.assertEqual(event.new, ", ".join(sorted(addresses)))
        self.assertIn(f"{sha256(raw)}  {name}", event.note)
        self.assertTrue(event.file_digest)
        self.assertEqual(event.key_account_ref, self.account.id)
        return event


@tagged("nka_documents")
class TestSentFiles(LeavingCase):
    def _composer(self, records, **vals):
        return (
            self.env["mail.compose.message"]
            .with_user(self.manager)
            .with_context(active_ids=records.ids, active_model=records._name)
            .create(
                {
                    "model": records._name,
                    "res_ids": str(records.ids),
                    "subject": "As agreed",
                    "body": "<p>Here</p>",
                    "attachment_ids": [Command.set(self.file.ids)],
                    **vals,
                }
            )
        )

    def test_composer_to_a_partner_created_on_the_fly(self):
        partner = self.env["res.partner"].with_user(self.manager)
        partner_id, _name = partner.name_create("Me <fly@private.example>")
        composer = self._composer(
            self.lead,
            partner_ids=[Command.set([partner_id])],
            composition_mode="comment",
        )
        composer._action_send_mail()
        event = self._new_events("file_sent")
        self.assertIn("fly@private.example", event.mapped("new"))
        self.assertEqual(set(event.user_id), {self.manager})
        self.assertIn(sha256(PDF), event[0].note)

    def test_composer_in_mass_mode(self):
        self.lead.partner_id.email = "client@northwind.example"
        self._composer(self.lead, composition_mode="mass_mail")._action_send_mail()
        self.assertIn("client@northwind.example", self._new_events("file_sent").new)

    def test_template_with_a_copy(self):
        copy = self.file.copy({"res_model": False, "res_id": False})
        template = self.env["mail.template"].create(
            {
                "name": "Offer",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "subject": "Offer",
                "use_default_to": False,
                "email_to": "template@private.example",
                "attachment_ids": [Command.set(copy.ids)],
            }
        )
        template.with_user(self.manager).send_mail(self.lead.id)
        self._assert_sent("template@private.example")

    def test_message_to_free_addresses(self):
        self.lead.with_user(self.manager).message_post(
            body="Here",
            attachment_ids=self.file.ids,
            partner_ids=self.stranger.ids,
        )
        self._assert_sent("me@private.example")

    def test_mail_created_directly(self):
        mail = self.env["mail.mail"].create(
            {
                "email_to": "One <one@private.example>, two@private.example",
                "email_cc": "three@private.example",
                "recipient_ids": [Command.set(self.stranger.ids)],
                "reply_to": "answers@private.example",
                "attachment_ids": [Command.set(self.file.ids)],
            }
        )
        event = self._assert_sent(
            "one@private.example",
            "two@private.example",
            "three@private.example",
            "me@private.example",
        )
        self.assertIn("answers@private.example", event.note)
        self.known = self._events(self.document)
        mail.email_to = "four@private.example"
        self.assertIn("four@private.example", self._new_events("file_sent").new)
        self.known = self._events(self.document)
        mail.state = "exception"
        self.assertFalse(self._new_events("file_sent"))
        mail.action_retry()
        self.assertEqual(len(self._new_events("file_sent")), 1)

    def test_address_changed_while_the_mail_is_queued(self):
        inside = self.env["res.partner"].create(
            {"name": "Inside", "email": "inside@company.example"}
        )
        mail = self.env["mail.mail"].create(
            {
                "recipient_ids": [Command.set(inside.ids)],
                "attachment_ids": [Command.set(self.file.ids)],
            }
        )
        self._assert_sent("inside@company.example")
        self.known = self._events(self.document)
        mail._prepare_outgoing_list()
        self.assertFalse(self._new_events("file_sent"))
        inside.email = "outside@private.example"
        mail._prepare_outgoing_list()
        self._assert_sent("outside@private.example")

    def test_renamed_copy_stays_audited(self):
        copy = self.env["ir.attachment"].create({"name": "holiday.pdf", "raw": PDF})
        self.known = self._events(self.document)
        self.env["mail.mail"].create(
            {
                "email_to": "me@private.example",
                "attachment_ids": [Command.set(copy.ids)],
            }
        )
        self._assert_sent("me@private.example", name="holiday.pdf")

    def test_files_of_drafts_and_accounts(self):
        draft = self._draft(files=(OTHER,))
        note = self.env["ir.attachment"].create(
            {
                "name": "note.pdf",
                "raw": b"%PDF of the account",
                "res_model": self.account._name,
                "res_id": self.account.id,
            }
        )
        for record, file in ((draft, draft._files()), (self.account, note)):
            self.env["mail.mail"].create(
                {
                    "email_to": "me@private.example",
                    "attachment_ids": [Command.set(file.ids)],
                }
            )
            event = self._events(record, "file_sent")
            self.assertEqual(event.new, "me@private.example")
            self.assertIn(file.name, event.note)

    def test_other_files_leave_no_event(self):
        file = self.env["ir.attachment"].create({"name": "price.pdf", "raw": OTHER})
        before = self.env["nka.audit.event"].search_count([])
        self.env["mail.mail"].create(
            {
                "email_to": "me@private.example",
                "attachment_ids": [Command.set(file.ids)],
            }
        )
        self.assertEqual(self.env["nka.audit.event"].search_count([]), before)


@tagged("nka_documents")
class TestCopiedFiles(LeavingCase):
    def _assert_copied(self, place="no linked record"):
        event = self._new_events("file_copied")
        self.assertEqual(len(event), 1, event.mapped("new"))
        self.assertIn(place, event.new)
        self.assertIn(sha256(PDF), event.note)
        self.assertEqual(event.file_digest, self.document.digest)

    def test_copied_to_no_record(self):
        free = {"res_model": False, "res_id": False}
        self.file.with_user(self.manager).copy(free)
        self._assert_copied()

    def test_copied_to_another_record(self):
        target = {"res_model": "res.partner", "res_id": self.stranger.id}
        self.file.with_user(self.manager).copy(target)
        self._assert_copied(self.stranger.name)

    def test_same_bytes_uploaded_again(self):
        files = self.env["ir.attachment"].with_user(self.manager)
        files.create({"name": "mine.pdf", "raw": PDF})
        self._assert_copied()

    def test_bytes_written_over_another_file(self):
        files = self.env["ir.attachment"].with_user(self.manager)
        file = files.create({"name": "mine.pdf", "raw": OTHER})
        self.assertFalse(self._new_events("file_copied"))
        file.raw = PDF
        self._assert_copied()

    def test_file_created_from_the_original(self):
        """An editor keeps a reference to the file another one was created from."""
        files = self.env["ir.attachment"].with_user(self.manager)
        if "original_id" not in files._fields:
            self.skipTest("no editor of files is installed")
        files.create({"name": "cut.pdf", "raw": OTHER, "original_id": self.file.id})
        event = self._new_events("file_copied")
        self.assertIn(sha256(OTHER), event.note)

    def test_attached_to_a_message_elsewhere(self):
        channel = self.env["discuss.channel"].create({"name": "Everybody"})
        channel.with_user(self.manager).message_post(
            body="Look", attachment_ids=self.file.ids
        )
        self._assert_copied("Everybody")

    def test_copy_with_a_public_link(self):
        copy = self.file.with_user(self.manager).copy({"res_model": False, "res_id": 0})
        for vals in ({"public": True}, {"access_token": "secret"}):
            self.known = self._events(self.document)
            copy.write(vals)
            self._assert_copied("link")
        with self.refused(UserError, "New revision"):
            self.file.with_user(self.manager).public = True

    def test_reading_a_copy_is_counted(self):
        copy = self.file.with_user(self.manager).copy({"res_model": False, "res_id": 0})
        self.assertEqual(copy._key_records(), copy)
        self.assertFalse(
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "plain", "raw": OTHER})
            ._key_records()
        )

    def test_copies_between_documents_leave_no_event(self):
        self.document.with_user(self.supervisor).action_approve()
        self.document.with_user(self.manager).action_new_revision()
        self.assertFalse(self._new_events("file_copied"))

    def test_other_files_cost_one_query(self):
        files = self.env["ir.attachment"]
        file = files.create({"name": "plain", "raw": OTHER})
        self.env.flush_all()
        file._forget_plain()
        with self.assertQueryCount(1):
            file._find_audited()
            file._find_audited()

    def test_archive_download_is_an_export(self):
        second = self._submitted(files=(OTHER,))._files()
        (self.file | second).with_user(self.manager)._export_archive()
        event = self._events(self.manager, "export")
        self.assertIn("2 records", event.new)
        self.assertIn(sha256(OTHER), event.note)
        self.file.with_user(self.colleague)._export_archive()
        self.assertFalse(self._events(self.colleague, "export"))
