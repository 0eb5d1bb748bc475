"""The month close: steps, roles, refusals."""

from odoo.exceptions import AccessError, UserError

from .common_close import NOVEMBER, CloseCase


class TestSteps(CloseCase):
    def test_a_month_goes_from_open_to_locked(self):
        close = self._locked_close()
        self.assertEqual(close.state, "locked")
        self.assertEqual(close.statement_ids.mapped("state"), ["locked"])
        self.assertEqual(close.total_amount, close.statement_ids.total_amount)
        self.assertTrue(close.digest.startswith("1:"))

    def test_two_people(self):
        close = self._new_close()
        close.action_calculate()
        with self.refused(AccessError, "another payroll officer"):
            close.action_approve()
        with self.refused(UserError, "Open the page of"):
            close.statement_ids.with_user(self.second).action_approve()
        for nobody in (self.manager, self.supervisor, self.kam_admin):
            for step in ("calculate", "approve", "lock", "mark_paid"):
                with self.refused(AccessError):
                    getattr(close.with_user(nobody), f"action_{step}")()

    def test_one_page_a_month(self):
        self._new_close()
        self.assertEqual(self._new_close(NOVEMBER.replace(month=10, day=7)).month.day, 1)
