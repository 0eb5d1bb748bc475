"""Payslips of a month that are generated in the background, after the lock."""

from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError

from .common import NOVEMBER, CloseCase


class TestBackground(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"nka_payslip_direct": 0, "nka_payslip_batch": 1})
        cls._accepted(cls.other_employee, date_from=NOVEMBER)
        cls._invoice(2000000, date(2025, 11, 12))
        cls.close = cls._locked_close()
        cls.jobs = cls.env["nka.payslip.job"]

    def _item(self):
        self.close.invalidate_recordset()
        return self.close.check_ids.filtered(lambda row: row.code == "payslip")

    def _make(self):
        made = self.jobs._make_some()
        self.env.flush_all()
        self.env.invalidate_all()
        return made

    def _bend(self, employee):
        """End a contract before the month, so that no payslip can be generated."""
        employee.version_id.contract_date_end = date(2025, 10, 31)
        self.env.flush_all()

    def test_hash_is_renewed_when_the_last_payslip_is_generated(self):
        first = self.close.digest
        self.assertEqual((self.close.state, self.close.revision), ("locked", 1))
        self.assertEqual(self._item().result, "pending")
        self.assertEqual(self.close.slip_count, 0)
        self.close._check_sealed()
        self._make()
        self.assertEqual((self.close.slip_count, self.close.slip_progress), (1, 50))
        self.close.action_verify()  # the locked revision stays valid
        with self.refused(
            UserError, "1 payslips for November 2025 haven't been generated yet"
        ):
            self.close.action_mark_paid()
        self._make()
        self.assertEqual(self._item().result, "ok")
        self.assertEqual(self.close.revision, 2)
        self.assertNotEqual(self.close.digest, first)
        self.assertEqual(
            self.close.sudo()._last_revision().reason, "All payslips generated"
        )
        self.assertEqual(self.close.payslip_run_id.sudo().state, "close")
        self.assertFalse(self._make())
        self.assertEqual(self.close.revision, 2)
        self.close.action_verify()
        self.close.action_mark_paid()

    def test_the_job_is_not_taken_for_who_locked(self):
        """The job records the new revision as the system; the officer has locked."""
        while self._make():
            pass
        self.assertEqual(self.close.revision, 2)
        self.assertEqual(self.close.locked_by_id, self.second)
        self.assertNotIn("gives", self._said())

    def test_the_last_who_calculated_is_compared(self):
        month = self._new_close(date(2025, 12, 1))
        month.action_calculate()
        month.with_user(self.second).action_calculate()
        self.assertEqual(month.calculated_by_id, self.second)
        self.assertNotIn("gives", self._said())

    def test_two_workers_that_finish_at_once(self):
        """Neither sees the other's payslip, so neither finishes the month: the next
        round does.
        """
        with patch.object(self.env.registry["nka.payslip.job"], "_finish"):
            self._make()
            self._make()
        self.assertEqual(self._item().result, "pending")
        self.assertFalse(self._make())
        self.assertEqual(self._item().result, "ok")
        self.assertEqual(self.close.revision, 2)
        self.assertEqual(self.close.payslip_run_id.sudo().state, "close")

    def test_two_jobs_that_finish_at_once(self):
        """The job that comes second leaves it to the first, instead of failing."""
        jobs = self.env["nka.payslip.job"]
        while self._make():
            pass
        conflict = patch.object(
            self.env.registry["nka.payslip.job"],
            "_finish_rest",
            side_effect=SerializationFailure,
        )
        undone = patch.object(self.env.cr, "rollback")
        progress = patch.object(
            self.env.registry["ir.cron"], "_commit_progress", return_value=9
        )
        with conflict, undone as rollback, progress:
            jobs._cron_make()
        rollback.assert_called_once()

    def test_employee_who_cannot_be_paid_is_shown_on_the_page(self):
        self._bend(self.other_employee)
        while self._make():
            pass
        item = self._item()
        lacking = self.close.sudo().statement_ids.filtered("payslip_error")
        self.assertEqual((item.result, item.res_ids), ("block", lacking.ids))
        self.assertEqual(lacking.employee_id, self.other_employee)
        self.assertEqual(self.close.revision, 1)
        self.close.action_verify()
        self.other_employee.version_id.contract_date_end = False
        job = lacking.payslip_job_id.with_user(self.officer)
        job.action_retry()
        self._make()
        self.assertEqual(self._item().result, "ok")
        self.assertEqual(self.close.revision, 2)

    def test_reopened_while_payslips_are_generated(self):
        """Generated payslips are cancelled, waiting ones aren't generated, and all are
        redone.
        """
        self._make()
        self.close.with_user(self.kam_admin).action_reopen(reason="A plan was wrong")
        self.assertFalse(self._make())
        slips = self.env["hr.payslip"].search([("is_nka", "=", True)])
        self.assertEqual(slips.mapped("state"), ["cancel"])
        self.close.action_calculate()
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        while self._make():
            pass
        self.assertEqual(self._item().result, "ok")
        self.assertEqual(self.close.slip_count, 2)


class TestOnePerPerson(CloseCase):
    """One payslip per employee and month: another one blocks the close."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(2000000, date(2025, 11, 12))
        cls.close = cls._new_close()

    def test_another_payslip_of_the_month_blocks(self):
        """Confirmed before the month-end close, for another statement."""
        self.close.action_calculate()
        statement = self.close.sudo().statement_ids
        other = self.env["nka.pay.statement"].with_user(self.officer)
        other = other._calculate(self.other_employee, NOVEMBER)
        self.assertTrue(other.exception)
        slip = self._slip_from_before(statement)
        self.close.action_check()
        item = self.close.check_ids.filtered(lambda row: row.code == "slip")
        self.assertEqual((item.result, item.res_ids), ("block", slip.ids))
        action = item.action_open()
        self.assertEqual(action["res_model"], "hr.payslip")
        with self.refused(UserError, "payslip"):
            self.close.with_user(self.second).action_approve()

    def _slip_from_before(self, statement):
        """Create a payslip like an import does: confirmed in the tables, linked to no
        statement.
        """
        slip = self.env["hr.payslip"].create(
            {
                "employee_id": statement.employee_id.id,
                "struct_id": self.env.ref("nka_key_accounts.structure_40_10_50").id,
                "date_from": NOVEMBER,
                "date_to": date(2025, 11, 30),
            }
        )
        self.env.flush_all()
        self.cr.execute("UPDATE hr_payslip SET state = 'done' WHERE id = %s", slip.ids)
        self.env.invalidate_all()
        return slip
