"""Approved documents changed by direct SQL: the verification reports the change."""

import re
from contextlib import contextmanager

from odoo.tests import tagged

from .common import PDF, DocumentCase


@tagged("nka_documents")
class TestDocumentsBySql(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls._approved(files=(PDF, b"%PDF-1.4 two"))
        cls.other = cls._draft()
        cls.files = cls.document._files()

    @contextmanager
    def _tampered(self, change, *params):
        """Run SQL as a database administrator, past every guard; undone afterwards."""
        self.env.flush_all()
        tables = dict.fromkeys(re.findall(r"(?:UPDATE|INTO|FROM) (\w+)", change))
        with self.cr.savepoint(flush=False) as savepoint:
            self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            self.cr.execute(change, params or None)
            self.assertTrue(self.cr.rowcount, change)
            self.env.invalidate_all(flush=False)
            yield
            savepoint.rollback()
        self.env.invalidate_all(flush=False)

    def _said(self):
        verifications = self.env["nka.audit.verification"].sudo()
        self.env.flush_all()
        checks = verifications._check_documents(self.env.company)
        return "\n".join(found for check in checks for found in check.findings)

    def test_untouched(self):
        self.assertFalse(self._said())
        checks = self.env["nka.audit.verification"]._check_documents(self.env.company)
        self.assertEqual([check.count for check in checks], [1, 1])

    def test_files(self):
        smuggled = self._upload(self.other, b"%PDF-1.4 smuggled", "side letter.pdf")
        move = "UPDATE ir_attachment SET res_id = %s WHERE id = %s"
        with self._tampered(move, self.document.id, smuggled.id):
            self.assertRegex(
                self._said(), "“side letter.pdf” of .* was added after the submission"
            )
        forged = (
            "UPDATE ir_attachment SET res_id = %s, nka_digest = %s WHERE id = %s",
            self.document.id,
            self.files[0].nka_digest,
            smuggled.id,
        )
        with self._tampered(*forged):
            self.assertRegex(self._said(), "“side letter.pdf” of .* was changed")
        first = self.files[0].id
        for change, pattern in (
            (
                "name = 'other.pdf'",
                "are named “other.pdf”.*in the audit trail they are named “file0.pdf”",
            ),
            (
                "type = 'url', url = 'https://evil.example'",
                "“file0.pdf” .* was replaced by a link",
            ),
            ("mimetype = 'text/html'", "differs from what was reviewed"),
            ("store_fname = 'aa/none'", "“file0.pdf” of .* is missing from storage"),
            ("nka_digest = 'x'", "“file0.pdf” of .* was changed"),
            ("nka_digest = NULL", "“file0.pdf” of .* was added after the submission"),
            ("res_id = 0", "differ from those that were submitted"),
            ("create_uid = 1", "differs from what was reviewed"),
        ):
            with self.subTest(change):
                with self._tampered(
                    f"UPDATE ir_attachment SET {change} WHERE id = %s", first
                ):
                    self.assertRegex(self._said(), pattern)
        with self._tampered("DELETE FROM ir_attachment WHERE id = %s", first):
            self.assertRegex(self._said(), "differ from those that were submitted")

    def test_people_and_days(self):
        for change, pattern in (
            (
                "author_id = 1",
                "The author of .* is .*, but the audit trail says .*nka_manager",
            ),
            (
                "approved_by_id = 1",
                "gives .* for “Approved”, but the audit trail says .*nka_super",
            ),
            (
                "submitted_by_id = 1",
                "gives .* for “Submitted”, but the audit trail says .*nka_man",
            ),
            (
                "approve_date = approve_date - interval '3 days'",
                "gives .* for “Approved”",
            ),
            (
                "submit_date = submit_date - interval '3 days'",
                "gives .* for “Submitted”",
            ),
            ("valid_until = '2099-12-31'", "differs from what was reviewed"),
            ("create_uid = 1", "differs from what was reviewed"),
            ("title = 'Another one'", "differs from what was reviewed"),
            ("description = '<p>x</p>'", "differs from what was reviewed"),
            ("revision = 7", "differs from what was reviewed"),
            ("digest = 'x'", "doesn't match the audit trail"),
        ):
            with (
                self.subTest(change),
                self._tampered(
                    f"UPDATE nka_document SET {change} WHERE id = %s", self.document.id
                ),
            ):
                self.assertRegex(self._said(), pattern)

    def test_reviews_and_makers(self):
        for change in (
            "reviewer_id = 1",
            "verdict = 'returned'",
            "verdict_date = verdict_date - interval '3 days'",
            "submitted_by_id = 1",
        ):
            with (
                self.subTest(change),
                self._tampered(f"UPDATE nka_document_review SET {change}"),
            ):
                self.assertRegex(self._said(), "differs from what was reviewed")
        with self._tampered("DELETE FROM nka_document_review"):
            self.assertRegex(self._said(), "differs from what was reviewed")

    def test_moved_to_another_deal(self):
        """The document would open the gate of the other deal."""
        other = self._new_deal(self.client, name="Another deal")
        change = "UPDATE nka_document SET lead_id = %s WHERE id = %s"
        with self._tampered(change, other.id, self.document.id):
            self.assertRegex(
                self._said(), "is linked to “Another deal”, but the audit trail says"
            )

    def test_merged_deals_cause_no_finding(self):
        self.lead.stage_id = self.stage
        twin = self._new_deal(self.client, name="Twin")
        moved = self._approved(lead_id=twin.id)
        (self.lead | twin).with_user(self.supervisor).merge_opportunity()
        self.assertTrue(moved.lead_id)
        self.assertFalse(self._said())

    def test_returned_documents_can_be_changed(self):
        document = self._submitted()
        document.with_user(self.supervisor).action_return(["The date is missing"])
        document.finding_ids.with_user(self.manager).answer = "There it is"
        self._upload(document.with_user(self.manager), b"%PDF-1.4 more", "more.pdf")
        self.assertFalse(self._said())
        document.with_user(self.manager).action_submit()
        self.assertFalse(self._said())

    def test_returned_and_replaced_by_a_new_revision(self):
        """A superseded document is locked in its present state, including files added
        since the return.
        """
        other = self._new_deal(self.client, name="Another deal")
        changes = (
            lambda document: None,
            lambda document: document.write({"title": "Another title"}),
            lambda document: self._upload(document, b"%PDF-1.4 more", "more.pdf"),
            lambda document: document.write({"lead_id": other.id}),
        )
        for number, change in enumerate(changes):
            with self.subTest(number):
                document = self._submitted().with_user(self.manager)
                document.with_user(self.supervisor).action_return(["No date"])
                change(document)
                names = sorted(document.attachment_ids.mapped("name"))
                action = document.action_new_revision()
                following = document.browse(action["res_id"])
                self.assertEqual(document.state, "superseded")
                kept = sorted(following.attachment_ids.mapped("name"))
                self.assertEqual(kept, names)
                self.assertFalse(self._said())
                for column in ("author_id", "create_uid"):
                    with self._tampered(
                        f"UPDATE nka_document SET {column} = 1 WHERE id = %s",
                        document.id,
                    ):
                        self.assertTrue(self._said())
                with self._tampered(
                    "UPDATE nka_document SET lead_id = %s WHERE id = %s",
                    (self.lead if document.lead_id == other else other).id,
                    document.id,
                ):
                    self.assertRegex(
                        self._said(), "is linked to .*, but the audit trail says"
                    )
                following.finding_ids.answer = "There it is"
                following.action_submit()
                following.with_user(self.supervisor).action_approve()
                self.assertFalse(self._said())

    def test_expired_and_superseded_documents_are_locked(self):
        action = self.document.with_user(self.manager).action_new_revision()
        following = self.env["nka.document"].browse(action["res_id"])
        following.with_user(self.manager).action_submit()
        following.with_user(self.supervisor).action_approve()
        self.assertEqual(self.document.state, "superseded")
        self.assertFalse(self._said())
        with self._tampered(
            "UPDATE nka_document SET author_id = 1 WHERE id = %s", self.document.id
        ):
            self.assertRegex(self._said(), "The author of")
