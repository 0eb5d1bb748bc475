"""Payslips pay what the locked statement says, whoever makes them."""

from .common_payroll import NOVEMBER, PayrollCase

EXAMPLE_1 = {
    "NKA_FIXED": 80000,
    "NKA_SOFT": 0,
    "NKA_BONUS": 100000,
    "GROSS": 180000,
    "NET": 180000,
}


class TestDoors(PayrollCase):
    """Made by the close, by hand, by the wizard, by an API: the same lines."""

    def setUp(self):
        super().setUp()
        self.statement = self._locked()

    def test_made_by_the_close(self):
        slip = self._make(self.statement)
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(slip.state, "done")
        self.assertEqual(slip.payslip_run_id, self.batch)
        self.assertEqual(self.statement.payslip_id, slip)
        self.assertFalse(self._make(self.statement), "what exists is kept")

    def test_made_by_an_api(self):
        slip = self._slip()
        slip.compute_sheet()
        slip.action_payslip_done()
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(self.statement.payslip_id, slip)
