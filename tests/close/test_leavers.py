"""Leavers who are still owed something are paid with the month, and not beyond that."""

from datetime import date

from odoo.exceptions import UserError

from ..pay.common import HeldAboveFloor
from .common import NOVEMBER, CloseCase

OCTOBER, OCTOBER_END = date(2025, 10, 1), date(2025, 10, 31)


class LeaverCase(CloseCase):
    """October is locked; the manager left with it, their login and employee are
    archived.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover_october()
        cls.october = cls._locked_close(OCTOBER)
        cls._age()
        cls.paid = cls.october.sudo().statement_ids
        cls._leave()

    @classmethod
    def _cover_october(cls):
        cls._cover(OCTOBER, OCTOBER_END)

    @classmethod
    def _leave(cls):
        cls.agreement.sudo()._finish(OCTOBER_END, "Left the company")
        cls.account.assignment_ids.sudo()._unlocked().write({"date_to": OCTOBER_END})
        cls._accepted(cls.other_employee, date_from=NOVEMBER)
        cls.employee.sudo().write(
            {"contract_date_end": OCTOBER_END, "departure_date": OCTOBER_END}
        )
        cls.employee.sudo().action_archive()
        cls.manager.sudo().action_archive()

    def _close_november(self):
        close = self._new_close()
        close.action_calculate()
        return close

    def _his(self, close):
        return close.sudo().statement_ids.filtered(
            lambda row: row.employee_id == self.employee
        )

    def _lock(self, close):
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()

    def _blocking(self, close):
        return close.check_ids.filtered(lambda row: row.result == "block").mapped(
            "code"
        )

    def _correct(self, amount=4000):
        correction = (
            self.env["nka.pay.correction"]
            .with_user(self.officer)
            .create(
                {
                    "statement_id": self.paid.id,
                    "component": "fixed",
                    "amount": amount,
                    "reason": "Two days were forgotten",
                }
            )
        )
        correction.with_user(self.second).action_approve()
        return correction


class TestLeavers(LeaverCase):
    def test_leaver_who_is_owed_nothing_is_not_included(self):
        close = self._close_november()
        self.assertEqual(close.statement_ids.employee_id, self.other_employee)

    def test_late_bonus_is_paid(self):
        """From a late invoice to the payslip, under the leaver's last contract."""
        self._invoice(100000, date(2025, 10, 20))
        close = self._close_november()
        his = self._his(close)
        self.assertEqual((his.fixed_amount, his.total_amount), (0, 5000))
        self.assertFalse(his.employed_days)
        self.assertFalse(self._blocking(close))
        self._lock(close)
        slip = his.payslip_id
        self.assertEqual(slip.state, "done")
        self.assertEqual(slip.contract_id, self.employee.version_id)
        paid = {line.code: line.total for line in slip.line_ids}
        self.assertEqual((paid["NKA_BONUS"], paid["NET"]), (5000, 5000))
        self.assertFalse(paid.get("NKA_FIXED"))
        close._check_sealed()
        payable = self.env["nka.pay.statement"]._payable_employees(
            date(2025, 12, 1), self.company
        )
        self.assertNotIn(self.employee, payable)

    def test_adjustment_is_found_again_by_a_new_calculation(self):
        """It is linked to the month that pays it, which doesn't exclude the leaver from
        that month.
        """
        correction = self._correct()
        close = self._close_november()
        for _again in range(2):
            close.action_calculate()
            self.assertEqual(self._his(close).total_amount, 4000)
            self.assertEqual(correction.settled_id, self._his(close))
        self.assertFalse(self._blocking(close))
        self._lock(close)
        self.assertEqual(self._his(close).payslip_id.nka_total_amount, 4000)

    def test_missing_contract_has_an_advice(self):
        self._correct()
        self.employee.sudo().version_ids.write(
            {"contract_date_start": False, "contract_date_end": False}
        )
        close = self._close_november()
        self.assertEqual(self._blocking(close), ["contract"])
        check = close.check_ids.filtered(lambda row: row.code == "contract")
        self.assertEqual(check.res_ids, self._his(close).ids)
        self.assertTrue(check.hint)
        with self.refused(UserError, "contract"):
            close.with_user(self.second).action_approve()

    def test_leaver_can_be_excluded_and_closed_later(self):
        self._correct()
        close = self._close_november()
        exclusions = self.env["nka.month.close.exclusion"].with_user(self.officer)
        candidates = exclusions.new({"close_id": close.id}).candidate_ids
        self.assertIn(self.manager, candidates._origin)
        out = exclusions.create(
            {
                "close_id": close.id,
                "person_id": self.manager.id,
                "reason": "His bank account is unknown",
            }
        )
        self.assertFalse(self._his(close))
        self._lock(close)
        out.action_calculate()
        out.with_user(self.second).action_close()
        self.assertEqual(out.statement_id.payslip_id.nka_total_amount, 4000)

    def test_leaver_who_is_owed_nothing_any_more_leaves_the_month(self):
        """Their statement is opened, so that no later month waits for it."""
        correction = self._correct()
        close = self._close_november()
        his = self._his(close)
        self.assertEqual(his.state, "calculated")
        correction.sudo()._unlocked().write({"settled_id": self.paid.id})
        close.action_calculate()
        self.assertFalse(self._his(close))
        self.assertEqual((his.state, his.close_id.ids), ("open", []))

    def test_leaver_without_a_login_is_reported(self):
        """Their credits remain, and the month can't be closed as if they were owed
        nothing.
        """
        invoice = self._invoice(1000, OCTOBER)
        self._pay(invoice, 1200, date(2025, 11, 5))
        self.employee.sudo().user_id = False
        close = self._close_november()
        his = self._his(close)
        self.assertEqual((his.user_id, his.state), (self.manager, "open"))
        self.assertIn("no longer has a user", his.exception)
        self.assertIn("exception", self._blocking(close))
        with self.assertRaises(UserError):
            close.with_user(self.second).action_approve()
        self.employee.sudo().user_id = self.manager
        close.action_calculate()
        his = self._his(close)
        self.assertFalse(his.exception)
        self.assertEqual(his.credit_amount, 1000)


