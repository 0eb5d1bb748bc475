"""Fixtures for statement tests: calculated and closed statements, reports and goals."""

from datetime import date, timedelta

from odoo.addons.nka_key_accounts import paycalc
from odoo.addons.nka_key_accounts.models.reports.weeks import reports_between

from ..ledger.common import LedgerCase

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)


#: Models whose records each concern one employee and are read by them and their
#: superiors only.
SECRET = (
    "nka.pay.statement",
    "nka.pay.statement.line",
    "nka.pay.statement.mail",
    "nka.pay.agreement",
    "nka.pay.correction",
    "nka.pay.dispute",
    "nka.pay.opening",
    "nka.pay.course",
    "nka.pay.variance",
    "nka.season.goal",
    "nka.bonus.line",
    "nka.work.report",
    "nka.work.report.fact",
    "hr.payslip",
    "hr.payslip.line",
)


class StatementCase(LedgerCase):
    """Weekly reports are approved explicitly by the tests that need them."""

    @classmethod
    def _calculate(cls, month, employee=None):
        statements = cls.env["nka.pay.statement"].with_user(cls.officer)
        return statements._calculate(employee or cls.employee, month).sudo()

    @classmethod
    def _close(cls, statement):
        """Approve as a second officer and lock."""
        second = cls._new_user(
            f"officer{statement.id}", "group_key_account_payroll_officer"
        )
        statement.with_user(second).action_approve()
        statement.with_user(second).action_lock()

    @classmethod
    def _cover(cls, first, last):
        """Create approved reports for every day from ``first`` to ``last``."""
        for start, end in reports_between(first, last):
            cls._new_report(start, end)

    @classmethod
    def _new_report(cls, first, last):
        return (
            cls.env["nka.work.report"]
            .sudo()
            ._unlocked()
            .create(
                {
                    "employee_id": cls.employee.id,
                    "date_from": first,
                    "date_to": last,
                    "state": "approved",
                }
            )
        )

    @classmethod
    def _goals(cls, month, state="frozen", **goals):
        """Create goals of the season that ends in ``month``: target, zero-score value
        and actual by KPI.
        """
        season = cls._season(month)
        weights = {line.kpi_id: line.weight for line in cls.version.line_ids}
        made = (
            cls.env["nka.season.goal"]
            .sudo()
            ._unlocked()
            .create(
                [
                    {
                        "season_id": season.id,
                        "employee_id": cls.employee.id,
                        "kpi_id": cls._kpi(code).id,
                        "weight": weights[cls._kpi(code)],
                        "target": target,
                        "zero_value": zero_value,
                        "actual": actual,
                        "is_measured": True,
                        "state": "accepted",
                    }
                    for code, (target, zero_value, actual) in goals.items()
                ]
            )
        )
        cls.env.flush_all()
        if state != "accepted":
            made._move_to(state)
        return made

    @classmethod
    def _score_all(cls, month):
        """Create goals of the season that are all met exactly."""
        return cls._goals(
            month,
            vip_leads=(10, 0, 10),
            average_check=(10, 0, 10),
            overdue_share=(5, 15, 5),
            negotiations=(10, 0, 10),
        )

    @classmethod
    def _season(cls, month):
        seasons = cls.env["nka.season"].sudo()
        end = paycalc.add_months(month, 1) - timedelta(1)
        found = seasons.search(
            [("company_id", "=", cls.company.id), ("date_end", "=", end)]
        )
        return found or seasons.create(
            {
                "name": str(end),
                "company_id": cls.company.id,
                "date_start": paycalc.add_months(month, -2),
                "date_end": end,
            }
        )


class ConfinedCase(StatementCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.with_user(cls.supervisor).supervisor_id = cls.supervisor
        cls._invoice(2000000, date(2025, 11, 12))
        cls.statement = cls._calculate(NOVEMBER)

    def _dispute(self, user=None, **vals):
        return (
            self.env["nka.pay.dispute"]
            .with_user(user or self.manager)
            .create({"statement_id": self.statement.id, "text": "Too little", **vals})
        )
