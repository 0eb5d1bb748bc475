"""A night on which nothing happened costs few queries, whichever jobs there are."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..deals.common import DealsCase

ADDON = "nka_key_accounts"
#: Queries of a job that has nothing to do. More only for what is listed here.
EACH = 10
#: The trail is verified and sealed; sales history and ledger belong to the company.
MORE = {
    "nka.audit.verification._cron_verify": 130,
    "nka.audit.seal._cron_seal": 45,
    "nka.sales.history._cron_refresh": 5,
    "nka.bonus.builder._cron_build": 14,
    "nka.whitespace.line._cron_fill": 5,
}
#: All jobs but those.
TOGETHER = 80
#: Numbers events in transactions of its own, see tests/trail.
ALONE = {"nka.audit.head._cron_sequence"}


@tagged("nka_market")
class TestQuietNight(DealsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._promise(
            kind="payment",
            promised_value=10,
            promised_date=False,
            date_agreed=cls.today - cls._days(60),
        )
        cls._promise(kind="service")
        cls._new_invoice(cls.client, 500, cls.today - cls._days(40))

    def _jobs(self):
        """Return model and method of the addon's scheduled jobs, by one name."""
        crons = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.cron")]
        )
        found = {}
        for cron in self.env["ir.cron"].browse(crons.mapped("res_id")):
            self.assertRegex(cron.code, r"^model\._cron_\w+\(\)$")
            method = cron.code[len("model.") : -len("()")]
            found[f"{cron.model_id.model}.{method}"] = (cron.model_id.model, method)
        return {name: job for name, job in found.items() if name not in ALONE}

    def _night(self, jobs):
        """Run all jobs; return the queries of each."""
        costs = {}
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 9
        )
        with progress, mute_logger("odoo.addons.nka_key_accounts"):
            for name, (model, method) in jobs.items():
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                getattr(self.env[model], method)()
                self.env.flush_all()
                costs[name] = self.cr.sql_log_count - before
        return costs

    def test_night_with_nothing_new(self):
        jobs = self._jobs()
        self.assertGreaterEqual(len(jobs), 29)
        self._night(jobs)
        costs = self._night(jobs)
        for name, queries in costs.items():
            with self.subTest(name):
                self.assertLessEqual(queries, MORE.get(name, EACH))
        quiet = {name: cost for name, cost in costs.items() if name not in MORE}
        self.assertLessEqual(sum(quiet.values()), TOGETHER, quiet)

    def test_night_verifies_the_trail(self):
        verifications = self.env["nka.audit.verification"]
        before = verifications.search_count([])
        with self.assertNoLogs("odoo.addons.nka_key_accounts", "ERROR"):
            verifications._cron_verify()
        self.assertGreater(verifications.search_count([]), before)

    def test_first_night_told_of_the_late_payment(self):
        self._night(self._jobs())
        told = self._activities(self.env["nka.commitment"].search([]), "commitment_due")
        self.assertEqual(len(told), 1)
