"""Reads run on a replica's read-only cursor; only people with a role are counted, with
a cursor of their own. Odoo simulates the replica in tests of routes.
"""

import logging
from contextlib import contextmanager
from functools import wraps
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .common import ReadingDayCase


@tagged("nka_reading")
class TestReplica(ReadingDayCase, HttpCase):
    @contextmanager
    def _modes(self, model, method):
        """Collect for each call of a method whether its cursor is read-only."""
        cls, modes = type(self.env[model]), []
        original = getattr(cls, method)

        @wraps(original)
        def watched(records, *args, **kwargs):
            modes.append(bool(records.env.cr.readonly))
            return original(records, *args, **kwargs)

        with patch.object(cls, method, watched):
            yield modes

    @contextmanager
    def _not_retried(self):
        """Fail if a request had to be repeated with a cursor that can write."""
        with self.assertLogs("odoo.http", "WARNING") as logs:
            logging.getLogger("odoo.http").warning("begin")
            yield
        self.assertFalse([line for line in logs.output if "retrying with" in line])

    def _ask(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login.ljust(8, "x"))
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                }
            },
        ).json()
        return answer.get("error") or answer["result"]

    def test_everybody_reads_on_the_replica(self):
        domain = [("id", "=", self.client.id)]
        for user, number in (
            (self.salesman, 0),
            (self.employee_user, 0),
            (self.manager, 1),
            (self.supervisor, 1),
        ):
            with (
                self.subTest(user.login),
                self._modes("res.partner", "web_search_read") as modes,
                self._not_retried(),
            ):
                answer = self._ask(
                    user, "res.partner", "web_search_read", domain, {"name": {}}
                )
                self.assertEqual(answer["records"][0]["name"], self.client.name)
                self.assertEqual(modes, [True])
                self.assertEqual(self._read_by(user), number)

    def test_what_is_refused_on_the_replica_was_counted(self):
        self.company.nka_read_limit = 3
        read = ("nka.key.account", "read", self.account.ids, ["state"])
        for _ in range(3):
            self._ask(self.manager, *read)
        error = self._ask(self.manager, *read)
        self.assertIn("for the rest of the hour", error["data"]["message"])
        self.assertEqual(self._read_by(self.manager), 4)

    def test_supervisors_are_told_from_the_replica(self):
        self._habit(self.manager, 10)
        self._reads(self.manager, 90)
        self._ask(self.manager, "nka.key.account", "read", self.account.ids, ["state"])
        self.assertEqual(self._alerts(self.manager).level, "told")

    def test_files_and_prints_count_once(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"a",
                "res_model": "nka.key.account",
                "res_id": self.account.id,
            }
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "user_id": self.manager.id}
        )
        self.authenticate(self.manager.login, self.manager.login.ljust(8, "x"))
        for route, kind in (
            (f"/web/content/{file.id}", "file"),
            (f"/report/html/sale.report_saleorder/{order.id}", "print"),
        ):
            before = self._read_by(self.manager)
            with self._not_retried():
                self.assertEqual(self.url_open(route).status_code, 200)
            self.assertEqual(self._read_by(self.manager), before + 1, kind)
            last = self.env["nka.reading"].search(
                [("user_id", "=", self.manager.id)], limit=1
            )
            self.assertEqual(last.kind, kind)
