"""Order events in a random history: created, raised, partly invoiced, linked, tampered
with.
"""

from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command


class OrderEvents:
    """Order events of a history; what was confirmed is recorded in ``known``."""

    def _remember(self, order):
        self.known.confirm(order, order.date_order.date())
        self.orders.append(order)

    def _new_order(self, client, day, *prices):
        order = self.env["sale.order"].create(
            {
                "partner_id": client.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.machine.id,
                            "price_unit": price,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                    for price in prices
                ],
            }
        )
        order.action_confirm()
        order.date_order = day
        self._remember(order)
        return order

    def _do_orders_together(self, choice, day, amount):
        """Invoice two or three orders together, at times with a rebate or a line
        without an order.
        """
        client = self._some_client(choice)
        orders = self.env["sale.order"]
        for number in range(2 + choice % 2):
            rebate = [-round(amount / 7, 2)] if choice % 3 == number else []
            ordered = day - timedelta(days=(choice + 41 * number) % 80)
            price = round(amount / (1 + 2 * number), 2)
            orders |= self._new_order(client, ordered, price, *rebate)
        move = orders._create_invoices()
        move.invoice_date = day
        if not choice % 4:
            freight = {"name": "Freight", "price_unit": choice % 99, "tax_ids": []}
            move.invoice_line_ids = [Command.create(freight)]
        move.action_post()
        self.moves.append(move)

    def _do_stranger(self, choice, day, amount):
        """Link a posted invoice to another order as its seller: nothing changes."""
        move = self._chosen(choice, state="posted")
        order = self._new_order(self._some_client(choice // 5), day, amount)
        lines = move.invoice_line_ids[:1].with_user(self.colleague).sudo()
        if choice % 2:
            lines.sale_line_ids = [Command.set(order.order_line.ids)]
        else:
            lines.sale_line_ids = [Command.link(order.order_line.id)]

    def _do_tamper(self, choice, day, amount):
        """Change an order that was invoiced: nothing changes."""
        found = [order for order in self.orders if order.exists()]
        if not found:
            return
        order = found[choice % len(found)].with_user(self.manager).sudo()
        other = found[choice // 3 % len(found)]
        kind = choice // 7 % 5
        with self._on(day, order, other):
            if kind == 0 and order.state == "sale":
                order.date_order = day
            elif kind == 1 and order.state == "sale":
                order._action_cancel()
                if choice % 2:
                    order.action_draft()
                    order.action_confirm()
            elif kind == 2:
                order.write({"partner_id": self._some_client(choice // 3).id})
            elif kind == 3:
                order.order_line[:1].order_id = other.id
            elif kind == 4 and order.state == "sale":
                order._action_cancel()
                order.unlink()

    @contextmanager
    def _on(self, day, *orders):
        """Run changes of orders on a day; lines are recorded as they are then."""
        with freeze_time(f"{day} 12:00:00"):
            yield
        for order in orders:
            if order.exists():
                self.known.look_at(order.with_env(self.env), day)

    def _open_order(self, choice):
        found = [
            order for order in self.orders if order.exists() and order.state == "sale"
        ]
        return found[choice % len(found)] if found else self.env["sale.order"]

    def _do_raise(self, choice, day, amount):
        """Raise or lower a line of an old order, or add one."""
        order = self._open_order(choice).with_user(self.colleague).sudo()
        if not order:
            return
        price = round(amount / (choice % 9 + 1), 2)
        with self._on(day, order):
            line = order.order_line.filtered("product_id")[choice // 9 % 2 :][:1]
            if choice % 3 and line:
                line.price_unit = price if choice % 4 else line.price_unit / 2
            else:
                vals = {
                    "product_id": self.machine.id,
                    "price_unit": price if choice % 5 else -price,
                    "tax_ids": [Command.set(self.tax.ids)],
                }
                order.order_line = [Command.create(vals)]

    def _do_part(self, choice, day, amount):
        """Create an invoice manually for a line of an order: for part of it, or for
        more.
        """
        order = self._open_order(choice)
        lines = order.order_line.filtered("product_id")
        if not lines:
            return
        line = lines[choice // 5 % len(lines)]
        part = (0.3, 0.5, 1, 1.7)[choice % 4]
        move = self._invoice(
            round(line.price_subtotal * part, 2) or amount,
            day,
            order.partner_id,
            self.tax,
            move_type="out_invoice" if choice % 6 else "out_refund",
        )
        move.button_draft()
        move.invoice_line_ids.sale_line_ids = line
        move.action_post()
        self.moves.append(move)

    def _do_deposit(self, choice, day, amount):
        """Invoice a down payment, at times above the order; at times deduct it weeks
        later.
        """
        order = self._open_order(choice)
        if not order:
            return
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create(
                {
                    "advance_payment_method": "fixed",
                    "fixed_amount": round(
                        abs(order.amount_total) * (choice % 5 + 1) / 4, 2
                    ),
                }
            )
        )
        before = order.invoice_ids
        wizard.create_invoices()
        self.known.look_at(order)
        for move in order.invoice_ids - before:
            self._post_on(move, day)
        if choice % 3:
            final = order._create_invoices(final=bool(choice % 4))
            self._post_on(final, day + timedelta(days=choice % 40))

    def _post_on(self, move, day):
        move.invoice_date = day
        move.action_post()
        self.moves.append(move)

    def _do_link_old(self, choice, day, amount):
        """Link an old order to a draft invoice of another one, and post it."""
        order = self._open_order(choice)
        client = self._some_client(choice // 3)
        other = self._new_order(client, day - timedelta(days=choice % 90), amount)
        move = other._create_invoices()
        if order:
            line = order.order_line.filtered("product_id")[:1]
            line.with_user(self.manager).sudo().invoice_lines = [
                Command.link(move.invoice_line_ids[:1].id)
            ]
        self.env.flush_all()
        self._post_on(move, day)

    # ------------------------------------------------------------ changed orders
    def _do_alter(self, choice, day, amount):
        """Change what is ordered, in any way Odoo offers."""
        order = self._open_order(choice).with_user(self.colleague).sudo()
        lines = order.order_line.filtered(
            lambda line: line.product_id and not line.is_downpayment
        )
        if not lines:
            return
        line = lines[choice // 3 % len(lines)]
        quantity = (0, 1, 2, 3)[choice // 7 % 4]
        changes = (
            {"product_uom_qty": quantity},
            {"discount": choice % 120 - 20},
            {"tax_ids": [Command.set(self.included.ids)]},
            {"tax_ids": [Command.clear()]},
            {"product_id": self.product.id, "price_unit": amount},
            {
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "price_unit": line.price_unit * (12 if choice % 2 else 1),
            },
            {"price_unit": -line.price_unit},
            {"is_downpayment": True, "product_uom_qty": 0},
        )
        kind = choice // 11 % (len(changes) + 5)
        with self._on(day, order):
            if kind < len(changes):
                line.write(changes[kind])
            elif kind == len(changes):
                line.copy({"order_id": order.id})
            elif kind == len(changes) + 1:
                self._cut(line, choice % 9 / 10)
            elif kind == len(changes) + 2:
                order.pricelist_id = self.euro_prices
            elif kind == len(changes) + 3:
                order.order_line = [
                    Command.create({"display_type": "line_section", "name": "More"})
                ]
            else:
                self._confirm_anew(order, line, amount)

    def _cut(self, line, part):
        """Split one line into two."""
        price = line.price_unit
        line.price_unit = price * part
        line.copy({"order_id": line.order_id.id, "price_unit": price * (1 - part)})

    def _confirm_anew(self, order, line, amount):
        order._action_cancel()
        order.action_draft()
        line.price_unit = amount
        order.action_confirm()

    def _do_percentage(self, choice, day, amount):
        """Invoice a percentage as down payment, also for orders of zero."""
        order = self._open_order(choice)
        if not choice % 4:
            order = self._new_order(self._some_client(choice), day, 0)
        if not order:
            return
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create(
                {
                    "advance_payment_method": "percentage",
                    "amount": choice // 5 % 140 + 1,
                }
            )
        )
        before = order.invoice_ids
        wizard.create_invoices()
        self.known.look_at(order)
        for move in order.invoice_ids - before:
            self._post_on(move, day)

    def _do_several(self, choice, day, amount):
        """Invoice what remains of several orders at once, posted in reverse order."""
        orders = self._open_order(choice) | self._open_order(choice // 3)
        orders |= self._open_order(choice // 5)
        moves = orders._create_invoices(
            grouped=bool(choice % 2), final=bool(choice % 3)
        )
        for number, move in enumerate(moves.sorted("id", reverse=True)):
            self._post_on(move, day - timedelta(days=number * (choice % 30)))

    def _do_invoice_again(self, choice, day, amount):
        """Create a credit note and a new invoice in one step."""
        move = self._chosen(choice, state="posted")
        if not move:
            return
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": day, "journal_id": move.journal_id.id})
        )
        again = self.env["account.move"].browse(wizard.modify_moves()["res_id"])
        self.moves.append(move.reversal_move_ids[-1:])
        if choice % 3:
            again.invoice_line_ids[:1].price_unit = amount
        self._post_on(again, day + timedelta(days=choice % 20))

    def _do_loose_note(self, choice, day, amount):
        """Create a credit note linked to the order lines of an invoice, but not to the
        invoice.
        """
        move = self._chosen(choice, state="posted")
        if move:
            note = self._credit_note(move, day, match=bool(choice % 2))
            note.button_draft()
            note.reversed_entry_id = False
            note.invoice_line_ids[:1].price_unit = amount
            self._post_on(note, day)

    def _do_backdate(self, choice, day, amount):
        """Create an invoice of an order that is dated long before it."""
        move = self._chosen(choice, "out_invoice", "out_refund", state="posted")
        if move:
            move.button_draft()
            move.invoice_date = day - timedelta(days=choice % 200)
            move.action_post()
