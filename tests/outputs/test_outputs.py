"""Files of a locked month: their figures compared with SQL, and their refusals."""

import csv
import hashlib
import io
import zipfile
from decimal import Decimal
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.addons.nka_key_accounts.models.outputs.spreadsheet import (
    safe_text,
    to_csv,
    to_xlsx,
)
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from ..close.common import DECEMBER, NOVEMBER
from .common import PDF, OutputCase


class TestPayrollFile(OutputCase):
    def _table(self, content, delimiter=","):
        return list(
            csv.DictReader(
                io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter
            )
        )

    def test_csv_has_all_employees_and_components_and_the_right_total(self):
        name, content = self._make("payroll_csv")
        self.assertTrue(name.startswith("pay-2025-11-"), name)
        self.assertTrue(name.endswith("-r1.csv"), name)
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        rows = self._table(content)
        self.assertEqual(len(rows), 2 * 6)
        self.assertEqual(
            list(rows[0]),
            [
                "company",
                "month",
                "employee_id",
                "badge",
                "employee",
                "component",
                "component_name",
                "amount",
                "currency",
                "statement_id",
                "revision",
                "seal",
            ],
        )
        self.assertEqual({row["month"] for row in rows}, {"2025-11-01"})
        self.assertEqual({row["seal"] for row in rows}, {self.close.digest})
        for row in rows:  # zeros have the currency's decimals too
            self.assertRegex(row["amount"], r"^-?\d+\.\d\d$")
        total = sum(Decimal(row["amount"]) for row in rows)
        self.assertEqual(total, self._by_hand())
        bonus = [row for row in rows if row["component"] == "NKA_BONUS"]
        self.assertEqual(
            sum(Decimal(row["amount"]) for row in bonus), self._lines_by_hand("bonus")
        )

    def test_no_cell_of_the_csv_is_a_formula(self):
        _name, content = self._make("payroll_csv", delimiter=";", with_bom=False)
        self.assertFalse(content.startswith(b"\xef\xbb\xbf"))
        rows = self._table(content, ";")
        self.assertIn("'=HYPERLINK", {row["employee"][:11] for row in rows})
        for row in rows:
            for name, cell in row.items():
                self.assertFalse(cell.startswith(("=", "+", "@", "\t")), (name, cell))

    def test_xlsx_has_numbers_and_dates_and_no_formulas(self):
        _name, content = self._make("payroll_xlsx")
        sheet = load_workbook(io.BytesIO(content)).active
        heading, *rows = sheet.iter_rows()
        at = {cell.value: position for position, cell in enumerate(heading)}
        self.assertEqual(len(rows), 12)
        for row in rows:
            self.assertEqual(row[at["amount"]].data_type, "n")
            self.assertEqual(row[at["month"]].value.date(), NOVEMBER)
            self.assertNotIn("f", {cell.data_type for cell in row})
        total = sum(Decimal(str(row[at["amount"]].value)) for row in rows)
        self.assertEqual(total, self._by_hand())

    def test_export_is_logged(self):
        name, content = self._make("payroll_csv")
        event = self._events(self.close, "export")[-1]
        self.assertEqual((event.user_id, event.new), (self.officer, name))
        self.assertIn("12 rows", event.note)
        self.assertIn("nka.pay.statement.line: company, month", event.note)
        self.assertEqual(event.file_digest, hashlib.sha256(content).hexdigest())

    def test_only_a_locked_month_that_matches_its_hash(self):
        december = self._new_close(DECEMBER)
        december.action_calculate()
        wizards = self.env["nka.month.close.output"].with_user(self.officer)
        for kind in ("payroll_csv", "payroll_xlsx", "statements"):
            with self.refused(UserError, "Locked"):
                wizards.create({"close_id": december.id, "kind": kind}).action_make()
        closes = type(self.close)
        with patch.object(closes, "_check_sealed", side_effect=UserError("broken")):
            for kind in ("payroll_csv", "register", "variance_xlsx", "statements"):
                with self.refused(UserError, "broken"):
                    self._make(kind)
        self.assertFalse(self._events(self.close, "export"))

    def test_roles(self):
        for user in (self.manager, self.supervisor, self.kam_admin, self.salesman):
            with self.refused(AccessError):
                self._make("payroll_csv", user)
            with self.refused(AccessError):
                self.close.with_user(user).action_output()
        boss = new_test_user(self.env, "boss", "base.group_system")
        with self.refused(AccessError):
            self.close.with_user(boss).sudo().action_output()

    def test_files_are_readable_by_their_creator_only(self):
        wizard = (
            self.env["nka.month.close.output"]
            .with_user(self.officer)
            .create({"close_id": self.close.id, "kind": "payroll_csv"})
        )
        wizard.action_make()
        wizard.invalidate_recordset()
        with self.refused(AccessError):
            wizard.with_user(self.second).read(["file"])


