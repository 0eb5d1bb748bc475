"""Start of a manager: who records, confirms and stops it."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..loyalty.common import LoyaltyCase


@tagged("nka_newcomers")
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

    def test_existing_managers(self):
        """A supervisor says how those of their team came; nobody is guessed."""
        self._accepted(self.other_employee)
        own = self.env["nka.manager.start.offer"].with_user(self.supervisor)
        self.assertFalse(own.create({}).line_ids)
        offer = own.with_user(self.supervisor_2).create({})
        self.assertEqual(offer.line_ids.employee_id, self.other_employee)
        self.assertEqual(offer.line_ids.date_start, date(2024, 1, 1))
        with self.refused(UserError, "Choose how each manager came"):
            offer.action_record()
        offer.line_ids.way = "other"
        with self.refused(AccessError):
            offer.with_user(self.supervisor).action_record()
        offer.action_record()
        start = self.starts.search([("employee_id", "=", self.other_employee.id)])
        self.assertEqual((start.state, start.way), ("working", "other"))
        self.assertFalse(start.activity_ids)

    def test_not_others_by_forged_lines(self):
        """The list is typed by the client: rules decide whose start is recorded."""
        offer = self.env["nka.manager.start.offer"].with_user(self.supervisor)
        offer = offer.create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "employee_id": self.other_employee.id,
                            "way": "hired",
                            "date_start": self.today,
                        }
                    )
                ]
            }
        )
        with self.refused(AccessError):
            offer.action_record()
        with self.refused(AccessError):
            self.starts.with_user(self.supervisor).with_context(
                default_state="working"
            ).create({"employee_id": self.other_employee.id, "way": "hired"})
