"""Base class of the tests of stakeholders and account notes."""

from odoo import Command, fields

from ..common import NkaCase


class PeopleCase(NkaCase):
    """A key account of ``manager`` and ``deputy``, three contacts and a deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("nka_deputy", "group_key_account_manager")
        cls.account = cls._key_account(cls.client)
        cls.account.with_user(cls.supervisor).deputy_id = cls.deputy
        cls.director, cls.engineer, cls.buyer = (
            cls._new_contact(name) for name in ("Anna Berg", "Carl Dahl", "Eva Fors")
        )
        cls.lead = cls._new_lead(cls.client)
        cls.env.flush_all()

    @classmethod
    def _new_contact(cls, name, client=None):
        client = client or cls.client
        return cls.env["res.partner"].create({"name": name, "parent_id": client.id})

    @classmethod
    def _new_lead(cls, client, user=None, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": f"Deal with {client.name}",
                "type": "opportunity",
                "partner_id": client.id,
                "user_id": (user or cls.manager).id,
                "expected_revenue": 1000,
                **vals,
            }
        )

    @classmethod
    def _map(cls, person, user=None, **vals):
        """Create a stakeholder, as the manager unless another user is given."""
        model = cls.env["nka.stakeholder"].with_user(user or cls.manager)
        return model.create(
            {"key_account_id": cls.account.id, "partner_id": person.id, **vals}
        )

    @classmethod
    def _new_meeting(cls, partners, days, user=None, **vals):
        """Create a meeting ``days`` days from now, in the past if negative."""
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

    def _known_by_two(self):
        """Create meetings in which the manager and the deputy met the client."""
        self._new_meeting(self.director, -1)
        self._new_meeting(self.director, -1, self.deputy)
        self.env.flush_all()
        self.env.invalidate_all()

    def _queries(self, work):
        """Return the queries of one call on an empty cache, including the flush."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _more_accounts(self, count):
        """Return further key accounts, created as superuser in one call."""
        clients = self.env["res.partner"].create(
            [
                {"name": f"Client {number}", "is_company": True}
                for number in range(count)
            ]
        )
        accounts = self.env["nka.key.account"].create(
            [
                {"partner_id": client.id, "manager_id": self.manager.id}
                for client in clients
            ]
        )
        self.env.flush_all()
        return accounts
