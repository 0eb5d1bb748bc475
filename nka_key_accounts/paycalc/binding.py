"""Credits held until the documents of their deal are approved (docs/pay.md, 5)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, decimal, exact, keep, total


@dataclass(frozen=True, slots=True)
class BoundCredit:
    """One credit or reversal of a person whose plan binds the bonus to documents.

    :param key: identifies it
    :param source: the invoice it is for; a credit note has that of its invoice
    :param amount: money, negative for a reversal
    :param is_waiting: whether it was held at the end of the month before
    """

    key: object
    source: object
    amount: Decimal
    is_waiting: bool = False

    def __post_init__(self):
        keep(self, amount=decimal("credit", self.amount))


@dataclass(frozen=True, slots=True)
class SortedCredits:
    """Credits of a month by whether they count in it.

    :param counted: of the month itself
    :param released: held before, counted in this month
    :param held: still held after the month, including those held before
    """

    counted: tuple[BoundCredit, ...]
    released: tuple[BoundCredit, ...]
    held: tuple[BoundCredit, ...]

    @property
    @exact
    def amount(self) -> Decimal:
        """Return the credits that count in the month, money."""
        return total(credit.amount for credit in (*self.counted, *self.released))


@exact
def sort_credits(
    credits: Iterable[BoundCredit], missing: Collection[object]
) -> SortedCredits:
    """Return which credits count in a month, and which are held.

    A credit is held while its source lacks documents, and counts once, in the first
    month in which it lacks none. A reversal is held only with the credit that it
    reverses: what was counted before is clawed back at once. If all of a source is
    reversed while it is held, nothing of it is held any longer.

    :param credits: those waiting and those of the month, in the order of the ledger
    :param missing: the sources that lack documents

    >>> sale = BoundCredit(1, "INV/1", Decimal(500))
    >>> [credit.key for credit in sort_credits([sale], {"INV/1"}).held]
    [1]
    >>> later = [BoundCredit(1, "INV/1", Decimal(500), is_waiting=True)]
    >>> sort_credits(later, ()).amount
    Decimal('500')
    """
    waiting, own = _by_source(credits)
    held = []
    for source in {**waiting, **own}:
        if source not in missing:
            continue
        kept = list(waiting.get(source, ()))
        sum_held = total(credit.amount for credit in kept)
        for credit in own.get(source, ()):
            if sum_held + credit.amount >= ZERO:
                kept.append(credit)
                sum_held += credit.amount
        held += kept if sum_held else []
    keys = {credit.key for credit in held}
    return SortedCredits(
        counted=_without(own, keys),
        released=_without(waiting, keys),
        held=tuple(held),
    )


def _by_source(credits):
    waiting, own = {}, {}
    for credit in credits:
        group = waiting if credit.is_waiting else own
        group.setdefault(credit.source, []).append(credit)
    return waiting, own


def _without(groups, keys) -> tuple[BoundCredit, ...]:
    return tuple(
        credit for rows in groups.values() for credit in rows if credit.key not in keys
    )
