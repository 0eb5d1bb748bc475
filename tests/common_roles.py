"""Ground of the tests about what each role may do with accounts and handovers.

Calls go the way a client's calls go: by name, public methods only, with the rights of
the user alone.
"""

from odoo.exceptions import AccessError
from odoo.service.model import call_kw

from .common_accounts import AccountsCase

ACCOUNT = "nka.key.account"
HANDOVER = "nka.handover"


class RoleCase(AccountsCase):
    """One person per class; ``self.call`` is what this person's client sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._key_account(cls._new_client("Rhine Glass"), cls.colleague)
        cls.person = cls._person()

    @classmethod
    def _person(cls):
        raise NotImplementedError

    def call(self, model, method, *args, **kwargs):
        self.env.flush_all()
        env = self.env(user=self.person.id, su=False)
        return call_kw(env[model], method, list(args), kwargs)

    def seen(self, model=ACCOUNT, domain=()):
        return set(self.call(model, "search", list(domain)))

    def assertMayNot(self, model, method, *args, error=AccessError, **kwargs):
        with self.assertRaises(error):
            self.call(model, method, *args, **kwargs)

    def _prepare_handover(self, account, giver, receiver):
        return {
            "key_account_ids": [(6, 0, account.ids)],
            "from_user_id": giver.id,
            "to_user_id": receiver.id,
            "date": str(self.today),
            "reason": "Territories were redrawn",
        }
