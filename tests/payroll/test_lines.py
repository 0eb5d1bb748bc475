"""Payslips pay what the locked statement says, however they are created."""

from datetime import date

from odoo import Command
from odoo.addons.payroll.models.base_browsable import BaseBrowsableObject
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..common import new_user
from .common import NOVEMBER, NOVEMBER_END, PayrollCase

EXAMPLE_1 = {
    "NKA_FIXED": 80000,
    "NKA_SOFT": 0,
    "NKA_BONUS": 100000,
    "GROSS": 180000,
    "NET": 180000,
}


class TestEntryPoints(PayrollCase):
    """Created by the close, manually, by the wizard or by an API: the lines are the
    same.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked()

    def _assert_example(self, slip):
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(slip.state, "done")
        self.assertEqual(self.statement.payslip_id, slip)
        self.assertTrue(slip.number)
        self.assertEqual(len(self._events(self.statement, "payslip")), 1)

    def test_created_by_the_close(self):
        slip = self._make(self.statement)
        self._assert_example(slip)
        self.assertEqual(slip.payslip_run_id, self.batch)
        self.assertIn("November", slip.name)
        self.assertFalse(self._make(self.statement), "existing payslips are kept")

    def test_name_is_in_the_company_language_and_displayed_in_the_user_language(self):
        """Whatever the language of the creator, a user or a scheduled action."""
        self.env["res.lang"]._activate_lang("ru_RU")
        self.env["ir.module.module"]._load_module_terms(["nka_key_accounts"], ["ru_RU"])
        own = self.env.ref("nka_key_accounts.hr_rule_bonus")
        own.with_context(lang="ru_RU").name = "Премия"
        self.company.partner_id.lang = "ru_RU"
        slip = self._make(self.statement)
        self.assertEqual(
            slip.name, f"Расчётный листок: {self.employee.name}, ноябрь 2025"
        )
        line = slip.line_ids.filtered(lambda row: row.code == "NKA_BONUS")
        self.assertEqual(line.with_context(lang="en_US").name, "Bonus")
        self.assertEqual(line.with_context(lang="ru_RU").name, "Премия")

    def test_created_by_an_api(self):
        slip = self._slip()
        slip.compute_sheet()
        self.assertEqual(slip.state, "verify")
        slip.action_payslip_done()
        self._assert_example(slip)

    def test_confirming_a_draft_computes_it(self):
        slip = self._slip()
        slip.action_payslip_done()
        self._assert_example(slip)

    def test_created_manually_by_the_officer(self):
        slips = self.env["hr.payslip"].with_user(self.officer)
        view = "nka_key_accounts.hr_payslip_view_form_statement"
        with Form(slips.with_context(nka_structure=True), view=view) as form:
            self.assertEqual(form.struct_id, self.structure)
            form.employee_id = self.employee.with_user(self.officer)
            form.date_from = NOVEMBER
            self.assertEqual(form.date_to, NOVEMBER_END)
        slip = form.record
        slip.compute_sheet()
        slip.action_payslip_done()
        self._assert_example(slip.sudo())

    def test_created_by_the_batch_wizard(self):
        both = new_user(
            self.env,
            "both",
            "payroll.group_payroll_manager,"
            "nka_key_accounts.group_key_account_payroll_officer",
        )
        self._wizard(both, self.employee).compute_sheet()
        self._assert_example(self.batch.slip_ids)

    def test_created_by_the_button_of_the_batch(self):
        batch = self.batch.with_user(self.officer)
        batch.action_make_payslips()
        self._assert_example(batch.slip_ids.sudo())
        with self.refused(UserError, "already have payslips"):
            batch.action_make_payslips()

    def test_button_names_employees_who_could_not_be_paid(self):
        self._locked_for(self.other_employee)
        self.other_employee.version_id.contract_date_end = date(2025, 10, 31)
        told = self.batch.with_user(self.officer).action_make_payslips()
        self.assertIn("has no contract", told["params"]["message"])
        self.assertTrue(self.statement.payslip_id)

    def test_created_by_the_wizard_from_the_contract_only(self):
        """The payroll engine's own path: neither the batch nor the caller names a
        structure.
        """
        self.employee.version_id.struct_id = self.structure
        batch = self.env["hr.payslip.run"].create(
            {"name": "All", "date_start": NOVEMBER, "date_end": NOVEMBER_END}
        )
        self._wizard(self.env.user, self.employee, batch).compute_sheet()
        batch.slip_ids.action_payslip_done()
        self._assert_example(batch.slip_ids)

    def test_started_manually_and_finished_by_the_close(self):
        slip = self._slip()
        slip.compute_sheet()
        self.assertEqual(self.statement._without_payslip(), self.statement)
        self.assertEqual(self._make(self.statement), slip)
        self._assert_example(slip)

    def test_structure_from_the_contract_only(self):
        self.employee.version_id.struct_id = self.structure
        slip = self._slip(struct_id=False)
        slip.action_payslip_done()
        self._assert_example(slip)

    def _wizard(self, user, employees, batch=None):
        wizards = self.env["hr.payslip.employees"].with_user(user)
        batch = batch or self.batch
        return wizards.with_context(active_id=batch.id).create(
            {"employee_ids": [Command.set(employees.ids)]}
        )

    def test_wizard_names_all_employees_who_are_not_ready(self):
        with self.refused(UserError, "nka_colleague"):
            self._wizard(
                self.env.user, self.employee | self.other_employee
            ).compute_sheet()
        self.assertFalse(self.statement.payslip_id)


class TestComponents(PayrollCase):
    """Each amount of a statement appears in exactly one line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        released = {
            "kind": "release",
            "component": "fixed",
            "amount": 19047.62,
            "source_month": date(2025, 10, 1),
        }
        corrected = {**released, "kind": "correction", "amount": 500}
        cls.statement = cls._locked_for(
            cls.employee,
            fixed_amount=60952.38,
            soft_amount=42900,
            bonus_amount=20000.01,
            carry_amount=-1000.03,
            retro_amount=19047.62 + 500 - 6000,
            total_amount=60952.38 + 42900 + 20000.01 - 1000.03 + 13547.62,
            held_amount=10,
            employed_days=21,
            line_ids=[Command.create(released), Command.create(corrected)],
        )

    def test_every_component_once(self):
        slip = self._make(self.statement)
        self.assertEqual(
            self._paid(slip),
            {
                "NKA_FIXED": 60952.38,
                "NKA_SOFT": 42900,
                "NKA_BONUS": 20000.01,
                "NKA_HELD_RELEASED": 19547.62,
                "NKA_RETRO": -6000,
                "NKA_CARRY": -1000.03,
                "GROSS": 136399.98,
                "NET": 136399.98,
            },
        )
        by_category = slip.line_ids.grouped(lambda line: line.category_id.code)
        self.assertEqual(sum(by_category["BASIC"].mapped("total")), 80500)

    def test_custom_rules_around_those_of_the_addon(self):
        """A tax on the gross amount and a meal allowance from the statement's days, in
        Python.
        """
        self._own_structure()
        slip = self._make(self.statement)
        paid = self._paid(slip)
        self.assertEqual(paid["TAX"], -17732)
        self.assertEqual(paid["MEAL"], 210)
        self.assertEqual(paid["SEEN"], self.statement.total_amount)
        self.assertEqual(paid["GROSS"], 136399.98 + 210)
        self.assertEqual(paid["NET"], 118877.98)

    def _own_structure(self):
        category = self.env.ref("nka_key_accounts.hr_category_deduction")
        meals = self.env.ref("nka_key_accounts.hr_category_variable")
        other = self.env["hr.salary.rule.category"].create({"name": "-", "code": "X"})
        rules = [
            ("TAX", category, 150, "result = -0.13 * payroll.nka.total_amount"),
            ("MEAL", meals, 70, "result = 10 * payroll.nka.employed_days"),
            ("SEEN", other, 300, "result = payroll.nka.total_amount"),
        ]
        structure = self.env["hr.payroll.structure"].create(
            {
                "name": "With tax",
                "code": "TAXED",
                "parent_id": self.structure.id,
                "rule_ids": [
                    Command.create(
                        {
                            "name": code,
                            "code": code,
                            "sequence": sequence,
                            "category_id": which.id,
                            "amount_select": "code",
                            "amount_python_compute": python,
                        }
                    )
                    for code, which, sequence, python in rules
                ],
            }
        )
        self.company.nka_structure_id = structure
        self.batch.struct_id = structure

    def test_structure_without_a_rule_is_refused(self):
        self.structure.rule_ids -= self.env.ref("nka_key_accounts.hr_rule_carry")
        with self.refused(UserError, "NKA_CARRY"):
            self._slip().compute_sheet()

    def test_rule_of_this_kind_needs_one_of_the_codes(self):
        with self.refused(ValidationError, "NKA_FIXED"):
            self.env.ref("nka_key_accounts.hr_rule_carry").code = "CARRY"

    def test_payslips_keep_the_decimals_of_the_currency(self):
        """The accuracy is raised where it is too low, and never lowered."""
        accuracies = self.env["decimal.precision"]
        accuracy = accuracies.search([("name", "=", "Payroll")])
        currency = self.company.currency_id.sudo()
        slip = self._slip().with_user(self.officer)
        for decimals, before, expected in ((2, 2, 2), (3, 2, 3), (3, 6, 6), (2, 3, 3)):
            with self.subTest(decimals=decimals, before=before):
                currency.rounding = 10**-decimals
                accuracy.digits = before
                slip.compute_sheet()
                self.assertEqual(accuracy.digits, expected)
        accuracy.unlink()
        currency.rounding = 0.001
        slip.compute_sheet()
        self.assertEqual(accuracies.precision_get("Payroll"), 3)


