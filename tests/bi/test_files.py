"""Files of the views: exact, complete, replaced as a whole, and off by default."""

import csv
import hashlib
import json
import shutil
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import skipUnless
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.bi import files
from odoo.addons.nka_key_accounts.models.bi.views import VIEWS
from odoo.exceptions import UserError
from odoo.tools import config, mute_logger

from .common import CLIENTS, PAY, BiCase

LOGGER = "odoo.addons.nka_key_accounts.models.bi.nka_bi_grant"
FORMULA = '=HYPERLINK("http://evil.example";"pay")'


class TestFiles(BiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["nka.sales.history"]._refresh(cls.company)

    def setUp(self):
        super().setUp()
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        patched = patch.dict(config.options, {"nka_bi_folder": str(self.folder)})
        patched.start()
        self.addCleanup(patched.stop)
        self.today = date.today()

    def _delivery(self, *parts, **vals):
        return self._given(False, *parts, target="folder", **vals)

    def _day(self, day=None):
        company = self.folder / self.cr.dbname / f"company_{self.company.id}"
        return company / (day or self.today).isoformat()

    def _manifest(self):
        return json.loads((self._day() / "manifest.json").read_text("utf-8"))

    def _csv(self, name):
        with (self._day() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_the_sums_are_those_of_the_database(self):
        grant = self._delivery(*CLIENTS, *PAY)
        self.grants._cron_serve()
        manifest = self._manifest()
        self.assertEqual(list(manifest["views"]), [view.name for view in VIEWS])
        for view in VIEWS:
            told, rows = manifest["views"][view.name], self._csv(view.name)
            self.assertEqual(told["rows"], len(rows))
            for name in view.amounts():
                total = sum(Decimal(row[name] or 0) for row in rows)
                self.assertEqual(Decimal(told["totals"][name]), total)
            for name, digest in told["sha256"].items():
                content = (self._day() / name).read_bytes()
                self.assertEqual(hashlib.sha256(content).hexdigest(), digest)
        self.cr.execute(
            """SELECT SUM(total_amount)::text, SUM(bonus_amount)::text
                 FROM nka_pay_statement WHERE state = 'locked' AND company_id = %s""",
            [self.company.id],
        )
        by_hand = [Decimal(text) for text in self.cr.fetchone()]
        totals = manifest["views"]["nka_bi_statement"]["totals"]
        self.assertEqual(
            [Decimal(totals[name]) for name in ("total", "bonus")], by_hand
        )
        screen = sum(self.close.sudo().statement_ids.mapped("total_amount"))
        self.assertEqual(float(by_hand[0]), screen)
        event = self._events(grant.sudo(), "bi_files")
        self.assertIn("nka_bi_statement: 2", event.note)

    def test_the_text_is_exact(self):
        self._delivery("has_statement")
        self.grants._cron_serve()
        content = (self._day() / "nka_bi_statement.csv").read_bytes()
        self.assertIn(b'"=HYPERLINK(""http://evil.example"";""pay"")"', content)
        self.assertTrue(content.endswith(b"\r\n"))
        rows = {row["employee"]: row for row in self._csv("nka_bi_statement")}
        row = rows[FORMULA]
        self.assertEqual((row["month"], row["paid_on"]), ("2025-11-01", ""))
        self.assertRegex(row["locked_on"], r"^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$")
        self.assertRegex(row["total"], r"^\d+(\.\d+)?$")

    def test_a_row_of_each_type(self):
        self.assertEqual(
            [files._text(value) for value in (None, True, Decimal("1E+3"), 7)],
            ["", "true", "1000", "7"],
        )

    @skipUnless(files.pyarrow, "Parquet files need pyarrow")
    def test_parquet_has_the_same_rows(self):
        self._delivery(*CLIENTS, *PAY)
        self.grants._cron_serve()
        for view in VIEWS:
            path = self._day() / f"{view.name}.parquet"
            table = files.pyarrow.parquet.read_table(path)
            self.assertEqual(table.column_names, [one.name for one in view.columns])
            rows = self._csv(view.name)
            self.assertEqual(table.num_rows, len(rows))
            for name in view.amounts():
                exact = [Decimal(row[name] or 0) for row in rows]
                read = [value or 0 for value in table[name].to_pylist()]
                self.assertEqual(read, exact)
        statements = files.pyarrow.parquet.read_schema(
            self._day() / "nka_bi_statement.parquet"
        )
        kinds = [str(statements.field(name).type) for name in ("total", "month")]
        self.assertEqual(kinds, ["decimal128(38, 2)", "date32[day]"])
        self.assertEqual(
            str(statements.field("locked_on").type), "timestamp[us, tz=UTC]"
        )

    def test_without_pyarrow_there_is_csv(self):
        self._delivery("has_account")
        with patch.object(files, "pyarrow", None):
            self.grants._cron_serve()
        names = sorted(path.name for path in self._day().iterdir())
        self.assertEqual(names, ["manifest.json", "nka_bi_account.csv"])

    def test_only_what_was_given_is_written(self):
        self._delivery("has_account")
        pay = self._grant(False, "has_statement", target="folder")
        pay.action_submit()
        self.grants._cron_serve()
        self.assertEqual(list(self._manifest()["views"]), ["nka_bi_account"])
        pay.with_user(self.director).action_approve()
        self.grants._cron_serve()
        self.assertIn("nka_bi_statement", self._manifest()["views"])
        self.assertEqual(len(list(self._day().parent.parent.iterdir())), 1)

    def test_nothing_is_written_unless_the_server_names_a_folder(self):
        grant = self._delivery("has_account")
        with patch.dict(config.options, {"nka_bi_folder": ""}):
            with self.refused(UserError, "nka_bi_folder"):
                self._grant(False, "has_sale", target="folder").action_submit()
            with mute_logger(LOGGER):
                self.grants._cron_serve()
        self.assertIn("nka_bi_folder", grant.problem)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_old_days_are_removed_and_others_stay(self):
        grant = self._delivery("has_account", keep_days=3)
        other = self._day().parent / "read me"
        for count in range(5):
            self._day(self.today - self._days(count)).mkdir(parents=True)
        other.mkdir()
        self.grants._cron_serve()
        kept = {(self.today - self._days(count)).isoformat() for count in range(3)}
        names = {path.name for path in self._day().parent.iterdir()}
        self.assertEqual(names, {*kept, "read me"})
        grant.action_withdraw(reason="No longer needed")
        shutil.rmtree(self._day())
        self.grants._cron_serve()
        self.assertFalse(self._day().exists())

    def test_an_interrupted_file_leaves_the_former_one(self):
        grant = self._delivery("has_account")
        self.grants._cron_serve()
        before = {path: path.read_bytes() for path in self._day().iterdir()}

        def broken(*_args):
            yield from ()
            raise OSError(28, "No space left on device")

        with patch.object(files, "_batches", broken), mute_logger(LOGGER):
            self.grants._cron_serve()
        self.assertIn("No space left", grant.problem)
        after = {path: path.read_bytes() for path in self._day().iterdir()}
        self.assertEqual(after, before)
        self.grants._cron_serve()
        self.assertFalse(grant.problem)

    def test_others_on_the_server_see_nothing(self):
        self._delivery("has_account")
        self.grants._cron_serve()
        for path in (self._day(), *self._day().iterdir()):
            self.assertFalse(path.stat().st_mode & 0o007, path)
