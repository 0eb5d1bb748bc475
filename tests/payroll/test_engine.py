"""Users of the payroll engine: their payslips work as before, those of the addon are
hidden.
"""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form

from ..common import new_user
from .common import NOVEMBER, NOVEMBER_END
from .test_roles import RolesCase

DECEMBER = {"date_from": date(2025, 12, 1), "date_to": date(2025, 12, 31)}


class TestEngine(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_user(cls.env, "clerk", "payroll.group_payroll_user")
        cls.chief = new_user(cls.env, "chief", "payroll.group_payroll_manager")
        cls.other_employee.version_id.struct_id = cls.plain
        cls.employee.version_id.struct_id = cls.structure
        cls.register = cls.env["hr.contribution.register"].create({"name": "Tax"})

    def _as(self, user, record):
        self.env.invalidate_all()
        return record.with_user(user)

    def _records(self):
        """Return a payslip of the addon with all its dependent records."""
        slip = self.slip
        vals = {"name": "Days", "code": "D", "contract_id": slip.contract_id.id}
        draft = self._slip(**DECEMBER)
        given = self.env["hr.payslip.input"].create({**vals, "payslip_id": draft.id})
        days = self.env["hr.payslip.worked_days"].create(
            {**vals, "payslip_id": draft.id}
        )
        return slip, slip.line_ids, draft, given, days, self.batch

    def test_payroll_users_find_none_of_the_addon(self):
        for record in self._records():
            for user in (self.clerk, self.chief):
                with self.subTest(user=user.login, record=record):
                    found = self._as(user, record)
                    if record._name == "hr.payslip.run" and user == self.clerk:
                        continue  # the engine grants batches to its managers only
                    self.assertFalse(found.search([("id", "in", record.ids)]))
                    groups = found.formatted_read_group(
                        [("id", "in", record.ids)], [], ["__count"]
                    )
                    self.assertEqual(groups[0]["__count"], 0)

    def test_opening_one_names_the_officers(self):
        for record in self._records():
            doors = {
                "read": lambda row: row.read(["display_name"]),
                "write": lambda row: row.write({"name": "Mine"}),
                "delete": lambda row: row.unlink(),
            }
            for name, door in doors.items():
                with self.subTest(record=record, door=name):
                    with self.refused(AccessError, self.officer.login):
                        door(self._as(self.chief, record[:1]))

    def test_actions_are_refused(self):
        draft = self._slip(**DECEMBER)
        for name in (
            "compute_sheet",
            "action_payslip_done",
            "action_payslip_cancel",
            "action_payslip_draft",
            "refund_sheet",
        ):
            with self.subTest(name):
                with self.refused(AccessError, self.officer.login):
                    getattr(self._as(self.chief, draft), name)()
        self.assertEqual(draft.state, "draft")

    def test_creating_one_is_refused(self):
        slips = self.env["hr.payslip"].with_user(self.chief)
        vals = {"employee_id": self.employee.id, **DECEMBER}
        for told in (
            {"struct_id": self.structure.id},
            {"struct_id": False, "contract_id": self.employee.version_id.id},
        ):
            with self.subTest(told), self.refused(AccessError, self.officer.login):
                slips.create({**vals, **told})
        batches = self.env["hr.payslip.run"].with_user(self.chief)
        with self.refused(AccessError, self.officer.login):
            batches.create({"name": "Ours", "struct_id": self.structure.id})

    def test_other_payslip_cannot_become_one_of_the_addon(self):
        slip = self._as(self.chief, self._slip(struct_id=self.plain.id, **DECEMBER))
        with self.refused(AccessError, self.officer.login):
            slip.struct_id = self.structure
        open_slip = self._as(self.chief, self._slip(struct_id=False, **DECEMBER))
        with self.refused(AccessError, self.officer.login):
            open_slip.compute_sheet()

    def test_onchange_reveals_nothing(self):
        slips = self.env["hr.payslip"].with_user(self.chief)
        with Form(slips, view="payroll.hr_payslip_view_form") as form:
            form.employee_id = self.other_employee.with_user(self.chief)
        self.assertFalse(form.record.is_nka)
        values = {"employee_id": self.employee.id, "struct_id": self.structure.id}
        shown = slips.onchange(values, [], {"nka_total_amount": {}})["value"]
        self.assertFalse(shown["nka_total_amount"])

    def test_mixed_batch_creates_the_others(self):
        batch = (
            self.env["hr.payslip.run"]
            .with_user(self.chief)
            .create({"name": "All", "date_start": NOVEMBER, "date_end": NOVEMBER_END})
        )
        people = self.employee | self.other_employee
        self._wizard(batch, people).compute_sheet()
        self.assertEqual(batch.sudo().slip_ids.employee_id, self.other_employee)
        self.assertRegex(
            self._told(), f"{self.employee.user_id.login}.*{self.officer.login}"
        )

    def test_batch_of_the_addon_only_is_refused(self):
        batch = self.env["hr.payslip.run"].create(
            {"name": "All", "date_start": NOVEMBER, "date_end": NOVEMBER_END}
        )
        for run in (batch, self.batch):
            with self.refused(AccessError, self.officer.login):
                self._wizard(run, self.employee).compute_sheet()

    def test_mixed_batch_excludes_the_addon_from_totals(self):
        self.slip.payslip_run_id.sudo()
        mixed = self.env["hr.payslip.run"].create(
            {"name": "All", "date_start": NOVEMBER, "date_end": NOVEMBER_END}
        )
        self.alien.payslip_run_id = mixed
        self._slip(payslip_run_id=mixed.id, **DECEMBER)
        seen = self._as(self.chief, mixed)
        self.assertEqual(seen.slip_ids.ids, self.alien.ids)
        with self.refused(AccessError):
            seen.read(["nka_total_amount"])
        seen.read()  # the web client reads every field
        seen.close_payslip_run()
        self.assertEqual(mixed.state, "close")

    def test_contribution_register_excludes_the_addon(self):
        self.plain.rule_ids[0].register_id = self.register
        own = self.structure.copy({"code": "OWN", "parent_id": self.structure.id})
        own.rule_ids = [
            Command.clear(),
            Command.create(
                {
                    "name": "Tax",
                    "code": "TAX",
                    "category_id": self.plain.rule_ids[0].category_id.id,
                    "amount_select": "fix",
                    "amount_fix": 7,
                    "register_id": self.register.id,
                }
            ),
        ]
        self.alien.compute_sheet()
        self.alien.action_payslip_done()
        taxed = self._slip(self._people(1).employee_id, struct_id=own.id)
        taxed.action_payslip_done()
        self.assertTrue(taxed.line_ids.filtered("register_id"))
        report = self.env["report.payroll.report_contributionregister"]
        for user, slips, said in (
            (self.env.user, self.alien | taxed, ""),
            (self.chief, self.alien, "missing from these totals: 1"),
        ):
            lines = self._as(user, report)._get_payslip_lines(
                self.register.ids, NOVEMBER, NOVEMBER_END
            )
            self.assertEqual(lines[self.register.id].sudo().slip_id, slips)
            self.assertIn(said, self._told())
            self.assertEqual(bool(said), bool(self._told()))

    def test_own_payslip_can_be_read_and_not_changed(self):
        self.employee.user_id.group_ids += self.env.ref("payroll.group_payroll_user")
        slip = self._as(self.employee.user_id, self.slip)
        self.assertEqual(slip.search([]), self.slip | self.alien)
        self.assertEqual(
            slip.line_ids.mapped("total"), self.slip.line_ids.mapped("total")
        )
        draft = self._as(self.employee.user_id, self._slip(**DECEMBER))
        with self.refused(AccessError, self.officer.login):
            draft.note = "mine"

    def test_other_payslips_work_as_before(self):
        slip = self._as(self.chief, self.alien)
        slip.compute_sheet()
        slip.action_payslip_done()
        self.assertEqual(self._paid(slip), {"ONE": 100, "TWO": 100})
        slip.read()
        slip.payslip_run_id.close_payslip_run()

    def _wizard(self, batch, people):
        wizards = self.env["hr.payslip.employees"].with_user(self.chief)
        return wizards.with_context(active_id=batch.id).create(
            {"employee_ids": [Command.set(people.ids)]}
        )
