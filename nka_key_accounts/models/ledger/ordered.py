"""Split invoices by order date when one date isn't enough.

What was confirmed counts on the order date, what was added to a line later on the day
it was added, and what exceeds both on the invoice date (docs/pay.md, "Which order,
which day"). Such orders are few: the database finds them, and they are processed here,
one document after the other.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from odoo.tools import SQL, groupby

#: What exceeds the order counts on the date of its invoice.
EXCESS = "excess"
#: Decimals of the returned amounts; the last part of an invoice is the remainder.
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """A document line and the order line it is for.

    :param own_day: the document's date
    :param place_day: date by which documents are sorted
    :param source_id: id of the document that this one reverses
    :param part: the part of it that is reversed
    :param amount: untaxed, in the currency of the order
    :param balance: untaxed, in company currency
    """

    move_id: int
    own_day: str
    place_day: str
    source_id: int | None
    part: Fraction | None
    line_id: int
    sold_id: int
    amount: Fraction
    balance: Fraction
    sequence: int

    def times(self, share):
        """Return a share of the claim.

        :param Fraction share: 0 to 1
        """
        return Claim(
            *(getattr(self, name) for name in self.__slots__[:7]),
            self.amount * share,
            self.balance * share,
            self.sequence,
        )


@dataclass(slots=True)
class Order:
    """An order with what was confirmed and what was invoiced of it.

    :param day: confirmation date
    :param kept: ``{line id: [(amount, day or None)]}``; None if not recorded
    :param unit: smallest amount of the currency
    :param is_asked: whether all its documents are included
    """

    order_id: int
    day: date
    kept: dict | None
    unit: Fraction
    is_asked: bool
    claims: list
    days: list = field(default_factory=list)

    @classmethod
    def of_row(cls, order_id, day, kept, digits, is_asked, claims):
        """Return the order of a row of ``facts.orders.claims_query``."""
        lines = kept and {
            int(line_id): [(_exact(amount), since) for amount, since in parts]
            for line_id, parts in _read(kept).items()
        }
        order = cls(
            order_id, day, lines, Fraction(1, 10**digits), is_asked, _claims(claims)
        )
        if lines:
            found = {since for parts in lines.values() for _amount, since in parts}
            order.days = sorted(found, key=lambda since: since or "")
        return order

    def worth(self, sold_id, sign):
        """Return the amount ordered of a line, or of the whole order without one.

        :param int sold_id: order line id, or 0
        :param sign: only amounts of this sign count
        """
        parts = self.kept.get(sold_id, ()) if sold_id else ()
        if not parts and (not sold_id or sold_id in self.kept):
            parts = [part for every in self.kept.values() for part in every]
        return abs(sum(amount for amount, _day in parts if amount * sign > 0))

    # ------------------------------------------------------------ target
    def target(self, invoiced, until):
        """Return how much of everything invoiced counts by which day.

        Each line counts up to what was ordered of it, and a day up to the order's value
        of that day; deposits count up to what is left of the order.

        :param dict invoiced: amounts by order line id, deposits as 0
        :param str until: increases after this day don't count yet
        :return: amounts by day, and the rest as ``EXCESS``
        """
        days = [day for day in self.days if not day or day <= until]
        counted = dict.fromkeys(days, Fraction(0))
        for sold_id, amount in invoiced.items():
            for day, part in self._of_line(sold_id, amount, days):
                counted[day] += part
        worth = {day: self._worth_of(day) for day in days}
        for day in days:
            bounds = min(worth[day], 0), max(worth[day], 0)
            counted[day] = min(max(counted[day], bounds[0]), bounds[1])
        left = max(invoiced.get(0, 0), 0)
        for day in days:
            part = max(min(worth[day] - max(counted[day], 0), left), 0)
            counted[day] += part
            left -= part
        counted[EXCESS] = sum(invoiced.values()) - sum(counted.values())
        return counted

    def _of_line(self, sold_id, amount, days):
        left = abs(amount)
        for part, day in self.kept.get(sold_id, ()):
            if part * amount > 0 and day in days:
                taken = min(left, abs(part))
                yield day, taken if amount > 0 else -taken
                left -= taken

    def _worth_of(self, day):
        return sum(
            amount
            for parts in self.kept.values()
            for amount, since in parts
            if since == day
        )

    def line_of(self, claim):
        """Return the order line a claim counts for; 0 for any part of the order."""
        return claim.sold_id if self.kept.get(claim.sold_id) != [] else 0


class Course:
    """Processes an order's documents in sequence, each after those before it."""

    def __init__(self, order):
        self.order = order
        self.invoiced, self.given = defaultdict(Fraction), defaultdict(Fraction)
        self.taken, self.claimed, self.back = {}, {}, defaultdict(Fraction)
        self.lines = 0

    def parts(self):
        """Yield a document's claims and how much of them counts by which day."""
        claims = sorted(self.order.claims, key=lambda row: (row.place_day, row.move_id))
        for _place, rows in groupby(
            claims, key=lambda row: (row.place_day, row.move_id)
        ):
            if rows[0].source_id:
                self._take_back(rows[0])
            else:
                yield rows, self._take(rows)

    def _take_back(self, note):
        source_id = note.source_id
        if source_id not in self.taken:
            return
        share = max(min(-note.part, 1 - self.back[source_id]), Fraction(0))
        self.back[source_id] += share
        for sums, parts in (
            (self.given, self.taken[source_id]),
            (self.invoiced, self.claimed[source_id]),
        ):
            for key, amount in parts.items():
                sums[key] -= amount * share

    def _take(self, rows):
        own = defaultdict(Fraction)
        for row in rows:
            own[self.order.line_of(row)] += row.amount
            self.lines += bool(row.amount)
        for line_id, amount in own.items():
            self.invoiced[line_id] += amount
        target = self._rounded(self.order.target(self.invoiced, rows[0].own_day))
        lacking = {
            day: target.get(day, 0) - self.given[day]
            for day in {**target, **self.given}
        }
        parts = _netted(lacking, sum(own.values()))
        for day, amount in parts.items():
            self.given[day] += amount
        self.taken[rows[0].move_id], self.claimed[rows[0].move_id] = parts, own
        return parts

    def _rounded(self, target):
        """Return the target; an excess within rounding goes to the last day."""
        if abs(target[EXCESS]) <= self.order.unit * self.lines:
            last = [day for day in target if day != EXCESS and target[day]]
            if last:
                target[last[-1]] += target[EXCESS]
                target[EXCESS] = Fraction(0)
        return target