class TestMoneyAfterwards(LeaverCase):
    """A payment of November for an order of September: the leaver's for six months."""

    BASIS = "paid"

    def test_paid_by_a_payslip_and_the_month_closes(self):
        invoice = self._invoice(100000, date(2025, 9, 5))
        self._pay(invoice, invoice.amount_total, date(2025, 11, 5))
        close = self._close_november()
        theirs = self._his(close)
        self.assertEqual((theirs.fixed_amount, theirs.total_amount), (0, 5000))
        self.assertIn("until 04/30/2026", theirs.leaving_note)
        self.assertFalse(self._blocking(close))
        self._lock(close)
        paid = {line.code: line.total for line in theirs.payslip_id.line_ids}
        self.assertEqual((paid["NKA_BONUS"], paid["NET"]), (5000, 5000))
        close._check_sealed()

    def test_credited_late_and_reversed_within_a_month(self):
        """Both lines are shown on their statement; the month pays nothing and closes."""
        invoice = self._invoice(100000, date(2025, 9, 5))
        self._pay(invoice, invoice.amount_total, date(2025, 10, 5))
        self._build()
        invoice.line_ids.remove_move_reconcile()
        close = self._close_november()
        theirs = self._his(close)
        self.assertEqual(theirs.total_amount, 0)
        self.assertFalse(self._blocking(close))


class TestHeldPay(HeldAboveFloor, LeaverCase):
    """Pay was held for October; its reports are approved after the manager left."""

    @classmethod
    def _cover_october(cls):
        cls._cover(OCTOBER, date(2025, 10, 19))

    def test_held_pay_is_released_once_its_reports_are_approved(self):
        held = self.paid.held_amount
        self.assertTrue(held)
        close = self._close_november()
        self.assertFalse(self._his(close))
        self._cover(date(2025, 10, 20), OCTOBER_END)
        close.action_calculate()
        his = self._his(close)
        self.assertEqual((his.retro_amount, his.total_amount), (held, held))
        self.assertFalse(self._blocking(close))
        self._lock(close)
        paid = {line.code: line.total for line in his.payslip_id.line_ids}
        self.assertEqual(paid["NKA_HELD_RELEASED"], held)
