"""What a director reads, and that they change nothing."""

import json

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import DirectorCase

DIRECTOR = "nka_key_accounts.group_key_account_director"
MANAGER = "nka_key_accounts.group_key_account_manager"

#: Models of the addon a director can read. Those every employee reads aren't listed.
READ = {
    "crm.lead",
    "nka.account.group",
    "nka.account.note",
    "nka.account.plan",
    "nka.account.plan.objective",
    "nka.account.report",
    "nka.account.week",
    "nka.assignment",
    "nka.commitment",
    "nka.competitor",
    "nka.competitor.analysis",
    "nka.competitor.offering",
    "nka.competitor.presence",
    "nka.credit.rating",
    "nka.departure",
    "nka.dependency",
    "nka.dependency.plan",
    "nka.document.quality",
    "nka.gate.exception",
    "nka.growth.suggestion",
    "nka.handover.outcome",
    "nka.health.history",
    "nka.hire.or.grow",
    "nka.bi.grant",
    "nka.hire.or.grow.way",
    "nka.job.offer",
    "nka.key.account",
    "nka.manager.page",
    "nka.manager.start",
    "nka.manager.start.cost",
    "nka.manager.start.item",
    "nka.overview",
    "nka.pay.report",
    "nka.pay.total",
    "nka.qualification",
    "nka.qualification.score",
    "nka.reading.day",
    "nka.sales.history",
    "nka.secrecy.access",
    "nka.secrecy.acknowledgement",
    "nka.secrecy.item",
    "nka.secrecy.regime",
    "nka.stakeholder",
    "nka.timeline.entry",
    "nka.voice.answer",
    "nka.week.change",
    "nka.whitespace.line",
}
#: Models that every employee reads or fills in, a director too.
OF_EVERYBODY = {
    "nka.account.plan.action",
    "nka.document.type",
    "nka.document.type.item",
    "nka.help.request",
    "nka.offer.contribution",
    "nka.promise",
    "nka.qualification.criterion",
    "nka.reason.wizard",
    "nka.tier",
}


class TestDirector(DirectorCase):
    def test_group_implies_no_other_role(self):
        group = self.env.ref(DIRECTOR)
        self.assertEqual(
            set((group.all_implied_ids - group).mapped("full_name"))
            - set(self.env.ref("base.group_user").all_implied_ids.mapped("full_name")),
            set(),
        )
        self.assertFalse(group.all_implied_by_ids - group)

    def test_access_of_every_model(self):
        """The models a director reads are listed, and they write none of them."""
        found = set()
        for name in self.env:
            model = self.env[name].with_user(self.director)
            if model._abstract or not name.startswith(
                ("nka.", "hr.payslip", "crm.lead")
            ):
                continue
            if name in OF_EVERYBODY:
                continue
            if model.has_access("read") and not self._reads(name, self.employee_user):
                found.add(name)
            for operation in ("write", "create", "unlink"):
                if self.env[name].with_user(self.employee_user).has_access(operation):
                    continue
                self.assertFalse(model.has_access(operation), f"{name} {operation}")
        self.assertEqual(found, READ)

    def _reads(self, name, user):
        return self.env[name].with_user(user).has_access("read")

    def test_reads_all_accounts_of_the_company(self):
        accounts = self.env["nka.key.account"].with_user(self.director)
        found = accounts.web_search_read([], {"display_name": {}, "health": {}})
        self.assertEqual(
            {row["id"] for row in found["records"]} & {self.account.id, self.other.id},
            {self.account.id, self.other.id},
        )

    def test_reads_no_account_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        account = self.env["nka.key.account"].create(
            {"partner_id": self._new_client("Abroad").id, "company_id": company.id}
        )
        with self.refused(AccessError):
            account.with_user(self.director).read(["display_name"])

    def test_reads_deals_of_key_accounts_only(self):
        ordinary = self.env["crm.lead"].create({"name": "Small", "type": "opportunity"})
        leads = self.env["crm.lead"].with_user(self.director).search([])
        self.assertIn(self.lead, leads)
        self.assertNotIn(ordinary, leads)

    def test_writes_nothing(self):
        account = self.account.with_user(self.director)
        lead = self.lead.with_user(self.director)
        for number, attempt in enumerate(
            (
                lambda: account.write({"note": "x"}),
                lambda: account.unlink(),
                lambda: account.create({"partner_id": self._new_client("New").id}),
                lambda: account.message_post(body="x"),
                lambda: account.activity_schedule("mail.mail_activity_data_todo"),
                lambda: account.action_retire(),
                lambda: account.action_decline(),
                lambda: lead.write({"name": "x"}),
                lambda: lead.action_set_won(),
                lambda: lead.unlink(),
                lambda: lead.message_post(body="x"),
                lambda: lead.activity_schedule("mail.mail_activity_data_todo"),
                lambda: account.message_subscribe(self.director.partner_id.ids),
            )
        ):
            with self.subTest(number), self.refused(UserError):
                attempt()

    def test_exports_nothing(self):
        self.director.group_ids += self.env.ref("base.group_allow_export")
        for records in (self.account, self.lead):
            with self.refused(AccessError, "export"):
                records.with_user(self.director).export_data(["display_name"])

    def test_reads_are_counted_and_limited(self):
        self.env.company.nka_read_limit = 1
        readings = self.env["nka.reading"]
        accounts = self.env["nka.key.account"].with_user(self.director)
        with self.refused(AccessError, "limit"):
            (self.account | self.other).with_env(accounts.env).read(["display_name"])
        self.env.company.nka_read_limit = 0
        self.account.with_user(self.director).read(["display_name"])
        self.assertTrue(readings.search([("user_id", "=", self.director.id)]))

    def test_role_change_is_on_the_trail(self):
        self.assertTrue(self._events(self.director, "group"))

    def test_director_is_no_manager(self):
        for user, role in ((self.director, MANAGER), (self.manager, DIRECTOR)):
            with self.refused(ValidationError, "at once"):
                user.group_ids += self.env.ref(role)
            with self.refused(ValidationError, "at once"):
                self.env.ref(role).user_ids += user
        with self.refused(ValidationError, "at once"):
            self.env.ref(DIRECTOR).implied_ids += self.env.ref(MANAGER)
        with self.refused(ValidationError, "at once"):
            self.env["res.users"].create(
                {
                    "name": "Both",
                    "login": "nka_both_roles",
                    "group_ids": [
                        Command.set(
                            (self.env.ref(DIRECTOR) | self.env.ref(MANAGER)).ids
                        )
                    ],
                }
            )

    def test_director_may_be_supervisor_or_officer(self):
        for role in ("supervisor", "payroll_officer"):
            self.director.group_ids += self.env.ref(
                f"nka_key_accounts.group_key_account_{role}"
            )
        self.assertTrue(self.director.has_group(DIRECTOR))


