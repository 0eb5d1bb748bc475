"""Examples of docs/pay.md starting from records, with no values set directly.

Reports are written, submitted and approved, goals proposed, accepted, measured and
frozen, invoices posted. Examples 1, 5, 6 and 7 need invoices and payments only
(test_examples, test_statement).
"""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.addons.nka_key_accounts.models.reports.weeks import month_reports
from odoo.tests import tagged

from ..common import proven_talk
from ..pay.common import PayCase
from .common import StatementCase

NOVEMBER, DECEMBER = date(2024, 11, 1), date(2024, 12, 1)


@tagged("nka_pay")
class TestHeldUntilReported(PayCase):
    """Example 3: 21 workdays in November 2024, 16 of them up to the 24th."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["nka.pay.plan"].create({"name": "Holding"})
        cls._approved_version(
            date(2024, 1, 1), holding_policy="hold_above_floor", holding_confirmed=True
        )
        cls._accepted(floor=27093)

    def _submit(self, *spans):
        """Submit reports as the manager."""
        reports = self.env["nka.work.report"].with_user(self.manager)
        for first, last in spans:
            report = reports.create(
                {
                    "employee_id": self.employee.id,
                    "date_from": first,
                    "date_to": last,
                    "summary": "Two meetings, one offer.",
                }
            )
            report.action_submit()
            reports |= report
        return reports

    def _calculate(self, month):
        statements = self.env["nka.pay.statement"].with_user(self.officer)
        return statements._calculate(self.employee, month).sudo()

    def test_example_3(self):
        *early, late = month_reports(NOVEMBER)
        self._submit(*early).with_user(self.supervisor).action_approve()
        waiting = self._submit(late)
        november = self._calculate(NOVEMBER)
        self.assertFalse(november.exception)
        self.assertEqual((november.employed_days, november.covered_days), (21, 16))
        self.assertEqual(
            (november.fixed_amount, november.held_amount, november.total_amount),
            (60952.38, 19047.62, 60952.38),
        )
        second = self._new_user("officer_2", "group_key_account_payroll_officer")
        november.with_user(second).action_approve()
        november.with_user(second).action_lock()
        waiting.with_user(self.supervisor).action_approve()
        rest = self._submit(*month_reports(DECEMBER))
        rest.with_user(self.supervisor).action_approve()
        december = self._calculate(DECEMBER)
        self.assertEqual(
            (december.fixed_amount, december.held_amount, december.retro_amount),
            (80000, 0, 19047.62),
        )
        self.assertEqual(december.total_amount, 99047.62)
        release = december.line_ids.filtered(lambda line: line.kind == "release")
        self.assertEqual(release.source_month, NOVEMBER)
        self.assertIn(waiting.id, release.res_ids)


class GoalsCase(StatementCase):
    """The last quarter of 2025: goals agreed late, measured and frozen."""

    TARGETS = {
        "vip_leads": (10, 0),
        "average_check": (500000, 0),
        "overdue_share": (5, 15),
        "negotiations": (40, 0),
    }

    def _agree_goals(self):
        season = self._season(date(2025, 12, 1))
        goals = (
            self.env["nka.season.goal"]
            .with_user(self.supervisor)
            .create(
                [
                    {
                        "season_id": season.id,
                        "employee_id": self.employee.id,
                        "kpi_id": self._kpi(code).id,
                        "target": target,
                        "zero_value": zero_value,
                    }
                    for code, (target, zero_value) in self.TARGETS.items()
                ]
            )
        )
        goals.action_propose(reason="The plan came late")
        goals.with_user(self.manager).action_accept()
        return goals

    def _find_leads(self, count):
        """Create self-sourced VIP leads of the manager, confirmed in November 2025."""
        with freeze_time("2025-11-10 10:00"):
            leads = (
                self.env["crm.lead"]
                .with_user(self.manager)
                .create(
                    [
                        {"name": f"Plant {n}", "is_vip": True, "origin": "self_sourced"}
                        for n in range(count)
                    ]
                )
            )
            leads.with_user(self.supervisor).action_confirm_origin()

    def _talk(self, count):
        for _n in range(count):
            proven_talk(self.env, self.manager, datetime(2025, 11, 3, 9))

    def _bill(self, amount, due):
        self._invoice(
            amount,
            date(2025, 11, 5),
            taxes=self.tax.browse(),
            invoice_date_due=due,
        )


class TestGoalsMeasured(GoalsCase):
    def test_example_4(self):
        """12 of 10 leads; 400,000 of 500,000; 8 % overdue of 5 (zero 15); 18 of 40."""
        goals = self._agree_goals()
        self._find_leads(12)
        self._talk(18)
        self._bill(736000, date(2026, 2, 1))
        self._bill(64000, date(2025, 12, 1))
        goals.season_id.with_user(self.supervisor).action_freeze()
        self.assertEqual(goals.mapped("state"), ["frozen"] * 4)
        self.assertEqual(goals.mapped("actual"), [12, 400000, 8, 18])
        self.assertEqual(goals.mapped("score"), [1, 0.8, 0.7, 0])
        self.assertEqual(
            [len(goal.evidence["ids"]) for goal in goals.sudo()], [12, 2, 1, 18]
        )
        statement = self._calculate(date(2025, 12, 1))
        self.assertFalse(statement.exception)
        self.assertEqual(statement.soft_amount, 42900)
        self.assertEqual(statement.total_amount, 122900)
        soft = statement.line_ids.filtered(lambda line: line.kind == "soft")
        self.assertIn("0.715", soft.formula)
        self.assertEqual(sorted(soft.res_ids), sorted(goals.ids))


class TestPartsOfTheTarget(GoalsCase):
    """Example 2: 100,000.05 is split into its parts, which add up to the cent."""

    BASIS = "invoiced"
    TARGETS = {
        "vip_leads": (2, 0),
        "average_check": (2000000, 0),
        "overdue_share": (5, 15),
        "negotiations": (2, 0),
    }

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{**vals, "target_earnings": 100000.05})

    def test_example_2(self):
        goals = self._agree_goals()
        self._find_leads(2)
        self._talk(2)
        self._bill(2000000, date(2026, 2, 1))
        goals.season_id.with_user(self.supervisor).action_freeze()
        november = self._calculate(date(2025, 11, 1))
        self.assertEqual(
            (november.fixed_amount, november.bonus_amount, november.total_amount),
            (40000.02, 50000.02, 90000.04),
        )
        december = self._calculate(date(2025, 12, 1))
        self.assertEqual(december.soft_amount, 30000.03)
        shares = {row["component"]: row["target_amount"] for row in december.shares}
        self.assertEqual(
            shares, {"fixed": "40000.02", "soft": "10000.01", "bonus": "50000.02"}
        )
