"""From the pay plan to the statement through public names only, as each role."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..common import proven_talk
from ..ledger.common import LedgerCase

START = date(2025, 7, 1)


@tagged("nka_pay")
class TestFromPlanToStatement(LedgerCase):
    """A company approves a plan; a manager works for a season and is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._new_user("officer_2", "group_key_account_payroll_officer")
        cls.story = cls.env["nka.pay.plan"].with_user(cls.officer)
        cls.story = cls.story.create({"name": "Story"})
        cls.other_account = cls._owned_since(cls.other_client, START, cls.colleague)
        cls.other_account.with_user(cls.supervisor).supervisor_id = cls.supervisor

    def _draft(self, **vals):
        return self.story.version_ids.create(
            {
                "plan_id": self.story.id,
                "date_start": START,
                "fixed_share": 40,
                "soft_share": 10,
                "bonus_share": 50,
                "bonus_basis": "paid",
                "holding_policy": "pay_and_flag",
                "threshold": 0.5,
                "cap": 1.0,
                "line_ids": [
                    Command.create(
                        {"kpi_id": self._kpi("negotiations").id, "weight": 60}
                    ),
                    Command.create(
                        {"kpi_id": self._kpi("average_check").id, "weight": 40}
                    ),
                ],
                "tier_ids": [
                    Command.create({"from_percent": 0, "factor": 1}),
                    Command.create({"from_percent": 100, "factor": 1.5}),
                ],
                **vals,
            }
        )

    def _version(self):
        version = self._draft()
        version.action_submit()
        version.with_user(self.kam_admin).action_approve()
        return version

    def _proposed(self):
        agreement = self.env["nka.pay.agreement"].with_user(self.officer)
        agreement = agreement.create(
            {
                "employee_id": self.other_employee.id,
                "plan_id": self.story.id,
                "target_earnings": 200000,
                "monthly_quota": 2000000,
                "draw": 0,
                "recovery_rate": 1,
                "floor": 27093,
                "date_from": START,
            }
        )
        self.assertEqual(agreement.state, "draft")
        agreement.action_propose()
        return agreement

    def test_invalid_terms_are_refused(self):
        for vals in (
            {"bonus_share": 40},
            {"threshold": 1.5},
            {"line_ids": [Command.clear()]},
            {"tier_ids": [Command.clear(), Command.create({"from_percent": 10})]},
            {"holding_policy": "hold_above_floor"},
            {"date_start": date(2025, 7, 2)},
        ):
            with self.assertRaises(UserError, msg=str(vals)), self.cr.savepoint():
                self._draft(**vals).action_submit()

    def test_second_version_of_a_plan(self):
        version = self._version()
        with self.refused(ValidationError, "01/01/2026"):
            self._draft(date_start=date(2025, 12, 1))
        with self.refused(UserError):
            version.sudo().write({"threshold": 0.1})
        self.refused_by_database(
            "UPDATE nka_pay_plan_version SET cap = 9 WHERE id = %s", version.id
        )
        following = self.story.action_new_version()
        following = self.story.version_ids.browse(following["res_id"])
        self.assertEqual(following.source_id, version)
        self.assertEqual(following.line_ids.mapped("weight"), [60, 40])
        following.with_user(self.officer).threshold = 0.6
        self.assertIn("60 %", following.differences_html)

    def test_manager_is_paid_by_the_accepted_agreement(self):
        self._version()
        agreement = self._proposed()
        for nobody in (self.officer, self.manager, self.supervisor, self.kam_admin):
            with self.assertRaises(UserError), self.cr.savepoint():
                agreement.with_user(nobody).action_accept()
        agreement.with_user(self.colleague).action_accept()
        self.assertEqual(agreement.state, "accepted")
        self.assertTrue(agreement.digest)
        self.assertEqual(agreement.accepted_by_id, self.colleague)
        with self.refused(UserError):
            agreement.sudo().write({"target_earnings": 1})
        self._set_goals_and_work()
        close = self._close_december()
        statement = close.statement_ids.filtered(
            lambda row: row.employee_id == self.other_employee
        )
        mine = statement.with_user(self.colleague)
        # Goals: 18 of 20 negotiations (60 %), average sale value of 500,000 (40 %).
        # Bonus: payments for 500,000 untaxed.
        self.assertEqual((mine.fixed_amount, mine.bonus_amount), (80000, 25000))
        self.assertEqual(mine.soft_amount, 56400)
        self.assertEqual(mine.total_amount, 161400)
        self._dispute(mine)
        models = {
            event.res_model
            for event in self.env["nka.audit.event"].search([])
            if event.user_id in self.colleague | self.supervisor | self.officer
        }
        self.assertLessEqual(
            {
                "nka.pay.plan.version",
                "nka.pay.agreement",
                "nka.season.goal",
                "nka.pay.dispute",
                "nka.pay.statement",
            },
            models,
        )

    def _set_goals_and_work(self):
        season = self.env["nka.season"].create(
            {
                "name": "Autumn",
                "date_start": date(2025, 10, 1),
                "date_end": date(2025, 12, 31),
            }
        )
        goals = self.env["nka.season.goal"].with_user(self.supervisor)
        with freeze_time("2025-09-20"):
            for code, target in (("negotiations", 20), ("average_check", 500000)):
                goals |= goals.create(
                    {
                        "season_id": season.id,
                        "employee_id": self.other_employee.id,
                        "kpi_id": self._kpi(code).id,
                        "target": target,
                    }
                )
            goals.action_propose()
            goals.with_user(self.colleague).action_accept()
        for day in range(1, 19):
            proven_talk(self.env, self.colleague, datetime(2025, 11, day, 9))
        invoice = self._invoice(500000, date(2025, 12, 1), client=self.other_client)
        self._pay(invoice, 600000, date(2025, 12, 12))
        with freeze_time("2026-01-05"):
            season.with_user(self.supervisor).action_freeze()
        self.assertEqual(season.state, "frozen")

    def _close_december(self):
        closes = self.env["nka.month.close"].with_user(self.officer)
        close = closes.create({"month": date(2025, 12, 1)})
        close.action_calculate()
        return close

    def _dispute(self, statement):
        line = statement.line_ids.filtered(lambda row: row.kind == "bonus")
        context = line.action_dispute()["context"]
        disputes = self.env["nka.pay.dispute"].with_user(self.colleague)
        dispute = disputes.with_context(**context).create({"text": "Where is May?"})
        answered = dispute.with_user(self.officer)
        answered.write({"answer": "It was in June's", "outcome": "rejected"})
        answered.action_answer()
        self.assertEqual(dispute.state, "answered")
        self.assertEqual(dispute.answer, "It was in June's")