class TestSpreadsheet(OutputCase):
    """Test the writer with names that a spreadsheet would read as formulas."""

    HOSTILE = ("=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "  =1", "＝1")

    def test_texts_that_look_like_formulas(self):
        rows = [(text, Decimal("-5.10")) for text in self.HOSTILE]
        content = to_csv(("name", "amount"), rows).decode("utf-8-sig")
        for name, amount in list(csv.reader(io.StringIO(content)))[1:]:
            self.assertTrue(name.startswith("'"), repr(name))
            self.assertEqual(amount, "-5.10")
        sheet = load_workbook(io.BytesIO(to_xlsx("=t", ("n", "a"), rows))).active
        for name, amount in list(sheet.iter_rows())[1:]:
            self.assertEqual((name.data_type, amount.value), ("s", -5.1))
        self.assertEqual(safe_text("Anna-Maria"), "Anna-Maria")


class TestPrints(OutputCase):
    def _html(self, report, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.officer).sudo()
        content, _kind = reports._render_qweb_html(
            f"nka_key_accounts.{report}", self.close.ids
        )
        return content.decode()

    def test_register_adds_up(self):
        html = self._html("action_report_month_register")
        for amount in (self._by_hand(), self._lines_by_hand("bonus")):
            self.assertIn(f"{amount:,.2f}", html)
        self.assertIn(self.close.digest, html)
        for person in (self.officer, self.second):
            self.assertIn(person.name, html)
        register = self.close._prepare_register()
        self.assertEqual(register["total"], self._by_hand())
        self.assertEqual(sum(register["parts"]), register["total"])
        self.assertTrue(self._events(self.close, "export"))

    def test_a_preliminary_register_says_so(self):
        december = self._new_close(DECEMBER)
        december.action_calculate()
        reports = self.env["ir.actions.report"].with_user(self.officer).sudo()
        content, _kind = reports._render_qweb_html(
            "nka_key_accounts.action_report_month_register", december.ids
        )
        self.assertIn("Preliminary", content.decode())

    def test_variances_as_pdf_and_as_xlsx(self):
        html = self._html("action_report_month_variance")
        self.assertIn("no statement for last month", html)
        _name, content = self._make("variance_xlsx")
        sheet = load_workbook(io.BytesIO(content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        total = sum(Decimal(str(row[2])) for row in rows[1:-1])
        self.assertEqual(total, self._by_hand())
        self.assertEqual(Decimal(str(rows[-1][2])), self._by_hand())
        self.assertEqual(rows[0][-1], "Reason for the change")

    def test_reports_check_the_role(self):
        for user in (self.manager, self.kam_admin):
            for report in ("month_register", "month_variance"):
                with self.refused(AccessError):
                    self._html(f"action_report_{report}", user)

    def test_statements_are_zipped_one_file_each(self):
        statements = type(self.env["nka.pay.statement"])
        with patch.object(statements, "_render_pdf", lambda row: PDF):
            _name, content = self._make("statements")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            self.assertEqual(len(names), 2)
            for name in names:
                self.assertNotIn("/", name)
                self.assertEqual(archive.read(name), PDF)

    def test_statements_in_one_pdf(self):
        """One page per statement, in the order of the register; locked months only."""
        statements, widths = type(self.env["nka.pay.statement"]), iter((101, 102))

        def page(_statement):
            writer, target = PdfFileWriter(), io.BytesIO()
            writer.add_blank_page(next(widths), 100)
            writer.write(target)
            return target.getvalue()

        with patch.object(statements, "_render_pdf", page):
            name, content = self._make("statements_pdf")
        self.assertRegex(name, r"^statements-2025-11-.*-r1\.pdf$")
        pages = PdfFileReader(io.BytesIO(content)).pages
        self.assertEqual([page.mediabox.width for page in pages], [101, 102])
        event = self._events(self.close, "export")[-1:]
        self.assertEqual(event.file_digest, hashlib.sha256(content).hexdigest())
        self.close.with_user(self.kam_admin).action_reopen(reason="Again")
        with self.refused(UserError):
            self._make("statements_pdf")

    def test_statement_names_in_several_languages(self):
        """The name of a statement follows the user language, not the first reader's."""
        self.env["res.lang"]._activate_lang("ru_RU")
        statement = self.close.sudo().statement_ids[0]
        english = statement.with_context(lang="en_US").display_name
        russian = statement.with_context(lang="ru_RU").display_name
        self.assertIn("November 2025", english)
        self.assertIn("2025", russian)
        self.assertNotIn("November", russian)

    def test_a_statement_of_a_changed_month_cant_be_printed(self):
        statement = self.close.statement_ids[0]
        reports = self.env["ir.actions.report"].with_user(statement.user_id).sudo()
        report = "nka_key_accounts.action_report_pay_statement"
        reports._render_qweb_html(report, statement.ids)
        closes = type(self.close)
        with patch.object(closes, "_check_sealed", side_effect=UserError("broken")):
            with self.refused(UserError, "broken"):
                reports._render_qweb_html(report, statement.ids)
            # A context key sent by a client doesn't count as a completed check.
            with self.refused(UserError, "broken"):
                reports.with_context(nka_checked=True)._render_qweb_html(
                    report, statement.ids
                )
