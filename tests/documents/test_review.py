"""The life of a document from draft to expiry."""

import ast
import hashlib
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PDF, DocumentCase

ADDON = "odoo.addons.nka_key_accounts"


@tagged("nka_documents")
class TestReview(DocumentCase):
    def test_submit_and_approve(self):
        document = self._submitted()
        line = hashlib.sha256(PDF).hexdigest() + "\n"
        self.assertEqual(document.digest, hashlib.sha256(line.encode()).hexdigest())
        self.assertEqual(document.key_account_id, self.account)
        self.assertEqual(document.deal_amount, 100000)
        self.assertEqual(document.deadline, self.today + self._days(2))
        document.with_user(self.supervisor).action_approve()
        self.assertEqual(document.state, "approved")
        self.assertEqual(document.approved_by_id, self.supervisor)
        events = self._events(document, "state")
        self.assertEqual(events.mapped("new"), ["draft", "submitted", "approved"])
        self.assertEqual(events[-1].file_digest, document.digest)

    def test_submitting_needs_a_file_a_type_and_a_subject(self):
        for words, document in (
            ("no file", self._draft(files=())),
            ("document type", self._draft(type_id=False)),
            ("isn't linked to an account or a deal", self._draft(lead_id=False)),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                document.action_submit()
            self.assertEqual(document.state, "draft")

    def test_return_answer_approve(self):
        document = self._returned()
        finding = document.finding_ids
        self.assertEqual(
            (document.state, finding.text), ("returned", "The seal is missing")
        )
        with self.assertRaisesRegex(UserError, "Answer the findings"):
            document.action_submit()
        finding.with_user(self.manager).answer = "Sealed, see the second file"
        self._upload(document, PDF + b"sealed", "sealed.pdf")
        document.action_submit()
        self.assertEqual((document.state, document.revision), ("submitted", 2))
        document.with_user(self.supervisor).action_approve()
        self.assertEqual(finding.state, "closed")
        self.assertEqual(
            document.review_ids.sorted("number").mapped("verdict"),
            ["returned", "approved"],
        )

    def test_return_requires_findings(self):
        document = self._submitted().with_user(self.supervisor)
        question = document.action_return()
        self.assertEqual(question["res_model"], "nka.document.return")
        self.assertEqual(document.state, "submitted")
        wizard = self.env["nka.document.return"].with_user(self.supervisor)
        wizard = wizard.with_context(**question["context"]).create(
            {"line_ids": [Command.create({"text": "Page 3 is missing"})]}
        )
        wizard.action_return()
        self.assertEqual(document.finding_ids.text, "Page 3 is missing")

    def test_return_requires_a_finding_with_text(self):
        document = self._submitted().with_user(self.supervisor)
        for findings in ([""], ["  "], [{"item": "Integrity hash"}], []):
            with (
                self.subTest(findings=findings),
                self.assertRaisesRegex(UserError, "at least one finding"),
            ):
                document.action_return(findings)
        self.assertEqual(document.state, "submitted")
        document.action_return(["", {"text": "No seal", "item": "Integrity hash"}])
        self.assertEqual(document.finding_ids.mapped("text"), ["No seal"])

    def test_findings_entered_beside_the_preview(self):
        document = self._submitted().with_user(self.supervisor)
        document.write({"finding_ids": [Command.create({"text": "No date"})]})
        document.action_return()
        self.assertEqual(document.state, "returned")
        self.assertEqual(document.finding_ids.raised_by_id, self.supervisor)

    def test_new_revision_supersedes_on_approval(self):
        document = self._approved()
        action = document.with_user(self.manager).action_new_revision()
        successor = document.browse(action["res_id"])
        self.assertEqual((successor.state, successor.revision), ("draft", 2))
        self.assertEqual(document.state, "approved")
        again = document.with_user(self.manager).action_new_revision()
        self.assertEqual(again["res_id"], successor.id)
        successor.attachment_ids.with_user(self.manager).raw = b"changed"
        successor.with_user(self.manager).action_submit()
        successor.with_user(self.supervisor).action_approve()
        self.assertEqual(document.state, "superseded")

    def test_validity_warning_and_expiry(self):
        self.contract.write({"validity_days": 30, "warning_days": 10})
        document = self._approved()
        self.assertEqual(document.valid_until, self.today + self._days(30))
        document._cron_expire()
        self.assertEqual(document.state, "approved")
        document._unlocked().write({"valid_until": self.today + self._days(5)})
        before = self._mailed(document)
        document.with_user(SUPERUSER_ID)._cron_expire()
        document._cron_expire()
        self.assertEqual(len(document.activity_ids), 1)
        self.assertEqual(document.activity_ids.user_id, self.manager)
        self.assertEqual(self._mailed(document) - before, self.manager.partner_id)
        document._unlocked().write({"valid_until": self.today - self._days(1)})
        document._cron_expire()
        self.assertEqual(document.state, "expired")

    def test_activities_and_escalation(self):
        self.account.supervisor_id = self.supervisor_2
        document = self._submitted()
        self.assertEqual(document.reviewer_id, self.supervisor_2)
        self.assertEqual(document.sudo().activity_ids.user_id, self.supervisor_2)
        document._unlocked().write({"deadline": self.today - self._days(1)})
        self.assertTrue(document.is_overdue)
        before = self._mailed(document)
        document.with_user(SUPERUSER_ID)._cron_remind()
        people = document.sudo().activity_ids.user_id
        self.assertEqual(len(people), 2)
        above = people - self.supervisor_2
        self.assertEqual(self._mailed(document) - before, above.partner_id)
        document.with_user(self.supervisor).action_approve()
        self.assertFalse(document.sudo().activity_ids)

    def _mailed(self, document):
        """Return the users notified of an activity by email."""
        messages = self.env["mail.message"].sudo()
        about = [("model", "=", document._name), ("res_id", "=", document.id)]
        notices = [("message_type", "=", "user_notification")]
        return messages.search([*about, *notices]).notified_partner_ids

    def test_nightly_query_count_is_constant(self):
        """Documents whose users were notified before cost no query each."""
        self.contract.write({"validity_days": 30, "warning_days": 40})
        nights = []
        for number in (2, 6):
            for _document in range(number):
                self._approved()
                late = self._submitted()
                late._unlocked().write({"deadline": self.today - self._days(1)})
            self._night()
            nights.append(self._night())
        self.assertEqual(nights[0], nights[1])
        for kind, people in (("renew_document", 8), ("document_overdue", 8)):
            kind = self.env.ref(f"nka_key_accounts.mail_activity_type_{kind}")
            activities = self.env["mail.activity"].sudo()
            found = activities.search_count([("activity_type_id", "=", kind.id)])
            self.assertEqual(found, people)

    def _night(self):
        """Return the number of queries of both nightly jobs with a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        documents = self.env["nka.document"]
        documents._cron_remind()
        documents._cron_expire()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_sample_is_selected_by_the_system(self):
        self.minutes.sampling_percent = 50
        self.minutes.item_ids = [Command.create({"name": "Names", "is_required": True})]
        documents = [self._submitted(type_id=self.minutes.id) for _ in range(12)]
        drawn = [row for row in documents if row.sudo().is_sampled]
        self.assertTrue(0 < len(drawn) < 12)
        self.assertEqual(len(self._events(documents[0], "sample")), 1)
        checked = drawn[0].with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "Check these items first: Names"):
            checked.action_approve()
        checked.check_ids.is_done = True
        checked.action_approve()
        self.assertIn("Names", self._events(checked, "state")[-1].note)
        with self.assertRaises(AccessError):
            drawn[0].with_user(self.manager).read(["is_sampled"])

    def test_review_in_a_dialog(self):
        self.contract.item_ids = [
            Command.create({"name": name}) for name in ("Signed", "Annexes")
        ]
        document = self._submitted().with_user(self.supervisor)
        action = document.action_review()
        self.assertEqual((action["res_id"], action["target"]), (document.id, "new"))
        with Form(document, view=action["views"][0][0]) as form:
            with form.check_ids.edit(0) as check:
                check.is_done = True
        with self.assertRaisesRegex(UserError, "Check these items first: Annexes$"):
            document.action_approve()
        asked = document.action_return()
        wizard = self.env[asked["res_model"]].with_user(self.supervisor)
        wizard = wizard.with_context(asked["context"]).create({})
        self.assertEqual(wizard.line_ids.mapped("text"), ["Not met: Annexes"])
        wizard.action_return()
        self.assertEqual(document.state, "returned")
        self.assertEqual(document.finding_ids.item, "Annexes")

    def test_findings_typed_in_the_dialog_are_sent(self):
        document = self._submitted().with_user(self.supervisor)
        view = document.action_review()["views"][0][0]
        with Form(document, view=view) as form:
            with form.finding_ids.new() as finding:
                finding.text = "Page 3 is missing"
        self.assertTrue(document.action_return())
        self.assertEqual(document.state, "returned")

    def test_checklist_is_only_ticked_through_its_document(self):
        """The form saves ticks with the document; nothing else passes that way."""
        self.contract.item_ids = [Command.create({"name": "Signed"})]
        document = self._submitted()
        other = self._submitted().check_ids
        check = document.check_ids
        for commands in (
            [Command.create({"name": "Fine", "is_done": True})],
            [Command.delete(check.id)],
            [Command.clear()],
            [Command.link(other.id)],
            [Command.set(other.ids)],
            [Command.update(check.id, {"name": "Fine"})],
            [Command.update(check.id, {"is_required": False})],
        ):
            for user in (self.supervisor, self.manager, self.kam_admin):
                with self.subTest(commands=commands, user=user.login):
                    with self.assertRaises(AccessError):
                        document.with_user(user).write({"check_ids": commands})
        ticked = [Command.update(check.id, {"is_done": True})]
        with self.assertRaises(UserError):
            document.write({"check_ids": ticked})
        self.assertFalse(check.is_done)
        document.with_user(self.supervisor).write({"check_ids": ticked})
        self.assertEqual(check.done_by_id, self.supervisor)

    def test_author_decides_nothing_in_the_dialog(self):
        self.contract.item_ids = [Command.create({"name": "Signed"})]
        document = self._submitted()
        view = document.action_review()["views"][0][0]
        self.assertFalse(Form(document, view=view).may_review)
        with self.assertRaisesRegex(UserError, "Only the reviewer can complete"):
            document.check_ids.is_done = True
        with self.assertRaises(AccessError):
            document.write({"finding_ids": [Command.create({"text": "Fine"})]})

    def test_bulk_approval_where_the_type_allows(self):
        together = self._submitted(type_id=self.minutes.id)
        together |= self._submitted(type_id=self.minutes.id)
        together.with_user(self.supervisor).action_approve()
        self.assertEqual(together.mapped("state"), ["approved", "approved"])
        single = self._submitted() | self._submitted(type_id=self.minutes.id)
        with self.assertRaisesRegex(UserError, "one by one"):
            single.with_user(self.supervisor).action_approve()
        self.assertEqual(set(single.mapped("state")), {"submitted"})

    def test_second_supervisor_sees_who_approved(self):
        document = self._approved()
        with self.assertRaisesRegex(UserError, "already approved by nka_super"):
            document.with_user(self.supervisor_2).action_approve()

    def test_changed_file_in_storage_is_reported(self):
        document = self._submitted()
        attachment = document._files()
        with open(attachment._full_path(attachment.store_fname), "r+b") as file:
            original = file.read()
            file.seek(0)
            file.write(b"X")
        attachment.invalidate_recordset()
        try:
            with self.assertRaisesRegex(UserError, "was changed in storage"):
                document.with_user(self.supervisor).action_approve()
            found = self.env["nka.audit.verification"]._verify(self.env.company)
            self.assertIn("was changed in storage", found.message)
        finally:
            with open(attachment._full_path(attachment.store_fname), "wb") as file:
                file.write(original)
        found = self.env["nka.audit.verification"]._verify(self.env.company)
        self.assertTrue(found.is_whole, found.message)

    def test_every_batch_of_documents_is_verified(self):
        documents = [self._submitted() for _ in range(5)]
        verification = self.env["nka.audit.verification"]
        place = f"{ADDON}.models.proof.contents"
        self.env.flush_all()
        for changed in (documents[0], documents[4]):
            self.env.cr.execute(
                "UPDATE nka_document SET digest = 'x' WHERE id = %s", [changed.id]
            )
        self.env.invalidate_all()
        with patch(f"{place}.BATCH", 2):
            check, _content = verification._check_documents(self.env.company)
        self.assertEqual(len(check.findings), 2)
        self.assertIn(documents[4].name, check.findings[1])

    def test_queue_hides_empty_columns_of_closed_states(self):
        self._submitted()
        queue = self.env["nka.document"].with_user(self.supervisor)
        queue = queue.with_context(read_group_expand=True)

        def columns(domain):
            groups = queue.formatted_read_group(domain, ["state"], ["__count"])
            return [group["state"] for group in groups]

        mine = [("key_account_id", "=", self.account.id)]
        self.assertEqual(columns(mine), ["draft", "submitted", "returned"])
        action = self.env.ref("nka_key_accounts.nka_document_action_queue")
        queue = queue.with_context(**ast.literal_eval(action.context))
        shown = mine + ast.literal_eval(action.domain)
        self.assertEqual(columns(shown), ["submitted", "returned"])
        self._approved()
        self.assertEqual(columns(mine)[-1], "approved")

    def test_form_as_manager(self):
        form = Form(self.env["nka.document"].with_user(self.manager))
        form.type_id = self.contract
        form.lead_id = self.lead
        document = form.save()
        self.assertEqual(document.author_id, self.manager)
        self.assertRegex(document.name, r"^DOC/\d{4}/\d{5}$")


@tagged("nka_documents")
class TestQuality(DocumentCase):
    def test_rates(self):
        self._approved()
        self._returned()
        quality = self.env["nka.document.quality"].with_user(self.supervisor)
        [(author, rate, days, reviews)] = quality._read_group(
            [("key_account_id", "=", self.account.id)],
            ["manager_id"],
            ["first_pass_rate:avg", "review_days:median", "review_count:sum"],
        )
        self.assertEqual((author, rate, reviews), (self.manager, 50, 2))
        self.assertAlmostEqual(days, 0, 2)
