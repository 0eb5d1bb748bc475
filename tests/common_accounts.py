"""Ground of the tests about accounts and their handovers."""

from contextlib import contextmanager

from odoo import Command, fields
from odoo.exceptions import UserError

from .common import NkaCase


class AccountsCase(NkaCase):
    """A manager with two accounts and work on them, and a colleague to take over."""

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
        """A refusal with its message, after which everything is as it was.

        Unlike ``assertRaisesRegex`` it goes back to a savepoint, as a request does.
        """
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    @classmethod
    def _propose(cls, accounts, proposer=None, **vals):
        """A draft handover from the manager to the colleague."""
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
        """A handover approved by a supervisor; done when its date is today."""
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
