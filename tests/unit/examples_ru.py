"""The worked examples in Russian: texts only; the numbers are those of ``examples``.

The tables of docs/ru are printed from here::

    python -m tests.unit.examples_ru
"""

from .examples import EXAMPLES

GIVEN = {
    "plain_month": "База — счета; продажи в зачёт за ноябрь — 2 000 000; все отчёты "
    "одобрены; не последний месяц сезона",
    "odd_cents": "Целевой доход 100 000,05",
    "held_and_released": "Правило hold_above_floor, гарантированный минимум 27 093; в ноябре "
    "подтверждено 16 из 21 дня, отчёты за остальные пять одобрены 8 декабря; декабрь "
    "подтверждён полностью",
    "season": "Фонд 60 000; веса 30 / 30 / 25 / 15: VIP-лиды 12 из 10; средняя сумма "
    "продажи 400 000 из 500 000; просроченная дебиторская задолженность 8 % при целевом "
    "значении 5 и нулевом 15; переговоры 18 из 40",
    "draw": "Аванс в счёт бонуса 50 000, доля погашения 1; заработано 0, 20 000, 190 000 "
    "и 60 000",
    "money_in_pieces": "База — оплаты; счёт 1 200 000, из них налог 200 000; в ноябре "
    "оплачено 480 000; в декабре оплачено 600 000 и сопоставлена кредит-нота 120 000",
    "no_drift": "Три зачёта по 33 333,33 в одном полугодии, по одному в месяц",
    "loyalty": "Доля за лояльность 20 %; бонус 100 000, -30 000 и 50 000; двенадцать месяцев "
    "работы исполняются в третьем месяце",
    "bound": "Бонус связан с документами; три месяца по одному зачёту в 400 000, все по одной "
    "сделке; её документы одобрены в третьем",
}
NAMES = {
    "fixed_amount": "твёрдый оклад",
    "soft_amount": "мягкий оклад",
    "bonus_amount": "бонус",
    "total_amount": "итого",
    "fixed": "твёрдый оклад",
    "soft": "мягкий оклад",
    "bonus": "бонус",
    "november_fixed": "твёрдый оклад ноября",
    "november_held": "отложено в ноябре",
    "december_fixed": "твёрдый оклад декабря",
    "december_release": "выплата отложенного в декабре",
    "attainments": "выполнение целей",
    "attainment": "выполнение сезона",
    "paid": "выплачено",
    "balance": "долг по авансу",
    "november_bonus": "бонус ноября",
    "december_bonus": "бонус декабря",
    "credit_note_bonus": "бонус кредит-ноты",
    "shares": "доля за лояльность",
    "held": "отложено после месяца",
    "vested": "выплачено из отложенного",
    "counted": "учтённые зачёты",
    "held_credits": "отложенные зачёты после месяца",
}


def show(value) -> str:
    """Return an expected value as Russian text: 80 000,00."""
    if isinstance(value, tuple):
        return " / ".join(show(item) for item in value)
    return f"{value:,f}".replace(",", " ").replace(".", ",")


def markdown_table() -> str:
    """Return the examples as the table of the Russian docs."""
    rows = ["| № | дано | получается |", "|---|---|---|"]
    for example in EXAMPLES:
        expected = "; ".join(
            f"{NAMES[name]} {show(value)}" for name, value in example.expected.items()
        )
        rows.append(f"| {example.number} | {GIVEN[example.name]} | {expected} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown_table())
