"""Programs that call Odoo's API: the documented client, and the limits of a key."""

import importlib.util
import io
import os
import urllib.request
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from ..control.common import ReadingMixin
from .common import BiCase

CLIENT = Path(__file__).parents[2] / "docs/examples/read_statements.py"


def load_client():
    """Return the documented program as a module."""
    spec = importlib.util.spec_from_file_location("read_statements", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestApi(ReadingMixin, BiCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_program = load_client()

    def setUp(self):
        super().setUp()
        urlopen = urllib.request.urlopen

        def with_cookie(request, **options):
            # The test server answers requests of this test only.
            with self.allow_requests():
                cookie = f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
                request.add_header("Cookie", cookie)
                return urlopen(request, **options)

        opened = patch.object(urllib.request, "urlopen", with_cookie)
        opened.start()
        self.addCleanup(opened.stop)

    def _log_in(self, user):
        """Use a key of the user from now on."""
        keys = self.env["res.users.apikeys"].with_user(user)
        expiration = fields.Datetime.now() + timedelta(days=1)
        values = {
            "ODOO_URL": self.base_url(),
            "ODOO_API_KEY": keys._generate("rpc", "report", expiration),
        }
        environment = patch.dict(os.environ, values)
        environment.start()
        self.addCleanup(environment.stop)

    def _run(self, *words):
        output = io.StringIO()
        with redirect_stdout(output):
            self.client_program.main(*words)
        return output.getvalue()

    def _refused_by_api(self, pattern, model, method, **arguments):
        with self.assertRaisesRegex(self.client_program.Refused, pattern):
            self.client_program.call(model, method, **arguments)

    def test_an_officer_reads_the_statements_of_a_month(self):
        self._log_in(self.officer)
        lines = self._run("2025-11").splitlines()
        self.assertEqual(lines[-1], f"Total\t{self._by_hand():.2f}")
        self.assertEqual(len(lines), 1 + len(self.close.sudo().statement_ids))
        with patch.object(self.client_program, "PAGE", 1):
            self.assertEqual(self._run("2025-11").splitlines(), lines)
        self.assertEqual(self._run("2025-10"), "Total\t0.00\n")

    def test_others_read_what_they_read_on_the_screens(self):
        self._log_in(self.manager)
        lines = self._run("2025-11").splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn(self.manager.name, lines[0])
        self._log_in(self.employee_user)
        with self.assertRaises(self.client_program.Refused):
            self._run("2025-11")

    def test_reading_is_counted_and_limited(self):
        self._log_in(self.manager)
        before = self._read_by(self.manager)
        arguments = {"domain": [], "fields": ["partner_id", "state"]}
        rows = self.client_program.call("nka.key.account", "search_read", **arguments)
        self.assertEqual([row["id"] for row in rows], self.account.ids)
        self.assertGreater(self._read_by(self.manager), before)
        self.company.nka_read_limit = 1
        self.env.flush_all()
        self._refused_by_api("", "nka.key.account", "search_read", **arguments)

    def test_an_export_is_refused(self):
        self._log_in(self.manager)
        self._refused_by_api(
            "export",
            "nka.key.account",
            "export_data",
            ids=self.account.ids,
            fields_to_export=["partner_id"],
        )

    def test_a_manager_names_no_role_and_reads_no_access(self):
        role = self._role()
        self._log_in(self.manager)
        vals = [{"purpose": "x", "role": role, "has_statement": True}]
        self._refused_by_api("not allowed", "nka.bi.grant", "create", vals_list=vals)
        grant = self._grant(role, "has_account")
        for method in ("action_submit", "action_approve"):
            self._refused_by_api("", "nka.bi.grant", method, ids=grant.ids)
        self._refused_by_api("", "nka.bi.grant", "read", ids=grant.ids)
        self._log_in(self.kam_admin)
        for method in ("_activate", "_cron_serve", "init", "_apply"):
            self._refused_by_api("", "nka.bi.grant", method)
        self.assertEqual(grant.state, "draft")
