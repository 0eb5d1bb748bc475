"""Ground of the pay tests: employees with contracts, a plan in force, agreements."""

from contextlib import contextmanager
from datetime import date

from psycopg2.errors import RestrictViolation

from odoo import Command
from odoo.tools import mute_logger

from .common import NkaCase


class PayCase(NkaCase):
    """Both managers are employees; an approved plan 40/10/50 is in force since 2024."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls._new_employee(cls.manager)
        cls.other_employee = cls._new_employee(cls.colleague)
        cls.plan = cls.env["nka.pay.plan"].create({"name": "Test plan"})
        cls.version = cls._approved_version(date(2024, 1, 1))

    @classmethod
    def _new_employee(cls, user, **vals):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "date_version": date(2023, 1, 1),
                "contract_date_start": date(2023, 1, 1),
                **vals,
            }
        )

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
        """A draft prepared by the officer."""
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
        """A draft prepared by the officer: T = 200,000, quota 2,000,000."""
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

    @contextmanager
    def refused(self, error, pattern=""):
        """The block is refused with a message, and leaves nothing behind."""
        with self.assertRaisesRegex(error, pattern), self.cr.savepoint():
            yield

    def refused_by_database(self, query, *params):
        """The database itself refuses ``query``."""
        self.env.flush_all()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.cr.execute(query, params)


class HeldAboveFloor:
    """Mixed in before a case: plans hold what no report proves, down to ``FLOOR``."""

    FLOOR = 27093

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        vals.update(holding_policy="hold_above_floor", holding_confirmed=True)
        return super()._approved_version(date_start, plan, **vals)

    @classmethod
    def _agreement(cls, employee=None, **vals):
        return super()._agreement(employee, **{**vals, "floor": cls.FLOOR})
