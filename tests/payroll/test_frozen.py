"""Payslips of a locked month can't be changed through any method."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError

from ..common import new_user
from .common import NOVEMBER, NOVEMBER_END, PayrollCase

MESSAGE = "first open month"


class TestFrozen(PayrollCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked_for(cls.employee)
        cls.slip = cls._make(cls.statement)
        cls.line = cls.slip.line_ids[0]
        cls.payroll_manager = new_user(
            cls.env, "stock_payroll", "payroll.group_payroll_manager"
        )
        cls.env["ir.config_parameter"].set_param("payroll.allow_cancel_payslips", True)

    def _actors(self):
        return self.env.user, self.payroll_manager, self.officer

    def test_payslip_is_locked_for_every_user(self):
        doors = {
            "write": lambda slip: slip.write({"name": "Other"}),
            "state": lambda slip: slip.write({"state": "draft"}),
            "recompute": lambda slip: slip.compute_sheet(),
            "confirm": lambda slip: slip.action_payslip_done(),
            "draft": lambda slip: slip.action_payslip_draft(),
            "cancel": lambda slip: slip.action_payslip_cancel(),
            "refund": lambda slip: slip.refund_sheet(),
            "copy": lambda slip: slip.copy(),
            "refetch": lambda slip: slip.onchange_employee(),
            "lines": lambda slip: slip.write({"line_ids": [Command.clear()]}),
            "batch": lambda slip: slip.write({"payslip_run_id": False}),
        }
        for user in self._actors():
            for name, door in doors.items():
                slip = self.slip.with_user(user)
                if (name, user) == ("refund", self.officer):
                    continue  # see tests/close/test_corrections.py
                with self.subTest(door=name, user=user.login):
                    with self.refused((UserError, AccessError)):
                        door(slip)
                        self.env.flush_all()
        with self.refused(UserError, MESSAGE):
            self.slip.with_user(self.env.user).refund_sheet()
        self.assertEqual(self.slip.state, "done")

    def test_deletion(self):
        with self.refused(UserError):
            self.slip.unlink()
        with self.refused(UserError):
            self.slip.with_context(_force_unlink=True).unlink()
        with self.refused(UserError, MESSAGE):
            self.slip._check_nka_unlink()

    def test_state_wizard(self):
        for state in ("draft", "verify", "done", "cancel"):
            wizard = self.env["hr.payslip.change.state"].create({"state": state})
            with self.refused(UserError):
                wizard.with_context(active_ids=self.slip.ids).change_state_confirm()

    def test_lines_inputs_and_worked_days(self):
        contract = self.employee.version_id.id
        vals = {"name": "X", "code": "X", "contract_id": contract}
        for model in ("hr.payslip.input", "hr.payslip.worked_days"):
            with self.refused(UserError, MESSAGE):
                self.env[model].create({**vals, "payslip_id": self.slip.id})
        with self.refused(UserError, MESSAGE):
            self.line.amount = 1
        with self.refused(UserError, MESSAGE):
            self.line.unlink()
        with self.refused(UserError, MESSAGE):
            self.line.copy()
        draft = self._slip(date_from=date(2025, 12, 1), date_to=date(2025, 12, 31))
        moved = self.env["hr.payslip.input"].create({**vals, "payslip_id": draft.id})
        with self.refused(UserError, MESSAGE):
            moved.payslip_id = self.slip

    def test_database_refuses_too(self):
        slip, batch = self.slip.id, self.batch.id
        for query, *params in (
            ("UPDATE hr_payslip SET state = 'draft' WHERE id = %s", slip),
            ("UPDATE hr_payslip SET payslip_run_id = NULL WHERE id = %s", slip),
            ("DELETE FROM hr_payslip WHERE id = %s", slip),
            ("UPDATE hr_payslip_line SET total = 1 WHERE slip_id = %s", slip),
            ("DELETE FROM hr_payslip_line WHERE slip_id = %s", slip),
            (
                "INSERT INTO hr_payslip_input (payslip_id, contract_id, name, code, sequence)"
                " SELECT %s, contract_id, 'X', 'X', 1 FROM hr_payslip_line LIMIT 1",
                slip,
            ),
            ("UPDATE hr_payslip_run SET name = 'X' WHERE id = %s", batch),
            ("UPDATE hr_payslip_run SET state = NULL WHERE id = %s", batch),
            ("DELETE FROM hr_payslip_run WHERE id = %s", batch),
            (
                "UPDATE nka_pay_statement SET payslip_id = NULL WHERE id = %s",
                self.statement.id,
            ),
            ("DELETE FROM nka_pay_statement WHERE id = %s", self.statement.id),
        ):
            with self.subTest(query=query):
                self.refused_by_database(query, *params)

    def test_locked_batch(self):
        doors = (
            lambda batch: batch.write({"date_start": date(2025, 12, 1)}),
            lambda batch: batch.unlink(),
            lambda batch: batch.write({"name": "X"}),
        )
        for door in doors:
            with self.refused(UserError, "so it can't be changed"):
                door(self.batch)
        self.batch.close_payslip_run()
        with self.refused(UserError, "so it can't be changed"):
            self.batch.draft_payslip_run()
        late = self._locked_for(self.other_employee)
        with self.refused(UserError, "closed"):
            self._make(late)
        self.refused_by_database(
            "INSERT INTO hr_payslip (employee_id, date_from, date_to, payslip_run_id)"
            " VALUES (%s, %s, %s, %s)",
            self.other_employee.id,
            NOVEMBER,
            NOVEMBER_END,
            self.batch.id,
        )

    def test_permitted_changes(self):
        """Marking it paid, display fields, a note in the chatter."""
        self.slip.paid = True
        self.slip.hide_invisible_lines = True
        self.slip.message_post(body="Transferred today")
        self.env.flush_all()
        self.refused_by_database(
            "UPDATE hr_payslip SET paid = FALSE WHERE id = %s", self.slip.id
        )

    def test_empty_structure_does_not_unlock(self):
        self.structure.rule_ids = False
        with self.refused(UserError, MESSAGE):
            self.slip.write({"name": "X"})

    def test_link_cannot_be_written(self):
        for fname in ("payslip_id", "payslip_job_id", "payslip_error"):
            with self.refused(AccessError):
                self.statement.write({fname: False})

    def test_one_payslip_per_month(self):
        with self.refused(UserError, "Only one payslip per month"):
            self._slip()
        draft = self._slip(date_from=date(2025, 12, 1), date_to=date(2025, 12, 31))
        with self.refused(UserError, "Only one payslip per month"):
            draft.write({"date_from": NOVEMBER, "date_to": NOVEMBER_END})
        with self.refused(UserError, MESSAGE):
            self._slip(self.other_employee, credit_note=True)
        with self.refused(UserError, "draft"):
            self._slip(self.other_employee, state="done")


class TestReopened(PayrollCase):
    """How the close handles the payslips of a month it reopens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked_for(cls.employee, close_id=cls._open_page().id)
        cls.slip = cls._make(cls.statement)

    def test_payslips_of_reopened_statements_can_be_withdrawn(self):
        with self.refused(UserError, "Locked"):
            self.statement._withdraw_payslips()
        self.statement._unlocked().write({"state": "calculated"})
        self.statement._withdraw_payslips()
        self.assertEqual(self.slip.state, "cancel")
        self.assertFalse(self.statement.payslip_id)
        self.statement._unlocked().write({"bonus_amount": 600, "total_amount": 1600})
        self.env.flush_all()
        self.statement._unlocked().write({"state": "locked"})
        second = self._make(self.statement)
        self.assertEqual(self._paid(second)["NET"], 1600)
        self.assertTrue(self.slip.exists())

    def test_paid_payslips_cannot_be_withdrawn(self):
        self.slip.paid = True
        self.statement._unlocked().write({"state": "calculated"})
        with self.refused(UserError, "is paid"):
            self.statement._withdraw_payslips()


