"""Who reads what is measured, and that nobody writes it or draws pay from it."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import DependencyCase


@tagged("nka_dependency")
class TestRoles(DependencyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._new_user("nka_director", "group_key_account_director")

    def setUp(self):
        super().setUp()
        self.first = self.accounts[0]
        self._contact(self.first, self.manager, "meeting", self._ago(3))
        self._contact(self.first, self.colleague, "mail", self._ago(4))
        self._new_invoice(self.first.partner_id, 600)
        self.row = self._measured(self.first).filtered(
            lambda row: row.is_current and row.user_id == self.manager
        )

    def test_supervisor_and_director_read(self):
        for user in (self.supervisor, self.reader):
            row = self.row.with_user(user)
            self.assertEqual(row.revenue, 500)
            groups = row.formatted_read_group(
                [("is_current", "=", True), ("key_account_id", "=", self.first.id)],
                ["user_id"],
                ["revenue:sum", "revenue_change:sum"],
            )
            self.assertEqual(len(groups), 2)
            account = self.first.with_user(user)
            self.assertEqual(account.dependency_user_id, self.manager)
            self.assertEqual(account.dependency_share, 83)
            found = account.search([("dependency_share", ">=", 70)])
            self.assertIn(account, found)
            self.assertNotIn(account, account.search([("dependency_share", ">", 90)]))
            action = account.action_open_dependency()
            self.assertEqual(action["domain"], [("key_account_id", "=", self.first.id)])

    def test_everybody_else_is_refused(self):
        for user in (
            self.manager,
            self.colleague,
            self.officer,
            self.kam_admin,
            self.salesman,
            self.employee_user,
        ):
            model = self.env["nka.dependency"].with_user(user)
            with self.refused(AccessError):
                model.search_read([], ["share"])
            with self.refused(AccessError):
                model.action_refresh()
            with self.refused(AccessError):
                self.first.with_user(user).read(["dependency_share"])
            with self.refused(AccessError):
                self.first.with_user(user).search([("dependency_share", ">", 1)])

    def test_nobody_writes(self):
        for user in (self.manager, self.supervisor, self.reader, self.kam_admin):
            row = self.row.with_user(user)
            with self.refused(AccessError):
                row.write({"share": 1})
            with self.refused(AccessError):
                row.unlink()
            with self.refused(AccessError):
                row.create(
                    {
                        "key_account_id": self.first.id,
                        "company_id": self.first.company_id.id,
                        "user_id": user.id,
                        "month": self.today,
                    }
                )

    def test_supervisor_refreshes(self):
        self._contact(self.first, self.deputy, "meeting", self._ago(2))
        action = self.row.with_user(self.supervisor).action_refresh()
        self.assertEqual(action["res_model"], "nka.dependency")
        found = self.env["nka.dependency"].search([("user_id", "=", self.deputy.id)])
        self.assertTrue(found)

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["nka.dependency.plan"].create(
            {
                "key_account_id": self.first.id,
                "user_id": self.colleague.id,
                "date_due": self.today,
            }
        )
        for role in ("supervisor", "director", "manager"):
            stranger = self._new_user(
                f"nka_stranger_{role}",
                f"group_key_account_{role}",
                company_id=other.id,
                company_ids=[(6, 0, other.ids)],
            )
            plans = self.env["nka.dependency.plan"].with_user(stranger)
            self.assertFalse(plans.search([]))
            if role != "manager":
                rows = self.env["nka.dependency"].with_user(stranger)
                self.assertFalse(rows.search([]))
                groups = rows.formatted_read_group([], [], ["revenue:sum", "__count"])
                self.assertEqual(groups[0]["__count"], 0)
            with self.refused(AccessError):
                self.first.with_user(stranger).read(["known_picture"])

    # ------------------------------------------------------------ picture
    def test_picture(self):
        """The account team sees who knows whom; others don't see the account."""
        for user in (self.manager, self.supervisor, self.reader):
            shown = self.first.with_user(user).known_picture
            for words in (self.manager.name, self.colleague.name, "Boss", "Buyer"):
                self.assertIn(words.replace("(", "("), shown)
            self.assertIn("83", shown)
            self.assertIn(
                "Clerk: nobody" if "Clerk" in shown else "Boss: nobody", shown
            )
        with self.refused(AccessError):
            self.first.with_user(self.colleague).read(["known_picture"])
        with self.refused(AccessError):
            self.first.with_user(self.employee_user).read(["known_picture"])

    def test_picture_escapes_names(self):
        self.people[self.first][1].name = "<b>Bobby</b>"
        self.env.flush_all()
        self.first.invalidate_recordset()
        self.assertIn("&lt;b&gt;Bobby", self.first.known_picture)

    def test_picture_without_anybody(self):
        empty = self._clean_accounts(1)
        self.assertFalse(empty.known_picture)
        self.assertFalse(self.env["nka.key.account"].new({}).known_picture)

    # ------------------------------------------------------------ pay
    def _custom_kpi(self, model, **vals):
        fields = self.env["ir.model.fields"]
        return self.env["nka.kpi"].create(
            {
                "name": "Own clients",
                "code": "own_clients",
                "measure": "custom",
                "model_id": self.env["ir.model"]._get_id(model),
                "date_field_id": fields._get(model, vals["day"]).id,
                "owner_field_id": fields._get(model, "user_id").id,
                "aggregate": "sum" if vals.get("value") else "count",
                "value_field_id": fields._get(model, vals["value"]).id
                if vals.get("value")
                else False,
            }
        )

    def test_no_kpi_on_it(self):
        with self.refused(ValidationError, "never affects pay"):
            self._custom_kpi("nka.dependency", day="month", value="share")
        with self.refused(ValidationError, "never affects pay"):
            self._custom_kpi("nka.dependency.plan", day="date_done")
