"""Loads of real sales that are cut short, refused or started by command."""

from contextlib import redirect_stdout
from io import StringIO
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from tools.real import key_accounts, run, summary
from tools.real.company import CompanyError, prepare_company
from tools.real.external_ids import ExternalIds
from tools.real.loader import load_folder

from ..unit.real_sales import won
from .common_real import RealLoaderCase

#: What the whole command makes beside the sales.
MADE = (
    "nka.key.account",
    "nka.document",
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
    """Stands for a killed load."""


@tagged("nka_real")
class TestUnusualLoad(RealLoaderCase):
    """A load that stops half-way, finds gaps, or meets a company that can't take it."""

    def test_interrupted_load_is_completed(self):
        for stop_after in (1, 5, 9):
            with self.assertRaises(Interrupted):
                load_folder(
                    ExternalIds(self.env, self._interrupt(stop_after)), self.folder, 0
                )
        result = load_folder(self.external_ids, self.folder, accounts=0)
        self.assertEqual(
            summary.differences(summary.total(result.lines), self.folder), []
        )
        self.assertEqual(len(self.external_ids.records("crm.lead")), 9)

    @staticmethod
    def _interrupt(stop_after):
        calls = []

        def checkpoint():
            calls.append(True)
            if len(calls) == stop_after:
                raise Interrupted

        return checkpoint

    def test_taxes_of_the_income_account_are_not_added(self):
        tax = self.env.company.account_sale_tax_id
        self.assertTrue(tax)
        domain = [("account_type", "=", "income")]
        self.env["account.account"].search(domain).tax_ids = tax
        folder = self._read({"sales_pipeline": [won(product="")]})
        load_folder(self.external_ids, folder, accounts=0)
        without_product = self._ref("invoice_W3")
        self.assertFalse(without_product.invoice_line_ids.product_id)
        self.assertEqual(without_product.amount_total, 5)
        self.assertEqual(self._ref("invoice_W1").amount_total, 4514)

    def test_without_accounts_nobody_is_nominated(self):
        result = load_folder(self.external_ids, self.folder, accounts=0)
        self.assertEqual((result.confirmed, result.refusals), (0, []))
        self.assertFalse(
            self.env["nka.key.account"].search(
                [("partner_id", "in", self.external_ids.records("res.partner").ids)]
            )
        )

    def test_refusal_of_the_addon_costs_one_account_only(self):
        make_key = key_accounts._make_key

        def refuse_acme(env, partner, *people):
            if partner.name == "Acme":
                raise UserError("no.")
            return make_key(env, partner, *people)

        with patch.object(key_accounts, "_make_key", refuse_acme):
            result = load_folder(self.external_ids, self._read(), accounts=2)
        self.assertEqual(result.confirmed, 1)
        self.assertEqual(result.refusals, ["Acme isn't a key account: no."])

    def test_company_with_books_in_another_currency_is_refused(self):
        company = self.env["res.company"].create(
            {"name": "Euro Ltd", "currency_id": self.env.ref("base.EUR").id}
        )
        env = self.env(context={"allowed_company_ids": company.ids})
        env["account.chart.template"].try_loading("generic_coa", company)
        # the chart brings its country's currency along
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
        options = run.parse_arguments(
            ["--config", "-", "--database", "-", "--data", "-", "--accounts", "1"]
        )
        printed = StringIO()
        sending = patch.object(self.registry["mail.mail"], "send_after_commit")
        with (
            redirect_stdout(printed),
            patch.object(self.env.cr, "commit"),
            sending as sent,
        ):
            status = run.load(self.env, self._read(), options)
        sent.assert_not_called()
        self.assertEqual(status, 0)
        self.assertIn("Key accounts confirmed now: 1.", printed.getvalue())
        self.assertIn("The database equals the source to the cent.", printed.getvalue())
        self.assertIn("12 of 12 months closed and locked", printed.getvalue())
        self.assertIn("equal the won values to the cent", printed.getvalue())
        before = self._made()
        with redirect_stdout(StringIO()), patch.object(self.env.cr, "commit"):
            self.assertEqual(run.load(self.env, self._read(), options), 0)
        self.assertEqual(self._made(), before)

    def _made(self):
        """What there is of everything that the command makes."""
        return self._count() | {
            model: self.env[model].search_count([]) for model in MADE
        }
