"""Each role opens its desk after login."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ..common import NkaCase, new_user

DESKS = {
    "manager": "nka_day_action_open",
    "supervisor": "nka_desk_action_open",
    "officer": "nka_month_close_action_desk",
    "kam_admin": "nka_setup_open_action",
}


class TestDesks(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_user(cls.env, "nka_odoo", "base.group_system")

    def _action(self, name):
        return self.env.ref(f"nka_key_accounts.{name}").id

    def _group(self, name):
        return self.env.ref(f"nka_key_accounts.group_key_account_{name}")

    def _roles(self, user, *roles):
        """Set the roles of a user as the administrator who manages users."""
        ids = [self._group(role).id for role in roles]
        employee = self.env.ref("base.group_user").id
        user.with_user(self.administrator).group_ids = [Command.set([employee, *ids])]
        return user.action_id.id

    def test_users_with_a_role_open_its_desk(self):
        for name, action in DESKS.items():
            with self.subTest(name):
                self.assertEqual(self[name].action_id.id, self._action(action))
        for user in (self.salesman, self.employee_user):
            self.assertFalse(user.action_id)
        page = self._action("nka_setup_open_action")
        self.assertEqual(self.administrator.action_id.id, page)

    def __getitem__(self, name):
        return getattr(self, name)

    def test_a_role_that_is_taken_away_takes_its_desk_along(self):
        user = self.employee_user
        queue = self._action("nka_desk_action_open")
        self.assertEqual(self._roles(user, "supervisor"), queue)
        self.assertFalse(self._roles(user))

    def test_with_several_roles_the_one_others_wait_for_decides(self):
        user = self.employee_user
        day = self._action("nka_day_action_open")
        month = self._action("nka_month_close_action_desk")
        queue = self._action("nka_desk_action_open")
        self.assertEqual(self._roles(user, "payroll_officer"), month)
        self.assertEqual(self._roles(user, "payroll_officer", "manager"), day)
        self.assertEqual(self._roles(user, "payroll_officer", "supervisor"), queue)
        self.assertEqual(self._roles(user, "payroll_officer"), month)

    def test_a_users_own_choice_stays(self):
        user = self.employee_user
        chosen = self.env.ref("base.action_res_users_my")
        user.with_user(user).action_id = chosen.id
        self.assertEqual(self._roles(user, "manager"), chosen.id)
        self.assertEqual(self._roles(user), chosen.id)
        # Another desk than that of their roles is a choice, too.
        month = self._action("nka_month_close_action_desk")
        self._roles(user, "supervisor", "payroll_officer")
        user.with_user(user).action_id = month
        self.assertEqual(self._roles(user, "manager", "payroll_officer"), month)

    def test_members_of_a_group_that_gets_a_role_open_its_desk(self):
        group = self.env["res.groups"].create({"name": "Sales directors"})
        group.user_ids = self.employee_user
        group.implied_ids = self._group("supervisor")
        queue = self._action("nka_desk_action_open")
        self.assertEqual(self.employee_user.action_id.id, queue)
        group.implied_ids = False
        self.assertFalse(self.employee_user.action_id)

    def test_a_new_user_can_come_with_a_choice(self):
        chosen = self.env.ref("base.action_res_users_my")
        user = self._new_user(
            "nka_chose", "group_key_account_manager", action_id=chosen.id
        )
        self.assertEqual(user.action_id.id, chosen.id)

    def test_installation_and_update_set_desks_of_existing_users(self):
        chosen = self.env.ref("base.action_res_users_my")
        self.manager.action_id = False
        self.supervisor.action_id = chosen.id
        self.env["res.users"]._set_up_desks()
        day = self._action("nka_day_action_open")
        self.assertEqual(self.manager.action_id.id, day)
        self.assertEqual(self.supervisor.action_id.id, chosen.id)

    def test_odoo_administrators_leave_the_setup_once_nothing_is_missing(self):
        page = self._action("nka_setup_open_action")
        users = self.env["res.users"]
        users._leave_setup()
        self.assertFalse(self.administrator.action_id)
        self.assertEqual(self.kam_admin.action_id.id, page)

    def test_every_desk_opens_for_its_role(self):
        for name in (*DESKS, "administrator"):
            user = self[name]
            kind = user.action_id.type
            action = self.env[kind].with_user(user).browse(user.action_id.id)
            opened = (
                action.run()
                if kind == "ir.actions.server"
                else action.sudo()._get_action_dict()
            )
            with self.subTest(name):
                views = [(False, mode) for mode in opened["view_mode"].split(",")]
                model = self.env[opened["res_model"]].with_user(user)
                self.assertTrue(model.get_views(views))

    def test_desks_refuse_others(self):
        desk = self.env["ir.actions.server"].browse(
            self._action("nka_month_close_action_desk")
        )
        with self.assertRaises(AccessError):
            desk.with_user(self.manager).run()
        with self.refused(AccessError, "Only a payroll officer"):
            self.env["nka.month.close"].with_user(self.kam_admin).action_open_desk()

    def test_desks_cost_two_queries_per_change_of_roles(self):
        users = self.env["res.users"]
        users._desks_by_user()
        with self.assertQueryCount(1):
            users._desks_by_user()


@tagged("nka_tours")
class TestDeskTours(NkaCase, HttpCase):
    """The web client opens the desk, and with it the menus of key accounts."""

    def test_landing_of_each_role(self):
        for login in ("nka_manager", "nka_super", "nka_payroll", "nka_admin"):
            self.start_tour("/odoo", f"nka_land_{login[4:]}", login=login)
