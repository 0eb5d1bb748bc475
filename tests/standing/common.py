"""Base class of the tests of an account's figures and health score."""

from ..accounts.common import AccountsCase


class FiguresCase(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cash = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1
        )

    @classmethod
    def _pay(cls, invoice, amount):
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        return wizard.create({"amount": amount}).action_create_payments()

    @classmethod
    def _family(cls):
        return cls.env["res.partner"].search(
            [("commercial_partner_id", "=", cls.client.id)]
        )
