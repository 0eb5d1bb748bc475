"""Changes found after the lock: a line of the first open month, never lost and never
twice.
"""

from datetime import date

from odoo.exceptions import UserError

from .common import DECEMBER, NOVEMBER, CloseCase

RATE = 0.05


class CorrectionCase(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, date(2025, 11, 30))
        cls.sold = cls._invoice(2000000, date(2025, 11, 12))
        cls.november = cls._locked_close()
        cls._age()
        cls.paid = cls.november.sudo().statement_ids
        cls.slip = cls.paid.payslip_id
        cls._score_all(DECEMBER)

    def _december(self):
        december = self._new_close(DECEMBER)
        december.action_calculate()
        return december

    def _lock(self, close):
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()


class TestRefund(CorrectionCase):
    """Refunding a payslip leads to the adjustment of its statement."""

    def _slips(self):
        return self.env["hr.payslip"].search([("is_nka", "=", True)])

    def test_officer_is_led_to_the_adjustment(self):
        before = self._slips()
        action = self.slip.with_user(self.officer).refund_sheet()
        self.assertEqual(action["res_model"], "nka.pay.correction")
        self.assertEqual(action["context"]["default_statement_id"], self.paid.id)
        self.assertEqual(self._slips(), before)
        correction = (
            self.env["nka.pay.correction"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"component": "fixed", "amount": 1500, "reason": "Terms mistyped"})
        )
        correction.with_user(self.second).action_approve()
        december = self._december()
        self.assertEqual(december.retro_amount, 1500)
        self._lock(december)
        slip = december.sudo().statement_ids.payslip_id
        paid = {line.code: line.total for line in slip.line_ids}
        self.assertEqual(paid["NKA_HELD_RELEASED"], 1500)  # fixed pay of a closed month
        self.assertNotIn("NKA_RETRO", paid)
        self.november._check_sealed()

    def test_adjustment_of_wrong_terms_is_proposed(self):
        """Components that would differ with today's data are proposed as drafts."""
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 10, 31)})
        self._accepted(date_from=NOVEMBER, target_earnings=220000)
        self.slip.with_user(self.officer).refund_sheet()
        drafts = self.env["nka.pay.correction"].search(
            [("statement_id", "=", self.paid.id)]
        )
        self.assertIn(("fixed", 8000), [(row.component, row.amount) for row in drafts])
        self.assertEqual(set(drafts.mapped("state")), {"draft"})

    def test_refusal_names_where_to_adjust(self):
        with self.refused(UserError, "first open month, December 2025"):
            self.slip.with_user(self.env.user).refund_sheet()
        for user in (self.manager, self.supervisor):
            with self.refused(UserError):
                self.slip.with_user(user).refund_sheet()


class TestNeitherLostNorTwice(CorrectionCase):
    def test_all_late_changes_are_paid_once(self):
        """Two months together pay what the invoices amount to in the end."""
        late = self._invoice(300000, date(2025, 11, 28))
        self._invoice(400000, date(2025, 12, 5))
        self._refund(self.sold, 500000)
        december = self._december()
        december.action_calculate()
        statement = december.sudo().statement_ids
        bonus = (2000000 + 300000 + 400000 - 500000) * RATE
        self.assertEqual(self.paid.bonus_amount + statement.bonus_amount, bonus)
        self._lock(december)
        late.sudo().button_draft()
        january = self._new_close(date(2026, 1, 1))
        january.action_calculate()
        totals = self.env["nka.bonus.line"].search([]).mapped("amount")
        self.assertEqual(sum(totals), 2200000 - 300000)
        # January is another half-year: the clawback is a line of its own.
        line = january.sudo().statement_ids.line_ids.filtered(
            lambda row: row.kind == "clawback"
        )
        self.assertEqual((line.source_month, line.amount), (DECEMBER, -15000))
        self.assertTrue(line.formula)
        self.november._check_sealed()
        december._check_sealed()

    def _refund(self, invoice, amount):
        self._new_invoice(
            self.client,
            amount,
            date=date(2025, 12, 8),
            move_type="out_refund",
            reversed_entry_id=invoice.id,
        )
