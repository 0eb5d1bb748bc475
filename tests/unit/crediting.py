"""What is credited for one invoice and to whom: what the ledger's SQL is held against.

Written from docs/pay.md, 5, on fractions: slow and obvious. Everything counts to date;
what is new is the difference to what was credited before. Money goes in and comes out as
Decimal.
"""

from decimal import Decimal
from fractions import Fraction

from .oracle import half_up, money

ZERO = Decimal(0)


def paid_to_date(untaxed, total, arrived, digits=2):
    """Credit for all the money that has arrived for an invoice.

    Of a credit note refunded in money all three amounts are below zero.

    >>> paid_to_date(1000000, 1200000, 480000)
    Decimal('400000.00')
    >>> paid_to_date(5, 0, 0)
    Decimal('0.00')
    """
    part = min(Fraction(1), Fraction(arrived) / Fraction(total)) if total else 0
    return money(half_up(Fraction(untaxed) * part, digits), digits)


def arrived_part(total, arrived):
    """Which part of an invoice has arrived, all of it at most.

    >>> arrived_part(1200, 400)
    Fraction(1, 3)
    """
    return min(Fraction(1), Fraction(arrived) / Fraction(total))


def slices_to_date(amounts, part, whole, digits=2):
    """What each slice of an invoice over several orders is credited to date.

    Each is rounded, the last is the remainder: together they are the whole's credit.

    :param amounts: untaxed by slice, in the order of the lines
    :param part: which part of the invoice has arrived
    :param whole: credit to date of the invoice

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
    """What all credit notes so far take back of the credit given for their invoice.

    :param invoice: untaxed, in its own currency
    :param notes: untaxed, all so far, in the same currency

    >>> taken_to_date(Decimal("9137.41"), 100, 100)
    Decimal('9137.41')
    """
    part = min(Fraction(1), Fraction(notes) / Fraction(invoice))
    return money(half_up(Fraction(given) * part, digits), digits)


def cut(amount, percents, digits=2):
    """Cut an amount into rounded parts; the last is the remainder, none takes more than
    is left.

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
    """Divide all of a source so far, less what each has got of it before.

    :param shares: pairs of beneficiary and percent, 100 together
    :param dict given: what each has been given of this source
    :return: what is new, by beneficiary

    >>> divide_to_date(Decimal("0.05"), [("a", 50), ("b", 50)], {"a": Decimal("0.01")})
    {'a': Decimal('0.02'), 'b': Decimal('0.02')}
    """
    given = dict(given)
    people, percents = zip(*shares, strict=True)
    parts = zip(people, cut(to_date, percents, digits), strict=True)
    return {person: part - given.get(person, ZERO) for person, part in parts}
