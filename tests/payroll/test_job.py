"""Many payslips: constant cost, batches in the background, nothing created twice."""

import os
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError

from ..throw_away import assert_passes, needs_databases
from .common import PayrollCase

#: Maximum number of queries per payslip, from computing to confirmation.
BAR = 10


class TestCost(PayrollCase):
    def _queries(self, statements):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        slips = self._make(statements)
        self.env.flush_all()
        self.assertEqual(set(slips.mapped("state")), {"done"})
        self.assertEqual(len(slips), len(statements))
        return (self.cr.sql_log_count - before) / len(statements)

    def test_query_count_per_payslip_is_low_and_constant(self):
        statements = self._people(51)
        self._queries(statements[:1])
        few, many = self._queries(statements[1:11]), self._queries(statements[11:])
        self.assertLessEqual(few, BAR)
        self.assertLessEqual(many, few)

    def test_manual_confirmation_has_constant_cost(self):
        statements = self._people(25)
        slips = self.env["hr.payslip"]
        for statement in statements:
            slips |= self._slip(statement.employee_id)
        counts = []
        for some in (slips[:5], slips[5:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.compute_sheet()
            some.action_payslip_done()
            self.env.flush_all()
            counts.append((self.cr.sql_log_count - before) / len(some))
        self.assertLessEqual(counts[1], counts[0])


class TestJob(PayrollCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statements = cls._people(5)
        cls.company.nka_payslip_direct = 3
        cls.company.nka_payslip_batch = 2

    def _order(self, statements):
        return self.batch.with_user(self.officer)._nka_order(statements)

    def test_few_are_created_at_once(self):
        self.assertFalse(self._order(self.statements[:3]))
        self.assertEqual(len(self.batch.slip_ids), 3)

    def test_many_are_created_in_batches(self):
        job = self._order(self.statements)
        self.assertEqual(
            (job.state, job.total_count, job.done_count), ("waiting", 5, 0)
        )
        jobs = self.env["nka.payslip.job"]
        self.assertEqual(jobs._make_some(), 2)
        job.invalidate_recordset()
        self.assertEqual((job.state, job.done_count, job.progress), ("running", 2, 40))
        self.assertEqual(self.batch.state, "draft")
        self.assertEqual(jobs._make_some() + jobs._make_some(), 3)
        job.invalidate_recordset()
        self.assertEqual((job.state, job.done_count, job.progress), ("done", 5, 100))
        self.assertEqual(self.batch.state, "close")
        self.assertEqual(jobs._make_some(), 0)
        self.assertEqual(set(self.batch.slip_ids.mapped("create_uid")), {self.officer})

    def test_scheduled_action_runs_until_none_is_waiting(self):
        job = self._order(self.statements)
        with self.enter_registry_test_mode():
            self.env.ref("nka_key_accounts.ir_cron_payslips_1").method_direct_trigger()
        job.invalidate_recordset()
        self.assertEqual(job.done_count, 5)

    def test_failure_is_reported_and_can_be_retried(self):
        contract = self.statements[0].employee_id.version_id
        contract.contract_date_end = "2025-10-31"
        job = self._order(self.statements)
        while self.env["nka.payslip.job"]._make_some():
            pass
        job.invalidate_recordset()
        self.assertEqual((job.done_count, job.error_count, job.state), (4, 1, "done"))
        self.assertEqual(self.batch.state, "draft", "closed with the last payslip only")
        contract.contract_date_end = False
        with self.refused(AccessError):
            job.with_user(self.manager).action_retry()
        job.with_user(self.officer).action_retry()
        self.assertEqual(self.env["nka.payslip.job"]._make_some(), 1)
        self.assertEqual(self.batch.state, "close")

    def test_one_invalid_payslip_does_not_block_the_others(self):
        """A failure at confirmation affects one employee, not the batch."""
        bent = self.statements[1].employee_id
        slips = self.env.registry["hr.payslip"]
        check = slips._check_nka_lines

        def refuse(slip, statement):
            if slip.employee_id == bent:
                raise UserError("A rule is missing.")
            return check(slip, statement)

        job = self._order(self.statements)
        with patch.object(slips, "_check_nka_lines", refuse):
            while self.env["nka.payslip.job"]._make_some():
                pass
        job.invalidate_recordset()
        self.assertEqual((job.done_count, job.error_count), (4, 1))
        self.assertEqual(self.statements[1].payslip_error, "A rule is missing.")
        self.assertFalse(self.statements[1].payslip_id)
        job.with_user(self.officer).action_retry()
        self.assertEqual(self.env["nka.payslip.job"]._make_some(), 1)
        self.assertEqual(self.batch.state, "close")

    def test_nothing_waiting(self):
        jobs = self.env["nka.payslip.job"]
        self.assertFalse(jobs._take())
        self.assertEqual(jobs._make_some(), 0)
        with self.enter_registry_test_mode():
            self.env.ref("nka_key_accounts.ir_cron_payslips_2").method_direct_trigger()

    def test_fault_leaves_all_or_nothing(self):
        """Injected after every n-th write of a batch."""
        slips = self.env.registry["hr.payslip"]
        for method in (
            "_nka_next_number",
            "_nka_write_lines",
            "_nka_record",
            "_compute_name",
        ):
            with self.subTest(method), self.assertRaises(ZeroDivisionError):
                with (
                    patch.object(slips, method, lambda *args: 1 / 0),
                    self.cr.savepoint(),
                ):
                    self._make(self.statements)
            self.env.invalidate_all()
            self.assertFalse(self.batch.slip_ids)
            self.assertFalse(self.statements.payslip_id)
        self.assertEqual(len(self._make(self.statements)), 5)

    def test_conflict_in_a_rule_is_no_user_error(self):
        """The engine would raise it as a user error, and the transaction would never be
        retried.
        """
        slips = self.env.registry["hr.payslip"]

        def conflict(slip):
            try:
                raise SerializationFailure
            except SerializationFailure as error:
                raise UserError("Wrong python code defined") from error

        with patch.object(slips, "get_lines_dict", conflict):
            with self.assertRaises(SerializationFailure):
                self._make(self.statements)


@needs_databases
def test_concurrent_workers_create_every_payslip_once(copy_of):
    """Real cursors of several threads on a throw-away copy, in a separate process."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "payslips")
    assert_passes(name, "tests.payroll.race")
