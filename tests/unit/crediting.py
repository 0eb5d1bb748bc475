"""Credits of one invoice by person: a reference for the ledger's SQL.

Written from docs/pay.md, 5, with fractions: slow and obvious. All amounts are
cumulative; the increase is the difference from what was credited before. Amounts are
passed and returned as Decimal.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .oracle import half_up, money

ZERO = Decimal(0)


def paid_to_date(untaxed, total, arrived, digits=2):
    """Return the credit for all payments received for an invoice.

    For a credit note refunded by a payment all three amounts are negative.

    >>> paid_to_date(1000000, 1200000, 480000)
    Decimal('400000.00')
    >>> paid_to_date(5, 0, 0)
    Decimal('0.00')
    """
    part = min(Fraction(1), Fraction(arrived) / Fraction(total)) if total else 0
    return money(half_up(Fraction(untaxed) * part, digits), digits)


def arrived_part(total, arrived):
    """Return which part of an invoice has been paid, at most all of it.

    >>> arrived_part(1200, 400)
    Fraction(1, 3)
    """
    return min(Fraction(1), Fraction(arrived) / Fraction(total))


def slices_to_date(amounts, part, whole, digits=2):
    """Return the cumulative credit of each slice of an invoice over several orders.

    Each is rounded and the last is the remainder, so they add up to the invoice's
    credit.

    :param amounts: untaxed by slice, in the order of the lines
    :param part: paid part of the invoice, from 0 to 1
    :param whole: cumulative credit of the invoice

    >>> slices_to_date([1, 300000], Fraction(1, 2), Decimal("150000.50"))
    [Decimal('0.50'), Decimal('150000.00')]
    """
    *firsts, _last = amounts
    parts = [
        money(half_up(Fraction(amount) * Fraction(part), digits), digits)
        for amount in firsts
    ]
    return [*parts, whole - sum(parts, ZERO)]


def taken_to_date(given, invoice, notes, digits=2):
    """Return what all credit notes so far reverse of the credit given for their
    invoice.

    :param invoice: untaxed, in its own currency
    :param notes: untaxed, all so far, in the same currency

    >>> taken_to_date(Decimal("9137.41"), 100, 100)
    Decimal('9137.41')
    """
    part = min(Fraction(1), Fraction(notes) / Fraction(invoice))
    return money(half_up(Fraction(given) * part, digits), digits)


def cut(amount, percents, digits=2):
    """Split an amount into rounded parts; the last is the remainder, and no part
    exceeds what is left.

    >>> cut(Decimal("100000.05"), [40, 10, 50])
    [Decimal('40000.02'), Decimal('10000.01'), Decimal('50000.02')]
    """
    *firsts, _last = percents
    rest, parts = Fraction(amount), []
    for percent in firsts:
        part = half_up(Fraction(amount) * Fraction(percent) / 100, digits)
        parts.append(min(part, rest, key=abs))
        rest -= parts[-1]
    return [money(part, digits) for part in (*parts, rest)]


def divide_to_date(to_date, shares, given=(), digits=2):
    """Divide the whole of a source so far, minus what each person has received of it.

    :param shares: pairs of beneficiary and percent, 100 together
    :param dict given: amounts received so far, by beneficiary
    :return: increase by beneficiary

    >>> divide_to_date(Decimal("0.05"), [("a", 50), ("b", 50)], {"a": Decimal("0.01")})
    {'a': Decimal('0.02'), 'b': Decimal('0.02')}
    """
    given = dict(given)
    people, percents = zip(*shares, strict=True)
    parts = zip(people, cut(to_date, percents, digits), strict=True)
    return {person: part - given.get(person, ZERO) for person, part in parts}


def spread(reached, missing, settled, booked):
    """Return which part of each document settled by an entry is a payment.

    An early payment discount belongs to the documents whose terms granted it: all that
    is missing if that is exactly what they granted, otherwise what was booked as
    discount, each in proportion. Any other missing amount is spread over all documents.

    :param reached: amount of the entry on accounts that count as payment
    :param missing: amount of the entry on other accounts
    :param settled: pairs of amount settled and discount granted in time
    :param booked: part of the missing amount booked as early payment discount
    :return: paid parts of the settled amounts, from 0 to 1

    >>> spread(1900, 100, [(1000, 100), (1000, 0)], 0)
    [Fraction(9, 10), Fraction(1, 1)]
    >>> spread(1800, 200, [(1000, 0), (1000, 0)], 200)
    [Fraction(9, 10), Fraction(9, 10)]
    >>> spread(1850, 150, [(1000, 100), (1000, 200)], 150)
    [Fraction(19, 20), Fraction(9, 10)]
    """
    asked = [min(Fraction(amount), Fraction(granted)) for amount, granted in settled]
    taken = sum(asked)
    if missing != taken:
        taken = max(Fraction(0), min(Fraction(booked), taken))
    rest = Fraction(reached) + Fraction(missing) - taken
    rate = min(Fraction(1), Fraction(reached) / rest)
    parts = []
    for (amount, _granted), wanted in zip(settled, asked, strict=True):
        discount = wanted * taken / sum(asked) if wanted else 0
        parts.append((1 - discount / Fraction(amount) if discount else 1) * rate)
    return parts


#: Placeholder person for a part that is credited to no one.
NOBODY = 0


@dataclass(frozen=True)
class Agreement:
    """Period in which a person is paid, and the terms that apply after it."""

    first: date
    last: date
    after: str = "leaver"
    months: int = 6
    basis: str = "paid"


@dataclass(frozen=True)
class Handover:
    """A handover with a split: the outgoing manager keeps ``share`` percent for some
    days.
    """

    giver: int
    receiver: int
    date: date
    share: Decimal
    days: int


def within_months(day, last, months):
    """Return whether a day lies in the months that begin on the day after the last one.

    >>> [within_months(date(2025, 8, day), date(2025, 2, 14), 6) for day in (14, 15)]
    [True, False]
    >>> within_months(date(2025, 8, 31), date(2025, 2, 28), 6)
    True
    """
    first = last + timedelta(days=1)
    between = 12 * (day.year - first.year) + day.month - first.month
    return between < months or (between == months and day.day < first.day)


def last_terms(agreements, day):
    """Return the last agreement of a person who has left by a day, otherwise None."""
    if any(row.first <= day <= row.last for row in agreements):
        return None
    ended = [row for row in agreements if row.last < day]
    return max(ended, key=lambda row: row.last) if ended else None


def basis_on(agreements, day):
    """Return the basis of an invoice of a day; before the first agreement, its basis."""
    started = [row for row in agreements if row.first <= day]
    return (started or agreements[:1])[-1].basis


def stays_theirs(agreements, order_day, day):
    """Return whether an order still credits its owner on a day, given the rules for
    leavers.
    """
    left = last_terms(agreements, day)
    if left is None:
        return True
    return (
        left.after == "leaver"
        and order_day <= left.last
        and within_months(day, left.last, left.months)
    )


def owners_on(owners, day):
    """Return the shares on a day: rows are (person, share, first day, last day)."""
    shares = {}
    for person, share, first, last in owners:
        if first <= day <= last:
            shares[person] = shares.get(person, ZERO) + share
    return shares


def beneficiaries(
    order_day,
    day,
    owners,
    handovers=(),
    agreements=None,
    basis="paid",
    invoice_day=None,
):
    """Return who is credited on a day for an order, in percent, including no one's
    part.

    The order day decides the owner. A later handover with a split leaves its outgoing
    manager a part for some days; the rest is the incoming manager's. For leavers their
    last terms say who follows; the part of a split always stays with its outgoing
    manager.

    :param agreements: agreements by person, in order
    :param invoice_day: day that decides on which basis a successor is credited, from the
        leaver's agreements; by default the order day
    """
    agreements = agreements or {}
    shares, kept = owners_on(owners, order_day), {}
    for row in sorted(handovers, key=lambda row: row.date):
        if order_day < row.date <= day and (row.giver in shares or row.giver in kept):
            given = shares.pop(row.giver, ZERO) + kept.pop(row.giver, ZERO)
            runs = day < row.date + timedelta(days=row.days)
            left = given * row.share / 100 if runs else ZERO
            kept[row.giver] = left
            shares[row.receiver] = shares.get(row.receiver, ZERO) + given - left
    found = dict(kept)
    for person, percent in shares.items():
        own = agreements.get(person, ())
        left = last_terms(own, day)
        if stays_theirs(own, order_day, day):
            parts = {person: percent}
        elif (
            left.after == "nobody"
            or order_day > left.last
            or basis_on(own, invoice_day or order_day) != basis
        ):
            parts = {NOBODY: percent}
        else:
            parts = successors(percent, order_day, day, owners, agreements)
        for heir, part in parts.items():
            found[heir] = found.get(heir, ZERO) + part
    return {person: percent for person, percent in found.items() if percent}


def successors(percent, order_day, day, owners, agreements):
    """Return the owners on the day of the payment; the part of those who left is no
    one's.
    """
    parts = {}
    for person, share in owners_on(owners, day).items():
        stays = stays_theirs(agreements.get(person, ()), order_day, day)
        heir = person if stays else NOBODY
        parts[heir] = parts.get(heir, ZERO) + percent * share / 100
    parts[NOBODY] = parts.get(NOBODY, ZERO) + percent - sum(parts.values(), ZERO)
    return parts


def counting_months(lines, lacking, last):
    """Return the month in which each ledger line counts, None while it is held.

    A credit is held while its invoice lacks an approved document, and counts once, in
    the first month in which it lacks none. A reversal waits only with the credit it
    reverses.

    :param lines: (line, invoice, month, amount) in the order of the ledger
    :param lacking: pairs of invoice and month in which it lacks a document
    :param last: the last month; months are numbers from 1

    >>> sale, back = ("a", 1, 1, 500), ("b", 1, 2, -500)
    >>> counting_months([sale], {(1, 1), (1, 2)}, 3)
    {'a': 3}
    >>> counting_months([sale, back], {(1, 2)}, 2)
    {'a': 1, 'b': 2}
    >>> counting_months([sale, back], {(1, 1), (1, 2)}, 1)
    {'a': None}
    """
    counted = {}
    for month in range(1, last + 1):
        for invoice in {row[1] for row in lines}:
            drawer = [
                row
                for row in lines
                if row[1] == invoice and counted.get(row[0], 1) is None
            ]
            new = [row for row in lines if row[1] == invoice and row[2] == month]
            if (invoice, month) not in lacking:
                counted.update((row[0], month) for row in [*drawer, *new])
                continue
            for row in new:
                inside = sum(kept[3] for kept in drawer)
                if inside + row[3] < 0:
                    counted[row[0]] = month
                else:
                    counted[row[0]] = None
                    drawer.append(row)
            if not sum(kept[3] for kept in drawer):
                counted.update((row[0], month) for row in drawer)
    return counted
