"""The worked examples in Russian: their words; the numbers are those of ``examples``.

The tables of docs/ru are printed from here::

    python -m tests.unit.examples_ru
"""

from .examples import EXAMPLES

GIVEN = {
    "plain_month": "База: счета; зачёты ноября 2 000 000; все отчёты утверждены; "
    "не последний месяц сезона",
    "odd_cents": "Целевой доход 100 000,05",
    "held_and_released": "Политика hold_above_floor, минимум 27 093; покрыто 16 из 21 "
    "дня ноября, остальные пять утверждены 8 декабря; декабрь покрыт полностью",
    "season": "Фонд 60 000; веса 30 / 30 / 25 / 15: лиды 12 из 10; средний чек "
    "400 000 из 500 000; просрочка 8 % при цели 5 и нуле 15; переговоры 18 из 40",
    "draw": "Аванс бонуса 50 000, доля возврата 1; заработано 0, 20 000, 190 000 и "
    "60 000",
    "money_in_pieces": "База: деньги; счёт 1 200 000, из них налог 200 000; в ноябре "
    "оплачено 480 000; в декабре оплачено 600 000 и зачтена кредит-нота 120 000",
    "no_drift": "Три зачёта по 33 333,33 в одном полугодии, по одному в месяц",
}
NAMES = {
    "fixed_amount": "твёрдый оклад",
    "soft_amount": "мягкий оклад",
    "bonus_amount": "бонус",
    "total_amount": "всего",
    "fixed": "твёрдый",
    "soft": "мягкий",
    "bonus": "бонус",
    "november_fixed": "твёрдый оклад ноября",
    "november_held": "удержано в ноябре",
    "december_fixed": "твёрдый оклад декабря",
    "december_release": "выплачено за ноябрь в декабре",
    "attainments": "выполнение целей",
    "attainment": "выполнение сезона",
    "paid": "выплачено",
    "balance": "долг по авансу",
    "november_bonus": "бонус ноября",
    "december_bonus": "бонус декабря",
    "credit_note_bonus": "бонус кредит-ноты",
}


def show(value) -> str:
    """Return an expected value as Russian text: 80 000,00."""
    if isinstance(value, tuple):
        return " / ".join(show(item) for item in value)
    return f"{value:,f}".replace(",", " ").replace(".", ",")


def markdown_table() -> str:
    """Return the examples as the table of the Russian pages."""
    rows = ["| № | дано | получается |", "|---|---|---|"]
    for example in EXAMPLES:
        expected = "; ".join(
            f"{NAMES[name]} {show(value)}" for name, value in example.expected.items()
        )
        rows.append(f"| {example.number} | {GIVEN[example.name]} | {expected} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown_table())
