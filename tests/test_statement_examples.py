"""The worked examples of the pay page, with real invoices, payments and reports."""

from datetime import date, timedelta

from odoo.addons.nka_key_accounts import paycalc
from odoo.addons.nka_key_accounts.models.reports.weeks import reports_between

from .common_ledger import LedgerCase


class StatementCase(LedgerCase):
    """Reports are approved by hand of a supervisor where a test asks for them."""

    @classmethod
    def _calculate(cls, month, employee=None):
        statements = cls.env["nka.pay.statement"].with_user(cls.officer)
        return statements._calculate(employee or cls.employee, month).sudo()

    @classmethod
    def _close(cls, statement):
        """Approve by a second officer and lock."""
        second = cls._new_user(
            f"officer{statement.id}", "group_key_account_payroll_officer"
        )
        statement.with_user(second).action_approve()
        statement.with_user(second).action_lock()

    @classmethod
    def _cover(cls, first, last):
        """Approved reports for every day from ``first`` to ``last``."""
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
        """The season that ends in ``month``: target, zero value and actual by measure."""
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
        made._unlocked().write({"state": state})
        return made

    @classmethod
    def _score_all(cls, month):
        """All goals of the season met exactly."""
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


class TestExamplesPaid(StatementCase):
    def test_example_6_money_that_arrived(self):
        invoice = self._invoice(1000000, date(2025, 11, 3))
        self._pay(invoice, 480000, date(2025, 11, 20))
        self._pay(invoice, 600000, date(2025, 12, 5))
        self._credit_note(invoice, date(2025, 12, 10), amount=100000)
        november = self._calculate(date(2025, 11, 1))
        self.assertEqual(november.state, "calculated", november.exception)
        self.assertEqual(november.bonus_amount, 20000.00)
        december = self._calculate(date(2025, 12, 1))
        self.assertEqual(december.bonus_amount, 25000.00)

    def test_example_7_no_drift_within_a_half_year(self):
        for month in (7, 8, 9):
            invoice = self._invoice(
                33333.33, date(2025, month, 3), taxes=self.tax.browse()
            )
            self._pay(invoice, 33333.33, date(2025, month, 20))
        found = [
            self._calculate(date(2025, month, 1)).bonus_amount for month in (7, 8, 9)
        ]
        self.assertEqual(found, [1666.67, 1666.66, 1666.67])


class TestExamplesInvoiced(StatementCase):
    BASIS = "invoiced"

    def test_example_1_a_plain_month(self):
        self._cover(date(2025, 11, 1), date(2025, 11, 30))
        self._invoice(2000000, date(2025, 11, 12))
        statement = self._calculate(date(2025, 11, 1))
        self.assertFalse(statement.exception)
        amounts = [
            statement[name] for name in ("fixed_amount", "soft_amount", "bonus_amount")
        ]
        self.assertEqual(amounts, [80000.0, 0.0, 100000.0])
        self.assertEqual(statement.total_amount, 180000.0)
        self.assertEqual(statement.covered_days, statement.employed_days)
