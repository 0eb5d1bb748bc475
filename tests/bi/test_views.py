"""What the views show, what they exclude, and that the docs say the same."""

import re
from datetime import date
from pathlib import Path

from odoo import Command
from odoo.addons.nka_key_accounts.models.bi.views import VIEWS
from odoo.tools import SQL

from .common import CLIENTS, PAY, BiCase

DOCS = Path(__file__).parents[2] / "docs"
SECRET = "classified"
#: ``| column | type | comment |`` below the heading of a view.
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", re.M)


def documented(page):
    """Return the text above the table and the rows of it, by view."""
    parts = re.split(r"^### `(nka_bi_\w+)`$", (DOCS / page).read_text(), flags=re.M)
    found = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        text = re.split(r"^##? ", text, flags=re.M)[0]
        found[name] = (" ".join(text.split("|")[0].split()), ROW.findall(text))
    return found


class TestViews(BiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._goals(date(2025, 12, 1), negotiations=(10, 0, 8))
        types = cls.env["nka.document.type"]
        cls.type = types.create({"name": "Minutes", "code": "BI", "review_days": 2})
        cls.document = cls._document("submitted")
        cls.draft = cls._document("draft")
        cls.candidate = cls._nominate(cls.other_client)
        cls.env["nka.sales.history"]._refresh(cls.company)

    @classmethod
    def _document(cls, state):
        """Return a document in a state, without the files a submission needs."""
        documents = cls.env["nka.document"].with_user(cls.manager)
        document = documents.create(
            {
                "type_id": cls.type.id,
                "key_account_id": cls.account.id,
                "title": SECRET,
                "description": SECRET,
            }
        ).sudo()
        if state != "draft":
            document._move_to(state)
        return document.with_env(cls.env)

    def _rows(self, key):
        """Return the rows of the company, as the nightly job reads them."""
        self.env.flush_all()
        view = SQL.identifier(f"nka_bi_{key}")
        query = SQL("SELECT * FROM %s WHERE company_id = %s", view, self.company.id)
        self.cr.execute(query)
        return self.cr.dictfetchall()

    # ------------------------------------------------------------ content
    def test_accounts(self):
        [row] = self._rows("account")
        expected = {
            "account_id": self.account.id,
            "company": self.company.name,
            "currency": self.company.currency_id.name,
            "client_id": self.client.id,
            "client": self.client.name,
            "state": "key",
            "tier": self.tier.name,
            "manager_id": self.manager.id,
            "manager": self.manager.name,
            "date_start": date(2025, 1, 1),
            "date_end": None,
        }
        self.assertEqual({name: row[name] for name in expected}, expected)

    def test_sales_are_those_of_the_history(self):
        history = self.env["nka.sales.history"].search(
            [("company_id", "=", self.company.id)]
        )
        rows = self._rows("sale")
        self.assertEqual(len(rows), len(history))
        for column, field in (
            ("invoiced", "invoiced_amount"),
            ("invoiced_before", "invoiced_before"),
            ("comparable", "comparable_amount"),
            ("ordered", "ordered_amount"),
            ("ordered_before", "ordered_before"),
        ):
            total = sum(row[column] or 0 for row in rows)
            self.assertAlmostEqual(total, sum(history.mapped(field)), 2)
        self.assertEqual(sum(row["invoiced"] for row in rows), 2000000)
        self.assertEqual({row["manager_id"] for row in rows}, {self.manager.id})
        self.assertEqual({row["client"] for row in rows}, {self.client.name})

    def test_credits_are_those_of_the_ledger(self):
        ledger = self.env["nka.bonus.line"].search(
            [("company_id", "=", self.company.id)]
        )
        rows = self._rows("credit")
        self.assertTrue(rows)
        self.assertEqual({row["credit_id"] for row in rows}, set(ledger.ids))
        total = sum(row["amount"] for row in rows)
        self.assertEqual(total, sum(ledger.mapped("amount")))
        self.assertEqual({row["is_locked"] for row in rows}, {True})
        self._invoice(100, date(2025, 12, 5))
        self._calculate(date(2025, 12, 1))
        locked = {row["date"]: row["is_locked"] for row in self._rows("credit")}
        self.assertFalse(locked[date(2025, 12, 5)])

    def test_statements_are_those_of_locked_months(self):
        statements = self.close.sudo().statement_ids
        rows = {row["statement_id"]: row for row in self._rows("statement")}
        self.assertEqual(set(rows), set(statements.ids))
        for statement in statements:
            row = rows[statement.id]
            self.assertEqual(row["total"], statement.total_amount)
            parts = sum(
                row[name] for name in ("fixed", "soft", "bonus", "draw", "retro")
            )
            self.assertAlmostEqual(parts, row["total"], 2)
            self.assertEqual(row["employee"], statement.employee_id.name)
            self.assertEqual(row["locked_on"].replace(tzinfo=None), self._locked_on())
        self._calculate(date(2025, 12, 1))
        self.assertEqual(len(self._rows("statement")), len(statements))
        self.close.with_user(self.kam_admin).action_reopen(reason="A mistake")
        self.assertEqual(self._rows("statement"), [])

    def _locked_on(self):
        return self.close.sudo().locked_date

    def test_goals_that_were_accepted(self):
        [row] = self._rows("goal")
        goal = self.env["nka.season.goal"].browse(row["goal_id"])
        self.assertEqual((row["target"], row["actual"]), (10, 8))
        self.assertEqual(row["kpi"], goal.kpi_id.with_context(lang="en_US").name)
        self.cr.execute("ALTER TABLE nka_season_goal DISABLE TRIGGER USER")
        self.cr.execute("UPDATE nka_season_goal SET state = 'proposed'")
        self.assertEqual(self._rows("goal"), [])

    def test_documents_since_their_submission(self):
        [row] = self._rows("document")
        self.assertEqual(row["document_id"], self.document.id)
        self.assertEqual(row["number"], self.document.name)
        self.assertEqual((row["type_code"], row["type"]), ("BI", "Minutes"))
        self.assertEqual(row["author_id"], self.document.author_id.id)

    # ------------------------------------------------------------ excluded
    def test_what_is_excluded(self):
        self.account.sudo().note = SECRET
        self.account.sudo()._unlocked().write({"end_reason": SECRET})
        contact = {"name": SECRET, "email": f"{SECRET}@example.com", "comment": SECRET}
        self.client.write({"child_ids": [Command.create(contact)], "comment": SECRET})
        self.client.write({"email": f"{SECRET}@example.com", "phone": SECRET})
        self.other_client.name = SECRET
        self.env.flush_all()
        self.cr.execute("ALTER TABLE nka_season_goal DISABLE TRIGGER USER")
        self.cr.execute("UPDATE nka_season_goal SET decision_reason = %s", [SECRET])
        self.cr.execute("SELECT COUNT(*) FROM nka_bonus_line WHERE source_name != ''")
        self.assertTrue(self.cr.fetchone()[0])
        for view in VIEWS:
            rows = self._rows(view.key)
            self.assertTrue(rows, view.name)
            self.assertNotIn(SECRET, str(rows), view.name)
            numbers = self.env["account.move"].search([]).mapped("name")
            for number in numbers:
                self.assertNotIn(str(number), str(rows), view.name)

    def test_a_person_has_no_name(self):
        self.client.is_company = False
        for key in ("account", "sale", "credit", "document"):
            self.assertEqual({row["client"] for row in self._rows(key)}, {None}, key)

    def test_a_secrecy_regime_removes_the_names_of_clients(self):
        regimes = self.env["nka.secrecy.regime"].sudo()
        regime = regimes.create({"name": "R", "order_number": "1", "text": "x"})
        regime._move_to("submitted")
        self.assertTrue(self._rows("account")[0]["client"])
        regime._move_to("in_force")
        for key in ("account", "sale", "credit", "document"):
            rows = self._rows(key)
            self.assertEqual({row["client"] for row in rows}, {None}, key)
            self.assertTrue(all(row["account_id"] for row in rows), key)

    def test_temporary_tables_of_a_role_are_never_read(self):
        role = self._role()
        self._given(role, *CLIENTS, *PAY)
        with self._as_role(role):
            self.cr.execute(
                """CREATE TEMP TABLE nka_bi_grant AS
                   SELECT 1 AS company_id, 'x' AS role;
                   CREATE TEMP TABLE nka_pay_statement AS SELECT 7 AS id;
                   CREATE TEMP TABLE res_company AS SELECT 7 AS id"""
            )
            self.cr.execute("SELECT SUM(total) FROM nka_bi_statement")
            self.assertEqual(self.cr.fetchone()[0], self._statement_total())

    def _statement_total(self):
        self.cr.execute("RESET SESSION AUTHORIZATION")
        self.cr.execute(
            "SELECT SUM(total_amount) FROM public.nka_pay_statement WHERE state='locked'"
        )
        return self.cr.fetchone()[0]

    # ------------------------------------------------------------ documented
    def test_every_column_has_a_comment(self):
        for view in VIEWS:
            self.cr.execute(
                """SELECT attname, format_type(atttypid, NULL),
                          col_description(attrelid, attnum),
                          obj_description(attrelid, 'pg_class')
                     FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0
                    ORDER BY attnum""",
                [view.name],
            )
            rows = self.cr.fetchall()
            self.assertEqual(
                [(name, comment) for name, kind, comment, whole in rows],
                [(column.name, column.comment) for column in view.columns],
            )
            self.assertEqual({whole for *_rest, whole in rows}, {view.comment})
            self.assertIn("Not included:", view.comment)

    def test_the_docs_have_the_comments(self):
        pages = documented("reading-from-outside.md")
        for view in VIEWS:
            text, rows = pages[view.name]
            self.assertEqual(text, view.comment)
            self.assertEqual(
                rows, [(one.name, one.type, one.comment) for one in view.columns]
            )

    def test_the_russian_docs_have_every_column(self):
        pages = documented("ru/reading-from-outside.md")
        for view in VIEWS:
            text, rows = pages[view.name]
            self.assertRegex(text, "[а-я]")
            self.assertEqual(
                [row[:2] for row in rows],
                [(one.name, one.type) for one in view.columns],
            )
            self.assertTrue(all(re.search("[а-я]", row[2]) for row in rows))

    def test_a_verification_finds_a_changed_view(self):
        verification = self.env["nka.audit.verification"]
        self.assertFalse(verification._check_bi_views().findings)
        self.cr.execute(
            """CREATE OR REPLACE VIEW nka_bi_document AS
                   SELECT * FROM nka_bi_document_rows() LIMIT 1"""
        )
        self.cr.execute("DROP VIEW nka_bi_goal")
        [goal, document] = verification._check_bi_views().findings
        self.assertIn("nka_bi_goal is missing or was changed", goal)
        self.assertIn("nka_bi_document is missing or was changed", document)
