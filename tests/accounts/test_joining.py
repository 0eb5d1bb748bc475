import re

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PartnersCase


class JoiningCase(PartnersCase):
    """A foreign company, and persons with and without orders or invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.twin
        cls.invoice = cls._new_invoice(cls.stranger, 20000)
        cls.trader = cls.env["res.partner"].create({"name": "Per Lind"})
        cls.env.flush_all()

    def _put_below(self, partner, user, client=None, **vals):
        """Set the parent with the rights of the user only, as through RPC."""
        record = partner.with_user(user).sudo(False)
        record.write({"parent_id": (client or self.client).id, **vals})
        self.env.flush_all()
        self.env.invalidate_all()

    def _order(self, partner, **vals):
        return self.env["sale.order"].create({"partner_id": partner.id, **vals})

    def _revenue(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.account.trailing_revenue

    def _joins(self, partner):
        return self.env["nka.client.join"].search([("partner_id", "in", partner.ids)])


@tagged("nka_accounts")
class TestJoiningNeedsASupervisor(JoiningCase):
    """Managers can't add other companies' sales to the client they are paid for."""

    def test_company_moved_below_a_key_account(self):
        for vals in ({"is_company": False}, {}):
            with self.assertRefused("never been credited for it .*Ask ", AccessError):
                self._put_below(self.stranger, self.manager, **vals)
        self.assertFalse(self.stranger.parent_id)
        self.assertEqual(self._revenue(), 0)

    def test_company_turned_into_a_contact(self):
        self.stranger.with_user(self.supervisor).parent_id = self.client
        for vals in ({"is_company": False}, {"company_type": "person"}):
            with self.assertRefused("supervisor", AccessError):
                self.stranger.with_user(self.manager).write(vals)
        self.assertTrue(self.stranger.is_company)

    def test_commercial_partner_written_directly(self):
        with self.assertRefused("supervisor", AccessError):
            self.stranger.with_user(self.manager).write(
                {"commercial_partner_id": self.client.id}
            )
        self.assertEqual(self.stranger.commercial_partner_id, self.stranger)

    def test_client_of_an_invoice_written_directly(self):
        self.manager.group_ids |= self.env.ref("account.group_account_invoice")
        invoice = self.invoice.with_user(self.manager)
        with self.assertRefused("contact and client can't be changed", AccessError):
            invoice.write({"commercial_partner_id": self.client.id})
        with self.assertRefused("contact and client can't be changed", AccessError):
            invoice.with_context(skip_readonly_check=True).write(
                {"partner_id": self.client.id}
            )
        self.assertEqual(self._revenue(), 0)

    def test_contact_with_documents_of_each_kind(self):
        people = self.env["res.partner"].create(
            [{"name": name} for name in ("Invoiced", "Ordering", "Asking", "Paying")]
        )
        self._new_invoice(people[0], 100)
        self._order(people[1])
        self._new_lead(people[2])
        self.env["account.payment"].create(
            {"partner_id": people[3].id, "amount": 10, "payment_type": "inbound"}
        )
        for person in people:
            with self.assertRefused("its own orders", AccessError):
                self._put_below(person, self.manager)
            self._put_below(person, self.supervisor)
            self.assertEqual(person.commercial_partner_id, self.client)

    def test_contact_invoiced_for_an_order(self):
        self._order(self.stranger, partner_invoice_id=self.trader.id)
        with self.assertRefused("its own orders", AccessError):
            self._put_below(self.trader, self.manager)

    def test_documents_of_contacts_below(self):
        department = self.env["res.partner"].create({"name": "Department"})
        clerk = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": department.id}
        )
        self._new_invoice(clerk, 500)
        with self.assertRefused("Clerk", AccessError):
            self._put_below(department, self.manager)
        clerk.action_archive()
        with self.assertRefused("Clerk", AccessError):
            self._put_below(department, self.manager)

    def test_added_from_the_client_record(self):
        for command in (
            Command.link(self.stranger.id),
            Command.update(self.stranger.id, {"parent_id": self.client.id}),
        ):
            with self.subTest(command), self.assertRefused("supervisor", AccessError):
                self.client.with_user(self.manager).write({"child_ids": [command]})
        with self.assertRefused("supervisor", AccessError):
            self.env["res.partner"].with_user(self.manager).create(
                {
                    "name": "In between",
                    "parent_id": self.client.id,
                    "child_ids": [Command.link(self.stranger.id)],
                }
            )
            self.stranger.with_user(self.manager).is_company = False

    def test_import(self):
        self.env["ir.model.data"].create(
            {
                "name": "stranger",
                "module": "__import__",
                "model": "res.partner",
                "res_id": self.stranger.id,
            }
        )
        partners = self.env["res.partner"].with_user(self.manager)
        result = partners.load(
            ["id", "parent_id/.id", "is_company"],
            [["__import__.stranger", str(self.client.id), "0"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("supervisor", str(result["messages"]))
        self.assertFalse(self.stranger.parent_id)

    def test_candidates_are_protected_too(self):
        candidate = self._nominate(self._new_client("Rhine Glass"), self.manager)
        with self.assertRefused("supervisor", AccessError):
            self._put_below(self.stranger, self.manager, candidate.partner_id)

    def test_new_contacts_can_be_added_and_removed(self):
        partners = self.env["res.partner"].with_user(self.manager)
        person = partners.create({"name": "New", "parent_id": self.client.id})
        self._put_below(self.trader, self.manager)
        self.assertEqual(self.trader.commercial_partner_id, self.client)
        (person | self.trader).with_user(self.manager).parent_id = self.stranger
        self.assertFalse(self._joins(person | self.trader))

    def test_the_manager_cant_decide_even_as_a_supervisor(self):
        self.manager.group_ids |= self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        with self.assertRefused("doesn't manage it", AccessError):
            self._put_below(self.stranger, self.manager, is_company=False)

    def test_refusal_names_a_supervisor(self):
        with self.assertRefused(re.escape(self.supervisor.name), AccessError):
            self._put_below(self.stranger, self.manager, is_company=False)

    def test_contacts_of_other_clients_are_unaffected(self):
        third = self._new_client("Third")
        self.stranger.with_user(self.manager).write(
            {"parent_id": third.id, "is_company": False}
        )
        self.assertEqual(self.stranger.commercial_partner_id, third)

    def test_a_caught_refusal_is_rolled_back(self):
        try:
            self._put_below(self.stranger, self.manager, is_company=False)
        except AccessError:
            self.env.invalidate_all()
        self.assertFalse(self.stranger.parent_id)


@tagged("nka_accounts")
class TestEarlierSalesDontCount(JoiningCase):
    """Sales to a contact before it joined aren't sales of the client."""

    def _join(self):
        self._put_below(self.stranger, self.supervisor, is_company=False)

    def test_invoices_before_and_after(self):
        self._join()
        self.assertEqual(self.stranger.commercial_partner_id, self.client)
        self.assertEqual(self._revenue(), 0)
        self._new_invoice(self.stranger, 300)
        self.assertEqual(self._revenue(), 300)
        self._new_invoice(self.stranger, 40, date=self.today - self._days(3))
        self.assertEqual(self._revenue(), 300)

    def test_the_button_opens_only_invoices_that_count(self):
        self._join()
        later = self._new_invoice(self.stranger, 300)
        action = self.account.action_open_invoices()
        self.assertEqual(self.env["account.move"].search(action["domain"]), later)

    def test_sales_history_counts_the_same(self):
        self._join()
        self._new_invoice(self.stranger, 300)
        self.env.flush_all()
        history = self.env["nka.sales.history"]
        history._refresh(self.env.company)
        rows = history.search([("key_account_id", "=", self.account.id)])
        self.assertEqual(sum(rows.mapped("invoiced_amount")), 300)

    def test_sales_history_excludes_earlier_orders(self):
        product = self.env["product.product"].create({"name": "Mill", "taxes_id": []})
        line = {"product_id": product.id, "price_unit": 20000, "tax_ids": []}
        before, after = (
            self._order(self.stranger, order_line=[Command.create(line)])
            for _one in range(2)
        )
        before.action_confirm()
        self._join()
        after.order_line.price_unit = 300
        self.env.flush_all()
        self.env.cr.execute("UPDATE nka_client_join SET order_mark = %s", [before.id])
        after.action_confirm()
        self.env.flush_all()
        history = self.env["nka.sales.history"]
        history._refresh(self.env.company)
        rows = history.search([("key_account_id", "=", self.account.id)])
        self.assertEqual(sum(rows.mapped("ordered_amount")), 300)

    def test_join_is_recorded(self):
        self._join()
        [row] = self._joins(self.stranger)
        self.assertEqual(row.key_account_id, self.account)
        self.assertEqual((row.date, row.user_id), (self.today, self.supervisor))
        [event] = self._events(self.account, "join")
        self.assertEqual(event.user_id, self.supervisor)
        self.assertIn("Northwind Steel Ltd", event.new)

    def test_contact_with_an_order_only_is_recorded(self):
        order = self._order(self.trader)
        self._put_below(self.trader, self.supervisor)
        [row] = self._joins(self.trader)
        self.assertEqual((row.move_mark, row.order_mark), (0, order.id))

    def test_join_records_are_read_only(self):
        self._join()
        [row] = self._joins(self.stranger)
        for user in (self.manager, self.supervisor, self.kam_admin):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"date": "2020-01-01"})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        with self.assertRaises(AccessError):
            row.sudo().write({"date": "2020-01-01"})

    def test_removing_a_contact_needs_a_supervisor(self):
        person = self.contact
        self._new_invoice(person, 700)
        for vals in (
            {"parent_id": self.stranger.id},
            {"parent_id": False},
            {"is_company": True},
        ):
            with self.assertRefused("supervisor", AccessError):
                person.with_user(self.manager).write(vals)

    def test_deleting_an_intermediate_contact(self):
        clerk = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": self.contact.id}
        )
        self._new_invoice(clerk, 10)
        with self.assertRefused("Clerk", AccessError):
            self.contact.with_user(self.manager).unlink()

    def test_earlier_sales_stay_with_the_client(self):
        person = self.contact
        invoice = self._new_invoice(person, 700)
        self._put_below(person, self.supervisor, self.stranger)
        self.assertEqual(person.commercial_partner_id, self.stranger)
        self.assertEqual(invoice.commercial_partner_id, self.client)
        self._new_invoice(person, 50)
        self.assertEqual(self._revenue(), 700)
        [event] = self._events(self.account, "leave")
        self.assertEqual(event.user_id, self.supervisor)
        self.assertEqual(self._joins(person).date_left, self.today)

    def test_contact_that_becomes_a_company(self):
        person = self.contact
        self._new_invoice(person, 700)
        person.with_user(self.supervisor).is_company = True
        self._new_invoice(person, 50)
        self.assertEqual(self._revenue(), 700)

    def test_moving_many_contacts_costs_constant_queries(self):
        def moved(count):
            clerks = self.env["res.partner"].create(
                [
                    {"name": f"Clerk {n}", "parent_id": self.trader.id}
                    for n in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._put_below(self.trader, self.manager)
            count = self.env.cr.sql_log_count - before
            self.trader.with_user(self.manager).parent_id = False
            clerks.unlink()
            return count

        moved(1)
        self.assertLessEqual(moved(20), moved(2) + 20)
