"""Loads of real sales that are interrupted, refused or started by the command."""

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from tools.real import report, work
from tools.real.loader import CompanyError, prepare_company

from ...unit.real_sales import won, write_folder
from .common import RealLoaderCase

#: Models of the records that the command creates in addition to the sales.
MADE = (
    "nka.whitespace.line",
    "nka.sales.history",
    "nka.month.close",
    "nka.pay.statement",
    "nka.bonus.line",
    "hr.payslip",
    "nka.audit.event",
    "mail.message",
    "mail.activity",
)


class Interrupted(Exception):
    """Simulates a killed load."""


@tagged("nka_real")
class TestUnusualLoad(RealLoaderCase):
    """Interrupted loads, refused records and unsuitable companies."""

    def test_interrupted_load_is_completed(self):
        for stop_after in (1, 5, 9, 12):
            with self.assertRaises(Interrupted):
                self._loader(self.source, self._interrupt(stop_after)).run()
        self.loader.run()
        self.assertEqual(len(self.loader.records("crm.lead")), 9)
        invoices = self.loader.records("account.move")
        self.assertEqual(invoices.mapped("state"), ["posted"] * 4)
        lead = self._ref("deal_W1")
        self.assertEqual(lead.create_date, lead.date_open)

    @staticmethod
    def _interrupt(stop_after):
        calls = []

        def keep():
            calls.append(True)
            if len(calls) == stop_after:
                raise Interrupted

        return keep

    def test_refused_records_are_reported_and_the_rest_is_loaded(self):
        login = "anna.snelling@example.com"
        self.env["res.users"].create({"name": "Anna", "login": login})
        with mute_logger("odoo.sql_db"):
            self.loader.run()
        told = dict(line.split(": ", 1) for line in self.loader.refused)
        self.assertRegex(told["nka_real.user_annasnelling"], "same login")
        # records that reference a refused one are refused and reported as well
        missing = "external id 'nka_real.user_annasnelling'"
        self.assertIn(missing, told["nka_real.team_dustinbrinkmann"])
        self.assertIn("nka_real.user_mosesfrase", self.loader.ids("res.users"))
        # Odoo also gives an external id to the partner of each user that was loaded
        clients = self.loader.records("res.partner").filtered("is_company")
        self.assertEqual(len(clients), 3)
        found = report.differences(self.loader, {})
        self.assertIn("Won: 1 in the database, 5 in the source", found)

    def test_taxes_of_the_income_account_are_not_added(self):
        tax = self.env.company.account_sale_tax_id
        self.assertTrue(tax)
        domain = [("account_type", "=", "income")]
        self.env["account.account"].search(domain).tax_ids = tax
        self._loader(self._read({"sales_pipeline": [won(product="")]})).run()
        without_product = self._ref("invoice_W3")
        self.assertFalse(without_product.invoice_line_ids.product_id)
        self.assertEqual(without_product.amount_total, 5)
        self.assertEqual(self._ref("invoice_W1").amount_total, 4514)

    def test_refusal_by_the_addon_affects_one_account_only(self):
        confirm = work._confirm

        def refuse_acme(account):
            if account.partner_id.name == "Acme":
                raise UserError("no.")
            return confirm(account)

        loader = self._loader(self._read())
        loader.run()
        with patch.object(work, "_confirm", refuse_acme):
            self.assertEqual(work.make_key_accounts(loader), 1)
        self.assertEqual(loader.refused, ["Acme isn't a key account: no."])

    def test_company_with_entries_in_another_currency_is_refused(self):
        company = self.env["res.company"].create(
            {"name": "Euro Ltd", "currency_id": self.env.ref("base.EUR").id}
        )
        env = self.env(context={"allowed_company_ids": company.ids})
        env["account.chart.template"].try_loading("generic_coa", company)
        # the chart of accounts sets the currency of its country
        company.currency_id = self.env.ref("base.EUR")
        env["account.move"].create({"move_type": "entry"})
        with self.assertRaisesRegex(
            CompanyError, "Euro Ltd already has entries in EUR"
        ):
            prepare_company(env)

    def test_empty_company_gets_dollars_and_a_chart(self):
        company = self.env["res.company"].create(
            {"name": "New Ltd", "currency_id": self.env.ref("base.EUR").id}
        )
        prepare_company(self.env(context={"allowed_company_ids": company.ids}))
        self.assertEqual(company.currency_id.name, "USD")
        self.assertTrue(company.chart_template)

    def test_command_loads_and_reports(self):
        sending = patch.object(self.registry["mail.mail"], "send_after_commit")
        with sending as sent:
            status, printed = self._command()
        sent.assert_not_called()
        self.assertEqual(status, 0, printed)
        self.assertIn("Key accounts confirmed now: 2.", printed)
        self.assertIn("The database equals the source to the cent.", printed)
        closes = self.env["nka.month.close"].search([])
        self.assertEqual(closes.mapped("state"), ["locked"] * 12)
        before = self._made()
        self.assertEqual(self._command()[0], 0)
        self.assertEqual(self._made(), before)

    def test_problems_are_reported_with_an_exit_status(self):
        lines = [won(account="Condax", sales_agent="Carl Lin")]
        status, printed = self._command({"sales_pipeline": lines})
        self.assertEqual(status, 1)
        self.assertIn("Condax isn't a key account: the source names no", printed)
        self.assertIn("0 in the database, 5.00 in the source", printed)
        self.assertNotIn("equals the source", printed)

    def test_wrong_folder_is_refused_before_anything_starts(self):
        before = self._made()
        with tempfile.TemporaryDirectory() as path, redirect_stderr(StringIO()) as told:
            self.assertEqual(report.main(self.env, path), 2)
        self.assertIn(f"The folder {path} lacks accounts.csv", told.getvalue())
        self.assertEqual(self._made(), before)

    def _command(self, extra=None):
        """Run the command on the small folder; return its exit status and output."""
        printed = StringIO()
        with (
            tempfile.TemporaryDirectory() as path,
            redirect_stdout(printed),
            patch.object(self.env.cr, "commit"),
        ):
            write_folder(Path(path), extra)
            status = report.main(self.env, path, Path(path, "findings.csv"))
        return status, printed.getvalue()

    def _made(self):
        """Return the number of records of each model that the command fills."""
        return self._count() | {
            model: self.env[model].search_count([]) for model in MADE
        }
