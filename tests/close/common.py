"""Fixtures for month-end close tests: two officers and a month to close, in one or more
companies.
"""

import re
from contextlib import contextmanager
from datetime import date

from odoo import Command

from ..statements.common import StatementCase

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)
NOVEMBER_END = date(2025, 11, 30)


class CloseCase(StatementCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._new_user("officer_2", "group_key_account_payroll_officer")

    @classmethod
    def _new_close(cls, month=NOVEMBER):
        return (
            cls.env["nka.month.close"].with_user(cls.officer).create({"month": month})
        )

    @classmethod
    def _locked_close(cls, month=NOVEMBER):
        close = cls._new_close(month)
        close.action_calculate()
        close.with_user(cls.second).action_approve()
        close.with_user(cls.second).action_lock()
        return close

    @contextmanager
    def tampered(self, change, *params):
        """Change tables as a database administrator would, with all guards off; undone
        afterwards.

        :param str change: one or several SQL queries; every table that they change
            has its guards off meanwhile
        """
        self.env.flush_all()
        tables = dict.fromkeys(re.findall(r"(?:UPDATE|INTO|FROM) (\w+)", change))
        off = "".join(f"ALTER TABLE {name} DISABLE TRIGGER ALL;" for name in tables)
        on = "".join(f"ALTER TABLE {name} ENABLE TRIGGER ALL;" for name in tables)
        with self.cr.savepoint(flush=False) as savepoint:
            self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.cr.execute(off)
            self.cr.execute(change, params or None)
            self.assertTrue(self.cr.rowcount, change)
            self.cr.execute(on)
            self.env.invalidate_all(flush=False)
            yield
            savepoint.rollback()
        self.env.invalidate_all(flush=False)

    def _said(self):
        """Return the findings of a verification as text, without those about disabled
        guards and about records that tests created in a state.
        """
        self.env.flush_all()
        checks = self.env["nka.audit.verification"].sudo()._checks(self.company)
        return "\n".join(
            found
            for check in checks
            for found in check.findings
            if check.title.split(" ")[0] not in ("Guards", "Functions", "Status")
        )


class CompaniesCase(CloseCase):
    """The main company has dollars and sales, the foreign one euros and a manager of
    its own.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.euro.id, "name": date(2025, 1, 1), "rate": 0.5}
        )
        cls.abroad = cls.env["res.company"].create(
            {"name": "Abroad", "currency_id": cls.euro.id}
        )
        both = [Command.link(cls.abroad.id)]
        (cls.officer | cls.second | cls.kam_admin).write({"company_ids": both})
        cls._hire_abroad()
        cls._invoice(1000, date(2025, 11, 12), currency_id=cls.euro.id)

    @classmethod
    def _hire_abroad(cls):
        cls.foreigner = cls._new_user("nka_abroad", "group_key_account_manager")
        cls.foreigner.write(
            {"company_ids": [Command.set(cls.abroad.ids)], "company_id": cls.abroad.id}
        )
        employee = cls._new_employee(cls.foreigner, company_id=cls.abroad.id)
        plans = cls.env["nka.pay.plan"].with_company(cls.abroad)
        plan = plans.create({"name": "Plan abroad", "company_id": cls.abroad.id})
        version = cls._in(cls.officer, plan.version_ids).create(
            {
                "plan_id": plan.id,
                "date_start": date(2025, 1, 1),
                "line_ids": cls._goal_list(),
                "tier_ids": [Command.create({"from_percent": 0})],
            }
        )
        version.action_submit()
        cls._in(cls.kam_admin, version).action_approve()
        agreement = cls._in(cls.officer, cls.env["nka.pay.agreement"]).create(
            {
                "employee_id": employee.id,
                "company_id": cls.abroad.id,
                "plan_id": plan.id,
                "target_earnings": 5000.05,
                "monthly_quota": 100000,
                "date_from": date(2025, 1, 1),
            }
        )
        agreement.action_propose()
        agreement.with_user(cls.foreigner).with_company(cls.abroad).action_accept()

    @classmethod
    def _in(cls, user, records, company=None):
        """Return records as seen by a user who has switched to one company."""
        company = company or cls.abroad
        return records.with_user(user).with_context(allowed_company_ids=company.ids)

    def _lock(self, close, company):
        self._in(self.officer, close, company).action_calculate()
        for step in ("action_approve", "action_lock"):
            getattr(self._in(self.second, close, company), step)()


class LockedCase(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER_END)
        cls._invoice(2000000, date(2025, 11, 12))
        cls.close = cls._locked_close().sudo()
        cls.statement = cls.close.statement_ids
        cls.slip = cls.statement.payslip_id
