from itertools import product

from odoo.addons.nka_key_accounts.models.trail.base import is_ours
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import new_user
from .common import AccountsCase

#: Standard models that a portal user may be able to read, in Odoo or with another
#: addon.
MODELS = (
    "res.partner",
    "sale.order",
    "sale.order.line",
    "account.move",
    "account.move.line",
    "account.payment",
    "crm.lead",
    "crm.stage",
    "calendar.event",
    "res.company",
    "res.users",
    "mail.message",
    "ir.attachment",
)


class PortalCase(AccountsCase):
    """A portal user, a public user, and an order, invoice, lead and meeting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_user(
            cls.env, "nka_portal", "base.group_portal", name="Anna Berg"
        )
        cls.portal.partner_id.write({"parent_id": cls.client.id})
        cls.public = cls.env.ref("base.public_user")
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.portal.partner_id.id, "user_id": cls.manager.id}
        )
        cls.invoice = cls._new_invoice(cls.portal.partner_id, 100)
        cls.lead = cls._new_lead(cls.portal.partner_id)
        cls.meeting = cls._new_meeting(cls.portal.partner_id, -1)
        cls.order.message_subscribe(cls.portal.partner_id.ids)
        cls.invoice.message_subscribe(cls.portal.partner_id.ids)
        # Access rights that another addon could grant.
        for model, group in product(MODELS, ("base.group_portal", "base.group_public")):
            cls.env["ir.model.access"].create(
                {
                    "name": f"{model} {group}",
                    "model_id": cls.env["ir.model"]._get_id(model),
                    "group_id": cls.env.ref(group).id,
                    "perm_read": True,
                }
            )
        cls.env.flush_all()

    def call(self, user, model, method, *args, **kwargs):
        env = self.env(user=user.id, su=False)
        return call_kw(env[model], method, list(args), kwargs)

    def _assert_hidden(self, user, model, method, *args, **kwargs):
        """Assert that a call is refused or fails because of an unknown field."""
        with self.subTest(f"{user.login}: {model}.{method}{args}{kwargs}"):
            try:
                with self.cr.savepoint():
                    found = self.call(user, model, method, *args, **kwargs)
            except (AccessError, ValueError):
                return
            self.fail(f"answered {found}")

    def _ours(self, model):
        """Return the names of the fields that the addon adds to a standard model."""
        fields = self.env[model]._fields.items()
        return [name for name, field in fields if is_ours(field)]

    def _every(self):
        for model in self.env.registry:
            if model.startswith("nka.") or self.env[model]._abstract:
                continue
            for name in self._ours(model):
                yield model, name


@tagged("nka_accounts")
class TestOutsidersReadNothing(PortalCase):
    """Clients can't read that they are key accounts, nor who manages them."""

    def test_there_are_fields_to_hide(self):
        found = dict(self._every())
        for model in ("res.partner", "crm.lead", "account.move", "calendar.event"):
            self.assertIn(model, found)
        self.assertIn("key_account_state", self._ours("res.partner"))
        self.assertNotIn("partner_id", self._ours("crm.lead"))

    def test_field_names_are_hidden(self):
        for user in (self.portal, self.public):
            for model in MODELS:
                shown = self.call(user, model, "fields_get")
                self.assertFalse(set(self._ours(model)) & shown.keys(), model)

    def test_read(self):
        records = (
            self.portal.partner_id,
            self.client,
            self.order,
            self.invoice,
            self.lead,
            self.meeting,
        )
        for user, record in product((self.portal, self.public), records):
            for name in self._ours(record._name):
                with self.subTest(name), self.assertRaises(AccessError):
                    self.call(user, record._name, "read", record.ids, [name])

    def test_search(self):
        for user, (model, name) in product((self.portal, self.public), self._every()):
            if model not in MODELS:
                continue
            for operator in ("!=", "="):
                self._assert_hidden(user, model, "search", [(name, operator, False)])

    def test_search_through_other_records(self):
        paths = {
            "sale.order": "partner_id.key_account_state",
            "account.move": "commercial_partner_id.key_account_manager_id",
            "crm.lead": "partner_id.key_account_tier_id",
            "calendar.event": "partner_ids.key_account_id",
            "res.partner": "parent_id.key_account_ids",
        }
        for user, (model, path) in product((self.portal, self.public), paths.items()):
            for method in ("search", "search_count", "search_read", "name_search"):
                self._assert_hidden(user, model, method, domain=[(path, "!=", False)])

    def test_group_and_sort(self):
        for user, model in product((self.portal, self.public), MODELS):
            for name in self._ours(model):
                field = self.env[model]._fields[name]
                if field.type in ("one2many", "html", "binary", "text"):
                    continue
                grouped = "formatted_read_group"
                self._assert_hidden(user, model, grouped, [], [name], ["__count"])
                self._assert_hidden(user, model, grouped, [], [], [f"{name}:array_agg"])
                # Attachments are sorted as superuser; sorting by the hash of their own
                # reveals nothing.
                if model != "ir.attachment":
                    self._assert_hidden(user, model, "search", [], order=name)

    def test_web_search_read(self):
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.call(
                    user,
                    "res.partner",
                    "web_search_read",
                    [],
                    {"key_account_manager_id": {"fields": {"display_name": {}}}},
                )
            with self.assertRaises(AccessError):
                self.call(
                    user,
                    "sale.order",
                    "web_search_read",
                    [],
                    {"partner_id": {"fields": {"key_account_state": {}}}},
                )

    def test_write(self):
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.call(user, "crm.lead", "write", self.lead.ids, {"is_vip": True})

    def test_no_records_of_the_addon(self):
        for user, model in product((self.portal, self.public), self.env.registry):
            if model.startswith("nka.") and not self.env[model]._abstract:
                self.assertFalse(self.env[model].with_user(user).has_access("read"))

    def test_employees_read_what_they_need(self):
        [row] = self.call(
            self.employee_user,
            "res.partner",
            "read",
            self.client.ids,
            ["key_account_state", "key_account_manager_id"],
        )
        self.assertEqual(row["key_account_state"], "key")


@tagged("nka_accounts")
class TestOutsidersWork(PortalCase):
    """Clients can use the portal as before."""

    def test_post_messages_and_confirm_orders(self):
        self.order.with_user(self.portal).sudo().message_post(body="When?")
        self.order.sudo().with_user(self.portal).sudo().action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_submit_a_lead(self):
        access = self.env["ir.model.access"].search(
            [("name", "=", "crm.lead base.group_public")]
        )
        access.perm_create = True
        leads = self.env["crm.lead"].with_user(self.public)
        lead = leads.create({"name": "Asked by the form"}).sudo()
        self.assertFalse(lead.origin)

    def test_add_their_own_address(self):
        partners = self.env["res.partner"].with_user(self.portal).sudo()
        address = partners.create(
            {"name": "Yard", "type": "delivery", "parent_id": self.client.id}
        )
        self.assertEqual(address.commercial_partner_id, self.client)
