"""Users who worked on a document in any way can't decide on it. Cost of the guards."""

from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DocumentCase


@tagged("nka_control")
class TestMakers(DocumentCase):
    def _assert_only_the_other_decides(self, document):
        with self.assertRaises(AccessError):
            document.with_user(self.supervisor).action_approve()
        document.with_user(self.supervisor_2).action_approve()
        self.assertEqual(document.approved_by_id, self.supervisor_2)

    def test_user_who_replaced_a_file(self):
        document = self._draft()
        document._files().with_user(self.supervisor).sudo(False).raw = b"better"
        document.action_submit()
        self._assert_only_the_other_decides(document)

    def test_user_who_removed_a_file(self):
        document = self._draft()
        extra = self._upload(document, b"x", "x.txt")
        extra.with_user(self.supervisor).unlink()
        document.action_submit()
        self._assert_only_the_other_decides(document)

    def test_uploader_of_a_copied_file(self):
        """Also after a return, when the list of editors starts anew."""
        loose = self.env["ir.attachment"].with_user(self.supervisor)
        file = loose.create(
            {
                "name": "offer.pdf",
                "raw": b"offer",
                "res_model": "crm.lead",
                "res_id": self.lead.id,
            }
        )
        documents = self.env["nka.document"].with_user(self.manager)
        action = documents.action_create_from_attachments(
            file.ids, type_id=self.contract.id
        )
        document = documents.browse(action["res_id"])
        document.action_submit()
        document.with_user(self.supervisor_2).action_return("No date")
        document.finding_ids.answer = "Dated"
        document.action_submit()
        self._assert_only_the_other_decides(document)

    def test_uploader_of_the_previous_revision(self):
        document = self._draft(files=())
        self._upload(document.with_user(self.supervisor))
        document.action_submit()
        document.with_user(self.supervisor_2).action_approve()
        action = document.with_user(self.manager).action_new_revision()
        successor = document.with_user(self.manager).browse(action["res_id"])
        successor.action_submit()
        self._assert_only_the_other_decides(successor)

    def test_superuser_as_editor(self):
        """The superuser is archived, and user lists exclude archived users by default."""
        root = self.env.ref("base.user_root")
        root.group_ids += self.env.ref("nka_key_accounts.group_key_account_supervisor")
        document = self._draft()
        document.with_user(root).title = "Edited"
        document.action_submit()
        with self.assertRaises(AccessError):
            document.with_user(root).action_approve()


@tagged("nka_control")
class TestCost(DocumentCase):
    def _queries(self, call):
        call()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_queue_query_count_is_constant(self):
        spec = {
            name: {}
            for name in ("name", "title", "deadline", "may_review", "is_overdue")
        }
        for name in ("type_id", "key_account_id", "lead_id", "author_id", "manager_id"):
            spec[name] = {"fields": {"display_name": {}}}
        queue = self.env["nka.document"].with_user(self.supervisor)

        def opened():
            queue.web_search_read([("state", "=", "draft")], spec, limit=80)

        self._draft(files=())
        few = self._queries(opened)
        vals = {"type_id": self.contract.id, "lead_id": self.lead.id}
        self.env["nka.document"].with_user(self.manager).create([vals] * 20)
        self.assertEqual(self._queries(opened), few)

    def test_other_attachments_cost_one_query_at_most(self):
        """All guards together, compared with Odoo's own creation of the same file."""
        attachments = self.env["ir.attachment"].with_user(self.salesman)
        vals = {"name": "x", "raw": b"x", "res_model": "res.partner"}
        vals["res_id"] = self.other_client.id

        def ours():
            attachments.create(vals)

        def without():
            with self._without("_check_no_new_file", "_check_unpublished"):
                attachments.create(vals)

        self.assertLessEqual(self._queries(ours), self._queries(without) + 1)

    def _without(self, *names):
        """Disable the addon's attachment guards."""
        owner = type(self.env["ir.attachment"])
        return patch.multiple(owner, **{name: lambda *args: None for name in names})

    def test_files_use_a_separate_filestore(self):
        """Workers that share a filestore lose files to each other's garbage collection."""
        store = Path(self.env["ir.attachment"]._filestore())
        self.assertEqual(store.name, self.cr.dbname)