class TestUnconfirmed(PayrollCase):
    """Before it is confirmed a payslip can be deleted, but its amounts can't be
    changed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked_for(cls.employee)
        cls.slip = cls._slip()
        cls.slip.compute_sheet()

    def test_changed_lines_cannot_be_confirmed(self):
        self.slip.line_ids[0].amount = 5
        with self.refused(UserError, "Compute it again"):
            self.slip.action_payslip_done()
        with self.refused(UserError, "Compute it again"):
            self.slip.write({"state": "done"})
        self.slip.compute_sheet()
        self.slip.action_payslip_done()
        self.assertEqual(self._paid(self.slip)["NET"], 1500.5)

    def test_duplicate_line_cannot_be_confirmed(self):
        self.slip.line_ids[0].copy()
        with self.refused(UserError, "Compute it again"):
            self.slip.action_payslip_done()

    def test_uncomputed_payslip_cannot_be_confirmed_by_writing(self):
        self.slip.action_payslip_draft()
        with self.refused(UserError, "Compute it first"):
            self.slip.write({"state": "done"})

    def test_employee_cannot_be_changed(self):
        with self.refused(UserError, "cancel it and create another"):
            self.slip.employee_id = self.other_employee

    def test_cancelled_payslip_can_be_replaced(self):
        self.slip.action_payslip_cancel()
        self.assertFalse(self.statement.payslip_id)
        other = self._slip()
        other.action_payslip_done()
        self.assertEqual(self.statement.payslip_id, other)
        with self.refused(UserError, "Only one payslip per month"):
            self.slip.action_payslip_draft()

    def test_deleted_payslip_can_be_replaced(self):
        self.slip.action_payslip_draft()
        self.slip.unlink()
        self.assertFalse(self.statement.payslip_id)
        self.assertTrue(self._make(self.statement))
