"""Reads are counted; exports are limited to supervisors and logged."""

import warnings

from odoo.addons.nka_key_accounts.models.trail.base import is_ours
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from ..common import new_user
from .common import ExportMixin, ReadingCase

COUNTED = (
    "read",
    "web_read",
    "search_read",
    "web_search_read",
    "name_search",
    "web_name_search",
    "web_read_group",
    "formatted_read_group",
    "formatted_read_grouping_sets",
    "read_group",
    "read_progress_bar",
)
DOORS = (
    "crm.lead",
    "ir.attachment",
    "nka.account.note",
    "nka.commitment",
    "nka.document",
    "nka.key.account",
    "nka.stakeholder",
    "res.partner",
)


def is_ours_class(cls):
    """Return whether a class of a model is defined by the addon."""
    return cls.__module__.startswith("odoo.addons.nka_key_accounts")


@tagged("nka_control")
class TestReading(ReadingCase):
    def test_every_read_method_is_counted(self):
        contact = self.client.id
        for number, (model, method, args, kwargs) in enumerate(
            (
                ("nka.key.account", "read", [self.account.ids, ["partner_id"]], {}),
                ("nka.key.account", "web_read", [self.account.ids, {"state": {}}], {}),
                ("nka.key.account", "search_read", [[], ["state"]], {}),
                ("nka.key.account", "web_search_read", [[], {"state": {}}], {}),
                ("nka.key.account", "name_search", ["Northwind"], {}),
                ("crm.lead", "read", [self.lead.ids, ["name"]], {}),
                ("res.partner", "read", [[contact], ["name"]], {}),
                (
                    "nka.key.account",
                    "web_read_group",
                    [[], ["tier_id"]],
                    {"aggregates": ["__count"]},
                ),
                (
                    "nka.key.account",
                    "formatted_read_group",
                    [[], ["tier_id"], ["__count"]],
                    {},
                ),
                (
                    "nka.key.account",
                    "formatted_read_grouping_sets",
                    [[], [[], ["tier_id"]], ["__count"]],
                    {},
                ),
            )
        ):
            with self.subTest(model=model, method=method):
                before = self._read_by(self.manager)
                self._call(self.manager, model, method, *args, **kwargs)
                self.assertGreater(self._read_by(self.manager), before, number)

    def test_lines_read_with_a_record_are_counted(self):
        """Reading a client with a hundred contacts counts a hundred more reads."""
        contacts = [{"name": str(n), "parent_id": self.client.id} for n in range(7)]
        self.env["res.partner"].create(contacts)
        before = self._read_by(self.manager)
        below = {"child_ids": {"fields": {"name": {}, "phone": {}}}}
        self._call(self.manager, "res.partner", "web_read", self.client.ids, below)
        self.assertEqual(self._read_by(self.manager), before + 8)
        domain = [("id", "=", self.client.id)]
        self._call(
            self.manager, "res.partner", "web_search_read", domain, below, limit=1
        )
        self.assertEqual(self._read_by(self.manager), before + 16)

    def test_one_request_counts_once(self):
        self._call(
            self.manager, "nka.key.account", "web_search_read", [], {"state": {}}
        )
        self.assertEqual(self._read_by(self.manager), 1)

    def test_counted_methods_run_on_a_replica_as_before(self):
        """The dispatcher finds Odoo's own flag, as without the addon."""
        for model in DOORS:
            for method in COUNTED:
                function = get_public_method(self.env[model], method)
                flags = [
                    getattr(cls.__dict__.get(method), "_readonly", None)
                    for cls in type(self.env[model]).mro()
                    if not is_ours_class(cls)
                ]
                own = next((flag for flag in flags if flag is not None), None)
                found = next(
                    (
                        flag
                        for cls in type(self.env[model]).mro()
                        if (
                            flag := getattr(cls.__dict__.get(method), "_readonly", None)
                        )
                        is not None
                    ),
                    None,
                )
                self.assertIs(found, own, (model, method, function))
                self.assertIsNot(found, False, (model, method))

    def test_what_decides_about_money_is_read_from_the_primary(self):
        """The method of a model decides: the dispatcher asks for its flag."""
        for model in ("nka.month.close", "nka.pay.statement"):
            for method in ("read", "search_read", "web_read", "web_search_read"):
                function = getattr(self.env.registry[model], method)
                self.assertIs(function._readonly, False, (model, method))

    def test_limit_stops_with_an_explanation(self):
        self.env.company.nka_read_limit = 3
        read = ("nka.key.account", "read", self.account.ids, ["state"])
        for _ in range(3):
            self._call(self.manager, *read)
        with self.assertRaisesRegex(UserError, "for the rest of the hour"):
            self._call(self.manager, *read)
        with self.assertRaises(UserError):
            self._call(self.manager, *read, context={"nka_counted": True})
        self.assertEqual(self._read_by(self.supervisor), 0)
        self._call(self.supervisor, *read)

    def test_limit_covers_one_hour_only(self):
        self.env.company.nka_read_limit = 3
        self.env.cr.execute(
            "INSERT INTO nka_reading (user_id, date, count) "
            "VALUES (%s, NOW() AT TIME ZONE 'UTC' - INTERVAL '61 minutes', 99)",
            [self.manager.id],
        )
        read = "nka.key.account", "read", self.account.ids, ["state"]
        told = self._call(self.manager, *read)
        self.assertEqual([row["id"] for row in told], self.account.ids)

    def test_only_users_with_a_role_are_counted(self):
        """Colleagues read the contacts of key accounts for their work."""
        contact = self.client.id
        for model, method, args in (
            ("res.partner", "read", [[contact], ["name"]]),
            ("res.partner", "web_read", [[contact], {"name": {}}]),
            ("res.partner", "search_read", [[("id", "=", contact)], ["name"]]),
            ("res.partner", "web_search_read", [[("id", "=", contact)], {"name": {}}]),
            ("res.partner", "name_search", ["Northwind"]),
            ("res.partner", "web_name_search", ["Northwind", {"email": {}}]),
            ("res.partner", "formatted_read_group", [[("id", "=", contact)], ["name"]]),
        ):
            for user, number in (
                (self.salesman, 0),
                (self.employee_user, 0),
                (self.officer, 1),
                (self.kam_admin, 1),
            ):
                with self.subTest(method=method, user=user.login):
                    before = self._read_by(user)
                    self._call(user, model, method, *args)
                    self.assertEqual(self._read_by(user), before + number)

    def test_many_name_searches_are_stopped(self):
        self.env.company.nka_read_limit = 3
        for user in (self.manager, self.colleague, self.supervisor, self.kam_admin):
            for _ in range(3):
                self._call(user, "res.partner", "name_search", "Northwind")
            with self.assertRaisesRegex(UserError, "for the rest of the hour"):
                self._call(user, "res.partner", "name_search", "Northwind")

    def test_payroll_officers_arent_stopped(self):
        """Their excess is logged daily, but not refused; others' isn't counted."""
        self.env.company.nka_read_limit = 3
        system = new_user(self.env, "nka_sync", "base.group_system")
        read = ("res.partner", "search_read", [("id", "=", self.client.id)], ["email"])
        for user in (self.salesman, self.employee_user, self.officer, system):
            with self.subTest(user.login):
                for _ in range(6):
                    self.assertTrue(self._call(user, *read))
                event = self._events(user, "reading")
                if user != self.officer:
                    self.assertFalse(self._read_by(user))
                    self.assertFalse(event)
                    continue
                self.assertEqual(self._read_by(user), 6)
                self.assertEqual((event.old, event.new), ("3", "4"))
                self.assertIn("Not blocked", event.note)

    def test_every_path_to_contacts_is_counted(self):
        """Related records, suggestions, copies and groups show contacts as well."""
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": f"Ct {n}",
                    "parent_id": self.client.id,
                    "email": f"{n}@nw.test",
                }
                for n in range(6)
            ]
        )
        tag = self.env["res.partner.category"].create(
            {"name": "Tag", "partner_ids": contacts.ids}
        )
        self.other_client.category_id = tag
        orders = self.env["sale.order"].create(
            [{"partner_id": each.id, "user_id": self.manager.id} for each in contacts]
        )
        theirs, email = [("id", "in", orders.ids)], {"fields": {"email": {}}}
        by_client = {"partner_id": {"fields": {"child_ids": email}}}
        by_tag = {"category_id": {"fields": {"partner_ids": email}}}
        for told, model, method, args in (
            (7, "crm.lead", "web_read", [self.lead.ids, by_client]),
            (6, "res.partner", "web_read", [self.other_client.ids, by_tag]),
            (6, "res.partner", "copy_data", [contacts.ids]),
            (6, "res.partner", "get_mention_suggestions", ["Ct ", 100]),
            (6, "sale.order", "formatted_read_group", [theirs, ["partner_id.email"]]),
            (6, "sale.order", "web_read_group", [theirs, ["partner_id.phone"]]),
            (
                6,
                "sale.order",
                "formatted_read_grouping_sets",
                [theirs, [["partner_id.email"]]],
            ),
        ):
            with self.subTest(model=model, method=method, args=args):
                before = self._read_by(self.manager)
                self._call(self.manager, model, method, *args)
                counted = self._read_by(self.manager) - before
                if args[1:] == [["partner_id.phone"]]:
                    self.assertEqual(counted, 1)  # no phone numbers: a single group
                else:
                    self.assertEqual(counted, told)

    def test_groups_of_other_clients_orders_arent_counted(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.other_client.id, "user_id": self.manager.id}
        )
        domain = [("id", "=", order.id)]
        for path in ("partner_id.email", "partner_id.country_id", "company_id.name"):
            self._call(
                self.manager, "sale.order", "formatted_read_group", domain, [path]
            )
        self.assertFalse(self._read_by(self.manager))

    def test_other_clients_arent_counted(self):
        other = [("id", "=", self.other_client.id)]
        for user in (self.officer, self.manager, self.employee_user):
            self._call(user, "res.partner", "read", self.other_client.ids, ["name"])
            self._call(user, "res.partner", "name_search", "Baltic")
            self._call(user, "res.partner", "formatted_read_group", other, ["name"])
            self.assertFalse(self._read_by(user))

    def test_other_clients_cost_one_query(self):
        """And none at all for users without a role, whosever contacts they read."""
        partner = self.other_client.with_user(self.manager)
        partner.read(["name"])
        with self.assertQueryCount(1):
            partner._count_reading()
        for partners in (self.other_client, self.client):
            for user in (self.salesman, self.employee_user):
                partner = partners.with_user(user)
                partner.read(["name"])
                with self.assertQueryCount(0):
                    partner._count_reading()

    def test_reads_as_superuser_arent_counted(self):
        self.client.with_user(self.manager).sudo().read(["name"])
        self.client.with_user(1).read(["name"])
        self.assertFalse(self._read_by(self.manager))
        self.assertFalse(self._read_by(self.env["res.users"].browse(1)))


