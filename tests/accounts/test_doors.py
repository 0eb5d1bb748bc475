"""The same rules apply to every way of calling the server."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import ACCOUNT, RoleCase


@tagged("nka_accounts")
class TestCalls(RoleCase, HttpCase):
    """The web client, XML-RPC and JSON-2 apply the same rules."""

    @classmethod
    def _person(cls):
        return cls.manager

    def test_call_kw(self):
        self.authenticate("nka_manager", "nka_manager")
        body = self._post("/web/dataset/call_kw", self._params("read", [["note"]]))
        self.assertEqual(body["result"][0]["id"], self.account.id)
        body = self._post("/web/dataset/call_kw", self._params("action_confirm", []))
        self.assertEqual(body["error"]["data"]["name"], "odoo.exceptions.AccessError")
        body = self._post(
            "/web/dataset/call_kw", self._params("write", [{"state": "former"}])
        )
        self.assertIn("buttons on the form", body["error"]["data"]["message"])

    def _params(self, method, args):
        return {
            "model": ACCOUNT,
            "method": method,
            "args": [self.account.ids, *args],
            "kwargs": {},
        }

    def _post(self, url, params):
        payload = {"jsonrpc": "2.0", "method": "call", "params": params}
        return self.url_open(url, json=payload).json()

    def _execute_kw(self, login, method, *args):
        user = self.env["res.users"].search([("login", "=", login)])
        params = [self.cr.dbname, user.id, login, ACCOUNT, method, list(args)]
        return self._post(
            "/jsonrpc", {"service": "object", "method": "execute_kw", "args": params}
        )

    def test_execute_kw(self):
        body = self._execute_kw("nka_manager", "read", self.account.ids, ["state"])
        self.assertEqual(body["result"][0]["state"], "key")
        for login, method, *args in (
            ("nka_manager", "read", self.foreign.ids, ["note"]),
            ("nka_manager", "write", self.account.ids, {"state": "former"}),
            ("nka_payroll", "search", []),
            ("nka_admin", "action_retire", self.account.ids, "x"),
            ("nka_employee", "search_read", []),
        ):
            body = self._execute_kw(login, method, *args)
            self.assertIn("AccessError", body["error"]["data"]["name"], (login, method))

    def test_json_2(self):
        keys = self.env["res.users.apikeys"].with_user(self.manager)
        key = keys._generate("rpc", "test", fields.Datetime.now() + self._days(1))
        headers = {"Authorization": f"Bearer {key}"}

        def post(method, **params):
            url = f"/json/2/{ACCOUNT}/{method}"
            return self.url_open(url, json=params, headers=headers)

        response = post("read", ids=self.account.ids, fields=["state"])
        self.assertEqual(response.json()[0]["state"], "key")
        refused = post("read", ids=self.foreign.ids, fields=["state"])
        self.assertEqual(refused.status_code, 403)
        refused = post("write", ids=self.account.ids, vals={"state": "former"})
        self.assertEqual(refused.status_code, 403)
        refused = post("_move_to", ids=self.account.ids, state="former")
        self.assertGreaterEqual(refused.status_code, 400)
        self.assertEqual(self.account.state, "key")
