"""What a posted invoice was for is fixed: sellers can't move a credit by changing
orders.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import new_user
from .common import APRIL, FIRST_OF_APRIL, MARCH, LedgerCase, OrdersCase

JANUARY = date(2025, 1, 15)
MAY = date(2025, 5, 12)


class StrangersCase(OrdersCase):
    """An invoice of April for an order of March, credited to the manager."""

    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sales = cls.env.ref("sales_team.group_sale_manager")
        for user in (cls.manager, cls.colleague):
            user.group_ids |= sales
        cls.order = cls._order(MARCH, 1000)
        cls.move = cls._bill(cls.order)
        cls.line = cls.move.invoice_line_ids

    def _try(self, user, write):
        """Try an RPC call as a person; whether Odoo refuses it or not, nothing changes."""
        with (
            suppress(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.cr.savepoint(),
        ):
            write(user)
            self.env.flush_all()
        self.env.invalidate_all()

    def _try_all(self, write):
        """Try it as the manager, and as the colleague."""
        for user in (self.manager, self.colleague):
            self._try(user, write)

    def assertUntouched(self):
        self._build()
        self._assert_both({4: "1000"}, {})
        self.assertNothingMissed()


class TestOrderOfAnother(StrangersCase):
    def test_order_of_another_client(self):
        other = self._order(APRIL, 5, client=self.other_client)
        self._try_all(
            lambda user: (
                self.line.with_user(user)
                .sudo()
                .write({"sale_line_ids": [Command.set(other.order_line.ids)]})
            )
        )
        self.assertUntouched()

    def test_another_order_of_the_client(self):
        other = self._order(APRIL, 5)
        self._try_all(
            lambda user: other.order_line.with_user(user).write(
                {"invoice_lines": [Command.link(self.line.id)]}
            )
        )
        self._try_all(
            lambda user: (
                self.order.order_line.with_user(user)
                .sudo()
                .write({"invoice_lines": [Command.clear()]})
            )
        )
        self.assertUntouched()

    def test_order_linked_before_posting_must_belong_to_the_client(self):
        stranger = self._order(MARCH, 5, client=self.other_client)
        move = self._invoice(70, APRIL, taxes=self.tax.browse(), name="INV/2025/77777")
        move.button_draft()
        move.invoice_line_ids.sale_line_ids = stranger.order_line
        move.action_post()
        self._build()
        self._assert_both({4: "1000"}, {4: "70"})

    def test_order_of_another_company(self):
        other = self.env["res.company"].create({"name": "Sister"})
        order = self._order(MARCH, 5)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE nka_order_confirmation SET company_id = %s WHERE order_ref = %s",
            [other.id, order.id],
        )
        self._bill(order)
        self._build()
        self._assert_both({4: "1000"}, {4: "5"})

    def test_unconfirmed_and_cancelled_orders(self):
        quotation = self._quotation(20)
        cancelled = self._order(MARCH, 30)
        cancelled._action_cancel()
        for amount, order in ((20, quotation), (30, cancelled)):
            move = self._invoice(amount, APRIL, taxes=self.tax.browse())
            move.button_draft()
            move.invoice_line_ids.sale_line_ids = order.order_line
            move.action_post()
        quotation.with_user(self.manager).action_confirm()
        self._build()
        self._assert_both({4: "1000"}, {4: "50"})
        self.assertNothingMissed()

    def test_link_by_the_system_counts(self):
        """A migration can set afterwards what an invoice was for."""
        move = self._invoice(70, APRIL, taxes=self.tax.browse())
        self._build()
        self._assert_both({4: "1000"}, {4: "70"})
        move.invoice_line_ids.sale_line_ids = self._order(MARCH, 70).order_line
        self._build()
        self._assert_both({4: "1070"}, {})
        self.assertNothingMissed()

    def test_posting_again_confirms_the_link(self):
        other = self._order(FIRST_OF_APRIL, 5)
        self.line.with_user(self.colleague).sudo().write(
            {"sale_line_ids": [Command.set(other.order_line.ids)]}
        )
        self._build()
        self._assert_both({4: "1000"}, {})
        self.move.button_draft()
        self.env.flush_all()
        self.move.action_post()
        self._build()
        self._assert_both({}, {4: "1000"})


class TestLinkedByItsSeller(OrdersCase):
    """A seller's credit depends on what an invoice line is for, so they can't set it."""

    BASIS = "invoiced"

    def test_salesperson_cannot_link_a_draft(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_manager")
        old = self._order(MARCH, 5000)
        move = self._bill(self._order(APRIL, 5000), post=False)
        own, line = old.with_user(self.manager), old.order_line.with_user(self.manager)
        vals = {"invoice_lines": [Command.link(move.invoice_line_ids.id)]}
        for attempt in (
            lambda: line.write(vals),
            lambda: line.with_context(skip_readonly_check=True).write(vals),
            lambda: own.write({"order_line": [Command.update(line.id, vals)]}),
            lambda: own.write(
                {
                    "order_line": [
                        Command.create({"product_id": self.product.id, **vals})
                    ]
                }
            ),
            lambda: line.copy({"order_id": old.id, **vals}),
        ):
            with self.assertRaisesRegex(AccessError, "Create Invoice"):
                attempt()
        move.action_post()
        self._build()
        self._assert_both({}, {4: "5000"})

    def test_invoices_created_from_the_order_are_linked(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_manager")
        order = self._order(MARCH, 700).with_user(self.manager)
        wizard = self.env["sale.advance.payment.inv"].with_user(self.manager)
        wizard.with_context(active_model="sale.order", active_ids=order.ids).create(
            {}
        ).create_invoices()
        move = order.sudo().invoice_ids
        move.invoice_date = APRIL
        move.action_post()
        self._build()
        self._assert_both({4: "700"}, {})


class TestOrderChangedAfterwards(StrangersCase):
    def test_order_date_is_written(self):
        self._try_all(
            lambda user: self.order.with_user(user).write(
                {"date_order": datetime(2025, 4, 20)}
            )
        )
        self.assertUntouched()

    def test_order_is_cancelled(self):
        self._try(
            self.colleague, lambda user: self.order.with_user(user)._action_cancel()
        )
        self.assertEqual(self.order.state, "cancel")
        self.assertUntouched()
        self.move.button_draft()
        self.env.flush_all()
        self.move.action_post()
        self.assertUntouched()

    def test_order_is_cancelled_and_confirmed_again(self):
        def again(user):
            order = self.order.with_user(user)
            order._action_cancel()
            order.action_draft()
            order.action_confirm()

        self._try(self.colleague, again)
        self.assertEqual(self.order.nka_order_day, MARCH)
        self.assertUntouched()

    def test_order_is_cancelled_and_deleted(self):
        def delete(user):
            order = self.order.with_user(user)
            order._action_cancel()
            order.unlink()

        self._try(self.colleague, delete)
        self.assertFalse(self.order.exists())
        self.assertUntouched()

    def test_order_is_given_to_another_client(self):
        self._try(
            self.colleague,
            lambda user: self.order.with_user(user).write(
                {
                    "partner_id": self.other_client.id,
                    "partner_invoice_id": self.other_client.id,
                }
            ),
        )
        self.assertEqual(self.order.partner_id, self.other_client)
        self.assertUntouched()

    def test_line_is_moved_to_a_later_order(self):
        other = self._order(APRIL, 5)
        self._try_all(
            lambda user: self.order.order_line.with_user(user).write(
                {"order_id": other.id}
            )
        )
        self.assertEqual(self.line.sale_line_ids.order_id, other)
        self.assertUntouched()

    def test_line_is_deleted(self):
        def delete(user):
            self.order.with_user(user)._action_cancel()
            self.order.order_line.with_user(user).unlink()

        self._try(self.colleague, delete)
        self.assertUntouched()

    def test_order_is_copied_and_the_copy_confirmed(self):
        copy = self.order.with_user(self.colleague).copy()
        copy.action_confirm()
        self.assertUntouched()


class TestDetours(StrangersCase):
    """The client's first order day is kept, whoever the order belonged to in between."""

    def test_by_another_client(self):
        order = self._order(MARCH, 70)

        def detour(user):
            for client in (self.other_client, self.client):
                own = order.with_user(user)
                own._action_cancel()
                own.action_draft()
                own.partner_id = client
                own.action_confirm()

        self._try_all(detour)
        self.assertEqual(order.partner_id, self.client)
        self._bill(order)
        self._build()
        self._assert_both({4: "1070"}, {})
        self.assertNothingMissed()

    def test_by_a_portal_login_of_the_client(self):
        login = new_user(self.env, "portal", "base.group_portal")
        login.partner_id.parent_id = self.client
        order = self._order(MARCH, 70).with_user(self.colleague)
        order._action_cancel()
        order.action_draft()
        order.with_user(login).sudo().action_confirm()
        self._bill(order.with_user(self.env.user))
        self._build()
        self._assert_both({4: "1070"}, {})
        self.assertNothingMissed()

    def test_confirmed_for_a_stranger_and_given_to_the_client(self):
        """An order backdated before its confirmation counts on the invoice date."""
        stranger = self._new_client("Stranger")
        order = self._quotation(70, client=stranger).with_user(self.manager)
        order.write({"state": "sale", "date_order": datetime(2025, 3, 3)})
        order.write(
            {"partner_id": self.client.id, "partner_invoice_id": self.client.id}
        )
        self._bill(order.with_user(self.env.user))
        self._build()
        self._assert_both({4: "1000"}, {4: "70"})
        self.assertNothingMissed()


