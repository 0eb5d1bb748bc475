"""Base classes of the tests of accounts and handovers."""

from contextlib import contextmanager

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw

from ..common import NkaCase

ACCOUNT = "nka.key.account"
HANDOVER = "nka.handover"


class AccountsCase(NkaCase):
    """A manager with two accounts and open work, and a colleague to take them over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client)
        cls.other_account = cls._key_account(cls.other_client)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id}
        )

    @contextmanager
    def assertRefused(self, pattern, error=UserError):
        """Assert that the block raises an error whose message matches the pattern.

        Unlike ``assertRaisesRegex`` it rolls back to a savepoint, as a request does.
        """
        with self.assertRaises(error) as caught:
            yield caught
        self.assertRegex(str(caught.exception), pattern)

    @classmethod
    def _propose(cls, accounts, proposer=None, **vals):
        """Return a draft handover from the manager to the colleague."""
        return (
            cls.env["nka.handover"]
            .with_user(proposer or cls.manager)
            .create(
                {
                    "key_account_ids": [Command.set(accounts.ids)],
                    "from_user_id": cls.manager.id,
                    "to_user_id": cls.colleague.id,
                    "date": cls.today,
                    "reason": "Territories were redrawn",
                    **vals,
                }
            )
            .with_user(cls.env.user)
        )

    @classmethod
    def _submit(cls, accounts, proposer=None, **vals):
        handover = cls._propose(accounts, proposer, **vals)
        handover.with_user(proposer or cls.manager).action_submit()
        return handover

    @classmethod
    def _hand_over(cls, accounts, **vals):
        """Return a handover approved by a supervisor, done if its date is today."""
        handover = cls._submit(accounts, **vals)
        handover.with_user(cls.supervisor).action_approve()
        return handover

    @classmethod
    def _new_lead(cls, client, user=None, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": "Frame contract",
                "type": "opportunity",
                "partner_id": client.id,
                "user_id": (user or cls.manager).id,
                "expected_revenue": 1000,
                **vals,
            }
        )

    @classmethod
    def _new_meeting(cls, partners, days, user=None, **vals):
        user = user or cls.manager
        start = fields.Datetime.now() + cls._days(days)
        return cls.env["calendar.event"].create(
            {
                "name": "Terms",
                "start": start,
                "stop": start,
                "user_id": user.id,
                "partner_ids": [Command.set((partners | user.partner_id).ids)],
                **vals,
            }
        )


class PartnersCase(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner_manager = cls.env.ref("base.group_partner_manager")
        for user in (cls.manager, cls.supervisor):
            user.group_ids += partner_manager
        cls.twin = cls._new_client("Northwind Steel Ltd")

    def _merge(self, partners, into, user):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard._merge(partners.ids, into.with_user(user), extra_checks=False)
        self.env.invalidate_all()


class RoleCase(AccountsCase):
    """Each class tests one user; ``self.call`` is what this user's RPC client sends.

    Calls run as through RPC: by name, public methods only, with the rights of the user
    alone.
    """

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
