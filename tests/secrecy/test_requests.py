"""What the web client receives: the refusal with its button, accesses from a replica's
read-only cursor. Odoo simulates the replica in tests of routes.
"""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import SecrecyCase


@tagged("nka_secrecy")
class TestRequests(SecrecyCase, HttpCase):
    def _ask(self, user, model, method, *args):
        self.authenticate(user.login, user.login.ljust(8, "x"))
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {"model": model, "method": method, "args": args, "kwargs": {}}
            },
        ).json()
        return answer.get("error") or answer["result"]

    def test_the_dialog_opens_the_regime(self):
        self._put_in_force()
        account = ("nka.key.account", "web_read", self.account.ids, {"state": {}})
        with mute_logger("odoo.http"):
            error = self._ask(self.manager, *account)
        self.assertEqual(error["data"]["name"], "odoo.exceptions.RedirectWarning")
        _message, action, button, _context = error["data"]["arguments"]
        self.assertEqual(button, "Read and acknowledge")
        self.assertEqual(
            (action["res_model"], action["res_id"]), (self.regime._name, self.regime.id)
        )
        self._ask(
            self.manager, action["res_model"], "action_acknowledge", self.regime.ids
        )
        self.assertEqual(self._ask(self.manager, *account)[0]["state"], "key")

    def test_pages_routes_and_files_are_refused(self):
        self._put_in_force()
        file = self.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"secret words",
                "res_model": "nka.key.account",
                "res_id": self.account.id,
            }
        )
        self.authenticate(self.manager.login, self.manager.login.ljust(8, "x"))
        routes = (
            f"/web/content/{file.id}",
            f"/web/content/nka.key.account/{self.account.id}/name",
            f"/report/html/nka_key_accounts.report_preparation/{self.account.id}",
            f"/report/pdf/nka_key_accounts.report_preparation/{self.account.id}",
            f"/web/partner/vcard?partner_ids={self.client.id}",
        )
        for route in routes:
            with self.subTest(route), mute_logger("odoo.http", "odoo.addons"):
                answer = self.url_open(route)
                for secret in ("secret words", self.client.name):
                    self.assertNotIn(secret, answer.text)

    def test_reads_of_the_replica_leave_an_access(self):
        self._put_in_force(required=False)
        read = ("nka.key.account", "read", self.account.ids, ["state"])
        for _again in range(2):
            self._ask(self.manager, *read)
        row = self.env["nka.secrecy.access"].search([("user_id", "=", self.manager.id)])
        self.assertEqual((row.key_account_ref, row.kind), (self.account.id, "account"))

    def test_a_page_printed_by_route_is_marked_and_recorded_once(self):
        self._put_in_force(required=False)
        self.authenticate(self.manager.login, self.manager.login.ljust(8, "x"))
        for converter in ("html", "text"):
            page = self.url_open(
                f"/report/{converter}/nka_key_accounts.report_preparation/"
                f"{self.account.id}"
            ).text
            event = self._events(self.account, "print")[-1:]
            self.assertIn(f"Print no. {event.id}", page)
        self.assertEqual(len(self._events(self.account, "print")), 2)
