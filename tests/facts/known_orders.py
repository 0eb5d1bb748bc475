"""What was ordered, and on which order days a document counts, one order at a time.

Slow and obvious: reads records through the ORM and shares no code with the SQL it is
compared to.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction


def money(value, digits=2):
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits))


class KnownOrders:
    """What invoice lines were linked to when they were posted, when that was ordered,
    and since when contacts belong to a client.

    By default derived from the present records. A history records each event itself, so
    that later writes don't count.
    """

    def __init__(self):
        self.forget()

    def forget(self):
        self.by_line, self.by_order, self.joined = {}, {}, {}
        self.worth, self.deposits, self.currency = {}, set(), {}

    def join(self, contact, day, moves):
        """Record that a supervisor put a contact under a client on a day, with its
        documents so far.
        """
        self.joined[contact.id] = day, set(moves.ids)

    def is_of_before(self, document, day):
        """Return whether a document of a day predates its contact's joining the client."""
        since, known = self.joined.get(document.partner_id.id, (date.min, ()))
        return day < since or (day == since and document.id in known)

    def confirm(self, order, day):
        """Record that an order was confirmed, or its day moved by the system or a
        supervisor.
        """
        self.by_order[order.id] = order.partner_id, order.company_id.id, day
        self.currency.setdefault(
            order.id, (order.currency_id, Fraction(repr(order.currency_rate)))
        )
        self.look_at(order)

    def look_at(self, order, day=None):
        """Record that an order was confirmed or changed. What exceeds the earlier
        maximum of a line was ordered on the day of the change, if a day is given.
        """
        if order.id not in self.by_order or order.state != "sale":
            return
        for line in order.order_line.filtered(lambda line: not line.display_type):
            if line.is_downpayment:
                self.deposits.add(line.id)
                continue
            parts = self.worth.setdefault(order.id, {}).setdefault(line.id, [])
            now = self.worth_of(line)
            most = sum(abs(part) for part, _day in parts if part * now > 0)
            if abs(now) > most:
                parts.append(((abs(now) - most) * (1 if now > 0 else -1), day))

    def worth_of(self, line):
        """Return the untaxed amount of an order line in the currency of the
        confirmation.
        """
        order, amount = line.order_id, Fraction(money(line.price_subtotal))
        currency, rate = self.currency[order.id]
        if order.currency_id != currency:
            amount *= rate / Fraction(repr(order.currency_rate))
        return amount

    def post(self, move):
        """Record that a document was posted: what its lines are linked to now counts."""
        for line in move.line_ids:
            before = self.by_line.get(line.id, ())
            self.by_line[line.id] = [
                (sold.order_id.id, sold.id)
                for sold in line.sale_line_ids
                if sold.order_id.state == "sale"
                or sold.order_id.id in [number for number, _sold in before]
            ]

    def of_line(self, line):
        """Return (id, order line, client, company id, day) of the orders of an invoice
        line.
        """
        if line.id in self.by_line:
            known = self.by_line[line.id]
            return [
                (number, sold_id, *self.by_order[number])
                for number, sold_id in known
                if number in self.by_order
            ]
        return [
            (
                sold.order_id.id,
                sold.id,
                sold.order_id.partner_id,
                sold.order_id.company_id.id,
                sold.order_id.date_order.date(),
            )
            for sold in line.sale_line_ids
            if sold.order_id.state == "sale"
        ]


