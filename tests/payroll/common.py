"""Fixtures for payroll tests: locked statements, payslips, batches."""

from datetime import date

from ..statements.common import StatementCase

NOVEMBER = date(2025, 11, 1)
NOVEMBER_END = date(2025, 11, 30)


class PayrollCase(StatementCase):
    """The manager sold for 2,000,000 in November 2025: 80,000 + 100,000 (example 1)."""

    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._new_user("officer_2", "group_key_account_payroll_officer")
        cls.structure = cls.env.ref("nka_key_accounts.structure_40_10_50")
        cls.batch = cls.env["hr.payslip.run"]._nka_run(cls.company, NOVEMBER)

    @classmethod
    def _locked(cls, month=NOVEMBER, employee=None):
        """Lock the statement of a month, with sales of 2,000,000 in November."""
        if month == NOVEMBER and not employee:
            cls._invoice(2000000, date(2025, 11, 12))
        statement = cls._calculate(month, employee)
        cls._lock(statement)
        return statement

    @classmethod
    def _lock(cls, statements):
        statements.with_user(cls.second).action_approve()
        statements.with_user(cls.second).action_lock()

    @classmethod
    def _people(cls, count):
        """Create employees with an accepted agreement; their statements are locked by
        SQL.
        """
        users = cls.env["res.users"].create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"seller_{number}",
                    "group_ids": [
                        (
                            4,
                            cls.env.ref(
                                "nka_key_accounts.group_key_account_manager"
                            ).id,
                        )
                    ],
                }
                for number in range(count)
            ]
        )
        employees = cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "date_version": date(2023, 1, 1),
                    "contract_date_start": date(2023, 1, 1),
                }
                for user in users
            ]
        )
        return cls._locked_for(employees)

    @classmethod
    def _locked_for(cls, employees, month=NOVEMBER, **vals):
        """Create locked statements of 1,000 fixed pay and 500.50 bonus, without
        calculating.
        """
        statements = (
            cls.env["nka.pay.statement"]
            ._unlocked()
            .create(
                [
                    {
                        "employee_id": employee.id,
                        "user_id": employee.user_id.id,
                        "company_id": employee.company_id.id,
                        "month": month,
                        "agreement_id": cls.agreement.id,
                        "fixed_amount": 1000,
                        "bonus_amount": 500.5,
                        "total_amount": 1500.5,
                        **vals,
                    }
                    for employee in employees
                ]
            )
        )
        cls.env.flush_all()
        statements._unlocked().write({"state": "locked"})
        cls.env.flush_all()
        return statements

    @classmethod
    def _open_page(cls):
        """Open the month-end close of November, so that its statements can be reopened."""
        pages = cls.env["nka.month.close"].sudo()
        return pages._unlocked().create(
            {"company_id": cls.company.id, "month": NOVEMBER}
        )

    @classmethod
    def _slip(cls, employee=None, **vals):
        """Create a draft payslip as an API client does: only employee, month and
        structure.
        """
        return cls.env["hr.payslip"].create(
            {
                "employee_id": (employee or cls.employee).id,
                "company_id": cls.company.id,
                "date_from": NOVEMBER,
                "date_to": NOVEMBER_END,
                "struct_id": cls.structure.id,
                **vals,
            }
        )

    @classmethod
    def _make(cls, statements, run=None):
        run = (run or cls.batch).with_user(cls.officer)
        return run._nka_make(statements).sudo()

    @classmethod
    def _paid(cls, slip):
        """Return the totals of a payslip by code."""
        return {line.code: line.total for line in slip.line_ids}
