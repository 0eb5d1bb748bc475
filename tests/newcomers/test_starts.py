"""Start of a manager: who records, confirms and stops it."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..loyalty.common import LoyaltyCase


@tagged("nka_talent")
class TestStarts(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.starts = cls.env["nka.manager.start"]
        cls.start = cls.starts._start_for(cls.employee, "hired", cls.today)

    def test_one_for_each_employee(self):
        again = self.starts._start_for(self.employee, "grown")
        self.assertEqual(again, self.start)
        self.assertEqual((again.way, again.state), ("hired", "preparing"))
        self.assertEqual(again.supervisor_id, again._propose_supervisor())

    def test_stopped_start_is_continued(self):
        start = self.start.with_user(self.supervisor)
        start.action_stop("They changed their mind")
        self.assertEqual((start.state, start.stopped_on), ("stopped", self.today))
        again = self.starts._start_for(self.employee, "grown", self.today)
        self.assertEqual((again.state, again.way), ("preparing", "grown"))
        self.assertFalse(again.stop_reason)

    def test_confirmed_by_their_supervisor(self):
        start = self.start
        for user in (
            self.manager,
            self.supervisor_2,
            self.officer,
            self.kam_admin,
            self.director,
        ):
            with self.refused(AccessError):
                start.with_user(user).action_confirm()
        with self.refused(UserError, "Missing: Pay agreement accepted."):
            start.with_user(self.supervisor).action_confirm()
        self._accepted()
        start.with_user(self.supervisor).action_confirm()
        self.assertEqual((start.state, start.confirmed_on), ("working", self.today))
        self.assertEqual(start.confirmed_by_id, self.supervisor)
        with self.refused(UserError, "available only in"):
            start.with_user(self.supervisor).action_confirm()
        self.assertEqual(
            self._events(start, "state").mapped("new"), ["preparing", "working"]
        )

    def test_guarded(self):
        start = self.start.with_user(self.supervisor)
        for vals in ({"state": "working"}, {"confirmed_on": self.today}):
            with self.refused(AccessError):
                start.write(vals)
        with self.refused(UserError, "stays with its employee"):
            start.employee_id = self.other_employee
        with self.refused(UserError, "stays on record"):
            start.sudo().unlink()
        with self.refused(UserError, "instead of copying"):
            start.copy()

    def test_read(self):
        readers = (self.supervisor, self.officer, self.kam_admin, self.director)
        for user in (self.manager, *readers):
            self.assertEqual(self.starts.with_user(user).search([]), self.start)
        for user in (self.colleague, self.supervisor_2):
            self.assertFalse(self.starts.with_user(user).search([]))
        with self.refused(AccessError):
            self.starts.with_user(self.employee_user).search([])

    def test_correction_is_on_record(self):
        self.start.with_user(self.supervisor).way = "grown"
        event = self._events(self.start, "start")
        self.assertIn("Grown in the company", event.new)
        self.assertIn("Hired", event.old)
        for user in (self.manager, self.supervisor_2, self.officer, self.director):
            with self.refused(AccessError):
                self.start.with_user(user).way = "other"

    def test_responsible(self):
        with self.refused(ValidationError, "their own start"):
            self.start.supervisor_id = self.manager
        with self.refused(ValidationError, "choose a key account supervisor"):
            self.start.with_user(self.supervisor).supervisor_id = self.officer
