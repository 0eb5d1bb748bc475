"""The worked examples of pay, defined once for all their uses.

The unit tests calculate them, the database tests run them with real invoices and
reports, and the table in docs/pay.md is printed from them::

    python -m tests.unit.examples

Imports the standard library only, so that any module can import it.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

CURRENCY = "RUB"
DIGITS = 2
TARGET_EARNINGS = Decimal("200000.00")
MONTHLY_QUOTA = Decimal("2000000.00")
RATE = Decimal("0.05")
OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
NOVEMBER_DAYS = 21
DECEMBER_DAYS = 23


def money(*amounts):
    """Return amounts of text as a tuple of Decimal."""
    return tuple(Decimal(amount) for amount in amounts)


@dataclass(frozen=True)
class Example:
    """One worked example.

    :param number: 1 to 9, as in the table
    :param name: identifier
    :param given: input as text
    :param facts: the same input as values
    :param expected: results, in the order of the text
    """

    number: int
    name: str
    given: str
    facts: dict = field(repr=False)
    expected: dict = field(repr=False)


EXAMPLES = (
    Example(
        1,
        "plain_month",
        "Basis invoiced; sales credits of November 2,000,000; all reports approved; "
        "not the last month of a season",
        {
            "month": NOVEMBER,
            "basis": "invoiced",
            "credits": Decimal("2000000.00"),
            "days": (NOVEMBER_DAYS, NOVEMBER_DAYS, NOVEMBER_DAYS),
        },
        {
            "fixed_amount": Decimal("80000.00"),
            "soft_amount": Decimal("0.00"),
            "bonus_amount": Decimal("100000.00"),
            "total_amount": Decimal("180000.00"),
        },
    ),
    Example(
        2,
        "odd_cents",
        "Target earnings of 100,000.05",
        {"target_earnings": Decimal("100000.05")},
        {
            "fixed": Decimal("40000.02"),
            "soft": Decimal("10000.01"),
            "bonus": Decimal("50000.02"),
        },
    ),
    Example(
        3,
        "held_and_released",
        "Policy hold_above_floor with a floor of 27,093; 16 of 21 days of November "
        "covered, the other five approved on 8 December; December fully covered",
        {
            "policy": "hold_above_floor",
            "floor": Decimal("27093.00"),
            "november": (NOVEMBER_DAYS, NOVEMBER_DAYS, 16),
            "approved_on": date(2026, 12, 8),
            "december": (DECEMBER_DAYS, DECEMBER_DAYS, DECEMBER_DAYS),
        },
        {
            "november_fixed": Decimal("60952.38"),
            "november_held": Decimal("19047.62"),
            "december_fixed": Decimal("80000.00"),
            "december_release": Decimal("19047.62"),
        },
    ),
    Example(
        4,
        "season",
        "Pool 60,000; weights 30 / 30 / 25 / 15: VIP leads 12 of 10; average sale value "
        "400,000 of 500,000; overdue receivables 8 % with target 5 and zero-score value "
        "15; negotiations 18 of 40",
        {
            "pool": Decimal("60000.00"),
            "threshold": Decimal("0.50"),
            "cap": Decimal("1.00"),
            "goals": (
                # key, weight, direction, target, zero value, actual
                ("leads", 30, "higher", Decimal(10), None, Decimal(12)),
                ("check", 30, "higher", Decimal(500000), None, Decimal(400000)),
                ("overdue", 25, "lower", Decimal(5), Decimal(15), Decimal(8)),
                ("talks", 15, "higher", Decimal(40), None, Decimal(18)),
            ),
        },
        {
            "attainments": money("1", "0.8", "0.7", "0"),
            "attainment": Decimal("0.715"),
            "soft_amount": Decimal("42900.00"),
        },
    ),
    Example(
        5,
        "draw",
        "Draw 50,000, recovery rate 1; earned 0, 20,000, 190,000 and 60,000",
        {
            "draw": Decimal("50000.00"),
            "recovery_rate": Decimal(1),
            "earned": money("0.00", "20000.00", "190000.00", "60000.00"),
        },
        {
            "paid": money("50000.00", "50000.00", "110000.00", "60000.00"),
            "balance": money("50000.00", "80000.00", "0.00", "0.00"),
        },
    ),
    Example(
        6,
        "money_in_pieces",
        "Basis paid; an invoice of 1,200,000, 200,000 of it tax; 480,000 paid in "
        "November; 600,000 paid in December, and a credit note of 120,000 reconciled",
        {
            "basis": "paid",
            "total": Decimal("1200000.00"),
            "untaxed": Decimal("1000000.00"),
            "november_money": Decimal("480000.00"),
            "december_money": Decimal("600000.00"),
            "december_credit_note": Decimal("120000.00"),
        },
        {
            "november_bonus": Decimal("20000.00"),
            "december_bonus": Decimal("25000.00"),
            "credit_note_bonus": Decimal("0.00"),
        },
    ),
    Example(
        7,
        "no_drift",
        "Three credits of 33,333.33 in one half-year, one a month",
        {"credits": money("33333.33", "33333.33", "33333.33")},
        {"bonus": money("1666.67", "1666.66", "1666.67")},
    ),
    Example(
        8,
        "loyalty",
        "Loyalty share 20 %; bonus of 100,000, -30,000 and 50,000; twelve months of "
        "employment are complete in the third month",
        {
            "share": Decimal(20),
            "earned": money("100000.00", "-30000.00", "50000.00"),
            "states": ("holding", "holding", "vested"),
        },
        {
            "shares": money("20000.00", "-6000.00", "0.00"),
            "held": money("20000.00", "14000.00", "0.00"),
            "vested": money("0.00", "0.00", "14000.00"),
        },
    ),
    Example(
        9,
        "bound",
        "Bonus bound to documents; a credit of 400,000 in each of three months, all of "
        "one deal; its documents are approved in the third",
        {
            "credits": money("400000.00", "400000.00", "400000.00"),
            "lacking": (True, True, False),
        },
        {
            "counted": money("0.00", "0.00", "1200000.00"),
            "held_credits": money("400000.00", "800000.00", "0.00"),
            "bonus": money("0.00", "0.00", "60000.00"),
        },
    ),
)
BY_NAME = {example.name: example for example in EXAMPLES}
#: Labels of the expected values in the table.
NAMES = {
    "fixed_amount": "fixed pay",
    "soft_amount": "goal pay",
    "bonus_amount": "bonus",
    "total_amount": "total",
    "fixed": "fixed pay",
    "soft": "goal pay",
    "bonus": "bonus",
    "november_fixed": "fixed pay of November",
    "november_held": "held in November",
    "december_fixed": "fixed pay of December",
    "december_release": "released in December",
    "attainments": "attainment of the goals",
    "attainment": "attainment of the season",
    "paid": "paid",
    "balance": "draw balance",
    "november_bonus": "bonus of November",
    "december_bonus": "bonus of December",
    "credit_note_bonus": "bonus of the credit note",
    "shares": "loyalty share",
    "held": "held after the month",
    "vested": "vested",
    "counted": "credits that count",
    "held_credits": "credits held after the month",
}


def show(value) -> str:
    """Return an expected value as text for the table."""
    if isinstance(value, tuple):
        return " / ".join(show(item) for item in value)
    return f"{value:,f}"


def markdown_table() -> str:
    """Return the examples as the table of docs/pay.md."""
    rows = ["| # | given | comes out |", "|---|---|---|"]
    for example in EXAMPLES:
        expected = "; ".join(
            f"{NAMES[name]} {show(value)}" for name, value in example.expected.items()
        )
        rows.append(f"| {example.number} | {example.given} | {expected} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown_table())
