"""Data that leaves Odoo through routes: vCards, exports, archives and prints."""

import json
import xmlrpc.client
from unittest.mock import patch

from odoo import Command
from odoo.service import model as service_model
from odoo.tests import get_db_name, tagged
from odoo.tools import mute_logger

from ..common import new_user
from .doors import DoorsCase

HTTP_LOGS = ("odoo.http", "odoo.addons.web.controllers.export")
ERROR_LOG = "odoo.addons.nka_key_accounts.models.control.database_errors"


@tagged("nka_control")
class TestDataLeavingOdoo(DoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odoo_admin = new_user(cls.env, "nka_odoo_admin", "base.group_system")
        exporters = cls.env.ref("base.group_allow_export")
        for user in (cls.manager, cls.salesman, cls.employee_user):
            user.group_ids += exporters
        cls.contacts = cls.env["res.partner"].create(
            [
                {
                    "name": f"Contact {number}",
                    "parent_id": cls.client.id,
                    "email": f"quagga{number}@northwind.example",
                }
                for number in range(3)
            ]
        )
        cls.product = cls.env["product.product"].create({"name": "Steel"})
        cls.orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": client.id,
                    "user_id": cls.manager.id,
                    "order_line": [Command.create({"product_id": cls.product.id})],
                }
                for client in (cls.client, cls.client, cls.other_client)
            ]
        )

    def _read_by(self, user):
        readings = self.env["nka.reading"].search([("user_id", "=", user.id)])
        return sum(readings.mapped("count"))

    def _exports(self, user):
        return self._events(user, "export")

    def _login(self, user):
        self.authenticate(user.login, self._password(user))

    # ------------------------------------------------------------ vCards
    def test_single_vcard_counts_for_users_with_a_role(self):
        contact = self.contacts[0].id
        counted = self.manager | self.officer
        for user in counted | self.salesman | self.employee_user | self.odoo_admin:
            for route in (
                f"/web_enterprise/partner/{contact}/vcard",
                f"/web/partner/vcard?partner_ids={contact}",
            ):
                with self.subTest(user=user.login, route=route):
                    self._login(user)
                    before = self._read_by(user)
                    self.assertEqual(self.url_open(route).status_code, 200)
                    number = 1 if user in counted else 0
                    self.assertEqual(self._read_by(user), before + number)

    @mute_logger(*HTTP_LOGS)
    def test_several_vcards_are_an_export(self):
        ids = ",".join(map(str, self.contacts.ids))
        self._login(self.manager)
        response = self.url_open(f"/web/partner/vcard?partner_ids={ids}")
        self.assertNotEqual(response.status_code, 200)
        colleagues = self.salesman, self.employee_user, self.odoo_admin
        for user in (*colleagues, self.supervisor, self.kam_admin):
            self._login(user)
            response = self.url_open(f"/web/partner/vcard?partner_ids={ids}")
            self.assertEqual(response.status_code, 200)
            self.assertEqual(self._exports(user).note, "vCard")

    # ------------------------------------------------------------ exports
    def _export(self, kind, records, names, **more):
        data = {
            "model": records._name,
            "fields": [{"name": name, "label": name} for name in names],
            "ids": records.ids,
            "domain": [],
            "import_compat": False,
            "groupby": [],
            **more,
        }
        fields = {"data": json.dumps(data), "csrf_token": self._token()}
        return self.url_open(f"/web/export/{kind}", data=fields)

    @mute_logger(*HTTP_LOGS)
    def test_exports(self):
        """Managers can't export contacts; exports of other users are logged."""
        self._login(self.manager)
        for kind in ("csv", "xlsx"):
            response = self._export(kind, self.contacts, ["email"])
            self.assertNotIn(b"quagga0", response.content)
            self.assertNotEqual(response.status_code, 200)
        for user in (self.salesman, self.employee_user, self.odoo_admin):
            with self.subTest(user=user.login):
                self._login(user)
                response = self._export("csv", self.contacts, ["email"])
                self.assertIn(b"quagga0", response.content)
                self.assertEqual(self._exports(user).note, "email")
        self._login(self.supervisor)
        response = self._export(
            "xlsx",
            self.contacts,
            ["email"],
            groupby=["parent_id"],
            ids=False,
            domain=[["id", "in", self.contacts.ids]],
        )
        self.assertEqual(response.status_code, 200)
        self.assertTrue(self._exports(self.supervisor))
        self._assert_chain()

    def test_superuser_session_is_counted_and_logged(self):
        """Administrators who become the superuser are counted and logged as well."""
        self._login(self.odoo_admin)
        self.url_open("/web/become")
        root = self.env["res.users"].browse(1)
        before = self._read_by(root)
        body = {
            "jsonrpc": "2.0",
            "params": {
                "model": "res.partner",
                "method": "web_search_read",
                "args": [[["id", "in", self.contacts.ids]], {"email": {}}],
                "kwargs": {},
            },
        }
        route = "/web/dataset/call_kw/res.partner/web_search_read"
        answer = self.url_open(route, json=body).json()
        self.assertEqual(len(answer["result"]["records"]), 3)
        self.assertEqual(self._read_by(root), before + 3)
        self._export("csv", self.contacts, ["email"])
        self.assertEqual(self._exports(root).note, "email")

    # ------------------------------------------------------------ archives
    def test_archive_of_files(self):
        other = self._draft(files=())
        files = self.file | self._upload(other, b"%PDF other", "other.pdf")
        self._login(self.manager)
        before = self._read_by(self.manager)
        data = {"file_ids": ",".join(map(str, files.ids)), "zip_name": "all.zip"}
        response = self.url_open(
            "/mail/attachment/zip", data={**data, "csrf_token": self._token()}
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("2 records", self._exports(self.manager).new)
        self.assertEqual(self._read_by(self.manager), before + 2)

    # ------------------------------------------------------------ printing
    def test_printing_counts_as_reading(self):
        order = self.orders[0]
        invoice = self._new_invoice(self.client, 10)
        self.manager.group_ids += self.env.ref("account.group_account_invoice")
        self._login(self.manager)
        for route in (
            f"/report/html/sale.report_saleorder/{order.id}",
            f"/report/text/sale.report_saleorder/{order.id}",
            f"/report/pdf/sale.report_saleorder/{order.id}",
            f"/report/html/account.report_invoice/{invoice.id}",
            f"/report/pdf/account.report_invoice_with_payments/{invoice.id}",
        ):
            with self.subTest(route):
                before = self._read_by(self.manager)
                self.assertEqual(self.url_open(route).status_code, 200)
                self.assertEqual(self._read_by(self.manager), before + 1)
        self.assertFalse(self._exports(self.manager))

    def test_downloaded_print_counts_as_reading(self):
        order = self.orders[0]
        self._login(self.manager)
        before = self._read_by(self.manager)
        wanted = [f"/report/text/sale.report_saleorder/{order.id}", "qweb-text"]
        response = self.url_open(
            "/report/download",
            data={"data": json.dumps(wanted), "csrf_token": self._token()},
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self._read_by(self.manager), before + 1)

    def test_printing_several_records_is_logged(self):
        ids = ",".join(map(str, self.orders.ids))
        for converter in ("html", "text", "pdf"):
            for user in (self.manager, self.salesman):
                with self.subTest(converter=converter, user=user.login):
                    self._login(user)
                    seen = self._exports(user)
                    before = self._read_by(user)
                    self.url_open(f"/report/{converter}/sale.report_saleorder/{ids}")
                    event = self._exports(user) - seen
                    self.assertIn("2 records", event.new)
                    number = 2 if user == self.manager else 0
                    self.assertEqual(self._read_by(user), before + number)

    def test_prints_for_other_clients_do_not_count(self):
        self._login(self.supervisor)
        self.url_open(f"/report/html/sale.report_saleorder/{self.orders[2].id}")
        self.assertFalse(self._read_by(self.supervisor))

    def test_printing_stops_at_the_limit(self):
        self.env.company.nka_read_limit = 1
        ids = ",".join(map(str, self.orders.ids))
        self._login(self.manager)
        with mute_logger(*HTTP_LOGS):
            page = self.url_open(f"/report/html/sale.report_saleorder/{ids}")
        self.assertNotEqual(page.status_code, 200)

    # ------------------------------------------------------------ errors
    def test_rpc_hides_database_errors(self):
        """If Odoo's retries fail, the client gets a readable message instead."""
        partner = type(self.env["res.partner"])
        self._login(self.manager)
        # Not serializable, lock not available, out of range, cancelled, no privilege.
        for code in ("40001", "55P03", "22003", "57014", "42501"):

            def get_views(self, views=(), *args, code=code, **kwargs):
                self.env.cr.execute(
                    f"""DO $$ BEGIN
                        RAISE EXCEPTION 'relation nka_x' USING ERRCODE = '{code}';
                    END $$"""
                )

            with (
                patch.object(partner, "get_views", get_views),
                patch.object(service_model.time, "sleep"),
                mute_logger(
                    "odoo.http", "odoo.service.model", "odoo.sql_db", ERROR_LOG
                ),
            ):
                for door in (self._by_web, self._by_json2, self._by_xmlrpc):
                    with self.subTest(code=code, door=door.__name__):
                        text = door("res.partner", "get_views")
                        self.assertRegex(text, "othing was changed")
                        self.assertNotIn("nka_x", text)

    @mute_logger(*HTTP_LOGS, "odoo.addons.web.controllers.report", ERROR_LOG)
    def test_downloads_hide_database_errors(self):
        def refuse(records, *args, **kwargs):
            records.env.cr.execute(
                "DO $$ BEGIN RAISE 'relation nka_x' USING ERRCODE = '22003'; END $$"
            )

        self._login(self.supervisor)
        for name, target in (
            ("_export_rows", type(self.env["res.partner"])),
            ("_render_qweb_text", type(self.env["ir.actions.report"])),
        ):
            with self.subTest(name), patch.object(target, name, refuse):
                if name == "_export_rows":
                    answer = self._export("csv", self.contacts, ["email"])
                else:
                    wanted = f"/report/text/sale.report_saleorder/{self.orders[0].id}"
                    fields = {
                        "data": json.dumps([wanted, "qweb-text"]),
                        "csrf_token": self._token(),
                    }
                    answer = self.url_open("/report/download", data=fields)
                self.assertIn("othing was changed", answer.text)
                self.assertNotIn("&#34;message&#34;: &#34;relation", answer.text)

    def _by_web(self, model, method):
        body = {
            "jsonrpc": "2.0",
            "params": {
                "model": model,
                "method": method,
                "args": [[]],
                "kwargs": {},
            },
        }
        answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json=body)
        return answer.json()["error"]["data"]["message"]

    def _by_json2(self, model, method):
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            json={"views": []},
            headers={"Authorization": f"Bearer {self.keys[self.manager]}"},
        )
        return answer.json()["message"]

    def _by_xmlrpc(self, model, method):
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            self.xmlrpc_object.execute_kw(
                get_db_name(),
                self.manager.id,
                self._password(self.manager),
                model,
                method,
                [[]],
            )
        return caught.exception.faultString
