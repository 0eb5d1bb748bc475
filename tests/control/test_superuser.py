"""Becoming the superuser is logged, because it bypasses all access rights."""

from odoo.tests import HttpCase, tagged

from ..common import new_user
from .common import ReadingCase


@tagged("nka_control")
class TestSuperuser(ReadingCase, HttpCase):
    def _become(self, user):
        self.authenticate(user.login, user.login + "x" * (8 - len(user.login)))
        self.url_open("/web/become", allow_redirects=False)
        self.env.invalidate_all()
        return self._events(user, "superuser")

    def test_an_administrator(self):
        system = new_user(self.env, "nka_root", "base.group_system")
        events = self._become(system)
        self.assertEqual(events.mapped("new"), [system.login])
        self.assertEqual(events.user_id, system)
        seen = events.with_user(self.supervisor)
        self.assertTrue(seen.search([("id", "in", seen.ids)]))

    def test_other_users_cant_become_superuser(self):
        for user in (self.manager, self.kam_admin, self.employee_user):
            self.assertFalse(self._become(user))
