"""Attempts of a hostile manager to change files and take data, by every protocol."""

import base64
import json

from odoo.tests import tagged

from .doors import DoorsCase, call

EVIL = base64.b64encode(b"evil").decode()


@tagged("nka_control")
class TestHostileAccess(DoorsCase):
    """Locked files, accounts of others, exports, vCards and mass reading."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        exporters = cls.env.ref("base.group_allow_export")
        for user in (cls.manager, cls.supervisor, cls.colleague):
            user.group_ids += exporters

    def test_locked_files(self):
        ids = self.file.ids
        onto = {"res_model": "nka.document", "res_id": self.document.id}
        document = self.document.ids
        self._assert_refused(
            (self.manager, self.supervisor, self.system),
            *(
                call("ir.attachment", "write", ids, vals=vals)
                for vals in (
                    {"datas": EVIL},
                    {"raw": "evil"},
                    {"name": "other.pdf"},
                    {"res_id": self.draft.id},
                    {"public": True},
                    {"access_token": "x"},
                    {"nka_digest": False},
                )
            ),
            call("ir.attachment", "unlink", ids),
            call("ir.attachment", "unlink", ids, context={"_force_unlink": True}),
            call("ir.attachment", "generate_access_token", ids),
            call("ir.attachment", "copy", ids, default=onto),
            call(
                "ir.attachment", "create", vals_list=[{"name": "x", "raw": "x", **onto}]
            ),
            call(
                "nka.document",
                "message_post",
                document,
                body="x",
                attachments=[["x.txt", "x"]],
            ),
            call("nka.document", "unlink", document),
            call(
                "nka.document",
                "write",
                document,
                vals={"attachment_ids": [[2, self.file.id, 0]]},
            ),
        )

    def test_preview_file_cannot_be_replaced(self):
        pretty = self.env["ir.attachment"].with_user(self.manager)
        pretty = pretty.create({"name": "pretty.pdf", "raw": b"pretty"})
        vals = {"message_main_attachment_id": pretty.id}
        self._assert_refused(
            (self.manager, self.supervisor),
            call("nka.document", "write", self.document.ids, vals=vals),
            call("nka.document", "write", self.draft.ids, vals=vals),
        )

    def _post_file(self, route, **data):
        return self.url_open(
            route,
            data={"csrf_token": self._token(), **data},
            files={"ufile": ("evil.pdf", b"evil", "application/pdf")},
        )

    def test_upload_routes(self):
        before = self._standing()
        for user in self.everybody:
            self.authenticate(user.login, self._password(user))
            for route, data in (
                (
                    "/web/binary/upload_attachment",
                    {"model": "nka.document", "id": self.document.id},
                ),
                (
                    "/mail/attachment/upload",
                    {"thread_model": "nka.document", "thread_id": self.document.id},
                ),
            ):
                with self.subTest(user=user.login, route=route):
                    answer = self._post_file(route, **data)
                    if answer.ok:
                        self.assertIn("not allowed to upload", answer.text)
                    self.assertEqual(self._standing(), before)
        self._assert_chain()

    def test_delete_route(self):
        before = self._standing()
        for user in self.everybody:
            self.authenticate(user.login, self._password(user))
            body = {"params": {"attachment_id": self.file.id}}
            self.url_open("/mail/attachment/delete", json=body)
            self.assertEqual(self._standing(), before, user.login)

    def test_download_routes(self):
        for user, may in (
            (self.manager, True),
            (self.supervisor, True),
            *((user, False) for user in self.outsiders),
        ):
            self.authenticate(user.login, self._password(user))
            for route in ("content", "image"):
                answer = self.url_open(f"/web/{route}/{self.file.id}")
                found = answer.content == self.file.raw
                if route == "content":
                    self.assertEqual(
                        (answer.status_code, found),
                        (200, True) if may else (404, False),
                        user.login,
                    )
                else:
                    self.assertTrue(may or not found, user.login)

    def _readings(self, record):
        model, ids = record._name, record.ids
        names = ["display_name", "create_uid"]
        spec = {name: {} for name in names}
        domain = [["id", "in", ids]]
        grouped = {"groupby": ["create_uid"], "aggregates": ["__count", "id:array_agg"]}
        return [
            call(model, "read", ids, fields=names),
            call(model, "web_read", ids, specification=spec),
            call(model, "search_read", domain=domain, fields=names),
            call(model, "web_search_read", domain=domain, specification=spec),
            call(model, "export_data", ids, fields_to_export=names),
            call(model, "copy", ids),
            call(model, "formatted_read_group", domain=domain, **grouped),
        ]

    def test_reading_without_access(self):
        """Key account administrators see accounts and deals, but no documents."""
        blind = [user for user in self.outsiders if user != self.kam_admin]
        name = self.client.name
        self._assert_blind(blind, *self._readings(self.account), secret=name)
        told = ("nka.audit.event", "mail.message", "mail.activity")
        self._assert_blind(
            blind,
            *self._readings(self.lead),
            *(
                call(model, "search_read", domain=[], fields=["display_name"])
                for model in told
            ),
        )
        self._assert_blind(
            self.outsiders, *self._readings(self.document), *self._readings(self.file)
        )

    def test_taking_over_accounts(self):
        me = {user: user.id for user in self.outsiders}
        for user, uid in me.items():
            self._assert_refused(
                (user,),
                call(
                    "nka.key.account",
                    "write",
                    self.account.ids,
                    vals={"manager_id": uid},
                ),
                call(
                    "nka.key.account",
                    "write",
                    self.account.ids,
                    vals={"deputy_id": uid},
                ),
                call("crm.lead", "write", self.lead.ids, vals={"user_id": uid}),
                call("crm.lead", "write", self.lead.ids, vals={"name": "mine"}),
                call(
                    "nka.document", "write", self.document.ids, vals={"author_id": uid}
                ),
                call("nka.document", "action_new_revision", self.document.ids),
                call("ir.attachment", "write", self.file.ids, vals={"res_id": 0}),
                call(
                    "nka.document",
                    "action_create_from_attachments",
                    attachment_ids=self.file.ids,
                ),
                call(
                    "nka.assignment",
                    "create",
                    vals_list=[{"key_account_id": self.account.id, "user_id": uid}],
                ),
                call(
                    "nka.document",
                    "create",
                    vals_list=[{"type_id": self.contract.id, "lead_id": self.lead.id}],
                ),
            )

    def test_giving_away_accounts(self):
        """The account's own manager can't give it away either."""
        lead, account = self.lead.ids, self.account.ids
        self._assert_refused(
            (self.manager,),
            call("crm.lead", "write", lead, vals={"user_id": self.colleague.id}),
            call("crm.lead", "write", lead, vals={"user_id": False}),
            call("crm.lead", "write", lead, vals={"active": False}),
            call("crm.lead", "action_archive", lead),
            call("crm.lead", "unlink", lead),
            call("crm.lead", "unlink", lead, context={"_force_unlink": True}),
            call("crm.lead", "write", lead, vals={"partner_id": self.other_client.id}),
            call(
                "nka.key.account",
                "write",
                account,
                vals={"manager_id": self.colleague.id},
            ),
            call("nka.key.account", "unlink", account),
            call("res.partner", "write", self.client.ids, vals={"active": False}),
            call("res.partner", "action_archive", self.client.ids),
            call("res.partner", "unlink", self.client.ids),
            call(
                "res.partner",
                "write",
                self.client.ids,
                vals={"parent_id": self.other_client.id, "is_company": False},
            ),
        )

    def test_merging(self):
        twin = self._new_deal(self.client)
        merge = self.env["crm.merge.opportunity"].with_user(self.manager)
        leads = merge.create({"opportunity_ids": [(6, 0, (self.lead | twin).ids)]})
        self._assert_refused(
            (self.manager,),
            call("crm.merge.opportunity", "action_merge", leads.ids),
            call("crm.lead", "merge_opportunity", (self.lead | twin).ids),
        )
        partners = (self.client | self.other_client).ids
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        merge = self.env["base.partner.merge.automatic.wizard"].with_user(self.manager)
        clients = merge.create(
            {"partner_ids": [(6, 0, partners)], "dst_partner_id": self.other_client.id}
        )
        self._assert_refused(
            (self.manager,), call(clients._name, "action_merge", clients.ids)
        )

    def test_export_calls(self):
        for record in (self.account, self.lead, self.document, self.client):
            asked = call(
                record._name, "export_data", record.ids, fields_to_export=["id"]
            )
            self._assert_refused(
                (self.manager,), asked, words="Only a supervisor can export"
            )
        self.authenticate(self.supervisor.login, self._password(self.supervisor))
        self.assertFalse(self._json2(self.supervisor, asked).refusal)
        event = self._events(self.supervisor, "export")
        self.assertEqual((event.note, event.new), ("id", "Contact: 1 records"))

    def test_export_routes(self):
        for route in ("csv", "xlsx"):
            for user, may in ((self.manager, False), (self.supervisor, True)):
                self.authenticate(user.login, self._password(user))
                before = len(self._events(user, "export"))
                data = {
                    "model": "nka.key.account",
                    "fields": [{"name": "partner_id/name", "label": "Client"}],
                    "ids": self.account.ids,
                    "domain": [],
                    "groupby": [],
                    "import_compat": False,
                }
                form = {"data": json.dumps(data), "csrf_token": self._token()}
                answer = self.url_open(f"/web/export/{route}", data=form)
                self.assertEqual(answer.ok, may, (route, user.login))
                if may and route == "csv":
                    self.assertIn("Northwind", answer.text)
                    self.assertEqual(len(self._events(user, "export")), before + 1)
                if not may:
                    self.assertIn("Only a supervisor can export", answer.text)

    def test_vcards(self):
        second = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.client.id}
        )
        ids = f"{self.client.id},{second.id}"
        for user, may in ((self.manager, False), (self.supervisor, True)):
            self.authenticate(user.login, self._password(user))
            answer = self.url_open(f"/web/partner/vcard?partner_ids={ids}")
            zipped = answer.headers["Content-Type"] == "application/zip"
            self.assertEqual(answer.ok and zipped, may, user.login)
        self.assertEqual(self._events(self.supervisor, "export").note, "vCard")

    def test_reading_beyond_the_limit(self):
        self.env.company.nka_read_limit = 3
        asked = call("nka.key.account", "read", self.account.ids, fields=["state"])
        self.authenticate(self.manager.login, self._password(self.manager))
        answers = [
            door(self.manager, asked) for door in (self._service, *self._network) * 2
        ]
        self.assertFalse(any(answer.refusal for answer in answers[:3]))
        for answer in answers[3:]:
            self.assertIn("for the rest of the hour", answer.refusal)
