"""Dashboards: their data exists, is read by rights, and says what other screens say."""

import ast
import json
import re
from datetime import date

from odoo import Command, fields
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
)
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..documents.common import DocumentCase
from ..statements.common import StatementCase

NAMES = ("key_accounts", "pay")
#: Who opens which dashboard; all other roles open none.
READERS = {
    "key_accounts": ("supervisor", "director"),
    "pay": ("officer", "director"),
}


class BoardMixin:
    """Loads a dashboard as its client does, under the rights of one user."""

    @classmethod
    def _board(cls, name):
        return cls.env.ref(f"nka_key_accounts.dashboard_{name}")

    def _content(self, name):
        return json.loads(self._board(name).spreadsheet_data)

    def _add_director(self):
        self.director = self._new_user("nka_director", "group_key_account_director")

    def _sources(self, content):
        """Return model, groups, measures and domain of each pivot and picture."""
        for pivot in content["pivots"].values():
            measures = [measure["id"] for measure in pivot["measures"]]
            groups = [
                f"{row['fieldName']}:{row['granularity']}"
                if row.get("granularity")
                else row["fieldName"]
                for row in pivot["rows"] + pivot["columns"]
            ]
            yield pivot["model"], groups, measures, pivot["domain"]
        for chart in odoo_charts(content):
            meta = chart["metaData"]
            domain = chart["searchParams"]["domain"]
            if isinstance(domain, str):
                domain = ast.literal_eval(domain)
            yield meta["resModel"], meta["groupBy"], [meta["measure"]], domain

    def _aggregate(self, model, measure):
        field = self.env[model]._fields.get(measure)
        return f"{measure}:{field.aggregator}" if field else measure

    def _load(self, content, user):
        """Read all data of a dashboard as a user, and return the groups read."""
        read = {}
        for model, groups, measures, domain in self._sources(content):
            records = self.env[model].with_user(user)
            aggregates = [self._aggregate(model, name) for name in measures]
            sets = [groups[:size] for size in range(len(groups) + 1)]
            answers = records.formatted_read_grouping_sets(domain, sets, aggregates)
            read[model, tuple(groups), tuple(measures)] = answers
        for each in content["lists"].values():
            records = self.env[each["model"]].with_user(user)
            order = ", ".join(f"{o['name']} desc" for o in each["orderBy"])
            asked = {
                name: {"fields": {"display_name": {}}}
                if records._fields[name].type == "many2one"
                else {}
                for name in each["columns"]
            }
            answer = records.web_search_read(
                each["domain"], asked, order=order, limit=10
            )
            read[each["model"], tuple(each["columns"])] = answer["records"]
        return read


@tagged("nka_dashboards")
class TestFiles(BoardMixin, DocumentCase):
    """What Odoo's own dashboards promise: every name in a file exists."""

    def test_fields_and_measures_exist(self):
        for name in NAMES:
            content = self._content(name)
            for model, fnames in fields_in_spreadsheet(content).items():
                for fname in fnames - {"__count"}:
                    # Fields of domains can be paths.
                    first = fname.partition(".")[0]
                    self.assertIn(first, self.env[model]._fields, (name, model))
            for model, _groups, measures, domain in self._sources(content):
                self.env[model].search(domain, limit=1)
                for measure in set(measures) - {"__count"}:
                    self.assertTrue(
                        self.env[model]._fields[measure].aggregator, (model, measure)
                    )

    def test_filters_narrow_every_source(self):
        """Each filter reaches a field of its kind in each source it is matched with."""
        for name in NAMES:
            content = self._content(name)
            filters = {each["id"]: each for each in content["globalFilters"]}
            sources = [
                *((p["model"], p["fieldMatching"]) for p in content["pivots"].values()),
                *((p["model"], p["fieldMatching"]) for p in content["lists"].values()),
                *(
                    (chart["metaData"]["resModel"], chart["fieldMatching"])
                    for chart in odoo_charts(content)
                ),
            ]
            for model, matching in sources:
                self.assertTrue(matching, model)
                for key, match in matching.items():
                    field = self.env[model]._fields[match["chain"]]
                    self.assertEqual(field.type, match["type"])
                    self.env[model].search([(match["chain"], "!=", False)], limit=1)
                    if filters[key]["type"] == "relation":
                        self.assertEqual(field.comodel_name, filters[key]["modelName"])

    def test_menus_and_samples_exist(self):
        for name in NAMES:
            for xml_id in menus_xml_ids_in_spreadsheet(self._content(name)):
                self.assertTrue(self.env.ref(xml_id).action, xml_id)
            board = self._board(name)
            sample = board._get_sample_dashboard()
            self.assertEqual(
                [f["id"] for f in sample["sheets"][0]["figures"]],
                [f["id"] for f in self._content(name)["sheets"][0]["figures"]],
            )

    def test_sample_is_shown_while_there_is_nothing(self):
        self._add_director()
        board = self._board("pay").with_user(self.director)
        self.env["nka.pay.statement"].flush_model()
        self.assertEqual(
            board._dashboard_is_empty(), not self.env["nka.pay.report"].search_count([])
        )