class TestDirectorGraph(DirectorCase):
    def test_it_is_of_the_accounts_in_the_revenue_above_it(self):
        """Sales to a candidate are in neither of the two."""
        self.other.sudo()._unlocked().write({"state": "candidate"})
        month = fields.Date.context_today(self.env.user).replace(day=1)
        for account, amount in ((self.account, 500), (self.other, 70)):
            self.env["nka.sales.history"].sudo().create(
                {
                    "key_account_id": account.id,
                    "company_id": account.company_id.id,
                    "month": month,
                    "invoiced_amount": amount,
                }
            )
        overview = self.env["nka.overview"].with_user(self.director).new()
        values = json.loads(overview.graph)[0]["values"]
        self.assertEqual(values[-1]["value"], 500)


class TestDirectorScreens(DirectorCase):
    """Every menu of a director opens, with its views, rows and forms."""

    def _menus(self):
        menus = self.env["ir.ui.menu"].with_user(self.director)
        root = self.env.ref("nka_key_accounts.menu_nka_root").id
        visible = menus.browse(menus._visible_menu_ids())
        return visible.filtered(
            lambda menu: menu.action and f"/{root}/" in f"/{menu.parent_path}"
        )

    def _specify(self, node, model):
        """Return what the client reads of the fields of a view, with nested lists."""
        specification = {}
        for element in node.xpath(".//field[not(ancestor::field)]"):
            name = element.get("name")
            field = model._fields[name]
            asked = {}
            if field.type in ("one2many", "many2many"):
                below = [row for row in element if row.tag in ("list", "kanban")]
                fields = {"display_name": {}}
                for row in below:
                    row = etree.fromstring(etree.tostring(row))
                    fields |= self._specify(row, self.env[field.comodel_name])
                asked = {"fields": fields}
            elif field.type == "many2one":
                asked = {"fields": {"display_name": {}}}
            specification[name] = asked
        return specification

    def _read_view(self, model, view_id, kind, records):
        arch = model.get_views([(view_id, kind)])["views"][kind]["arch"]
        records.web_read(self._specify(etree.fromstring(arch), self.env[model._name]))

    def test_every_menu_opens(self):
        opened = set()
        for menu in self._menus():
            action = menu.action
            if action._name != "ir.actions.act_window":
                continue
            model = self.env[action.res_model].with_user(self.director)
            views = {
                kind: view_id for view_id, kind in action._get_action_dict()["views"]
            }
            records = model.search([], limit=3)
            for kind in views.keys() & {"list", "kanban", "form"}:
                with self.subTest(menu=menu.complete_name, kind=kind):
                    self._read_view(model, views[kind], kind, records)
                    opened.add(model._name)
        self.assertIn("nka.key.account", opened)
        self.assertIn("nka.week.change", opened)

    def test_forms_of_the_overview(self):
        pages = self.env["nka.overview"].with_user(self.director)
        page = pages.browse(pages.action_open()["res_id"])
        for name in ("nka_overview_view_form", "nka_overview_view_form_mail"):
            view = self.env.ref(f"nka_key_accounts.{name}")
            self._read_view(pages, view.id, "form", page)
