"""One amount divided by shares so that the parts make the whole (docs/pay.md, 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from .errors import ShareError
from .explain import Result, inputs
from .money import HUNDRED, ZERO, decimal, exact, keep, rnd, total, within

NOTHING = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Share:
    """Who gets how much of a whole.

    :param key: any name of the beneficiary, the same in every call
    :param percent: 0 to 100
    """

    key: object
    percent: Decimal

    def __post_init__(self):
        keep(self, percent=within("share", self.percent, ZERO, HUNDRED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Result):
    """What one share comes to; ``amount`` is money."""

    key: object


def check_shares(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Return the shares when they make 100 %, each beneficiary named once.

    :raises ShareError: otherwise
    """
    shares = tuple(shares)
    if len({share.key for share in shares}) != len(shares):
        raise ShareError(problem="someone is named twice")
    percent = total(share.percent for share in shares)
    if percent != HUNDRED:
        raise ShareError(problem=f"they add up to {percent} %")
    return shares


@exact
def cut(amount: Decimal, percents: Iterable[Decimal], digits: int) -> list[Decimal]:
    """Cut ``amount`` into rounded parts, the last of which is the remainder.

    A part never takes more than what is left, so that a few cents among many
    can't leave the last one with a debt.

    >>> cut(Decimal("100000.05"), [Decimal(40), Decimal(10), Decimal(50)], 2)
    [Decimal('40000.02'), Decimal('10000.01'), Decimal('50000.02')]
    """
    *firsts, _last = percents
    rest = rnd(amount, digits)
    parts = []
    for percent in firsts:
        part = rnd(amount * percent / HUNDRED, digits)
        part = min(part, rest, key=abs)
        parts.append(part)
        rest -= part
    return [*parts, rest]


def divide(amount: Decimal, shares: Iterable[Share], digits: int = 2):
    """Divide an amount by shares; the last share is the remainder.

    :param amount: money, negative when something is taken back
    :param shares: who gets how many percent, 100 together
    :return: one :class:`Part` per share, in order; they add up to the amount
    :raises ShareError: when the shares don't make 100 % or name someone twice

    >>> parts = divide(Decimal("0.05"), [Share("a", Decimal(50)), Share("b", 50)])
    >>> [(part.key, str(part.amount)) for part in parts]
    [('a', '0.03'), ('b', '0.02')]
    """
    return divide_to_date(amount, shares, digits=digits)


@exact
def divide_to_date(
    amount_to_date: Decimal,
    shares: Iterable[Share],
    given: Mapping[object, Decimal] = NOTHING,
    digits: int = 2,
) -> tuple[Part, ...]:
    """Divide all of a source so far, less what each has got of it before.

    An invoice paid in many pieces thus gives everybody the same as an invoice
    paid at once, to the cent.

    :param amount_to_date: money credited for the source so far, all together
    :param shares: who gets how many percent, 100 together
    :param given: what each key has been given of this source before
    :return: one :class:`Part` per share with what is new
    :raises ShareError: as :func:`divide`, or when ``given`` names anybody else
    """
    shares = check_shares(shares)
    strangers = set(given) - {share.key for share in shares}
    if strangers:
        raise ShareError(problem=f"{strangers} got some of it but has no share")
    whole = rnd(decimal("amount", amount_to_date), digits)
    amounts = cut(whole, [share.percent for share in shares], digits)
    parts = []
    for share, amount in zip(shares, amounts, strict=True):
        before = given.get(share.key, ZERO)
        is_rest = share is shares[-1]
        parts.append(_part(share, whole, amount, rnd(before, digits), is_rest))
    return tuple(parts)


def _part(share: Share, whole, to_date, before, is_rest: bool) -> Part:
    amount = to_date - before
    return Part(
        amount=amount,
        code="share.rest" if is_rest else "share.part",
        inputs=inputs(whole=whole, percent=share.percent, given_before=before),
        reason="" if amount else _why_no_part(share, whole, to_date),
        key=share.key,
    )


def _why_no_part(share: Share, whole: Decimal, to_date: Decimal) -> str:
    if to_date:
        return "already_credited"
    if not share.percent:
        return "no_share"
    return "too_small" if whole else "no_credits"