@tagged("nka_control")
class TestAllFields(ReadingCase):
    """Integrations and exports read all fields of a record of an Odoo model."""

    def test_fields_of_the_addon_never_block_a_reader(self):
        own = self._new_deal(self.other_client, self.salesman)
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "user_id": self.salesman.id}
        )
        told = self._call(self.salesman, "crm.lead", "read", own.ids)
        self.assertEqual(told[0]["name"], own.name)
        self.assertNotIn("nka_document_ids", told[0])
        self.assertTrue(self._call(self.salesman, "sale.order", "read", order.ids))
        ours = [name for name, field in self.client._fields.items() if is_ours(field)]
        for user in (self.salesman, self.employee_user, self.officer):
            partners = self.client.with_user(user)
            readable = partners.fields_get(attributes=["type"])
            partners.read([name for name in ours if name in readable])

    def test_users_with_access_get_the_list_fields(self):
        told = self._call(self.manager, "crm.lead", "read", self.lead.ids)
        self.assertIn("nka_document_ids", told[0])


@tagged("nka_control")
class TestGroups(ReadingCase):
    """An aggregate that returns a list of values counts one read per value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.env["res.partner"].create(
            [{"name": str(n), "parent_id": cls.client.id} for n in range(6)]
        )

    def _counted(self, user, method, *args, model="res.partner", **kwargs):
        before = self._read_by(user)
        with warnings.catch_warnings():
            # Odoo's ``read_group`` is deprecated but still works.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._call(user, model, method, *args, **kwargs)
        return self._read_by(user) - before

    def test_lists_of_values_count_per_value(self):
        mine = [("parent_id", "=", self.client.id)]
        for user in (self.manager, self.officer):
            for method, args in (
                ("formatted_read_group", [mine, [], ["email:array_agg"]]),
                ("formatted_read_group", [mine, ["parent_id"], ["id:array_agg"]]),
                ("formatted_read_group", [mine, [], ["id:recordset"]]),
                ("formatted_read_group", [mine, [], ["name:array_agg_distinct"]]),
                ("web_read_group", [mine, ["parent_id"], ["phone:array_agg"]]),
                (
                    "formatted_read_grouping_sets",
                    [mine, [[], ["parent_id"]], ["id:array_agg"]],
                ),
                ("read_group", [mine, ["all:array_agg(email)"], ["parent_id"]]),
                ("formatted_read_group", [mine, ["name"], ["__count"]]),
            ):
                with self.subTest(method=method, args=args, user=user.login):
                    self.assertEqual(self._counted(user, method, *args), 6)

    def test_a_sum_counts_as_one(self):
        mine = [("parent_id", "=", self.client.id)]
        for method, args in (
            ("formatted_read_group", [mine, ["parent_id"], ["__count"]]),
            ("read_group", [mine, ["color"], ["parent_id"]]),
        ):
            with self.subTest(method):
                self.assertEqual(self._counted(self.manager, method, *args), 1)

    def test_groups_of_other_clients_arent_counted(self):
        self.env["res.partner"].create(
            [{"name": str(n), "parent_id": self.other_client.id} for n in range(4)]
        )
        others = [("parent_id", "=", self.other_client.id)]
        args = [others, [], ["email:array_agg"]]
        self.assertEqual(self._counted(self.salesman, "formatted_read_group", *args), 0)

    def test_deals_and_files_are_counted_per_value(self):
        leads = self.lead | self._new_deal(self.client, self.manager)
        args = [[("id", "in", leads.ids)], [], ["name:array_agg"]]
        counted = self._counted(
            self.manager, "formatted_read_group", *args, model="crm.lead"
        )
        self.assertEqual(counted, 2)
        self.env["ir.attachment"].create(
            [
                {
                    "name": str(n),
                    "raw": b"x",
                    "res_model": "crm.lead",
                    "res_id": each.id,
                }
                for n, each in enumerate(leads)
            ]
        )
        args = [
            [("res_model", "=", "crm.lead"), ("res_id", "in", leads.ids)],
            [],
            ["name:array_agg"],
        ]
        counted = self._counted(
            self.manager, "formatted_read_group", *args, model="ir.attachment"
        )
        self.assertEqual(counted, 2)


@tagged("nka_control")
class TestExport(ExportMixin, ReadingCase):
    def test_no_export_of_another_company(self):
        """Nor from the cache that the check has filled."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        lead = self._new_deal(self.other_client, self.env.user, company_id=company.id)
        lead.is_vip = True
        for records, column in ((lead, "name"), (lead.company_id, "name")):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(records._name), self.assertRaises(AccessError):
                self._call(
                    self.supervisor, records._name, "export_data", records.ids, [column]
                )

    def test_supervisors_export_is_recorded(self):
        self._call(
            self.supervisor,
            "nka.key.account",
            "export_data",
            self.account.ids,
            ["partner_id/name", "state"],
        )
        event = self._events(self.supervisor, "export")
        self.assertIn("1 records", event.new)
        self.assertEqual(event.note, "partner_id/name, state")

    def test_managers_cant_export_contacts_of_key_accounts(self):
        self.officer.group_ids += self.env.ref("base.group_allow_export")
        for user in (self.manager, self.colleague, self.officer):
            with (
                self.subTest(user.login),
                self.assertRaisesRegex(UserError, "Only a supervisor can export"),
            ):
                self._call(
                    user, "res.partner", "export_data", self.client.ids, ["email"]
                )

    def test_managers_export_the_remaining_rows(self):
        """Rows of key accounts are excluded from the list, counted and logged."""
        other = self.other_client
        kept, free = (
            self.env["sale.order"].create(
                {
                    "partner_id": client.id,
                    "user_id": self.manager.id,
                    "opportunity_id": lead.id,
                }
            )
            for client, lead in (
                (self.client, self.lead),
                (other, self._new_deal(other, self.manager)),
            )
        )
        talks = self.env["calendar.event"]
        for client in (self.client, other):
            vals = {"name": "Talk", "partner_ids": [(4, client.id)]}
            talks += talks.with_user(self.manager).create(vals)
        for records, names, rows in (
            (self.client | other, [".id", "email"], other),
            (kept | free, [".id", "opportunity_id"], free),
            (kept | free, [".id", "partner_id/email"], free),
            (kept | free, [".id", "opportunity_id/name"], free),
            (talks, [".id", "partner_ids/name"], talks[1]),
        ):
            with self.subTest(records._name, names=names):
                before = self._events(self.manager, "export")
                told = self._call(
                    self.manager, records._name, "export_data", records.ids, names
                )
                self.assertEqual([row[0] for row in told["datas"]], [str(rows.id)])
                self.assertRegex(self._told(), "1 of 2 records .* nka_super")
                event = self._events(self.manager, "export") - before
                self.assertEqual(event.note, "Excluded from the export")

    def test_the_refusal_of_an_export_names_supervisors(self):
        with self.refused(UserError, "the list you need: nka_super"):
            self._call(
                self.manager, "res.partner", "export_data", self.client.ids, ["email"]
            )

    def test_colleagues_exports_of_contacts_are_logged(self):
        """Allowed as in plain Odoo, with an event if key accounts are included."""
        both = self.client | self.other_client
        told = self._call(
            self.salesman, "res.partner", "export_data", both.ids, ["name"]
        )
        self.assertEqual(len(told["datas"]), 2)
        event = self._events(self.salesman, "export")
        self.assertIn("1 records", event.new)
        self.assertEqual(event.note, "name")
        self._call(
            self.salesman, "res.partner", "export_data", self.other_client.ids, ["name"]
        )
        self.assertEqual(self._events(self.salesman, "export"), event)

    def test_colleagues_export_their_own_lists(self):
        """Accountants export invoices and salespeople orders, with client names."""
        accountant = new_user(
            self.env,
            "nka_books",
            "account.group_account_manager,base.group_allow_export",
        )
        invoice = self._new_invoice(self.client, 100)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.salesman.id,
                "opportunity_id": self.lead.id,
            }
        )
        for user, records, names in (
            (accountant, invoice, ["name", "partner_id/name"]),
            (accountant, invoice.line_ids, ["name", "partner_id"]),
            (self.salesman, order, ["name", "partner_id/email"]),
        ):
            with self.subTest(records._name):
                before = self._events(user, "export")
                self._call(user, records._name, "export_data", records.ids, names)
                event = self._events(user, "export") - before
                self.assertEqual(event.note, ", ".join(names))

    def test_only_supervisors_export_leads_of_key_accounts(self):
        own = self._new_deal(self.other_client, self.salesman, is_vip=True)
        with self.assertRaisesRegex(UserError, "Only a supervisor can export"):
            self._call(self.salesman, "crm.lead", "export_data", own.ids, ["name"])

    def test_odoo_administrators_export_is_recorded(self):
        system = self._new_administrator()
        self._call(system, "res.partner", "export_data", self.client.ids, ["email"])
        event = self._events(system, "export")
        self.assertIn("1 records", event.new)
        self.assertEqual(event.note, "email")

    def test_a_manager_who_administers_odoo_cant_export(self):
        system = self._new_administrator()
        system.group_ids += self.env.ref("nka_key_accounts.group_key_account_manager")
        with self.assertRaises(UserError):
            self._call(system, "res.partner", "export_data", self.client.ids, ["email"])

    def test_lists_without_an_account_are_recorded(self):
        """Every export of the addon's data is logged, for every user who can export."""
        self.officer.group_ids += self.env.ref("base.group_allow_export")
        season = self.env["nka.season"].search([], limit=1)
        self._call(self.officer, "nka.season", "export_data", season.ids, ["name"])
        self.assertEqual(self._events(self.officer, "export").note, "name")

    @classmethod
    def _new_administrator(cls):
        return new_user(cls.env, "nka_odoo_admin", "base.group_system")

    def test_supervisors_and_administrators_get_odoos_export_right(self):
        """Refusals name supervisors for exports, so they need Odoo's export right."""
        for login, group in (
            ("fresh_supervisor", "group_key_account_supervisor"),
            ("fresh_admin", "group_key_account_admin"),
        ):
            user = self._new_user(login, group)
            self.assertTrue(user.has_group("base.group_allow_export"), login)
        self._call(
            self._new_user("fresh_supervisor_2", "group_key_account_supervisor"),
            "res.partner",
            "export_data",
            self.client.ids,
            ["email"],
        )
        fresh = self._new_user("fresh_manager", "group_key_account_manager")
        self.assertFalse(fresh.has_group("base.group_allow_export"))

    def test_vcards_of_several_contacts_are_logged(self):
        second = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.client.id}
        )
        both = self.client | second
        for user in (self.salesman, self._new_administrator()):
            both.with_user(user)._export_cards()
            self.assertEqual(self._events(user, "export").note, "vCard")

    def test_managers_cant_export_several_vcards(self):
        second = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.client.id}
        )
        both = self.client | second
        with self.assertRaises(UserError):
            both.with_user(self.manager)._export_cards()
        both.with_user(self.supervisor)._export_cards()
        self.assertEqual(self._events(self.supervisor, "export").note, "vCard")
        self.other_client.with_user(self.manager)._export_cards()

    def test_one_vcard_counts_as_one_read(self):
        for user in (self.manager, self.officer):
            self.client.with_user(user)._get_vcard_file()
            self.assertEqual(self._read_by(user), 1)


@tagged("nka_control")
class TestCountedModels(ReadingCase):
    #: Models with a client that aren't counted, and the reason.
    NOT_COUNTED = {
        "nka.bonus.line": "pay: its readers are the person and their supervisors",
        "nka.document.quality": "a person's figures, of no client by name",
        "nka.order.confirmation": "the day of an order, read by supervisors only",
        "nka.gate.exception": "one supervisor's decision, on record itself",
        "nka.hire.or.grow": "a person's figures; their first order opens as itself",
        "nka.mentorship.step": "the account that proves it is shown to nobody",
    }

    def test_models_with_a_client_are_counted(self):
        """A new model that refers to a client is counted or listed above."""
        clients = ("nka.key.account", "nka.account.plan", "nka.qualification")
        uncounted = [
            name
            for name, model in self.env.registry.items()
            if name.startswith("nka.")
            and not (model._abstract or model._transient)
            and any(
                field.type == "many2one" and field.comodel_name in clients
                for field in model._fields.values()
            )
            and not hasattr(self.env[name], "_key_records")
            and name not in self.NOT_COUNTED
        ]
        self.assertEqual(uncounted, [])
