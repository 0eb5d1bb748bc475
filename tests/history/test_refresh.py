"""Refreshing the sales history by what changed gives what a rebuild gives."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.nka_key_accounts.models.facts import sales
from odoo.addons.nka_key_accounts.models.history import history_sql
from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tools import SQL

from ..accounts.common import PartnersCase

NIGHTS = 10


class TestHistoryRefresh(PartnersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env
        cls.categories = env["product.category"].create(
            [{"name": "Machines"}, {"name": "Parts"}, {"name": "Service"}]
        )
        cls.products = env["product.product"].create(
            [
                {
                    "name": f"Product {number}",
                    "categ_id": cls.categories[number % 3].id,
                    "standard_price": 10 * number,
                    "taxes_id": [],
                }
                for number in range(4)
            ]
        )
        cls.accounts = cls.account | cls.other_account
        cls.account.assignment_ids._unlocked().write({"date_from": date(2024, 3, 1)})
        cls.trader, cls.stranger = env["res.partner"].create(
            [{"name": "Per Lind"}, {"name": "Stray Ltd", "is_company": True}]
        )
        cls.clients = (
            cls.client | cls.other_client | cls.contact | cls.trader | cls.stranger
        )
        cls.history = env["nka.sales.history"]
        cls.marks = env["nka.sales.touched"]
        cls.company = env.company

    def setUp(self):
        super().setUp()
        self.now = date(2026, 1, 20)
        self.moves = self.env["account.move"]
        self.orders = self.env["sale.order"]

    # ------------------------------------------------------------ helpers
    def _refresh(self, refresh=None, **kwargs):
        moment = datetime.combine(self.now, time(1))
        with (
            patch.object(fields.Date, "today", return_value=self.now),
            patch.object(fields.Datetime, "now", return_value=moment),
            patch.object(fields.Date, "context_today", return_value=self.now),
        ):
            (refresh or self.history._refresh)(self.company, **kwargs)

    def _rows(self):
        self.env.cr.execute(
            f"""SELECT key_account_id, company_id, categ_id, user_id, month,
                       {", ".join(history_sql.COLUMNS)} FROM nka_sales_history"""
        )
        return sorted(self.env.cr.fetchall(), key=repr)

    def _assert_as_rebuilt(self, message=""):
        """Compare the table with a rebuild, row by row."""
        found = {row[:5]: row[5:] for row in self._rows()}
        self.assertEqual(len(found), len(self._rows()))
        with self.env.cr.savepoint() as savepoint:
            self._refresh(is_whole=True)
            wanted = {row[:5]: row[5:] for row in self._rows()}
            savepoint.rollback()
        self.assertEqual(found, wanted, message)
        self._assert_whitespace_as_filled(message)

    def _whitespace(self):
        self.env.cr.execute(
            """SELECT key_account_id, categ_id, spend, spend_recent, spend_before, date_filled
                 FROM nka_whitespace_line WHERE supplier = 'us'"""
        )
        return sorted(self.env.cr.fetchall(), key=repr)

    def _assert_whitespace_as_filled(self, message):
        """Compare our own sales with those that are read from the invoices."""
        accounts = self.env["nka.key.account"].search([("state", "=", "key")])
        found = self._whitespace()
        with self.env.cr.savepoint() as savepoint:
            self._refresh(
                lambda _company: self.env["nka.whitespace.line"]._fill(accounts)
            )
            wanted = self._whitespace()
            savepoint.rollback()
        self.assertEqual(found, wanted, message)

    def _night(self, days=0):
        self.now += timedelta(days=days)
        with patch.object(history_sql.Days, "turns", return_value=[]):
            self._refresh()

    def _lines(self, rng):
        return [
            Command.create(
                {
                    "product_id": product.id,
                    "price_unit": rng.randint(1, 90) * 5,
                    "tax_ids": [],
                }
            )
            for product in rng.sample(list(self.products), rng.randint(1, 3))
        ]

    def _day(self, rng):
        """Return a day near today, near today a year ago, or any."""
        near = rng.choice([0, 0, 365, 366, 730])
        spread = rng.choice([3, 40])
        return self.now - timedelta(days=near - rng.randint(-spread, spread // 2))

    def _assert_revenue_of_invoices(self, rng, message):
        """Compare revenue from the history with that of the invoices."""
        days = [self.now - timedelta(days=rng.choice([1, 30, 90])) for _n in range(3)]
        months = [day.replace(day=1, year=day.year - 1) for day in days]
        bounds = sorted({*days, *months, self.now + timedelta(days=1)})
        found, wanted = (
            self.env.execute_query(
                SQL(
                    """SELECT account_id, width_bucket(day, %s::date[]), SUM(amount)
                         FROM (%s) part GROUP BY 1, 2 HAVING SUM(amount) != 0
                        ORDER BY 1, 2""",
                    bounds,
                    revenue(bounds, SQL("account.state = 'key'")),
                )
            )
            for revenue in (
                self.env["nka.key.account"]._sql_revenue,
                sales.revenue_of_accounts_sql,
            )
        )
        self.assertEqual(found, wanted, message)

    # ------------------------------------------------------------ steps of a history
    def _bill(self, rng):
        self.moves |= self._new_invoice(
            rng.choice(self.clients.exists()),
            0,
            date=self._day(rng),
            move_type=rng.choice(["out_invoice", "out_invoice", "out_refund"]),
            invoice_line_ids=self._lines(rng),
        )

    def _correct(self, rng):
        move = rng.choice(self.moves)
        if move.state == "posted":
            move.button_draft()
        if rng.random() < 0.3:
            self.moves -= move
            move.unlink()
            return
        if rng.random() < 0.4:
            move.partner_id = rng.choice(self.clients.exists())
        if rng.random() < 0.4:
            move.name = False
            move.invoice_date = self._day(rng)
        if rng.random() < 0.6:
            # The total stays, the category changes.
            move.invoice_line_ids[0].product_id = rng.choice(self.products)
            move.invoice_line_ids[0].price_unit = 70
        if rng.random() < 0.8:
            move.action_post()

    def _pay(self, rng):
        paid = self.moves.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        if paid:
            wizard = self.env["account.payment.register"]
            move = rng.choice(paid)
            if move.amount_residual:
                wizard.with_context(
                    active_model="account.move", active_ids=move.ids
                ).create({})._create_payments()

    def _order(self, rng):
        order = self.env["sale.order"].create(
            {
                "partner_id": rng.choice(self.clients.exists()).id,
                "date_order": datetime.combine(self._day(rng), time(12)),
                "order_line": self._lines(rng),
            }
        )
        order.action_confirm()
        if rng.random() < 0.5:
            order.date_order = datetime.combine(self._day(rng), time(23, 30))
        self.orders |= order

    def _change_order(self, rng):
        order = rng.choice(self.orders)
        if rng.random() < 0.3:
            order._action_cancel()
            if rng.random() < 0.5:
                self.orders -= order
                order.unlink()
        elif rng.random() < 0.5:
            order.order_line[0].price_unit = rng.randint(1, 90) * 3
        elif order.state == "sale":
            order.with_user(self.supervisor_2).sudo()._nka_correct_day(
                min(self._day(rng), self.today), "Mistyped"
            )

    def _change_line(self, rng):
        """Put another product of the same amount on a line, posted or confirmed."""
        lines = self.moves.invoice_line_ids, self.orders.order_line
        line = rng.choice([line for one in lines for line in one])
        line.write(
            {"product_id": rng.choice(self.products).id, "price_unit": line.price_unit}
        )

    def _change_product(self, rng):
        product = rng.choice(self.products)
        if rng.random() < 0.5:
            product.standard_price = rng.randint(0, 40)
        else:
            product.categ_id = rng.choice(self.categories)

    def _change_owner(self, rng):
        rows = self.account.assignment_ids[:1]._unlocked()
        rows.write({"date_from": date(rng.randint(2023, 2025), 5, 1)})

    def _move_contact(self, rng):
        contact = rng.choice([self.trader, self.stranger]).with_user(self.supervisor_2)
        contact.sudo().parent_id = contact.parent_id != self.client and self.client

    def _nominate_stranger(self, rng):
        stranger = self._new_client(f"Late {rng.random()}")
        self._new_invoice(
            stranger, 0, date=self._day(rng), invoice_line_ids=self._lines(rng)
        )
        self.clients |= stranger
        self._key_account(stranger)

    def _step(self, rng):
        steps = [self._bill] * 4 + [self._order, self._change_product]
        steps += [self._change_owner, self._move_contact, self._nominate_stranger]
        steps += [self._correct, self._correct, self._pay] if self.moves else []
        steps += [self._change_order] * 2 if self.orders else []
        steps += [self._change_line] if self.moves and self.orders else []
        step = rng.choice(steps)
        step(rng)
        self.env.flush_all()
        return step.__name__

    # ------------------------------------------------------------ tests
    def _check_history(self, seed):
        rng = Random(seed)
        self._refresh(is_whole=True)
        for night in range(NIGHTS):
            done = [self._step(rng) for _step in range(rng.randint(0, 4))]
            self._assert_revenue_of_invoices(rng, f"before night {night}: {done}")
            self._night(rng.choice([0, 1, 1, 2, 30, 370]))
            self._assert_revenue_of_invoices(rng, f"after night {night}: {done}")
            self._assert_as_rebuilt(f"night {night}: {done}")

    def test_random_history_1(self):
        self._check_history(1)

    def test_random_history_2(self):
        self._check_history(2)

    def test_random_history_3(self):
        self._check_history(3)

    def _invoiced(self, account=None):
        account = account or self.account
        rows = self.history.search([("key_account_id", "=", account.id)])
        return sum(rows.mapped("invoiced_amount"))

    def test_a_deleted_invoice_is_gone(self):
        move = self._new_invoice(self.client, 700, date=date(2025, 3, 3))
        self._night()
        self.assertEqual(self._invoiced(), 700)
        move.button_draft()
        move.unlink()
        self._night(1)
        self.assertEqual(self._invoiced(), 0)
        self._assert_as_rebuilt()

    def test_the_day_one_year_later_appears(self):
        """Also of 29 February, which the following year doesn't have."""
        self._new_invoice(self.client, 700, date=date(2024, 2, 29))
        self._new_invoice(self.client, 50, date=date(2024, 3, 1))
        self.now = date(2025, 2, 27)
        self._refresh(is_whole=True)
        for before in (0, 700, 750):
            rows = self.history.search([("key_account_id", "=", self.account.id)])
            self.assertEqual(sum(rows.mapped("invoiced_before")), before, self.now)
            self._assert_as_rebuilt()
            self._night(1)

    def _line(self, product=0, **vals):
        product = self.products[product]
        return Command.create(
            {"product_id": product.id, "price_unit": 70, "tax_ids": [], **vals}
        )

    def _bill_line(self, day=date(2025, 3, 3), client=None, product=0):
        lines = [self._line(product)]
        return self._new_invoice(
            client or self.client, 0, date=day, invoice_line_ids=lines
        )

    def _order_line(self, client=None):
        order = self.env["sale.order"].create(
            {"partner_id": (client or self.client).id, "order_line": [self._line()]}
        )
        order.action_confirm()
        return order

    def test_another_product_of_the_same_amount(self):
        """On a posted line; by resetting and posting at once; on a confirmed order."""
        self.now = self.today
        move, order = self._bill_line(), self._order_line()
        self._refresh(is_whole=True)
        move.invoice_line_ids.product_id = self.products[1]
        self._night()
        self._assert_as_rebuilt("posted")
        move.button_draft()
        move.invoice_line_ids.write({"product_id": self.products[2], "price_unit": 70})
        move.action_post()
        self._night()
        self._assert_as_rebuilt("posted again")
        order.order_line.write({"product_id": self.products[1].id, "price_unit": 70})
        self._night()
        self._assert_as_rebuilt("ordered")

    def test_a_deposit_line_shares_the_order(self):
        """It has no amount, but the order has one category more."""
        self.now = self.today
        order = self._order_line()
        self._refresh(is_whole=True)
        order.order_line = [self._line(1, product_uom_qty=0, is_downpayment=True)]
        self._night()
        self._assert_as_rebuilt("added")
        order.order_line.filtered("is_downpayment").unlink()
        self._night()
        self._assert_as_rebuilt("removed")

    def test_another_time_zone_moves_orders(self):
        """Those whose day isn't recorded count on the local day of their order date."""
        zones = self.company.resource_calendar_id
        zones.tz = "UTC"
        order = self._order_line()
        order.date_order = datetime(2025, 5, 31, 23, 30)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM nka_order_confirmation")
        self._refresh(is_whole=True)
        zones.tz = "Asia/Tokyo"
        self._night()
        self._assert_as_rebuilt("calendar")
        other = zones.copy({"tz": "America/Lima"})
        self.company.resource_calendar_id = other
        self._night()
        self._assert_as_rebuilt("company")

    def test_whitespace_lists_only_what_was_sold(self):
        """Neither what was only ordered, nor what was sold before the period."""
        self.now = self.today
        self._order_line().date_order = self.now - timedelta(days=45)
        self._bill_line(self.now - timedelta(days=800), product=1)
        self._bill_line(self.now - timedelta(days=2), product=2)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_order_confirmation SET date = date - 45 WHERE order_ref = %s",
            [self.env["sale.order"].search([], limit=1, order="id desc").id],
        )
        self._night()
        lines = self.env["nka.whitespace.line"].search(
            [("key_account_id", "=", self.account.id)]
        )
        self.assertEqual(lines.categ_id, self.products[2].categ_id)

    def test_whitespace_of_an_account_that_begins_today(self):
        """Also if another account's was updated today."""
        self.now = self.today
        for client in (self.client, self.other_client):
            self._bill_line(self.now + timedelta(days=1), client)
        self._night()
        self.now += timedelta(days=1)
        fill = self.env["nka.whitespace.line"]._fill
        self._refresh(lambda _company: fill(self.other_account))
        self._night()
        self._assert_as_rebuilt()
        self.assertEqual([row[2] for row in self._whitespace()], [70, 70])

    def test_changes_outside_of_odoo_are_found_in_turn(self):
        move = self._new_invoice(self.client, 700, date=date(2025, 3, 3))
        self._refresh(is_whole=True)
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = -900 WHERE id = %s",
            [move.invoice_line_ids.id],
        )
        self.env.cr.execute("DELETE FROM nka_sales_touched")
        self.now += timedelta(days=history_sql.TURN_DAYS - 1)
        self._refresh()
        found = [self._invoiced()]
        self.now += timedelta(days=1)
        self._refresh()
        self.assertIn(found, ([700], [900]))
        self.assertEqual(self._invoiced(), 900)

    def test_each_account_has_its_turn(self):
        days = [date(2026, 1, 1) + timedelta(days=day) for day in range(29)]
        turns = [
            turn
            for last, today in pairwise(days)
            for turn in history_sql.Days(last, today).turns()
        ]
        self.assertEqual(sorted(turns), list(range(28)))
        long = history_sql.Days(days[0], days[-1])
        self.assertEqual(long.turns(), list(range(28)))

    def test_quiet_nights_are_cheap(self):
        self._refresh(is_whole=True)
        self.env.flush_all()
        for days, limit in ((0, 8), (1, 25)):
            self.now += timedelta(days=days)
            before = self.env.cr.sql_log_count
            self._refresh()
            self.env.flush_all()
            self.assertLessEqual(self.env.cr.sql_log_count - before, limit)

    def test_the_first_refresh_after_an_update_rebuilds(self):
        self._new_invoice(self.client, 700, date=date(2025, 3, 3))
        self._refresh(is_whole=True)
        self.env.cr.execute("UPDATE nka_sales_history SET margin = 77")
        self._refresh()
        self.assertTrue(self.history.search([("margin", "=", 77)], limit=1))
        self.marks.init()
        self._refresh()
        self.assertFalse(self.history.search([("margin", "=", 77)], limit=1))

    def test_administrators_rebuild(self):
        self._new_invoice(self.client, 700, date=date(2025, 3, 3))
        self.history._refresh(self.company, is_whole=True)
        self.env.cr.execute("UPDATE nka_sales_history SET margin = 77")
        self.history.with_user(self.supervisor).action_refresh()
        self.env.cr.execute("SELECT 1 FROM nka_sales_history WHERE margin = 77")
        self.assertTrue(self.env.cr.fetchall())
        for user in (self.manager, self.supervisor, self.officer, self.salesman):
            with self.refused(AccessError):
                self.history.with_user(user).action_rebuild()
        self.history.with_user(self.kam_admin).action_rebuild()
        self.env.cr.execute("SELECT 1 FROM nka_sales_history WHERE margin = 77")
        self.assertFalse(self.env.cr.fetchall())

    def test_a_change_committed_late_waits_for_the_next_refresh(self):
        """Two connections: what the refresh didn't see stays recorded."""
        nowhere = self.env["res.company"].browse(-7)
        connection = db_connect(self.env.cr.dbname)
        with connection.cursor() as late, connection.cursor() as cursor:
            marks = self.marks.with_env(self.env(cr=cursor))
            insert = "INSERT INTO nka_sales_touched (company_ref, day) VALUES (-7, %s)"
            cursor.execute(insert, ["2025-01-01"])
            cursor.commit()
            late.execute(insert, ["2025-02-02"])
            self.assertEqual(marks._changed_companies(nowhere)[0].ids, [-7])
            late.commit()
            marks._settle(nowhere)
            cursor.commit()
            try:
                cursor.execute(
                    "SELECT day::text FROM nka_sales_touched WHERE company_ref = -7"
                )
                self.assertEqual(cursor.fetchall(), [("2025-02-02",)])
            finally:
                marks._settle(nowhere)
                cursor.commit()