class TestRefusals(PayrollCase):
    """Refusals state why an employee can't be paid, and what to do."""

    def test_without_agreement(self):
        with self.refused(UserError, "no accepted pay agreement"):
            self._slip(self.other_employee).compute_sheet()

    def test_without_statement(self):
        with self.refused(UserError, "lock the month first"):
            self._slip().compute_sheet()

    def test_without_lock(self):
        self._calculate(NOVEMBER)
        with self.refused(UserError, "“Calculated”"):
            self._slip().compute_sheet()
        with self.refused(UserError, "Locked"):
            self._make(self._calculate(NOVEMBER))

    def test_all_employees_are_named_at_once(self):
        slips = self._slip() | self._slip(self.other_employee)
        with self.refused(UserError, "nka_manager(.|\n)*nka_colleague"):
            slips.compute_sheet()

    def test_half_a_month(self):
        with self.refused(UserError, "whole month"):
            self._slip(date_to=date(2025, 11, 15))

    def test_engine_called_directly(self):
        with self.refused(UserError, "lock the month first"):
            self._slip().get_lines_dict()

    def test_rule_of_the_addon_where_nothing_is_to_pay(self):
        rule = self.env.ref("nka_key_accounts.hr_rule_fixed")
        slip = self._slip(struct_id=False)
        payroll = BaseBrowsableObject(slip.get_payroll_dict(slip.contract_id))
        with self.refused(UserError, "only in the 40/10/50 structure"):
            rule._compute_rule_nka({"payroll": payroll})

    def test_one_failure_does_not_stop_the_others(self):
        statements = self._locked() | self._locked_for(self.other_employee)
        self.other_employee.version_id.contract_date_end = date(2025, 10, 31)
        slips = self._make(statements)
        self.assertEqual(slips.employee_id, self.employee)
        failed = statements - slips.nka_statement_ids
        self.assertIn("no contract", failed.payslip_error)
        self.other_employee.version_id.contract_date_end = False
        self.assertEqual(self._make(statements).employee_id, self.other_employee)
        self.assertFalse(failed.payslip_error)

    def test_input_with_the_same_code_changes_nothing(self):
        statement = self._locked()
        slip = self._slip()
        self.env["hr.payslip.input"].create(
            {
                "name": "Trick",
                "code": "NKA_BONUS",
                "amount": 1000000,
                "payslip_id": slip.id,
                "contract_id": self.employee.version_id.id,
            }
        )
        slip.action_payslip_done()
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(statement.payslip_id, slip)


