"""Reading is counted, exporting is for supervisors and on record."""

from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from .common import ExportMixin, ReadingCase

COUNTED = (
    "read",
    "web_read",
    "search_read",
    "web_search_read",
    "name_search",
    "web_read_group",
    "formatted_read_group",
    "formatted_read_grouping_sets",
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


@tagged("nka_control")
class TestReading(ReadingCase):
    def test_every_door_is_counted(self):
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

    def test_lines_told_with_a_record_are_counted(self):
        """A hundred contacts asked for with one client are a hundred read."""
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

    def test_one_answer_counts_once(self):
        self._call(
            self.manager, "nka.key.account", "web_search_read", [], {"state": {}}
        )
        self.assertEqual(self._read_by(self.manager), 1)

    def test_counted_doors_need_a_writable_cursor(self):
        for model in DOORS:
            for method in COUNTED:
                function = get_public_method(self.env[model], method)
                flags = [
                    getattr(cls.__dict__.get(method), "_readonly", None)
                    for cls in type(self.env[model]).mro()
                ]
                first = next(flag for flag in flags if flag is not None)
                self.assertIs(first, False, (model, method, function))

    def test_limit_stops_with_an_explanation(self):
        self.env.company.nka_read_limit = 3
        read = ("nka.key.account", "read", self.account.ids, ["state"])
        for _ in range(3):
            self._call(self.manager, *read)
        with self.assertRaisesRegex(UserError, "until the hour is over"):
            self._call(self.manager, *read)
        with self.assertRaises(UserError):
            self._call(self.manager, *read, context={"nka_counted": True})
        self.assertEqual(self._read_by(self.supervisor), 0)
        self._call(self.supervisor, *read)

    def test_limit_forgets_after_an_hour(self):
        self.env.company.nka_read_limit = 3
        self.env.cr.execute(
            "INSERT INTO nka_reading (user_id, date, count) "
            "VALUES (%s, NOW() AT TIME ZONE 'UTC' - INTERVAL '61 minutes', 99)",
            [self.manager.id],
        )
        read = "nka.key.account", "read", self.account.ids, ["state"]
        told = self._call(self.manager, *read)
        self.assertEqual([row["id"] for row in told], self.account.ids)

    def test_others_aren_t_counted(self):
        self._call(self.salesman, "res.partner", "read", self.client.ids, ["name"])
        self._call(self.manager, "res.partner", "read", self.other_client.ids, ["name"])
        self.assertFalse(self._read_by(self.salesman) + self._read_by(self.manager))

    def test_others_pay_nothing(self):
        partner = self.other_client.with_user(self.salesman)
        partner.read(["name"])
        with self.assertQueryCount(0):
            partner._count_reading()


@tagged("nka_control")
class TestExport(ExportMixin, ReadingCase):
    def test_no_export_of_another_company(self):
        """Nor from what the guard has looked at."""
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

    def test_supervisor_s_export_is_recorded(self):
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

    def test_bundle_of_cards_is_an_export(self):
        second = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.client.id}
        )
        both = self.client | second
        with self.assertRaises(UserError):
            both.with_user(self.manager)._export_cards()
        both.with_user(self.supervisor)._export_cards()
        self.assertEqual(self._events(self.supervisor, "export").note, "vCard")
        self.other_client.with_user(self.manager)._export_cards()

    def test_one_card_is_a_record_read(self):
        self.client.with_user(self.manager)._get_vcard_file()
        self.assertEqual(self._read_by(self.manager), 1)
