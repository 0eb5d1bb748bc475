"""Administrators who are paid under a plan can't change settings that affect their own
pay.
"""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PayCase


@tagged("nka_pay")
class TestOwnPay(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.costs = cls.env["account.account"].create(
            {"name": "Costs", "code": "T1000", "account_type": "expense"}
        )
        cls.manager.group_ids |= cls.env.ref(
            "nka_key_accounts.group_key_account_admin"
        ) | cls.env.ref("base.group_system")

    def _settings(self, user, **vals):
        return self.env["nka.settings"].with_user(user).create(vals)

    def _try_all(self, refused):
        named = {"nka_money_account_ids": [Command.link(self.costs.id)]}
        company = self.env.company.with_user(self.manager)
        for vals in (named, {"nka_year_month": "4"}):
            for step in (
                lambda vals=vals: self._settings(self.manager, **vals),
                lambda vals=vals: company.write(vals),
                lambda vals=vals: company.with_context(uid=1).sudo().write(vals),
            ):
                if not refused:
                    step()
                    continue
                with self.refused(AccessError, "nother administrator"):
                    step()

    def test_paid_administrator_cannot_list_payment_accounts(self):
        self._accepted()
        self._try_all(refused=True)
        self.assertFalse(self.env.company.nka_money_account_ids)
        self.assertEqual(self.env.company.nka_year_month, "1")

    def test_refusal_rolls_back_even_if_the_caller_continues(self):
        self._accepted()
        try:
            self.env.company.with_user(self.manager).nka_year_month = "4"
        except AccessError:
            self.env.invalidate_all()
        self.assertEqual(self.env.company.nka_year_month, "1")

    def test_other_settings_and_unchanged_values_are_allowed(self):
        self._accepted()
        self.env.company.with_user(self.manager).write({"nka_year_month": "1"})
        self._settings(self.manager, nka_season_months=6)
        self.assertEqual(self.env.company.nka_season_months, 6)

    def test_unpaid_administrator_can_change_them(self):
        self._agreement()
        self._try_all(refused=False)
        self.assertEqual(self.env.company.nka_money_account_ids, self.costs)
        self.assertEqual(self.env.company.nka_year_month, "4")

    def test_paid_administrator_cannot_approve_a_version_of_their_plan(self):
        self._accepted()
        version = self._new_version(date(2036, 1, 1))
        version.action_submit()
        with self.refused(AccessError, "paid under this plan"):
            version.with_user(self.manager).action_approve()
        version.with_user(self.kam_admin).action_approve()
        self.assertEqual(version.state, "approved")
