"""Base class of the tests of leads."""

from odoo.service.model import call_kw

from ..common import NkaCase


class LeadCase(NkaCase):
    """A key account of ``manager`` and ``deputy``, its deal, and another lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("nka_deputy", "group_key_account_manager")
        cls.account = cls._key_account(cls.client)
        cls.account.with_user(cls.supervisor).deputy_id = cls.deputy
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id, "email": "anna@nw.test"}
        )
        cls.lead = cls._new_lead(cls.client, cls.manager)
        cls.free_lead = cls._new_lead(cls.other_client, cls.manager)
        cls.env.flush_all()

    @classmethod
    def _new_lead(cls, client, user=None, **vals):
        """Create a deal as superuser, owned by ``user``."""
        return cls.env["crm.lead"].create(
            {
                "name": f"Deal with {client.name}",
                "type": "opportunity",
                "partner_id": client.id,
                "user_id": user.id if user else False,
                **vals,
            }
        )

    def _rpc(self, user, records, method, *args, context=None, **kwargs):
        """Call a public method as an RPC client does, with ids and plain values."""
        model = self.env(user=user.id)[records._name]
        if context:
            kwargs["context"] = context
        ids = [records.ids] if records.ids else []
        return call_kw(model, method, [*ids, *args], kwargs)

    def _sees(self, user, lead):
        found = self._rpc(
            user,
            lead.browse(),
            "search",
            [("id", "in", lead.ids)],
            context={"active_test": False},
        )
        return found == lead.ids
