"""Properties of credits and shares that hold for any numbers."""

import doctest
from decimal import Decimal

import paycalc as pc
from hypothesis import given
from hypothesis import strategies as st

from . import crediting
from .strategies import CREDITS, SALES, cents, shares

ZERO = Decimal(0)


def test_doctests():
    assert not doctest.testmod(crediting).failed


@given(CREDITS, shares())
def test_shares_add_up_to_the_credit(amount, beneficiaries):
    parts = crediting.divide_to_date(amount, beneficiaries).values()
    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)


@given(CREDITS, shares())
def test_reversal_is_divided_like_the_credit(amount, beneficiaries):
    parts = crediting.divide_to_date(amount, beneficiaries)
    taken = crediting.divide_to_date(-amount, beneficiaries)
    assert {key: -part for key, part in taken.items()} == parts


@given(st.lists(SALES, min_size=1, max_size=6), shares())
def test_shares_of_pieces_are_the_shares_of_the_whole(pieces, beneficiaries):
    to_date, got = ZERO, {}
    for piece in pieces:
        to_date += piece
        for key, part in crediting.divide_to_date(to_date, beneficiaries, got).items():
            got[key] = got.get(key, ZERO) + part
    assert got == crediting.divide_to_date(to_date, beneficiaries)


@given(cents(1, 100_000), cents(0, 30_000), st.sets(st.integers(1, 999), max_size=6))
def test_invoice_paid_in_pieces_credits_its_untaxed_amount(untaxed, tax, cuts):
    total, credited = untaxed + tax, []
    for part in [*sorted(cuts), 1000]:
        money = pc.rnd(total * part / 1000)
        credited.append(crediting.paid_to_date(untaxed, total, money))
    assert money == total
    assert credited == sorted(credited)
    assert credited[-1] == untaxed


@given(cents(0, 100_000), st.integers(1, 5), cents(1, 9_000))
def test_credit_notes_reverse_the_credit_and_no_more(given_, times, invoice):
    taken = ZERO
    for n in range(1, times + 2):
        taken = crediting.taken_to_date(given_, invoice, invoice * n / times)
        assert taken <= given_
    assert taken == given_


@given(cents(1, 100_000), cents(0, 30_000))
def test_undone_payment_reverses_its_credit(untaxed, tax):
    assert crediting.paid_to_date(untaxed, untaxed + tax, ZERO) == 0


@given(cents(1, 100_000), cents(0, 30_000), st.integers(1, 1000))
def test_cash_refund_mirrors_a_payment(untaxed, tax, part):
    total = untaxed + tax
    money = pc.rnd(total * part / 1000)
    paid = crediting.paid_to_date(untaxed, total, money)
    assert crediting.paid_to_date(-untaxed, -total, -money) == -paid
