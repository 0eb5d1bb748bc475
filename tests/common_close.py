"""Ground of the close's tests: two officers and a month to close."""

from datetime import date

from .test_statement_examples import StatementCase

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)


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