class TestContracts(PayrollCase):
    """An employee with two versions or two contracts in a month is paid once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statement = cls._locked()

    def test_second_version_within_the_contract(self):
        self.employee.create_version({"date_version": date(2025, 11, 16), "wage": 5})
        slip = self._make(self.statement)
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(len(slip.line_ids), len(EXAMPLE_1))

    def test_second_contract_in_the_month(self):
        first = self.employee.version_id
        first.contract_date_end = date(2025, 11, 15)
        second = self.employee.create_version(
            {
                "date_version": date(2025, 11, 16),
                "contract_date_start": date(2025, 11, 16),
                "contract_date_end": False,
            }
        )
        slip = self._slip()
        self.assertFalse(slip.contract_id)
        slip.action_payslip_done()
        self.assertEqual(self._paid(slip), EXAMPLE_1)
        self.assertEqual(slip.line_ids.contract_id, second)
        self.assertEqual(len(slip.line_ids), len(EXAMPLE_1))

    def test_leaver_is_paid_by_their_last_contract(self):
        self.employee.version_id.contract_date_end = date(2025, 11, 20)
        self.assertEqual(self._paid(self._make(self.statement)), EXAMPLE_1)


class TestCompanies(PayrollCase):
    def test_other_company_has_its_own_structure(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.company"].create(
            {"name": "Other", "currency_id": euro.id}
        )
        self.officer.company_ids |= other
        user = self._new_user("abroad", "group_key_account_manager")
        user.write({"company_ids": [(4, other.id)], "company_id": other.id})
        employee = self._new_employee(user, company_id=other.id)
        statement = self._locked_for(employee)
        batch = self.env["hr.payslip.run"]._nka_run(other, NOVEMBER)
        self.assertEqual(batch.struct_id.company_id, other)
        self.assertNotEqual(batch.struct_id, self.structure)
        slip = self._make(statement, batch)
        self.assertEqual(slip.company_id, other)
        self.assertEqual(self._paid(slip)["NET"], 1500.5)
        self.assertEqual(slip.nka_currency_id, euro)
        seen = self.env["hr.payslip"].with_user(self.officer)
        self.assertIn(slip, seen.with_company(other).search([]))
        self.assertNotIn(
            slip, seen.with_context(allowed_company_ids=self.company.ids).search([])
        )

    def test_batch_of_another_month_is_refused(self):
        october = self.env["hr.payslip.run"]._nka_run(self.company, date(2025, 10, 1))
        with self.refused(UserError, "a different month"):
            self._make(self._locked_for(self.employee), october)
