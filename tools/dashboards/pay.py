"""Dashboard of pay: the three components against target, and what they cost."""

from .board import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    INTERNAL,
    PALE_BLUE,
    PALE_ORANGE,
    PALE_RED,
    PEOPLE,
    Dashboard,
    period,
    relation,
)

MENU = "nka_key_accounts.menu_nka_pay_report"
#: Fields that the filters narrow.
OF_PERSON = {"person": "user_id", "period": "month"}
#: Pay components: code, name, target and payment in the sample.
PARTS = (
    ("fixed", "Fixed pay", 96000, 94200),
    ("soft", "Goal pay", 24000, 20900),
    ("bonus", "Bonus and draw", 120000, 127400),
)


def build(is_sample=False):
    """Return the dashboard of pay: 40/10/50 against target, and what it costs."""
    filters = {
        "person": relation("person", "Manager", "res.users", INTERNAL),
        "period": period("year_to_date"),
    }
    board = Dashboard(filters, is_sample)
    _sources(board)
    _figures(board)
    _components(board)
    _cards(board)
    _charts(board)
    top = board.rows + 1
    board.heading(f"A{top}", "By person", MENU, "H")
    _people(board, top)
    board.rows += PEOPLE + 4
    return board.build([190, 120, 120, 130, 140, 120, 140, 160])


def _sources(board):
    """Add the pivots that the figures, charts and the table below read."""
    board.pivot(
        1,
        "nka.pay.report",
        ["component"],
        ["target_amount", "amount", "paid_percent"],
        OF_PERSON,
    )
    measures = ["credit_amount", "quota", "attainment", "bonus_amount", "bonus_percent"]
    board.pivot(2, "nka.pay.report", ["month:month"], measures, OF_PERSON)
    board.pivot(
        3,
        "nka.pay.report",
        ["user_id"],
        [
            "target_amount",
            "amount",
            "paid_percent",
            "credit_amount",
            "quota",
            "attainment",
            "bonus_percent",
        ],
        OF_PERSON,
    )
    board.pivot(
        4, "nka.pay.report", ["month:month"], ["amount"], OF_PERSON, ["component"]
    )


def _figures(board):
    """Put the named figures, and what the scorecards show of them."""
    board.put(2, "Paid", '=PIVOT.VALUE(1,"amount")+0', 242500, 2)
    board.put(3, "Target earnings", '=PIVOT.VALUE(1,"target_amount")+0', 240000, 2)
    board.put(4, "Credited sales", '=PIVOT.VALUE(2,"credit_amount")+0', 3640000, 2)
    board.put(5, "Quota", '=PIVOT.VALUE(2,"quota")+0', 3500000, 2)
    board.put(6, "Quota attainment (%)", '=PIVOT.VALUE(2,"attainment")', 104)
    board.put(7, "Bonus as % of credited sales", '=PIVOT.VALUE(2,"bonus_percent")', 3.5)
    board.show(2, "=FORMAT.LARGE.NUMBER(B2)")
    board.show(3, '=IF(B3>0,TEXT(100*B2/B3,"0")&" %","–")')
    board.show(4, "=FORMAT.LARGE.NUMBER(B4)")
    board.show(5, "=FORMAT.LARGE.NUMBER(B5)")
    board.show(6, '=IF(B5>0,TEXT(B6,"0")&" %","–")')
    board.show(7, '=IF(B4>0,TEXT(B7,"0.0")&" %","–")')


def _cards(board):
    board.card(0, "Paid in total", "C2", "C3", "of target", PALE_BLUE, MENU)
    for place, row, title in (
        (1, 2, "Fixed pay"),
        (2, 3, "Goal pay"),
        (3, 4, "Bonus and draw"),
    ):
        board.card(place, title, f"H{row}", f"I{row}", "of target", PALE_BLUE, MENU)
    board.card(4, "Credited sales", "C4", None, "", PALE_ORANGE, MENU)
    board.card(5, "Quota", "C5", None, "", PALE_ORANGE, MENU)
    board.card(6, "Quota attainment", "C6", None, "", PALE_ORANGE, MENU)
    board.card(7, "Bonus to sales", "C7", None, "", PALE_RED, MENU)


