"""Fixtures for pay tests: employees with contracts, a plan in force, agreements."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command

from ..common import proven_talk
from ..reports.common import EmployeesCase


class PayCase(EmployeesCase):
    """An approved 40/10/50 plan has been in force since 2024."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["nka.pay.plan"].create({"name": "Test plan"})
        cls.version = cls._approved_version(date(2024, 1, 1))

    @classmethod
    def _kpi(cls, code):
        return cls.env.ref(f"nka_key_accounts.nka_kpi_{code}")

    @classmethod
    def _goal_list(cls):
        weights = {
            "vip_leads": 30,
            "average_check": 30,
            "overdue_share": 25,
            "negotiations": 15,
        }
        return [
            Command.create({"kpi_id": cls._kpi(code).id, "weight": weight})
            for code, weight in weights.items()
        ]

    @classmethod
    def _new_version(cls, date_start, plan=None, **vals):
        """Create a draft version as the officer."""
        return (
            cls.env["nka.pay.plan.version"]
            .with_user(cls.officer)
            .create(
                {
                    "plan_id": (plan or cls.plan).id,
                    "date_start": date_start,
                    "line_ids": cls._goal_list(),
                    "tier_ids": [Command.create({"from_percent": 0})],
                    **vals,
                }
            )
        )

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        version = cls._new_version(date_start, plan, **vals)
        version.action_submit()
        version.with_user(cls.kam_admin).action_approve()
        return version.with_user(cls.env.user)

    @classmethod
    def _agreement(cls, employee=None, **vals):
        """Create a draft agreement as the officer: target earnings 200,000, quota
        2,000,000.
        """
        return (
            cls.env["nka.pay.agreement"]
            .with_user(cls.officer)
            .create(
                {
                    "employee_id": (employee or cls.employee).id,
                    "plan_id": cls.plan.id,
                    "target_earnings": 200000,
                    "monthly_quota": 2000000,
                    "date_from": date(2024, 1, 1),
                    **vals,
                }
            )
        )

    @classmethod
    def _accepted(cls, employee=None, **vals):
        agreement = cls._agreement(employee, **vals)
        agreement.action_propose()
        agreement.with_user(agreement.user_id).action_accept()
        return agreement.with_user(cls.env.user)


class HeldAboveFloor:
    """Mixin: plan versions hold fixed pay not covered by reports, down to ``FLOOR``."""

    FLOOR = 27093

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        vals.update(holding_policy="hold_above_floor", holding_confirmed=True)
        return super()._approved_version(date_start, plan, **vals)

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{**vals, "floor": cls.FLOOR})


class SeasonCase(PayCase):
    """The last quarter of 2026, with agreements of both managers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._accepted()
        cls.other_agreement = cls._accepted(cls.other_employee)
        cls.env["nka.season"].search([]).unlink()
        cls.season = cls._new_season(date(2026, 10, 1), date(2026, 12, 31))

    @classmethod
    def _new_season(cls, first, last):
        return cls.env["nka.season"].create(
            {"name": f"Season {first}", "date_start": first, "date_end": last}
        )

    @classmethod
    def _goal(cls, code="negotiations", target=40, **vals):
        return (
            cls.env["nka.season.goal"]
            .with_user(cls.supervisor)
            .create(
                {
                    "season_id": cls.season.id,
                    "employee_id": cls.employee.id,
                    "kpi_id": cls._kpi(code).id,
                    "target": target,
                    **vals,
                }
            )
        )

    @classmethod
    def _accepted_goal(cls, *args, **vals):
        goal = cls._goal(*args, **vals)
        goal.action_propose(reason="Set up late")
        goal.with_user(goal.user_id).action_accept()
        return goal

    @classmethod
    def _negotiation(cls, user, start=datetime(2026, 11, 3, 9), **vals):
        return proven_talk(cls.env, user, start, **vals)

    def _measure(self, code, users=None, season=None, day=None, evidence=False):
        with freeze_time(day or "2027-01-05"):
            return self._kpi(code)._measure(
                users or self.manager + self.colleague,
                (season or self.season)._span(),
                evidence,
            )
