"""Locked files can't be changed by any role through any public method."""

import base64

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PDF, DocumentCase

EVIL = base64.b64encode(b"evil").decode()


@tagged("nka_control")
class TestFrozenFiles(DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls._submitted()
        cls.file = cls.document._files()
        cls.system = cls._new_user("nka_system", "group_key_account_supervisor")
        cls.system.group_ids += cls.env.ref("base.group_system")
        cls.people = (cls.manager, cls.supervisor, cls.system, cls.env.user)

    def _call(self, user, model, method, *args, **kwargs):
        """Call a public method as an RPC client, with unchecked arguments."""
        return call_kw(self.env(user=user.id, su=False)[model], method, args, kwargs)

    def _assert_untouched(self):
        self.env.invalidate_all()
        self.assertTrue(self.file.exists())
        self.assertEqual(self.file.raw, PDF)
        self.assertEqual(self.document._files(), self.file)
        self.assertFalse(self.file._contradiction(self.document))
        verification = self.env["nka.audit.verification"]._verify(self.env.company)
        self.assertTrue(verification.is_whole, verification.message)

    def _assert_refused(self, model, method, *args, **kwargs):
        for user in self.people:
            with self.subTest(user=user.login, method=method, args=args):
                with self.assertRaises(UserError):
                    self._call(user, model, method, *args, **kwargs)
        self._assert_untouched()

    def test_write(self):
        other = self._draft(files=())
        for vals in (
            {"raw": "evil"},
            {"datas": EVIL},
            {"db_datas": EVIL},
            {"store_fname": "00/0000", "name": "x"},
            {"name": "other.pdf"},
            {"mimetype": "text/html"},
            {"type": "url", "url": "https://example.com"},
            {"res_model": "res.partner", "res_id": self.client.id},
            {"res_id": other.id},
            {"res_id": 0},
            {"res_field": "title"},
            {"public": True},
            {"access_token": "x"},
            {"company_id": False},
            {"nka_digest": False},
        ):
            self._assert_refused("ir.attachment", "write", self.file.ids, vals)

    def test_unlink(self):
        self._assert_refused("ir.attachment", "unlink", self.file.ids)
        self._assert_refused(
            "ir.attachment",
            "unlink",
            self.file.ids,
            context={"_force_unlink": True, "force_delete": True},
        )

    def test_new_file_on_a_submitted_document(self):
        vals = {"name": "x.txt", "raw": "x", "res_model": "nka.document"}
        vals["res_id"] = self.document.id
        self._assert_refused("ir.attachment", "create", vals)
        self._assert_refused(
            "ir.attachment",
            "create",
            {"name": "x.txt", "raw": "x"},
            context={
                "default_res_model": "nka.document",
                "default_res_id": self.document.id,
            },
        )

    def test_moving_a_file_onto_the_document(self):
        for user in self.people:
            loose = self.env["ir.attachment"].with_user(user)
            loose = loose.create({"name": "loose", "raw": b"x"})
            with self.assertRaises(UserError):
                self._call(
                    user,
                    "ir.attachment",
                    "write",
                    loose.ids,
                    {"res_model": "nka.document", "res_id": self.document.id},
                )
        self._assert_untouched()

    def test_x2many_commands_of_the_document(self):
        for command in (
            (0, 0, {"name": "x", "raw": "x"}),
            (1, self.file.id, {"raw": "evil"}),
            (2, self.file.id),
            (3, self.file.id),
            (5,),
            (6, 0, []),
        ):
            self._assert_refused(
                "nka.document",
                "write",
                self.document.ids,
                {"attachment_ids": [command]},
            )

    def test_deleting_parent_records(self):
        self._assert_refused("nka.document", "unlink", self.document.ids)
        with self.assertRaises(AccessError):
            self.lead.sudo().unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self.lead.with_user(self.supervisor).sudo().unlink()
        self._assert_untouched()

    def test_posting_with_an_attachment(self):
        for user in (self.manager, self.supervisor):
            with self.assertRaises(UserError):
                self._call(
                    user,
                    "nka.document",
                    "message_post",
                    self.document.ids,
                    body="x",
                    attachments=[("x.txt", "x")],
                )
        self._assert_untouched()

    def test_storage_migration_is_allowed(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("ir_attachment.location", "db")
        self.file._migrate()
        self.assertTrue(self.file.db_datas)
        self._assert_untouched()

    def test_locked_after_a_return(self):
        self.document.with_user(self.supervisor).action_return("No seal")
        for vals in ({"raw": "evil"}, {"name": "x"}):
            self._assert_refused("ir.attachment", "write", self.file.ids, vals)
        self._assert_refused("ir.attachment", "unlink", self.file.ids)

    def test_unsubmitted_files_are_never_public(self):
        draft = self._draft()
        for vals in ({"public": True}, {"access_token": "x"}):
            with self.assertRaises(UserError):
                self._call(
                    self.manager, "ir.attachment", "write", draft._files().ids, vals
                )
        with self.assertRaises(UserError):
            self._call(
                self.manager,
                "ir.attachment",
                "generate_access_token",
                draft._files().ids,
            )

    def test_other_attachments_cost_no_query(self):
        """Creating an unrelated file costs no query for the guard."""
        vals = {"name": "x", "raw": b"x", "res_model": "res.partner"}
        vals["res_id"] = self.client.id
        attachments = self.env["ir.attachment"]
        attachments.create(vals)
        self.env.flush_all()
        guard = type(attachments)._check_no_new_file
        with self.assertQueryCount(0):
            guard(attachments, [vals])


@tagged("nka_control")
class TestOwnWork(DocumentCase):
    """A user who created, edited or submitted a document can't decide on it."""

    def _assert_may_not_decide(self, document, user):
        for call in (
            lambda own: own.action_approve(),
            lambda own: own.action_return("x"),
        ):
            with self.assertRaises(AccessError):
                call(document.with_user(user))
            with self.assertRaises(AccessError):
                call(document.with_user(user).sudo())
        self.assertEqual(document.state, "submitted")

    def test_roles_without_the_right(self):
        document = self._submitted()
        for user in (self.manager, self.colleague, self.officer, self.kam_admin):
            self._assert_may_not_decide(document, user)
        self._assert_may_not_decide(document, self.env.ref("base.user_root"))

    def test_creator(self):
        document = self._submitted(self.supervisor)
        self._assert_may_not_decide(document, self.supervisor)

    def test_author(self):
        document = self._draft(self.supervisor_2, author_id=self.supervisor.id)
        document.action_submit()
        self._assert_may_not_decide(document, self.supervisor)

    def test_uploader(self):
        document = self._draft()
        self._upload(document.with_user(self.supervisor), b"x", "x.txt")
        document.action_submit()
        self._assert_may_not_decide(document, self.supervisor)

    def test_editor_since_the_last_review(self):
        document = self._draft()
        document.with_user(self.supervisor).title = "Edited"
        document.action_submit()
        self._assert_may_not_decide(document, self.supervisor)
        document.with_user(self.supervisor_2).action_return("x")
        document.finding_ids.with_user(self.manager).answer = "y"
        document.action_submit()
        document.with_user(self.supervisor).action_approve()

    def test_user_who_answered_findings_for_the_author(self):
        document = self._returned()
        document.finding_ids.with_user(self.supervisor).answer = "It is fine"
        document.action_submit()
        self._assert_may_not_decide(document, self.supervisor)

    def test_superuser_with_the_role(self):
        root = self.env.ref("base.user_root")
        root.group_ids += self.env.ref("nka_key_accounts.group_key_account_supervisor")
        document = self._draft(root)
        document.action_submit()
        self._assert_may_not_decide(document, root)


@tagged("nka_control")
class TestForgedState(DocumentCase):
    def test_state_cannot_be_written(self):
        document = self._draft()
        documents = self.env["nka.document"].with_user(self.manager)
        vals = {"type_id": self.contract.id, "lead_id": self.lead.id}
        for door in (
            lambda: document.write({"state": "approved"}),
            lambda: document.sudo().write({"state": "approved"}),
            lambda: document.with_context(nka_key=True).write({"state": "approved"}),
            lambda: document.write({"digest": "x"}),
            lambda: document.write({"approved_by_id": self.supervisor.id}),
            lambda: document.web_save({"state": "approved"}, {}),
            lambda: documents.create({**vals, "state": "approved"}),
            lambda: documents.with_context(default_state="approved").create(vals),
            lambda: document.copy({"state": "approved"}),
            lambda: self.env["ir.default"].set("nka.document", "state", "approved"),
            lambda: self.lead.with_user(self.manager).write(
                {"nka_document_ids": [(1, document.id, {"state": "approved"})]}
            ),
            lambda: self.lead.with_user(self.manager).write(
                {"nka_document_ids": [(0, 0, {**vals, "state": "approved"})]}
            ),
        ):
            with self.assertRaises(AccessError):
                door()
        self.env.invalidate_all()
        self.assertEqual(document.state, "draft")
        loaded = documents.load([".id", "state"], [[str(document.id), "approved"]])
        self.assertFalse(loaded["ids"])
        self.assertEqual(document.copy().state, "draft")

    def test_colleague_reads_and_cannot_write(self):
        document = self._submitted()
        theirs = document.with_user(self.colleague)
        self.assertFalse(theirs.search([("id", "=", document.id)]))
        for door in (
            lambda: theirs.read(["name"]),
            lambda: theirs.write({"title": "x"}),
            lambda: theirs.action_new_revision(),
            lambda: document._files().with_user(self.colleague).read(["raw"]),
            lambda: theirs.create(
                {"type_id": self.contract.id, "key_account_id": self.account.id}
            ),
        ):
            with self.assertRaises(AccessError):
                door()

    def test_own_document_cannot_be_moved_to_a_colleague_s_deal(self):
        account = self._key_account(self.other_client, self.colleague)
        theirs = self._new_deal(self.other_client, self.colleague)
        plain = self._new_deal(self._new_client("Plain"), self.colleague)
        document = self._draft()
        for vals in (
            {"lead_id": theirs.id, "key_account_id": False},
            {"lead_id": False, "key_account_id": account.id},
            {"lead_id": plain.id, "key_account_id": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._call(self.manager, "nka.document", "write", document.ids, vals)
        self.assertEqual(document.lead_id, self.lead)

    def _call(self, user, model, method, *args):
        return call_kw(self.env(user=user.id, su=False)[model], method, args, {})

    def test_handover_removes_access(self):
        document = self._submitted()
        self.account._unlocked().write({"manager_id": self.colleague.id})
        self.lead._unlocked().write({"user_id": self.colleague.id})
        with self.assertRaises(AccessError):
            document.with_user(self.manager).read(["name"])
        self.assertTrue(document.with_user(self.colleague).read(["name"]))

    def test_author_cannot_be_forged(self):
        with self.assertRaises(AccessError):
            self._draft(author_id=self.colleague.id)
        with self.assertRaises(AccessError):
            self._draft().author_id = self.colleague
