"""Base classes of the tests of counted reads and exports."""

from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import NkaCase


class ReadingMixin:
    """Mixin to call methods as an RPC client does and to sum up the counted reads."""

    def _call(self, user, model, method, *args, **kwargs):
        return call_kw(self.env(user=user.id, su=False)[model], method, args, kwargs)

    def _read_by(self, user):
        readings = self.env["nka.reading"].search([("user_id", "=", user.id)])
        return sum(readings.mapped("count"))


class ExportMixin(ReadingMixin):
    """Give the test users Odoo's own right to export."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        exporters = cls.env.ref("base.group_allow_export")
        for user in (cls.manager, cls.supervisor, cls.salesman):
            user.group_ids += exporters


@tagged("nka_control")
class ReadingCase(ReadingMixin, NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client)
        cls.lead = cls._new_deal(cls.client, cls.manager)

    @classmethod
    def _new_deal(cls, client, user, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": client.id,
                "user_id": user.id,
                **vals,
            }
        )