def _netted(parts, whole):
    """Return parts that add up to ``whole``, without those of the opposite sign."""
    kept = {day: part for day, part in parts.items() if part * whole > 0}
    total = sum(kept.values())
    return {day: part * whole / total for day, part in kept.items()}


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of documents by day, and the lines that they replace."""

    rows: list
    line_ids: list

    def cte(self):
        """Return the CTEs ``ordered_part`` and ``ordered_line`` with these values."""
        columns = list(zip(*self.rows, strict=True)) or [()] * 5
        kinds = ("int", "date", "numeric", "int", "int")
        arrays = SQL(", ").join(
            SQL("%s::%s[]", list(column), SQL(kind))
            for column, kind in zip(columns, kinds, strict=True)
        )
        return SQL(
            """ordered_part AS MATERIALIZED (
                SELECT * FROM unnest(%s) AS t(move_id, day, amount, sequence, line_id)
            ), ordered_line AS MATERIALIZED (
                SELECT * FROM unnest(%s::int[]) AS t(line_id)
            )""",
            arrays,
            self.line_ids,
        )


def parts_of(rows):
    """Return which part of each document counts by which day, for some orders.

    :param rows: rows of ``facts.orders.claims_query``
    :rtype: Parts
    """
    orders = [Order.of_row(*row) for row in rows]
    _share_lines(orders)
    found, line_ids = [], set()
    for order in orders:
        if not order.is_asked:
            continue
        line_ids.update(row.line_id for row in order.claims if not row.source_id)
        for claims, parts in _divided(order):
            last = max((row.sequence, row.line_id) for row in claims)
            balance = sum(row.balance for row in claims)
            whole = sum(parts.values())
            for day, part in (parts if whole else {None: Fraction(1)}).items():
                own = str(order.day) if day is None else day
                own = claims[0].own_day if day == EXCESS else own
                amount = _decimal(balance * part / (whole or 1))
                found.append((claims[0].move_id, own, amount, *last))
    return Parts(found, sorted(line_ids))


def _divided(order):
    if order.kept is not None:
        return Course(order).parts()
    claims = sorted(order.claims, key=lambda row: row.move_id)
    return [
        (own, {None: Fraction(1)})
        for _id, own in groupby(claims, key=lambda row: row.move_id)
        if not own[0].source_id
    ]


def _share_lines(orders):
    """Divide lines for several orders among them.

    A line counts for the first order with what was ordered there, then for the next;
    the last one gets the rest.
    """
    by_line = defaultdict(list)
    for order in orders:
        for claim in order.claims:
            by_line[claim.line_id].append((order, claim))
        order.claims = []
    for found in by_line.values():
        found.sort(key=lambda pair: (pair[0].day, pair[0].order_id, pair[1].sold_id))
        left = Fraction(1)
        for number, (order, claim) in enumerate(found, 1):
            share = left
            if number < len(found) and order.kept is not None and claim.amount:
                worth = order.worth(claim.sold_id, claim.amount)
                share = min(left, worth / abs(claim.amount))
            left -= share
            order.claims.append(claim.times(share))


def _claims(text):
    return [
        Claim(
            *row[:4],
            row[4] and _exact(row[4]),
            *row[5:7],
            *map(_exact, row[7:9]),
            row[9],
        )
        for row in _read(text)
    ]


def _read(text):
    return json.loads(text, parse_float=str)


def _exact(number):
    return Fraction(str(number))


def _decimal(number):
    scaled = round(number * 10**DIGITS)
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**DIGITS)
    return f"{sign}{whole}.{rest:0{DIGITS}d}"