class TestDayCorrected(StrangersCase):
    def test_correction_by_a_supervisor_reaches_the_ledger(self):
        """For a closed month it becomes an adjustment in the first open one."""
        self._build()
        self._close_month(FIRST_OF_APRIL)
        self._age()
        self.order.with_user(self.supervisor)._nka_correct_day(APRIL, "Signed then")
        self._build()
        self._assert_both({4: "1000", 5: "-1000"}, {5: "1000"})
        self.assertNothingMissed()

    def test_manager_cannot_correct_the_day(self):
        for user in (self.manager, self.colleague):
            with self.refused(AccessError, "supervisor"):
                self.order.with_user(user)._nka_correct_day(APRIL, "My records")
        self.assertUntouched()

    def test_order_date_before_days_were_stored(self):
        """A database changed outside Odoo still has the order date."""
        self.env.flush_all()
        self.cr.execute("DELETE FROM nka_order_confirmation")
        self.assertUntouched()


@tagged("nka_ledger")
class TestJoinedClients(LedgerCase):
    """What a contact bought before it joined a client credits no one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_client("Stranger")

    def _join(self):
        self.stranger.with_user(self.supervisor_2).sudo().write(
            {"is_company": False, "parent_id": self.client.id}
        )
        self.env.flush_all()

    def _in_ledger(self):
        self.env.flush_all()
        self._build()
        return sum(self._lines().mapped("amount"))

    def test_invoice_of_a_stranger(self):
        self._paid(20000, self.today, self.stranger)
        self._join()
        self.assertEqual(self.stranger.commercial_partner_id, self.client)
        self.assertEqual(self._in_ledger(), 0)
        self._paid(300, self.today, self.stranger)
        self.assertEqual(self._in_ledger(), 300)

    def test_paid_after_the_joining(self):
        invoice = self._invoice(20000, self.today - timedelta(days=40), self.stranger)
        self._join()
        self._pay(invoice, invoice.amount_total, self.today)
        self.assertEqual(self._in_ledger(), 0)

    def test_backdated_invoice(self):
        self._join()
        self._paid(20000, self.today - timedelta(days=1), self.stranger)
        self.assertEqual(self._in_ledger(), 0)

    def test_credit_note_follows_its_source(self):
        invoice = self._invoice(1000, self.today, self.stranger)
        self._join()
        self._credit_note(invoice, self.today)
        self.assertEqual(self._in_ledger(), 0)

    def test_contact_that_leaves_keeps_earlier_sales_with_the_client(self):
        person = self.env["res.partner"].create(
            {"name": "Per Lind", "parent_id": self.client.id}
        )
        self._paid(700, self.today, person)
        self.assertEqual(self._in_ledger(), 700)
        person.with_user(self.supervisor_2).sudo().parent_id = self.stranger
        self.env.flush_all()
        self.assertEqual(self._in_ledger(), 700)

    def test_contact_that_returns_changes_no_credit(self):
        """Leaving and returning would otherwise cancel a colleague's credits."""
        person = self.env["res.partner"].create(
            {"name": "Per Lind", "parent_id": self.client.id}
        )
        self._paid(700, self.today - timedelta(days=3), person)
        self.assertEqual(self._in_ledger(), 700)
        for parent in (self.stranger, self.client):
            person.with_user(self.supervisor_2).sudo().parent_id = parent
            self.env.flush_all()
        self.assertEqual(self._in_ledger(), 700)

    def _paid(self, amount, day, client):
        invoice = self._invoice(amount, day, client)
        self._pay(invoice, invoice.amount_total, self.today)
        return invoice


