"""Create documents from files: on a deal or account, in the chatter, by email."""

import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PDF, DocumentCase

MAIL = """\
From: {sender}
To: {to}
Subject: {subject}
Message-Id: <{number}@example.com>{reply}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

Here it is.
--part
Content-Type: application/pdf; name="signed.pdf"
Content-Disposition: attachment; filename="signed.pdf"
Content-Transfer-Encoding: base64

{file}
--part--
"""


@tagged("nka_documents")
class TestEntry(DocumentCase):
    def _loose(self, *names):
        """Create attachments as the form does, not linked to a record yet."""
        files = self.env["ir.attachment"].with_user(self.manager)
        return files.create(
            [
                {"name": name, "raw": PDF, "res_model": "nka.document", "res_id": 0}
                for name in names
            ]
        )

    def _made(self, attachments, **values):
        documents = self.env["nka.document"].with_user(self.manager)
        action = documents.action_create_from_attachments(attachments.ids, **values)
        return documents.browse(action["res_id"])

    def test_files_uploaded_together_become_one_document(self):
        files = self._loose("T-Contract 17.pdf", "annex.pdf")
        document = self._made(files, lead_id=self.lead.id)
        self.assertEqual(document.attachment_ids, files)
        self.assertEqual(document.type_id, self.contract)
        document.action_submit()
        self.assertEqual(document.state, "submitted")

    def test_type_is_guessed_only_if_unambiguous(self):
        for name, expected in (
            ("Minutes of test, 3 May.pdf", self.minutes),
            ("contracts.pdf", self.env["nka.document.type"]),
        ):
            document = self._made(self._loose(name), lead_id=self.lead.id)
            self.assertEqual(document.type_id, expected, name)
        self.contract.stage_ids = self.lead._next_stage()
        document = self._made(self._loose("scan.pdf"), lead_id=self.lead.id)
        self.assertEqual(document.type_id, self.contract)
        self.contract.applies_to = "lead"
        document = self._made(
            self._loose("t-contract.pdf"), key_account_id=self.account.id
        )
        self.assertFalse(document.type_id)
        # The account or deal of a file from a list of documents isn't known yet.
        document = self._made(self._loose("t-contract.pdf"))
        self.assertEqual(document.type_id, self.contract)

    def test_attachments_of_others_are_not_moved(self):
        file = self.lead.message_post(attachments=[("secret.pdf", PDF)]).attachment_ids
        theirs = self.env["nka.document"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            theirs.action_create_from_attachments(file.ids)

    def test_document_from_an_attachment(self):
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.supervisor)
            .create(
                {
                    "name": "offer.pdf",
                    "raw": PDF,
                    "res_model": "crm.lead",
                    "res_id": self.lead.id,
                }
            )
        )
        documents = self.env["nka.document"].with_user(self.manager)
        action = documents.action_create_from_attachments(attachment.ids)
        document = documents.browse(action["res_id"])
        self.assertEqual((document.title, document.lead_id), ("offer.pdf", self.lead))
        self.assertEqual(document._files().raw, PDF)
        self.assertIn(self.supervisor, document._makers())

    def test_submitted_from_the_deal(self):
        document = self._draft()
        self.lead.with_user(self.manager).action_submit_documents()
        self.assertEqual(document.state, "submitted")


@tagged("nka_documents")
class TestMail(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.email = "manager@example.com"
        cls.supervisor.email = "supervisor@example.com"
        domain = cls.env["mail.alias.domain"].create({"name": "docs.example.com"})
        cls.env.company.alias_domain_id = domain
        cls.alias = cls.env.ref("nka_key_accounts.mail_alias_nka_document")
        cls.alias.alias_domain_id = domain
        for user in cls.manager | cls.supervisor:
            employees = cls.env["hr.employee"]
            employees.create({"name": user.name, "user_id": user.id})

    def _receive(self, sender, subject, thread=None):
        """Process an email as the mail gateway does; ``thread`` is the message it
        replies to.
        """
        number = self.env["mail.message"].search([], limit=1).id + 1
        answered = thread and thread.message_ids[:1].message_id
        local = "catchall" if thread else self.alias.alias_name
        raw = MAIL.format(
            sender=sender,
            to=f"{local}@docs.example.com",
            subject=subject,
            number=number,
            reply=f"\nIn-Reply-To: {answered}" if thread else "",
            file=base64.b64encode(PDF).decode(),
        )
        number = self.env["mail.thread"].message_process(None, raw)
        return self.env["nka.document"].browse(number)

    def test_mail_becomes_a_draft(self):
        document = self._receive("manager@example.com", "T-CONTRACT: Northwind Steel")
        self.assertEqual(document.type_id, self.contract)
        self.assertEqual(document.key_account_id, self.account)
        self.assertEqual(document.author_id, self.manager)
        self.assertEqual(document._files().mapped("name"), ["signed.pdf"])
        document.with_user(self.manager).action_submit()
        self.assertEqual(document.state, "submitted")

    def test_mail_of_strangers_creates_nothing(self):
        before = self.env["nka.document"].search_count([])
        self._receive("stranger@example.com", "T-CONTRACT: Northwind Steel")
        self.assertEqual(self.env["nka.document"].search_count([]), before)

    def test_reply_to_a_submitted_document_keeps_its_text(self):
        document = self._submitted()
        document.with_user(self.supervisor).message_post(body="When was it signed?")
        files = document._files()
        self._receive("manager@example.com", "Re: signed", document)
        self.assertEqual(document._files(), files)
        self.assertRegex(document.message_ids[0].body, "Here it is(.|\n)*signed.pdf")

    def test_sender_of_a_file_is_a_maker(self):
        document = self._draft()
        document.message_post(body="Please send the signed one")
        self._receive("supervisor@example.com", "Re: signed", document)
        self.assertEqual(len(document._files()), 2)
        self.assertIn(self.supervisor, document._makers())

    def test_sender_of_a_file_to_the_deal_is_a_maker(self):
        self.lead.message_post(body="Please send the signed one")
        self._receive("supervisor@example.com", "Re: signed", self.lead)
        file = self.lead.message_ids.attachment_ids
        documents = self.env["nka.document"].with_user(self.manager)
        action = documents.action_create_from_attachments(file.ids)
        self.assertIn(self.supervisor, documents.browse(action["res_id"])._makers())