@tagged("nka_dashboards")
class TestKeyAccounts(BoardMixin, DocumentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._key_account(cls.other_client, cls.colleague)
        cls.other_lead = cls._new_deal(cls.other_client, cls.colleague)
        cls._submitted()
        cls.document = cls._submitted(key_account_id=cls.account.id, lead_id=False)
        cls.lead.with_user(cls.supervisor).action_let_through(
            cls.stage.id, "Signed on paper"
        )

    def setUp(self):
        super().setUp()
        self._add_director()

    def _report(self, user, kind):
        rows = self.env["nka.account.report"].with_user(user)
        return rows.search([("kind", "=", kind)])

    def test_both_readers_read_the_same(self):
        content = self._content("key_accounts")
        self.assertEqual(
            self._load(content, self.supervisor), self._load(content, self.director)
        )

    def test_figures_are_those_of_other_screens(self):
        accounts = self.account | self.other
        deals = self._report(self.director, "deal")
        for account in accounts:
            own = deals.filtered(lambda row, one=account: row.key_account_id == one)
            self.assertEqual(sum(own.mapped("amount")), account.pipeline_amount)
            self.assertEqual(len(own), account.open_lead_count)
        documents = self._report(self.director, "document")
        waiting = self.env["nka.document"].search([("state", "=", "submitted")])
        self.assertEqual(len(documents), len(waiting))
        self.assertEqual(
            sum(documents.mapped("amount")), sum(waiting.mapped("deal_amount"))
        )
        events = self.env["nka.audit.event"].search([("kind", "=", "gate_pass")])
        self.assertEqual(len(self._report(self.director, "override")), len(events))

    def test_revenue_is_that_of_the_accounts_counted(self):
        """Sales of candidates and former accounts aren't in revenue beside 12 months'."""
        domains = {
            model: domain
            for model, _groups, measures, domain in self._sources(
                self._content("key_accounts")
            )
            if {"invoiced_amount", "trailing_revenue"} & set(measures)
        }
        self.assertEqual(domains["nka.key.account"], [["state", "=", "key"]])
        self.assertEqual(
            domains["nka.sales.history"], [["key_account_id.state", "=", "key"]]
        )

    def test_override_stays_after_the_deal_moved_on(self):
        before = len(self._report(self.supervisor, "override"))
        self.lead.stage_id = self.env["crm.stage"].search([], limit=1)
        self.assertFalse(
            self.env["nka.gate.exception"].search([("lead_id", "=", self.lead.id)])
        )
        self.assertEqual(len(self._report(self.supervisor, "override")), before)

    def test_day_of_an_override_is_that_of_the_reader(self):
        """The zones are 25 hours apart, so they never have the same day."""
        [row] = self._report(self.director, "override")
        event = self.env["nka.audit.event"].search([("kind", "=", "gate_pass")])
        days = set()
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.env.invalidate_all()
            own = row.with_context(tz=zone)
            moment = fields.Datetime.context_timestamp(own, event.date)
            self.assertEqual(own.date, moment.date(), zone)
            days.add(own.date)
        self.assertEqual(len(days), 2)

    def test_ages_of_waiting_documents(self):
        ages = {0: "1", 2: "1", 3: "2", 7: "2", 8: "3", 14: "3", 15: "4", 90: "4"}
        for days, age in ages.items():
            self.env.cr.execute(
                "UPDATE nka_document SET waiting_since = %s WHERE id = %s",
                [self.today - self._days(days), self.document.id],
            )
            self.env.invalidate_all()
            row = self.env["nka.account.report"].browse(self.document.id * 3 + 1)
            self.assertEqual(row.age, age, days)

    def test_manager_of_a_row(self):
        rows = self._report(self.supervisor, "deal")
        self.assertEqual(
            {(row.key_account_id.id, row.manager_id.id) for row in rows},
            {
                (self.account.id, self.manager.id),
                (self.other.id, self.colleague.id),
            },
        )

    def test_other_roles_read_nothing(self):
        for name in ("manager", "colleague", "officer", "kam_admin", "employee_user"):
            rows = self.env["nka.account.report"].with_user(getattr(self, name))
            for read in (
                lambda rows=rows: rows.search_count([]),
                lambda rows=rows: rows.web_search_read([], {"amount": {}}),
                lambda rows=rows: rows.formatted_read_group(
                    [], ["kind"], ["amount:sum"]
                ),
            ):
                with self.assertRaises(AccessError), mute_logger("odoo.models"):
                    read()

    def test_nobody_writes(self):
        row = self._report(self.supervisor, "deal")[:1]
        for user in (self.supervisor, self.director, self.kam_admin):
            mine = row.with_user(user)
            for change in (
                lambda mine=mine: mine.write({"amount": 1}),
                lambda mine=mine: mine.create({"amount": 1}),
                lambda mine=mine: mine.unlink(),
            ):
                with self.assertRaises(AccessError):
                    change()

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "nka_stranger",
            "group_key_account_director",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for kind in ("deal", "document", "override"):
            self.assertTrue(self._report(self.director, kind))
            self.assertFalse(self._report(stranger, kind))

    def test_reading_is_counted(self):
        readings = self.env["nka.reading"].sudo()
        before = sum(readings.search([]).mapped("count"))
        rows = self.env["nka.account.report"].with_user(self.director)
        found = rows.web_search_read([], {"amount": {}})["records"]
        after = sum(readings.search([]).mapped("count"))
        self.assertEqual(after - before, len(found))

    def test_export_is_for_supervisors(self):
        rows = self._report(self.director, "deal")
        with self.assertRaises(UserError):
            rows.export_data(["amount"])
        self.assertTrue(rows.with_user(self.supervisor).export_data(["amount"]))


@tagged("nka_dashboards")
class TestPay(BoardMixin, StatementCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(400000, date(2025, 8, 5))
        cls._invoice(90000, date(2025, 9, 5))
        cls.statements = cls.env["nka.pay.statement"]
        for month in (7, 8, 9):
            cls.statements |= cls._calculate(date(2025, month, 1))

    def setUp(self):
        super().setUp()
        self._add_director()

    def _groups(self, user, groups, measures, domain=()):
        rows = self.env["nka.pay.report"].with_user(user)
        return rows.formatted_read_group(list(domain), groups, measures)

    def test_both_readers_read_the_same(self):
        content = self._content("pay")
        self.assertEqual(
            self._load(content, self.officer), self._load(content, self.director)
        )

    def test_figures_are_those_of_statements(self):
        paid = {
            "fixed": sum(self.statements.mapped("fixed_amount")),
            "soft": sum(self.statements.mapped("soft_amount")),
            "bonus": sum(self.statements.mapped("bonus_amount")),
        }
        domain = [("user_id", "=", self.statements.user_id.id)]
        for row in self._groups(
            self.director, ["component"], ["amount:sum", "target_amount:sum"], domain
        ):
            self.assertAlmostEqual(row["amount:sum"], paid[row["component"]], 2)
            self.assertAlmostEqual(
                row["target_amount:sum"],
                sum(
                    float(share["target_amount"])
                    for statement in self.statements
                    for share in statement.shares
                    if share["component"] == row["component"]
                ),
                2,
            )

    def test_ratios_of_totals(self):
        domain = [("user_id", "=", self.statements.user_id.id)]
        names = ["paid_percent", "attainment", "bonus_percent"]
        [row] = self._groups(
            self.officer,
            [],
            [
                *(f"{name}:avg" for name in names),
                "credit_amount:sum",
                "quota:sum",
                "bonus_amount:sum",
            ],
            domain,
        )
        self.assertEqual(row["credit_amount:sum"], 490000)
        self.assertEqual(row["quota:sum"], self.statements[-1].quota_to_date)
        self.assertAlmostEqual(
            row["attainment:avg"],
            100
            * self.statements[-1].half_year_credits
            / self.statements[-1].quota_to_date,
        )
        self.assertAlmostEqual(
            row["bonus_percent:avg"],
            100 * sum(self.statements.mapped("bonus_amount")) / 490000,
        )

    def test_other_roles_read_nothing(self):
        for name in ("manager", "supervisor", "kam_admin", "employee_user", "salesman"):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self._groups(getattr(self, name), ["user_id"], ["amount:sum"])

    def test_open_statements_are_not_shown(self):
        self.env.cr.execute(
            "UPDATE nka_pay_statement SET state = 'open' WHERE id = %s",
            [self.statements[0].id],
        )
        self.env.invalidate_all()
        months = self._groups(self.director, ["month:month"], ["amount:sum"])
        self.assertEqual(len(months), 2)

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for group in (
            "group_key_account_director",
            "group_key_account_payroll_officer",
        ):
            stranger = self._new_user(
                f"stranger_{group}",
                group,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            self.assertFalse(
                self.env["nka.pay.report"].with_user(stranger).search_count([])
            )

    def test_nobody_writes(self):
        row = self.env["nka.pay.report"].search([], limit=1)
        for user in (self.officer, self.director):
            for change in ("write", "create"):
                with self.assertRaises(AccessError):
                    getattr(row.with_user(user), change)({"amount": 1})


@tagged("nka_dashboards")
class TestWhoOpens(BoardMixin, DocumentCase):
    def setUp(self):
        super().setUp()
        self._add_director()

    def test_each_role_finds_its_dashboards(self):
        roles = (
            "manager",
            "supervisor",
            "officer",
            "kam_admin",
            "employee_user",
            "director",
        )
        for role in roles:
            boards = (
                self.env["spreadsheet.dashboard"]
                .with_user(getattr(self, role))
                .search([])
            )
            for name, readers in READERS.items():
                self.assertEqual(
                    self._board(name) in boards, role in readers, (role, name)
                )

    def test_menus(self):
        for name, menu in (
            ("key_accounts", "menu_nka_dashboard_key_accounts"),
            ("pay", "menu_nka_dashboard_pay"),
        ):
            menu = self.env.ref(f"nka_key_accounts.{menu}")
            self.assertEqual(menu.action.params["dashboard_id"], self._board(name).id)
            for role in ("manager", "supervisor", "officer", "director"):
                seen = (
                    self.env["ir.ui.menu"]
                    .with_user(getattr(self, role))
                    ._visible_menu_ids()
                )
                self.assertEqual(menu.id in seen, role in READERS[name], (role, name))

    def test_no_link_without_login(self):
        """A shared dashboard is a copy of its figures that everyone could open."""
        for name, readers in READERS.items():
            for role in readers:
                shares = self.env["spreadsheet.dashboard.share"].with_user(
                    getattr(self, role)
                )
                with self.assertRaisesRegex(UserError, "shared by a link"):
                    shares.action_get_share_url(
                        {
                            "dashboard_id": self._board(name).id,
                            "spreadsheet_data": "{}",
                            "excel_files": [],
                        }
                    )

    def test_other_dashboards_are_shared_as_before(self):
        board = self.env["spreadsheet.dashboard"].create(
            {
                "name": "Stock",
                "dashboard_group_id": self.env["spreadsheet.dashboard.group"]
                .create({"name": "Stock"})
                .id,
            }
        )
        share = self.env["spreadsheet.dashboard.share"].create(
            {"dashboard_id": board.id, "spreadsheet_data": "{}"}
        )
        with self.assertRaisesRegex(UserError, "shared by a link"):
            share.dashboard_id = self._board("pay")


#: Waits until nothing loads, and returns all cells in error, and whether it is a sample.
LOOK = """
(async () => {
    const services = odoo.__WOWL_DEBUG__.root.env.services;
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    let board, cells;
    for (let round = 0; round < 480; round++) {
        await wait(250);
        board = services.spreadsheet_dashboard_loader?.getActiveDashboard();
        if (!board?.model) continue;
        cells = board.model.getters.getSheetIds().flatMap((id) =>
            Object.entries(board.model.getters.getEvaluatedCells(id))
        );
        const loading = cells.some(([, cell]) => String(cell.value).startsWith("Loading"));
        if (!loading && cells.length && round > 8) break;
    }
    if (!cells || !cells.length) throw new Error("nothing was loaded");
    const wrong = cells.filter(([, cell]) => cell.type === "error");
    if (wrong.length) {
        throw new Error(wrong.map(([at, cell]) => `${at}: ${cell.message}`).join("; "));
    }
    if (Boolean(board.isSample) !== IS_SAMPLE) throw new Error("sample or not");
    console.log("test successful");
})();
"""


@tagged("nka_dashboards", "nka_tours")
class TestInBrowser(BoardMixin, StatementCase, HttpCase):
    """No cell of a dashboard is in error, whoever opens it."""

    def _load_assets(self, login):
        """Have the scripts bundled first: on a busy machine it takes a minute."""
        self.authenticate(login, login)
        page = self.url_open("/odoo", timeout=300).text
        page += self.url_open(
            "/web/bundle/spreadsheet.o_spreadsheet?lang=en_US", timeout=300
        ).text
        for path in set(re.findall(r'"(/web/assets/[^"]+)"', page)):
            self.url_open(path, timeout=300)

    def _open(self, name, login, is_sample="false"):
        self._load_assets(login)
        self.browser_js(
            f"/odoo/dashboards?dashboard_id={self._board(name).id}",
            LOOK.replace("IS_SAMPLE", is_sample),
            ready="odoo.isReady === true",
            login=login,
            timeout=180,
        )

    def test_key_accounts(self):
        self._add_director()
        self._invoice(400000, date(2025, 8, 5))
        self.env["nka.sales.history"]._cron_refresh()
        self._open("key_accounts", "nka_super")
        self._open("key_accounts", "nka_director")

    def test_pay(self):
        self._open("pay", "nka_payroll", is_sample="true")
        self._invoice(400000, date(2025, 8, 5))
        self._calculate(date(2025, 8, 1))
        self._open("pay", "nka_payroll")
