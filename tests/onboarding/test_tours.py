"""Tours of the roles: each can be walked, is offered once, and to its role only."""

import re
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.onboarding.web_tour_tour import (
    NAMES,
    TOURS,
    Tour,
)
from odoo.tests import HttpCase, tagged

from ..common import NkaCase


@tagged("nka_onboarding")
class TestOffer(NkaCase):
    def setUp(self):
        super().setUp()
        self.director = self._new_user("nka_director", "group_key_account_director")
        self.enterContext(patch.object(Tour, "_is_nka_offered", lambda tours: True))

    def _tours(self, user):
        return self.env["web_tour.tour"].with_user(user)

    def _offered(self, user):
        return [
            tour["name"]
            for tour in self._tours(user)._prepare_nka_tours()
            if tour["is_new"]
        ]

    def test_each_role_is_offered_its_own(self):
        for user, name in (
            (self.manager, "nka_tour_manager"),
            (self.supervisor, "nka_tour_supervisor"),
            (self.officer, "nka_tour_officer"),
            (self.director, "nka_tour_director"),
            (self.kam_admin, "nka_tour_administrator"),
        ):
            self.assertEqual(self._offered(user), [name])
        self.assertFalse(self._tours(self.employee_user)._prepare_nka_tours())
        self.assertFalse(self._tours(self.salesman)._prepare_nka_tours())

    def test_offered_once(self):
        """The tour stays in the menu, and a colleague is still offered it."""
        self._tours(self.manager).consume("nka_tour_manager")
        self.assertFalse(self._offered(self.manager))
        self.assertTrue(self._tours(self.manager)._prepare_nka_tours())
        self.assertTrue(self._offered(self.colleague))

    def test_no_tours_of_other_apps_follow(self):
        tours = self._tours(self.manager)
        self.manager.tour_enabled = True
        self.assertFalse(tours.consume("nka_tour_manager"))
        self.assertFalse(self.manager.tour_enabled)

    def test_odoo_never_starts_them_by_itself(self):
        self.employee_user.tour_enabled = True
        tours = self.env["web_tour.tour"].search([("custom", "=", False)])
        self.assertFalse(NAMES & set(tours.mapped("name")))

    def test_every_tour_has_a_record(self):
        known = self.env["web_tour.tour"].search([("name", "in", list(NAMES))])
        self.assertEqual(len(known), len(TOURS))

    def test_others_pay_no_query(self):
        tours = self._tours(self.employee_user)
        tours._prepare_nka_tours()
        with self.assertQueryCount(0):
            tours._prepare_nka_tours()


@tagged("nka_onboarding", "nka_tours")
class TestWalk(NkaCase, HttpCase):
    def _walk(self, name, login):
        self.authenticate(login, login)
        page = self.url_open("/odoo", timeout=300).text
        for path in set(re.findall(r'"(/web/assets/[^"]+)"', page)):
            self.url_open(path, timeout=300)
        tour = self.env["web_tour.tour"].search([("name", "=", name)])
        self.start_tour(tour.url, name, login=login, timeout=120)

    def test_manager(self):
        self._walk("nka_tour_manager", "nka_manager")

    def test_supervisor(self):
        self._walk("nka_tour_supervisor", "nka_super")

    def test_officer(self):
        self._walk("nka_tour_officer", "nka_payroll")

    def test_director(self):
        self._new_user("nka_director", "group_key_account_director")
        self._walk("nka_tour_director", "nka_director")

    def test_administrator(self):
        self._walk("nka_tour_administrator", "nka_admin")