class OrderOracle:
    """Part of an Oracle: the days on which the invoiced amount of an order counts.

    The confirmed amount counts on the order day, an increase of a line on the day of
    the increase, and the rest on the invoice date. An order is processed document by
    document.
    """

    def course_of(self, order_id):
        if order_id not in self.courses:
            self.courses[order_id] = self.parts_by_order(order_id)
        return self.courses[order_id]

    def parts_by_order(self, order_id):
        """Return ``{document id: (untaxed in the order's currency, [(day, amount)])}``."""
        given, invoiced, found, back = defaultdict(Fraction), {}, {}, {}
        lines = 0
        for move, rows in self.documents_of(order_id):
            source = self.source_of(move)
            if source and money(source.amount_untaxed_signed):
                if source.id in found:
                    self.give_back(move, source, found, back, given, invoiced)
                continue
            own = defaultdict(Fraction)
            for line, sold_id, share in rows:
                amount = share * self.ordered_amount(line, order_id)
                own[None if sold_id in self.orders.deposits else sold_id] += amount
                lines += bool(amount)
            for sold_id, amount in own.items():
                invoiced[sold_id] = invoiced.get(sold_id, 0) + amount
            whole = sum(own.values())
            day = move.invoice_date or move.date
            aim = self.aim(self.orders.worth.get(order_id, {}), invoiced, day, lines)
            missing = {key: aim.get(key, 0) - given[key] for key in {*aim, *given}}
            ahead = {key: gap for key, gap in missing.items() if gap * whole > 0}
            parts = {
                key: whole * gap / sum(ahead.values()) for key, gap in ahead.items()
            }
            for key, part in parts.items():
                given[key] += part
            found[move.id] = whole, parts, own
        return found

    def give_back(self, note, source, found, back, given, invoiced):
        """Return a credit note's parts; all notes together never reverse more than the
        invoice.
        """
        part = -Fraction(money(note.amount_untaxed_signed)) / Fraction(
            money(source.amount_untaxed_signed)
        )
        share = max(min(part, 1 - back.get(source.id, 0)), 0)
        back[source.id] = back.get(source.id, 0) + share
        _whole, parts, own = found[source.id]
        for key, amount in parts.items():
            given[key] -= share * amount
        for sold_id, amount in own.items():
            invoiced[sold_id] -= share * amount

    def documents_of(self, order_id):
        """Return the posted documents with their lines of an order: line, order line,
        share.
        """
        if self.documents is None:
            self.documents = defaultdict(lambda: defaultdict(list))
            moves = self.env["account.move"].search(
                [
                    ("state", "=", "posted"),
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ]
            )
            for move in moves:
                for line in self.product_lines(move):
                    for number, sold_id, share in self.shares_of_line(line):
                        row = line, sold_id, share
                        self.documents[number][move].append(row)
        found = self.documents[order_id]
        return sorted(found.items(), key=lambda item: self.place(item[0]))

    def place(self, move):
        days = [move.invoice_date or move.date]
        source = self.source_of(move)
        if source and money(source.amount_untaxed_signed):
            days.append(source.invoice_date or source.date)
        return max(days), move.id

    def shares_of_line(self, line):
        """Return (order, order line, share) of a line. A line linked to several orders
        counts for the first up to what was ordered there, then for the next; the last
        gets the rest.
        """
        orders = sorted(self.orders_of(line))
        left, found = Fraction(1), []
        for position, (_day, number, sold_id) in enumerate(orders, 1):
            share, amount = left, self.ordered_amount(line, number)
            if position < len(orders) and number in self.orders.worth and amount:
                kept = self.orders.worth[number]
                ordered = sum(
                    part
                    for own, parts in kept.items()
                    for part, _since in parts
                    if (own == sold_id or sold_id in self.orders.deposits)
                    and part * amount > 0
                )
                share = min(left, abs(ordered / amount))
            left -= share
            found.append((number, sold_id, share))
        return found

    def ordered_amount(self, line, order_id):
        """Return the untaxed amount of a line in the currency its order was confirmed
        in.
        """
        currency, rate = self.orders.currency.get(order_id, (line.currency_id, 1))
        if line.currency_id == currency:
            return -Fraction(money(line.amount_currency))
        return -Fraction(money(line.balance)) * rate

    def aim(self, worth, invoiced, until, lines):
        """Return how much should count on which day; ``"own"`` is what exceeds the
        order.
        """
        days = sorted(
            {
                since or date.min
                for parts in worth.values()
                for _part, since in parts
                if not since or since <= until
            }
        )
        aim, room = {}, {}
        for day in days:
            ordered = counted = Fraction(0)
            for sold_id, parts in worth.items():
                ordered += sum(
                    part for part, since in parts if (since or date.min) == day
                )
                counted += self.used(parts, invoiced.get(sold_id, 0), day, days)
            low, high = sorted((Fraction(0), ordered))
            aim[day] = min(max(counted, low), high)
            room[day] = max(ordered - max(aim[day], 0), 0)
        deposit = max(invoiced.get(None, 0), 0)
        for day in days:
            part = min(deposit, room[day])
            aim[day] += part
            deposit -= part
        over = sum(invoiced.values()) - sum(aim.values())
        last = [day for day in days if aim[day]]
        if last and abs(over) <= lines * Fraction(1, 100):
            aim[last[-1]] += over
            over = Fraction(0)
        return {**aim, "own": over}

    def used(self, parts, amount, day, days):
        """Return which part of a line's amount was ordered on a day; earlier parts come
        first.
        """
        left, found = abs(amount), Fraction(0)
        for part, since in parts:
            if part * amount > 0 and (since or date.min) in days:
                taken = min(left, abs(part))
                left -= taken
                found += taken if (since or date.min) == day else 0
        return found if amount > 0 else -found

    def parts_of_move(self, move):
        """Return [(day, amount in company currency, last line)] of the orders of a
        document.
        """
        if move.state != "posted":
            return [
                (
                    min(self.orders_of(line))[0],
                    -Fraction(money(line.balance)),
                    (line.sequence, line.id),
                )
                for line in self.product_lines(move)
                if self.orders_of(line)
            ]
        by_order, last = defaultdict(Fraction), {}
        for line in self.product_lines(move):
            for number, _sold_id, share in self.shares_of_line(line):
                by_order[number] -= share * Fraction(money(line.balance))
                last[number] = line.sequence, line.id
        parts = []
        for number, balance in by_order.items():
            day = self.orders.by_order.get(number, (None, None, None))[2]
            whole, found, _own = (0, {}, None)
            if number in self.orders.worth:
                whole, found, _own = self.course_of(number)[move.id]
            if not whole:
                day = day or self.env["sale.order"].browse(number).date_order.date()
                parts.append((day, balance, last[number]))
                continue
            for key, amount in found.items():
                own = (move.invoice_date or move.date) if key == "own" else key
                own = day if own == date.min else own
                parts.append((own, balance * amount / whole, last[number]))
        return parts

    def product_lines(self, move):
        lines = move.line_ids.filtered(lambda line: line.display_type == "product")
        return lines.sorted(lambda line: (line.sequence, line.id))

    def orders_of(self, line):
        """Return (day, order, order line) of a line's orders that belong to the client
        of the invoice.
        """
        return [
            (day, number, sold_id)
            for number, sold_id, client, company_id, day in self.orders.of_line(line)
            if client.commercial_partner_id == line.move_id.commercial_partner_id
            and company_id in self.companies.ids
            and not self.is_of_before(number, client, day)
        ]

    def is_of_before(self, number, client, day):
        """Return whether a contact ordered before it joined its client, without having
        belonged to it at another time.
        """
        joins = self.env["nka.client.join"].search(
            [("key_account_id.partner_id", "=", client.commercial_partner_id.id)]
        )
        own = joins.filtered(lambda join: join.partner_id == client)
        if any(join.order_ref == number and day <= join.date for join in joins):
            return True
        after = {
            join: not join.date
            or day > join.date
            or (day == join.date and number > join.order_mark)
            for join in own
        }
        was_part = any(
            after[join] and join.date_left and day <= join.date_left for join in own
        )
        return not (was_part or all(after.values()))
