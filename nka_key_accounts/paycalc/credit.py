"""What of an invoice counts as sales, on either basis (docs/pay.md, 5)."""

from dataclasses import dataclass
from decimal import Decimal

from .errors import BasisError, CreditError
from .explain import Result, inputs
from .money import ONE, ZERO, decimal, exact, not_negative, rnd

PAID = "paid"
INVOICED = "invoiced"
BASES = (PAID, INVOICED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Result):
    """Sales credited or taken back; ``amount`` is money, ``to_date`` all so far."""

    to_date: Decimal


def check_basis(basis: str) -> str:
    """Return a known bonus basis, or refuse it."""
    if basis not in BASES:
        raise BasisError(value=basis, known=", ".join(BASES))
    return basis


@exact
def paid_credit(
    untaxed: Decimal,
    total: Decimal,
    money: Decimal,
    credited_before: Decimal = ZERO,
    digits: int = 2,
) -> Credit:
    """Return the credit for the money that has arrived for an invoice.

    Counted from all money so far, so that an invoice paid in full credits its
    untaxed amount to the cent, in however many pieces. Money beyond the total
    credits nothing. Undone payments make ``money`` smaller and the credit
    negative. A credit note refunded in cash mirrors an invoice: both of its
    amounts and the money are below zero.

    :param untaxed: in company currency at the invoice's own rate
    :param total: with tax, in the currency of the invoice
    :param money: arrived so far, in the currency of the invoice; no credit
        notes, write-offs or exchange differences
    :param credited_before: credited for this invoice so far, company currency
    :raises CreditError: for amounts of opposite signs

    >>> paid_credit(Decimal(1000000), Decimal(1200000), Decimal(480000)).amount
    Decimal('400000.00')
    """
    untaxed, total = decimal("untaxed amount", untaxed), decimal("total", total)
    money = decimal("money so far", money)
    before = decimal("credited before", credited_before)
    _check_signs(untaxed, total, money)
    part = min(ONE, money / total) if total else ZERO
    to_date = rnd(untaxed * part, digits)
    amount = rnd(to_date - before, digits)
    reason = _why_no_credit(untaxed, total, money, to_date)
    return Credit(
        amount=amount,
        code="credit.paid" if total else "credit.nothing_to_pay",
        inputs=inputs(
            untaxed=untaxed, total=total, money=money, credited_before=before
        ),
        reason="" if amount else reason,
        to_date=to_date,
    )


def _check_signs(untaxed: Decimal, total: Decimal, money: Decimal) -> None:
    if untaxed * total < 0:
        raise CreditError(problem=f"Untaxed {untaxed} and total {total} have two signs")
    if money * total < 0:
        raise CreditError(problem=f"Money of {money} can't pay a total of {total}")


def _why_no_credit(untaxed, total, money, to_date) -> str:
    if to_date:
        return "already_credited"
    if not total:
        return "nothing_to_pay"
    if not money:
        return "no_money"
    return "too_small" if untaxed else "untaxed_zero"


@exact
def invoiced_credit(
    untaxed: Decimal, credited_before: Decimal = ZERO, digits: int = 2
) -> Credit:
    """Return the credit for a posted invoice: its untaxed amount.

    :param untaxed: in company currency; 0 for an invoice set back to draft
    :param credited_before: credited for this invoice so far

    >>> invoiced_credit(Decimal(0), Decimal("99.50")).amount
    Decimal('-99.50')
    """
    untaxed = decimal("untaxed amount", untaxed)
    before = decimal("credited before", credited_before)
    to_date = rnd(untaxed, digits)
    amount = rnd(to_date - before, digits)
    reason = "already_credited" if to_date else "untaxed_zero"
    return Credit(
        amount=amount,
        code="credit.invoiced",
        inputs=inputs(untaxed=untaxed, credited_before=before),
        reason="" if amount else reason,
        to_date=to_date,
    )


@exact
def credit_note_credit(
    source_credit: Decimal,
    invoice: Decimal,
    notes: Decimal,
    taken_before: Decimal = ZERO,
    digits: int = 2,
) -> Credit:
    """Return what a credit note takes back of its invoice's credit.

    Goes by the source's company amount, whatever the rate is now, and by all
    credit notes so far: together they take back exactly what was given, and
    never more.

    :param source_credit: given for the invoice, company currency, zero or more
    :param invoice: untaxed, in the currency of the invoice, above zero
    :param notes: untaxed credit notes so far, this one included, the same
        currency, zero or more
    :param taken_before: taken back for earlier notes, as a positive amount
    :return: money, negative when credit is taken back
    :raises CreditError: for an invoice of zero with a credit note

    >>> credit_note_credit(Decimal("9137.41"), Decimal(100), Decimal(100)).amount
    Decimal('-9137.41')
    """
    given = not_negative("source credit", source_credit)
    invoice = not_negative("invoice", invoice)
    notes = not_negative("credit notes so far", notes)
    before = not_negative("taken back before", taken_before)
    if not invoice:
        raise CreditError(problem="A credit note can't belong to an invoice of zero")
    to_date = rnd(given * min(ONE, notes / invoice), digits)
    amount = rnd(before - to_date, digits)
    reason = "already_taken_back" if to_date else _why_nothing_taken(notes, given)
    return Credit(
        amount=amount,
        code="credit.note",
        inputs=inputs(
            source_credit=given, invoice=invoice, notes=notes, taken_before=before
        ),
        reason="" if amount else reason,
        to_date=to_date,
    )


def _why_nothing_taken(notes: Decimal, given: Decimal) -> str:
    return "too_small" if notes and given else "nothing_taken_back"