def _charts(board):
    months, series = board.months(
        "P1",
        4,
        [(name, "amount", f',"component","{code}"') for code, name, *_rest in PARTS],
        [(15700, 0 if n % 3 else 10400, 19000 + 800 * n) for n in range(1, 7)],
    )
    cost_months, cost = board.months(
        "X1",
        2,
        [("Bonus as % of credited sales", "bonus_percent", "")],
        [(3 + n / 10,) for n in range(1, 7)],
    )
    board.chart(
        "components",
        (0, 0),
        "Paid against target",
        board.bars("E1:E4", ["F1:F4", "G1:G4"], colors=[GREY, BLUE]),
        MENU,
    )
    board.chart(
        "months",
        (1, 0),
        "Paid by month",
        board.bars(months, series, stacked=True, colors=[GREY, GREEN, BLUE]),
        MENU,
    )
    board.chart(
        "attainment",
        (0, 1),
        "Quota attainment by person (%)",
        board.odoo_bars(
            "nka.pay.report",
            ["user_id"],
            "attainment",
            OF_PERSON,
            (
                "V1",
                [
                    ("", "Quota attainment (%)"),
                    ("A. Moreau", 118),
                    ("L. Brandt", 103),
                    ("S. Novak", 86),
                ],
            ),
            color=GREEN,
        ),
    )
    board.chart(
        "cost",
        (1, 1),
        "Bonus as % of credited sales",
        board.bars(cost_months, cost, colors=[AMBER]),
        MENU,
    )


def _people(board, top):
    """Write the table of people below its heading; a pivot fills it."""
    people = [
        ("A. Moreau", 80000, 84300, 105.4, 1420000, 1200000, 118.3, 3.4),
        ("L. Brandt", 80000, 80600, 100.8, 1240000, 1200000, 103.3, 3.5),
        ("S. Novak", 80000, 77600, 97.0, 980000, 1100000, 89.1, 3.6),
    ]
    names = (
        "Person",
        "Target earnings",
        "Paid",
        "Of target (%)",
        "Credited sales",
        "Quota",
        "Of quota (%)",
        "Bonus as % of sales",
    )
    for right, name in enumerate(names):
        letter = chr(ord("A") + right)
        board.cells[f"{letter}{top + 1}"] = f'=_t("{name}")'
        board.styles[f"{letter}{top + 1}"] = 3 if right else 2
        for down, line in enumerate(people if board.is_sample else (), 2):
            board.cells[f"{letter}{top + down}"] = str(line[right])
        if right in (3, 6, 7):
            board.formats[f"{letter}{top + 2}:{letter}{top + PEOPLE + 2}"] = 5
        elif right and board.is_sample:
            board.formats[f"{letter}{top + 2}:{letter}{top + PEOPLE + 2}"] = 2
    if not board.is_sample:
        spilled = f"=PIVOT(3,{PEOPLE},TRUE,FALSE,,FALSE)"
        board.cells[f"A{top + 2}"] = spilled


def _components(board):
    """Fill the table of components with target, payment and their ratio."""
    board.data |= {"F1": '=_t("Target earnings")', "G1": '=_t("Paid")'}
    for row, (code, name, target, paid) in enumerate(PARTS, 2):
        board.data[f"E{row}"] = f'=_t("{name}")'
        board.data[f"F{row}"] = (
            str(target)
            if board.is_sample
            else f'=PIVOT.VALUE(1,"target_amount","component","{code}")+0'
        )
        board.data[f"G{row}"] = (
            str(paid)
            if board.is_sample
            else f'=PIVOT.VALUE(1,"amount","component","{code}")+0'
        )
        board.data[f"H{row}"] = f"=FORMAT.LARGE.NUMBER(G{row})"
        board.data[f"I{row}"] = f'=IF(F{row}>0,TEXT(100*G{row}/F{row},"0")&" %","–")'
        if board.is_sample:
            board.data_formats |= {f"F{row}": 2, f"G{row}": 2}
