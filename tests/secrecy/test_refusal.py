"""What people can't do before they acknowledge the regime, and what they can."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SecrecyCase

FIELDS = {"display_name": {}}


@tagged("nka_secrecy")
class TestRefusal(SecrecyCase):
    def _reads(self, user):
        """Return the calls by which a user reads data of key accounts."""
        account, contact = self.account.ids, self.client.ids
        return {
            "form": ("nka.key.account", "web_read", account, FIELDS),
            "read": ("nka.key.account", "read", account, ["display_name"]),
            "list": ("nka.key.account", "web_search_read", [], FIELDS),
            "search": ("nka.key.account", "search_read", [], ["display_name"]),
            "names": ("nka.key.account", "name_search", "North"),
            "groups": ("nka.key.account", "formatted_read_group", [], ["manager_id"]),
            "contact": ("res.partner", "read", contact, ["name"]),
            "deal": ("crm.lead", "web_read", self.lead.ids, FIELDS),
            "export": ("nka.key.account", "export_data", account, ["display_name"]),
            "copy": ("crm.lead", "copy_data", self.lead.ids),
        }

    def test_reading_is_refused_and_one_click_leads_to_the_regime(self):
        self._put_in_force()
        for name, call in self._reads(self.manager).items():
            with self.subTest(name), self.refused(AccessError, "Read and acknowledge"):
                self._call(self.manager, *call)
        try:
            self._call(self.manager, *self._reads(self.manager)["form"])
        except AccessError as error:
            message, action, button, _context = error.args
        self.assertIn("12-K", message)
        self.assertEqual(button, "Read and acknowledge")
        self.assertEqual(action["res_id"], self.regime.id)
        row = self._call(
            self.manager,
            action["res_model"],
            "web_read",
            [action["res_id"]],
            {"is_to_acknowledge": {}, "text": {}, "item_ids": {"fields": {"name": {}}}},
        )
        self.assertTrue(row[0]["is_to_acknowledge"])
        self._acknowledge(self.manager)
        for name, call in self._reads(self.manager).items():
            with self.subTest(name):
                if name == "export":
                    continue
                self._call(self.manager, *call)

    def test_every_role_is_refused(self):
        self._put_in_force()
        call = self._reads(self.manager)["contact"]
        roles = (
            self.manager,
            self.supervisor,
            self.officer,
            self.kam_admin,
            self.director,
        )
        for user in roles:
            with self.subTest(user.login), self.refused(AccessError):
                self._call(user, *call)
            self._acknowledge(user)
            self._call(user, *call)
        for user in (self.salesman, self.employee_user):
            self._call(user, *call)

    def test_steps_and_changes_are_refused(self):
        self._put_in_force()
        account, leads = self.account, self.env["crm.lead"].with_user(self.manager)
        for act in (
            lambda: account.with_user(self.supervisor).write({"cadence_days": 5}),
            lambda: self.lead.with_user(self.manager).write({"name": "Other"}),
            lambda: self.client.with_user(self.manager).write({"phone": "1"}),
            lambda: self._nominate(self.other_client),
            lambda: account.with_user(self.supervisor).action_retire(reason="Over"),
            lambda: leads.create({"name": "Deal", "partner_id": self.client.id}),
        ):
            with self.refused(AccessError, "Read and acknowledge"):
                act()
        closes = ("nka.month.close", "web_search_read", [], FIELDS)
        with self.refused(AccessError, "Read and acknowledge"):
            self._call(self.officer, *closes)
        self._acknowledge(self.manager, self.supervisor, self.officer)
        self._call(self.officer, *closes)
        account.with_user(self.supervisor).write({"cadence_days": 5})
        account.with_user(self.supervisor).action_retire(reason="Over")

    def test_other_work_is_free(self):
        self._put_in_force()
        self._call(self.manager, "res.partner", "read", self.other_client.ids, ["name"])
        domain = [("id", "=", self.other_client.id)]
        self._call(self.manager, "res.partner", "search_read", domain, ["name"])
        lead = self.env["crm.lead"].with_user(self.manager).create({"name": "Small"})
        self._call(self.manager, "crm.lead", "web_read", lead.ids, FIELDS)

    def test_nothing_is_refused_without_the_setting(self):
        self._put_in_force(required=False)
        for call in self._reads(self.manager).values():
            if call[1] != "export_data":
                self._call(self.manager, *call)

    def test_nothing_is_refused_before_the_approval(self):
        self.company.nka_secrecy_required = True
        self.regime.with_user(self.kam_admin).action_submit()
        self._call(self.manager, *self._reads(self.manager)["form"])

    def test_a_new_regime_closes_the_data_again(self):
        self._put_in_force()
        self._acknowledge(self.manager)
        call = self._reads(self.manager)["form"]
        self._call(self.manager, *call)
        later = self._put_in_force(self._new_regime(order_number="13-K"))
        with self.refused(AccessError, "13-K"):
            self._call(self.manager, *call)
        self._acknowledge(self.manager, regime=later)
        self._call(self.manager, *call)

    def test_a_forged_context_opens_nothing(self):
        self._put_in_force()
        call = self._reads(self.manager)["form"]
        for context in (
            {"nka_counted": True},
            {"allowed_company_ids": []},
            {"nka_secrecy_mark": "free", "install_mode": True, "no_check": True},
        ):
            with self.refused(AccessError, "Read and acknowledge"):
                self._call(self.manager, *call, context=context)

    def test_an_acknowledgement_costs_no_query_afterwards(self):
        self._put_in_force()
        self._acknowledge(self.manager)
        users = self.env["res.users"].with_user(self.manager)
        users._nka_check_acknowledged()
        with self.assertQueryCount(0):
            users._nka_check_acknowledged()
