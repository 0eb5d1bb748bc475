"""Access to payslips by role, and the cost for payslips of other structures."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError

from ..common import new_user
from .common import NOVEMBER, NOVEMBER_END, PayrollCase

MODELS = (
    "hr.payslip",
    "hr.payslip.line",
    "hr.payslip.input",
    "hr.payslip.worked_days",
    "hr.payslip.run",
    "nka.payslip.job",
)


class RolesCase(PayrollCase):
    """One payslip of the addon, and one of a structure unrelated to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked_for(cls.employee)
        cls.slip = cls._make(cls.statement)
        category = cls.env["hr.salary.rule.category"].create(
            {"name": "Basic", "code": "BASIC"}
        )
        cls.plain = cls.env["hr.payroll.structure"].create(
            {
                "name": "Plain",
                "code": "PLAIN",
                "rule_ids": [
                    Command.create(
                        {
                            "name": name,
                            "code": name,
                            "category_id": category.id,
                            "amount_select": "fix",
                            "amount_fix": 100,
                        }
                    )
                    for name in ("ONE", "TWO")
                ],
            }
        )
        cls.alien = cls._alien()

    @classmethod
    def _alien(cls):
        batch = cls.env["hr.payslip.run"].create(
            {"name": "Plain", "date_start": NOVEMBER, "date_end": NOVEMBER_END}
        )
        return cls._slip(
            struct_id=cls.plain.id,
            contract_id=cls.employee.version_id.id,
            payslip_run_id=batch.id,
        )


class TestRoles(RolesCase):
    def test_payroll_officer_sees_payslips_of_the_addon_only(self):
        self.alien.compute_sheet()
        env = self.env(user=self.officer)
        self.assertEqual(env["hr.payslip"].search([]), self.slip)
        self.assertEqual(env["hr.payslip.line"].search([]).slip_id, self.slip)
        self.assertEqual(env["hr.payslip.run"].search([]), self.batch)
        for record in (self.alien, self.alien.line_ids[0], self.alien.payslip_run_id):
            with self.refused(AccessError):
                record.with_user(self.officer).read()

    def test_payroll_officer_cannot_create_others(self):
        with self.refused(AccessError):
            self._slip(struct_id=self.plain.id).with_env(
                self.env(user=self.officer)
            ).write({"note": "mine"})
        with self.refused(AccessError):
            self.env["hr.payslip"].with_user(self.officer).create(
                {
                    "employee_id": self.employee.id,
                    "struct_id": self.plain.id,
                    "date_from": NOVEMBER,
                    "date_to": NOVEMBER_END,
                }
            )
        for group in (
            "payroll.group_payroll_user",
            "hr.group_hr_user",
            "account.group_account_readonly",
            "sales_team.group_sale_salesman",
        ):
            self.assertFalse(self.officer.has_group(group))

    def test_officer_cannot_change_rules_and_structures(self):
        for record in (self.structure, self.structure.rule_ids[0]):
            with self.refused(AccessError):
                record.with_user(self.officer).write({"name": "X"})

    def test_other_roles_see_nothing(self):
        for user in (
            self.manager,
            self.colleague,
            self.supervisor,
            self.employee_user,
            self.kam_admin,
        ):
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    with self.refused(AccessError):
                        self.env[model].with_user(user).search([]).read(["id"])

    def test_payroll_manager_sees_the_same_as_before(self):
        stock = new_user(
            self.env,
            "both",
            "payroll.group_payroll_manager,"
            "nka_key_accounts.group_key_account_payroll_officer",
        )
        self.alien.compute_sheet()
        for record in (
            self.alien,
            self.alien.line_ids,
            self.alien.payslip_run_id,
            self.slip,
        ):
            self.assertEqual(
                record.with_user(stock).search([("id", "in", record.ids)]), record
            )

    def test_officers_do_not_cancel_their_own_earlier_payslip(self):
        officers = self.env.ref("nka_key_accounts.group_key_account_payroll_officer")
        self.manager.group_ids += officers
        own = self.statement.with_user(self.manager)
        for reason in (None, "It was never paid"):
            with self.refused(AccessError, "Another payroll officer"):
                own.action_cancel_left_payslip(reason)
        self.assertEqual(self.slip.state, "done")

    def test_statement_and_payslip_link_to_each_other(self):
        action = self.slip.with_user(self.officer).action_open_statement()
        self.assertEqual(action["res_id"], self.statement.id)
        action = self.statement.with_user(self.officer).action_open_payslip()
        self.assertEqual(action["res_id"], self.slip.id)
        self.assertEqual(self.batch.nka_total_amount, 1500.5)
        self.assertEqual(self.batch.nka_slip_count, 1)


class TestOthersPay(RolesCase):
    """Payslips of other structures behave as before and cost at most one additional
    query.
    """

    @contextmanager
    def _without_us(self):
        """Disable the addon's overrides."""
        slips = self.env.registry["hr.payslip"]
        run = self.env.registry["hr.payslip.run"]
        with (
            patch.object(slips, "_nka_ours", lambda slips: slips.browse()),
            patch.object(slips, "_nka_complete", lambda slips, vals: None),
            patch.object(slips, "_nka_settle_structure", lambda slips: None),
            patch.object(run, "_check_nka_unfrozen", lambda runs: None),
        ):
            yield

    def _queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _cost(self, call):
        """Return the additional queries with the addon, with everything else cached."""
        call()
        with_us = self._queries(call)
        with self._without_us():
            call()
            without = self._queries(call)
        return with_us - without

    def test_query_costs(self):
        slip = self.alien
        calls = {
            "create": lambda: self._slip(
                struct_id=self.plain.id, contract_id=self.employee.version_id.id
            ),
            "compute": slip.compute_sheet,
            "write": lambda: slip.write({"note": "x"}),
            "confirm": slip.action_payslip_done,
            "draft": slip.action_payslip_draft,
            "cancel": slip.action_payslip_cancel,
            "rename the batch": lambda: slip.payslip_run_id.write({"name": "Z"}),
        }
        for name, call in calls.items():
            with self.subTest(name):
                self.assertLessEqual(self._cost(call), 1)

    def test_other_payslips_behave_as_before(self):
        slip = self.alien
        slip.compute_sheet()
        slip.action_payslip_done()
        self.assertEqual(self._paid(slip), {"ONE": 100, "TWO": 100})
        slip.note = "changed afterwards"
        refund = slip.refund_sheet()
        self.assertTrue(self.env["hr.payslip"].search(refund["domain"]).credit_note)
        self.assertEqual(
            slip.get_payroll_dict(self.employee.version_id)["nka"].total_amount, 0
        )
        for line in slip.line_ids:
            line.amount = 7
        self.assertFalse(self.statement.payslip_id & slip)