@tagged("nka_ledger")
class TestOrdersOfBeforeJoining(OrdersCase):
    """An order a contact placed before it joined a client is not the client's: invoiced
    later, it counts on the invoice date.
    """

    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_client("Stranger")

    def _join(self, day, parent=None):
        with freeze_time(day):
            self.stranger.with_user(self.supervisor_2).sudo().write(
                {"is_company": False, "parent_id": (parent or self.client).id}
            )
            self.env.flush_all()

    def _assert_credits(self, before, after):
        self._build()
        self._assert_both(before, after)
        self.assertNothingMissed()

    def test_invoiced_after_the_joining(self):
        order = self._order(MARCH, 70, client=self.stranger)
        self._join("2025-04-02")
        self._bill(order)
        self._assert_credits({}, {4: "70"})

    def test_date_written_beforehand(self):
        """The order row of a stranger whose date was overwritten."""
        order = self._order(MARCH, 70, client=self.stranger)
        order.with_user(self.manager).sudo().date_order = datetime(2025, 3, 1)
        self._join("2025-04-02")
        self._bill(order)
        self._assert_credits({}, {4: "70"})

    def test_ordered_as_a_contact_of_the_client(self):
        self._join("2025-03-02")
        self._bill(self._order(MARCH, 70, client=self.stranger))
        self._assert_credits({4: "70"}, {})

    def test_together_with_an_order_of_the_client(self):
        orders = self._order(MARCH, 70, client=self.stranger)
        self._join("2025-04-02")
        orders |= self._order(MARCH, 30)
        orders.partner_invoice_id = self.client
        self._bill(orders)
        self._assert_credits({4: "30"}, {4: "70"})

    def test_merged_into_the_client(self):
        order = self._order(MARCH, 70, client=self.stranger)
        with freeze_time("2025-04-02"):
            wizard = self.env["base.partner.merge.automatic.wizard"]
            wizard.with_user(self.supervisor_2).sudo()._merge(
                (self.client | self.stranger).ids, self.client, extra_checks=False
            )
        self.env.invalidate_all()
        self._bill(order)
        self._assert_credits({}, {4: "70"})

    def test_contact_that_left_and_returned(self):
        self._join("2025-03-02")
        order = self._order(MARCH, 70, client=self.stranger)
        self._join("2025-03-20", self._new_client("Meanwhile"))
        self._join("2025-04-02")
        self._bill(order)
        self._assert_credits({4: "70"}, {})
