"""Month-end close through public names only, each step as the user who takes it."""

import re
from datetime import date

from odoo.exceptions import AccessError, UserError

from ..close.common import DECEMBER, NOVEMBER, CloseCase

AMOUNTS = ("fixed_amount", "soft_amount", "bonus_amount")


class TestAcceptance(CloseCase):
    """Worked example 1: fixed pay 80,000, goal pay 0 and bonus 100,000.

    All weekly reports of the manager are approved.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, date(2025, 11, 30))
        cls._invoice(2000000, date(2025, 11, 12))

    def _as(self, user, record):
        """Return a record as in the user's own session."""
        env = self.env(user=user.id, su=False, context={"lang": "en_US"})
        return env[record._name].browse(record.id)

    def _closed(self):
        close = self.env["nka.month.close"].with_user(self.officer)
        close = close.create({"month": NOVEMBER})
        self._as(self.officer, close).action_calculate()
        self._as(self.second, close).action_approve()
        self._as(self.second, close).action_lock()
        return close

    def test_payroll_officers_have_no_groups_of_other_apps(self):
        groups = self.officer.all_group_ids.get_external_id().values()
        foreign = re.compile(r"^(payroll|account|sales_team|hr|hr_holidays)\.")
        self.assertEqual([name for name in groups if foreign.match(name)], [])

    def test_salary_rules_contain_no_python_code(self):
        rules = self.env.ref("nka_key_accounts.structure_40_10_50").rule_ids
        wanted = {f"NKA_{name}" for name in ("FIXED", "SOFT", "BONUS", "CARRY")}
        wanted |= {"NKA_HELD_RELEASED", "NKA_RETRO"}
        self.assertLessEqual(wanted, set(rules.mapped("code")))
        self.assertNotIn("code", rules.mapped("amount_select"))
        self.assertNotIn("python", rules.mapped("condition_select"))

    def test_month_from_calculation_to_payslip(self):
        close = self.env["nka.month.close"].with_user(self.officer)
        close = close.create({"month": NOVEMBER})
        self.assertEqual((close.state, close.company_id), ("open", self.company))
        for outsider in (self.manager, self.supervisor, self.kam_admin, self.salesman):
            for name in ("calculate", "approve", "lock", "mark_paid"):
                with self.subTest(outsider.login, step=name):
                    with self.refused(AccessError):
                        getattr(self._as(outsider, close), f"action_{name}")()
        self._as(self.officer, close).action_calculate()
        statement = self.env["nka.pay.statement"].search([("month", "=", NOVEMBER)])
        mine = self._as(self.manager, statement)
        self.assertEqual([mine[name] for name in AMOUNTS], [80000, 0, 100000])
        with self.refused(AccessError):
            self._as(self.colleague, statement).read(["total_amount"])
        with self.refused(AccessError, "nother payroll officer"):
            self._as(self.officer, close).action_approve()
        self._as(self.second, close).action_approve()
        self._as(self.second, close).action_lock()
        self.assertEqual((close.state, statement.state), ("locked", "locked"))
        self.assertRegex(close.digest, r"^\w+:[0-9a-f]{64}$")
        paid = {line.code: line.total for line in statement.payslip_id.line_ids}
        self.assertEqual((paid["NKA_FIXED"], paid["NKA_BONUS"]), (80000, 100000))
        self.assertEqual((paid["GROSS"], paid["NET"]), (180000, 180000))

    def test_reopened_by_an_administrator_until_it_is_paid(self):
        close = self._closed()
        first = close.digest
        with self.refused(AccessError):
            self._as(self.officer, close).action_reopen(reason="Mine")
        self._as(self.kam_admin, close).action_reopen(reason="A goal was wrong")
        self.assertEqual((close.state, len(close.revision_ids)), ("open", 1))
        self._as(self.officer, close).action_calculate()
        self._as(self.second, close).action_approve()
        self._as(self.second, close).action_lock()
        self.assertEqual(close.digest, first)
        self._as(self.officer, close).action_mark_paid()
        with self.refused(UserError, "paid"):
            self._as(self.kam_admin, close).action_reopen(reason="Once more")

    def test_what_comes_late_is_paid_once_in_the_first_open_month(self):
        """Even the superuser can't delete anything of the locked month."""
        close = self._closed()
        statement = close.sudo().statement_ids
        late = self._invoice(400000, date(2025, 11, 20))
        self.assertTrue(late)
        self._cover(DECEMBER, date(2025, 12, 31))
        self._score_all(DECEMBER)
        december = self.env["nka.month.close"].with_user(self.officer)
        december = december.create({"month": DECEMBER})
        for _again in range(2):
            self._as(self.officer, december).action_calculate()
        self.assertEqual(december.sudo().statement_ids.bonus_amount, 20000)
        self.assertEqual(statement.bonus_amount, 100000)
        for record in (statement, statement.line_ids[0], statement.payslip_id):
            with self.subTest(record._name), self.refused(UserError):
                record.unlink()
        self._as(self.officer, close).action_verify()
