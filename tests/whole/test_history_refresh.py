"""Refreshing the sales history by what changed gives what a rebuild gives."""

from datetime import date, datetime, time, timedelta
from random import Random
from unittest.mock import patch

from odoo import Command, fields
from odoo.sql_db import db_connect

from odoo.addons.nka_key_accounts.models.facts import history_sql

from ..accounts.common import PartnersCase

NIGHTS = 14


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
            self._night(rng.choice([0, 1, 1, 2, 30, 370]))
            self._assert_as_rebuilt(f"night {night}: {done}")

    def test_random_history_1(self):
        self._check_history(1)

    def test_random_history_2(self):
        self._check_history(2)

    def test_random_history_3(self):
        self._check_history(3)
