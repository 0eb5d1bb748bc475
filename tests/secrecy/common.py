"""Base class of the tests of the secrecy regime."""

from odoo import Command
from odoo.tests import tagged

from ..control.common import ReadingCase


@tagged("nka_secrecy")
class SecrecyCase(ReadingCase):
    """A company whose administrator wrote a regime; a second one approves it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kam_admin_2 = cls._new_user("nka_admin2", "group_key_account_admin")
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        cls.company = cls.env.company
        cls.regime = cls._new_regime()

    @classmethod
    def _new_regime(cls, user=None, **vals):
        regimes = cls.env["nka.secrecy.regime"].with_user(user or cls.kam_admin)
        return regimes.create(
            {
                "name": "Trade secret regime",
                "order_number": "12-K",
                "date": "2026-11-02",
                "text": "Use it for your work only. Pass it on to nobody.",
                "item_ids": [
                    Command.create({"name": "Prices", "detail": "Discounts, costs"}),
                    Command.create({"name": "Decision makers"}),
                ],
                **vals,
            }
        ).with_env(cls.env)

    @classmethod
    def _put_in_force(cls, regime=None, required=True):
        regime = regime or cls.regime
        regime.with_user(regime.create_uid).action_submit()
        regime.with_user(cls.kam_admin_2).action_approve()
        cls.company.nka_secrecy_required = required
        return regime

    def _acknowledge(self, *users, regime=None):
        for user in users:
            self._call(
                user,
                "nka.secrecy.regime",
                "action_acknowledge",
                (regime or self.regime).ids,
            )
