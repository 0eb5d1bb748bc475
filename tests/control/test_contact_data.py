"""Changed or deleted contact data of key accounts is kept in the audit trail."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReadingCase


@tagged("nka_control")
class TestContactData(ReadingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.boris = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": cls.client.id,
                    "email": f"{name}@northwind.example".lower(),
                    "phone": "+7 000",
                }
                for name in ("Anna", "Boris")
            ]
        )

    def _contact_events(self, contact):
        return self._events(contact, "contact")

    def test_old_and_new_values_are_in_the_trail(self):
        for names, vals in (
            (("Email",), {"email": "me@private.example"}),
            (("Phone",), {"phone": "1"}),
            (("Street", "City"), {"street": "Elsewhere 1", "city": "Tver"}),
            (("Name",), {"name": "Nobody"}),
        ):
            for user in (self.manager, self.salesman, self.kam_admin):
                user.group_ids += self.env.ref("base.group_partner_manager")
                with self.subTest(vals=vals, user=user.login):
                    self.anna.write({"email": "anna@n.example", "phone": "+7 000"})
                    self.anna.write({"name": "Anna", "street": "A", "city": "B"})
                    before = self._contact_events(self.anna)
                    self.anna.with_user(user).write(vals)
                    event = self._contact_events(self.anna) - before
                    self.assertEqual(len(event), 1)
                    self.assertEqual(event.user_id, user)
                    self.assertEqual(event.key_account_ref, self.account.id)
                    self.assertEqual(event.company_id, self.account.company_id)
                    for name in names:
                        self.assertIn(f"{name}: ", event.old)
                    for value in vals.values():
                        self.assertIn(value, event.new)

    def test_event_shows_the_old_value(self):
        self.anna.with_user(self.manager).email = "me@private.example"
        event = self._contact_events(self.anna)
        self.assertEqual(event.old, "Email: anna@northwind.example")
        self.assertEqual(event.new, "Email: me@private.example")

    def test_unchanged_values_leave_no_event(self):
        self.anna.with_user(self.manager).write({"email": self.anna.email})
        self.anna.with_user(self.manager).write({"comment": "Likes tea"})
        self.assertFalse(self._contact_events(self.anna))

    def test_several_contacts_leave_an_event_each(self):
        both = (self.anna | self.boris).with_user(self.manager)
        both.write({"phone": "2"})
        for contact in both:
            self.assertEqual(self._contact_events(contact).new, "Phone: 2")

    def test_hidden_in_another_company(self):
        """Moving a contact to another company hides it from its former readers."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna.with_user(self.manager).company_id = elsewhere
        self.assertIn("Elsewhere", self._contact_events(self.anna).new)

    def test_archived_and_moved(self):
        self.anna.with_user(self.manager).action_archive()
        self.assertIn("Active: no", self._contact_events(self.anna).new)
        self.boris.with_user(self.manager).parent_id = False
        event = self._contact_events(self.boris)
        self.assertIn(self.client.name, event.old)
        self.assertEqual(event.key_account_ref, self.account.id)

    def test_deleted(self):
        number, name = self.anna.id, self.anna.name
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        self.anna.with_user(self.manager).unlink()
        event = self.env["nka.audit.event"].search(
            [("kind", "=", "contact"), ("res_id", "=", number)]
        )
        self.assertEqual(event.res_name, f"{self.client.name}, {name}")
        self.assertIn("anna@northwind.example", event.old)
        self.assertFalse(event.new)
        self.assertTrue(event.note)

    def test_written_through_the_client(self):
        command = [(1, self.anna.id, {"email": "me@private.example"})]
        self.client.with_user(self.manager).child_ids = command
        self.assertIn("me@private.example", self._contact_events(self.anna).new)

    def test_a_refused_write_leaves_no_event(self):
        with self.refused((AccessError, UserError)):
            self.client.with_user(self.manager).write({"active": False})
        self.assertFalse(self._contact_events(self.client))
        self.assertTrue(self.client.active)

    def test_contacts_of_other_clients_leave_no_event(self):
        person = self.env["res.partner"].create(
            {"name": "Somebody", "parent_id": self.other_client.id}
        )
        person.with_user(self.salesman).write({"email": "x@y.example"})
        person.action_archive()
        self.assertFalse(self._contact_events(person))

    def test_no_additional_query_per_contact(self):
        """Odoo's own write costs queries per contact, so two clients are compared."""
        ours, others = (
            self.env["res.partner"].create(
                [{"name": str(n), "parent_id": client.id} for n in range(12)]
            )
            for client in (self.client, self.other_client)
        )

        def queries(records, value):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.write({"phone": value})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(ours[:1] | others[:1], "1")
        for several in (1, 11):
            more = queries(ours[:several], "2") - queries(others[:several], "2")
            self.assertLessEqual(more, 8)
