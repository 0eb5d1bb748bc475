"""Draw on future bonus, and months with a negative bonus (docs/pay.md, 6)."""

from dataclasses import dataclass
from decimal import Decimal

from .explain import Result, inputs
from .money import ONE, ZERO, decimal, exact, keep, not_negative, payable, rnd, within


@dataclass(frozen=True, slots=True)
class DrawTerms:
    """Terms of the draw, the guaranteed minimum bonus.

    :param draw: money per month; with 0, only a negative month is carried forward
    :param recovery_rate: share of the bonus above the draw that recovers the draw
        balance, 0 to 1
    """

    draw: Decimal = ZERO
    recovery_rate: Decimal = ONE

    def __post_init__(self):
        keep(
            self,
            draw=not_negative("draw", self.draw),
            recovery_rate=within("recovery rate", self.recovery_rate, ZERO, ONE),
        )


NO_DRAW = DrawTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBonus(Result):
    """Bonus paid in a month; ``amount`` is money, never negative.

    :param earned: bonus of the month before the draw
    :param change: increase (draw) or decrease (recovery) of the draw balance
    :param recovered: amount of the draw balance recovered in the month
    :param balance: draw balance after the month
    """

    earned: Decimal
    change: Decimal
    recovered: Decimal
    balance: Decimal

    @property
    @exact
    def carry(self) -> Decimal:
        """Return what the draw adds to the earned bonus, or recovery deducts; money."""
        return self.amount - self.earned


@exact
def pay_bonus(
    earned: Decimal,
    balance: Decimal = ZERO,
    terms: DrawTerms = NO_DRAW,
    digits: int = 2,
) -> PaidBonus:
    """Return the bonus paid in a month, and the draw balance after it.

    Below the draw, the draw is paid and the difference is added to the balance. Above
    it, the recovery rate of the amount above the draw recovers the balance.

    :param earned: money, negative if clawbacks exceed the bonus
    :param balance: draw balance before, zero or more
    :param terms: draw and recovery rate; prorate the draw of a partial month
    :param digits: decimals of the currency
    :raises PrecisionError: for an amount finer than the currency

    >>> month = pay_bonus(Decimal(190000), Decimal(80000), DrawTerms(Decimal(50000)))
    >>> month.amount, month.balance
    (Decimal('110000.00'), Decimal('0.00'))
    """
    earned = payable("earned bonus", decimal("earned bonus", earned), digits)
    balance = payable("balance", not_negative("balance", balance), digits)
    draw = payable("draw", terms.draw, digits)
    above = max(ZERO, earned - draw)
    recovered = min(balance, rnd(terms.recovery_rate * above, digits))
    change = max(ZERO, draw - earned) - recovered
    paid = earned + change
    return PaidBonus(
        amount=paid,
        code="draw.advance" if earned < draw else "draw.recover",
        inputs=inputs(
            earned=earned,
            draw=draw,
            recovery_rate=terms.recovery_rate,
            balance_before=balance,
        ),
        reason="" if paid else _why_nothing(earned),
        earned=earned,
        change=change,
        recovered=recovered,
        balance=balance + change,
    )


def _why_nothing(earned: Decimal) -> str:
    if earned < 0:
        return "carried"
    return "advance_recovered" if earned else "nothing_earned"
