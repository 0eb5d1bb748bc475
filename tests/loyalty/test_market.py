"""Market pay: an officer enters it, an administrator who didn't enter it confirms it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LoyaltyCase

ADMIN = "nka_key_accounts.group_key_account_admin"
OFFICER = "nka_key_accounts.group_key_account_payroll_officer"


@tagged("nka_loyalty")
class TestMarket(LoyaltyCase):
    def _figure(self, user=None, **vals):
        return (
            self.env["nka.pay.market"]
            .with_user(user or self.officer)
            .create(
                {
                    "name": "Key account manager",
                    "amount": 250000,
                    "source": "Pay survey 2026, p. 12",
                    **vals,
                }
            )
        )

    def test_entered_and_confirmed(self):
        figure = self._figure()
        figure.action_submit()
        self.assertEqual(figure.activity_ids.user_id, self.kam_admin)
        figure.with_user(self.kam_admin).action_approve()
        self.assertEqual(figure.state, "approved")
        self.assertEqual(figure.reviewer_id, self.kam_admin)
        with self.refused(UserError):
            figure.amount = 1
        with self.refused(UserError, "stay on record"):
            figure.unlink()

    def test_returned(self):
        figure = self._figure()
        figure.action_submit()
        figure.with_user(self.kam_admin).action_return("Which edition?")
        self.assertEqual(figure.state, "draft")
        figure.source = "Pay survey 2026, spring, p. 12"
        [event] = self._events(figure, "pay_market")
        self.assertIn("spring", event.new)
        figure.unlink()

    def test_nobody_confirms_their_own(self):
        """An administrator who is an officer, too, edits a colleague's figure."""
        figure = self._figure()
        self.kam_admin.group_ids += self.env.ref(OFFICER)
        figure.with_user(self.kam_admin).amount = 100
        figure.action_submit()
        with self.refused(AccessError, "entered it"):
            figure.with_user(self.kam_admin).action_approve()
        self.officer.group_ids += self.env.ref(ADMIN)
        with self.refused(AccessError, "entered it"):
            figure.action_approve()

    def test_others_are_refused(self):
        figure = self._figure()
        figure.action_submit()
        for user in (
            self.manager,
            self.supervisor,
            self.director,
            self.employee_user,
        ):
            with self.refused(AccessError):
                figure.with_user(user).read(["amount"])
            with self.refused(AccessError):
                self._figure(user)
            with self.refused(AccessError):
                figure.with_user(user).action_approve()
        with self.refused(AccessError):
            self._figure(self.kam_admin)
        with self.refused(AccessError):
            figure.with_user(self.kam_admin).write({"amount": 1})
        with self.refused(AccessError):
            figure.action_approve()
        with self.refused(AccessError):
            figure.write({"maker_ids": [(5, 0, 0)]})
        with self.refused(UserError):
            figure.write({"amount": 1})
