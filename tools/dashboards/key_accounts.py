"""Dashboard of clients: portfolio, revenue, money owed, reviews."""

from .board import (
    AMBER,
    BLUE,
    GAP,
    GREEN,
    GREY,
    INTERNAL,
    PALE_BLUE,
    PALE_ORANGE,
    PALE_RED,
    RED,
    Dashboard,
    period,
    relation,
)

#: Domain of accounts whose status is confirmed.
KEY = [["state", "=", "key"]]
#: Fields of accounts and of their rows that the filters narrow.
OF_ACCOUNT = {"manager": "manager_id", "tier": "tier_id"}
#: Health levels, from the best.
LEVELS = (("good", "Good"), ("watch", "Needs attention"), ("poor", "Poor"))
ACCOUNTS_MENU = "nka_key_accounts.menu_nka_key_account"
ACTIVITY_MENU = "nka_key_accounts.menu_nka_account_report"


def build(is_sample=False):
    """Return the dashboard of clients: portfolio, revenue, money owed, reviews."""
    filters = {
        "manager": relation("manager", "Manager", "res.users", INTERNAL),
        "tier": relation("tier", "Account tier", "nka.tier"),
        "period": period("last_12_months"),
    }
    board = Dashboard(filters, is_sample)
    _sources(board)
    _figures(board)
    _cards(board)
    _charts(board)
    _lists(board)
    return board.build([215, 115, 80, 142, GAP, 190, 130, 122, 110])


def _sources(board):
    """Add the pivots and lists that the figures, charts and tables below read."""
    sold = {"manager": "user_id", "tier": "tier_id", "period": "month"}
    dated = {**OF_ACCOUNT, "period": "date"}
    board.pivot(
        1,
        "nka.key.account",
        ["tier_id"],
        [
            "__count",
            "health",
            "trailing_revenue",
            "overdue_amount",
            "pipeline_amount",
            "open_lead_count",
        ],
        OF_ACCOUNT,
        ["health_level"],
        KEY,
    )
    board.pivot(
        2,
        "nka.sales.history",
        ["month:month"],
        ["invoiced_amount", "invoiced_before", "growth"],
        sold,
        domain=[["key_account_id.state", "=", "key"]],
    )
    documents = [["kind", "=", "document"]]
    overrides = [["kind", "=", "override"]]
    board.pivot(
        3, "nka.account.report", ["age"], ["number"], OF_ACCOUNT, domain=documents
    )
    board.pivot(
        4, "nka.account.report", ["date:month"], ["number"], dated, domain=overrides
    )
    board.list(
        1,
        "nka.key.account",
        ["display_name", "tier_id", "health", "trailing_revenue"],
        "trailing_revenue",
        OF_ACCOUNT,
        KEY,
    )
    board.list(
        2,
        "nka.key.account",
        ["display_name", "manager_id", "pipeline_amount", "overdue_amount"],
        "overdue_amount",
        OF_ACCOUNT,
        KEY,
    )


def _figures(board):
    """Put the named figures, and what the scorecards show of them."""
    board.put(2, "Key accounts", '=PIVOT.VALUE(1,"__count")+0', 24)
    board.put(
        3, "In poor health", '=PIVOT.VALUE(1,"__count","health_level","poor")+0', 3
    )
    board.put(4, "Health score", '=PIVOT.VALUE(1,"health")', 74)
    board.put(
        5, "Revenue, 12 months", '=PIVOT.VALUE(1,"trailing_revenue")+0', 4180000, 2
    )
    board.put(6, "Overdue", '=PIVOT.VALUE(1,"overdue_amount")+0', 96400, 2)
    board.put(7, "Open pipeline", '=PIVOT.VALUE(1,"pipeline_amount")+0', 1275000, 2)
    board.put(8, "Open deals", '=PIVOT.VALUE(1,"open_lead_count")+0', 31)
    board.put(9, "Revenue", '=PIVOT.VALUE(2,"invoiced_amount")+0', 4180000, 2)
    board.put(10, "Year on year (%)", '=PIVOT.VALUE(2,"growth")', 8.4)
    board.put(11, "Documents waiting", '=PIVOT.VALUE(3,"number")+0', 9)
    board.put(12, "Waiting 15 days or more", '=PIVOT.VALUE(3,"number","age","4")+0', 1)
    board.put(13, "Gate overrides", '=PIVOT.VALUE(4,"number")+0', 4)
    board.put(14, "Largest client", '=ODOO.LIST(1,1,"trailing_revenue")+0', 640000, 2)
    five = "+".join(f'ODOO.LIST(1,{n},"trailing_revenue")' for n in range(1, 6))
    board.put(15, "Five largest clients", f"={five}+0", 1880000, 2)
    board.show(2, '=TEXT(B2,"0")')
    board.show(3, '=TEXT(B3,"0")')
    board.show(4, '=IF(B2=0,"–",TEXT(B4,"0"))')
    for row in (6, 7, 9):
        board.show(row, f"=FORMAT.LARGE.NUMBER(B{row})")
    board.show(8, '=TEXT(B8,"0")')
    board.show(10, '=IFERROR(IF(ISNUMBER(B10),TEXT(B10,"+0.0;-0.0")&" %","–"),"–")')
    for row in (11, 12, 13):
        board.show(row, f'=TEXT(B{row},"0")')
    for row in (14, 15):
        board.show(row, f'=IF(B5>0,TEXT(100*B{row}/B5,"0")&" %","–")')
    board.data["A16"] = '=_t("Overdue of revenue")'
    board.show(16, '=IF(B5>0,TEXT(100*B6/B5,"0.0")&" %","–")')


def _cards(board):
    board.card(
        0, "Key accounts", "C2", "C3", "with poor health", PALE_BLUE, ACCOUNTS_MENU
    )
    board.card(
        1,
        "Revenue",
        "C9",
        "C10",
        "on last year",
        PALE_ORANGE,
        "nka_key_accounts.menu_nka_sales_history",
    )
    board.card(
        2,
        "Largest client",
        "C14",
        "C15",
        "five largest",
        PALE_ORANGE,
        ACCOUNTS_MENU,
    )
    board.card(3, "Overdue", "C6", "C16", "of revenue", PALE_RED, ACCOUNTS_MENU)
    board.card(4, "Health score", "C4", None, "", PALE_BLUE, ACCOUNTS_MENU)
    board.card(
        5, "Open pipeline", "C7", "C8", "deals open now", PALE_ORANGE, ACTIVITY_MENU
    )
    board.card(
        6,
        "To approve",
        "C11",
        "C12",
        "over 14 days",
        PALE_BLUE,
        "nka_key_accounts.menu_nka_document_queue",
    )
    board.card(7, "Gate overrides", "C13", None, "", PALE_RED, ACTIVITY_MENU)


def _charts(board):
    sales = ((310, 290), (355, 330), (340, 345), (372, 331), (401, 360), (388, 352))
    months, series = board.months(
        "E1",
        2,
        [
            ("Invoiced", "invoiced_amount", ""),
            ("Last year", "invoiced_before", ""),
        ],
        [(now * 1000, then * 1000) for now, then in sales],
    )
    override_months, passed = board.months(
        "U1",
        4,
        [("Gate overrides", "number", "")],
        [(number,) for number in (0, 1, 0, 2, 0, 1)],
        by="date:month",
    )
    _tiers(board)
    _ages(board)
    board.chart(
        "revenue",
        (0, 0),
        "Revenue by month, against last year",
        board.bars(months, series, colors=[BLUE, GREY]),
        is_wide=True,
    )
    board.chart(
        "portfolio",
        (0, 1),
        "Accounts by tier and health",
        board.bars(
            "K1:K9",
            ["L1:L9", "M1:M9", "N1:N9"],
            stacked=True,
            colors=[GREEN, AMBER, RED],
            humanize=False,
        ),
        ACCOUNTS_MENU,
    )
    board.chart(
        "pipeline",
        (1, 1),
        "Pipeline by stage",
        board.odoo_bars(
            "nka.account.report",
            ["stage_id"],
            "amount",
            OF_ACCOUNT,
            (
                "P1",
                [
                    ("", "Deal value"),
                    ("New", 240000),
                    ("Qualified", 385000),
                    ("Proposition", 650000),
                ],
            ),
            domain=[["kind", "=", "deal"]],
        ),
    )
    board.chart(
        "documents",
        (0, 2),
        "Documents waiting, by age",
        board.bars("P8:P12", ["Q8:Q12"], colors=[AMBER], showValues=True),
        "nka_key_accounts.menu_nka_document_queue",
    )
    board.chart(
        "overrides",
        (1, 2),
        "Gate overrides by month",
        board.bars(override_months, passed, colors=[RED]),
        ACTIVITY_MENU,
    )


def _lists(board):
    """Write the tables below the charts."""
    largest = [
        ("Client", "Account tier", "Health", "12 months"),
        ("Northern Paper", "A", 82, 640000),
        ("Blue Harbor", "A", 71, 420000),
        ("Grand Mill", "B", 55, 330000),
    ]
    overdue = [
        ("Client", "Manager", "Open pipeline", "Overdue"),
        ("Grand Mill", "A. Moreau", 120000, 61400),
        ("Blue Harbor", "L. Brandt", 85000, 35000),
    ]
    _name_clients(board, largest, overdue)
    top = board.rows + 1
    board.heading(f"A{top}", "Largest clients", ACCOUNTS_MENU, "D")
    board.list_table(
        1,
        "A",
        top + 1,
        [
            ("display_name", False, None),
            ("tier_id", False, None),
            ("health", True, 4),
            ("trailing_revenue", True, 2 if board.is_sample else None),
        ],
        largest,
    )
    board.heading(f"F{top}", "Largest overdue amounts", ACCOUNTS_MENU, "I")
    board.list_table(
        2,
        "F",
        top + 1,
        [
            ("display_name", False, None),
            ("manager_id", False, None),
            ("pipeline_amount", True, 2 if board.is_sample else None),
            ("overdue_amount", True, 2 if board.is_sample else None),
        ],
        overdue,
        only="overdue_amount",
    )


def _tiers(board):
    """Fill the table of accounts by tier and health, one column per health."""
    letters = "LMN"
    sample = [("A", 5, 1, 0), ("B", 7, 2, 1), ("C", 5, 1, 2)]
    for letter, (code, name) in zip(letters, LEVELS):
        board.data[f"{letter}1"] = f'=_t("{name}")'
        for n in range(1, 9):
            count = f'PIVOT.VALUE(1,"__count","#tier_id",{n},"health_level","{code}")'
            # As text and back, so that the scale of the chart shows its fractions.
            value = f'=IF(K{n + 1}="","",VALUE(TEXT({count},"0")))'
            if not board.is_sample:
                board.data[f"{letter}{n + 1}"] = value
    if board.is_sample:
        for n, line in enumerate(sample, 2):
            for letter, value in zip("K" + letters, line):
                board.data[f"{letter}{n}"] = str(value)
    else:
        for n in range(1, 9):
            board.data[f"K{n + 1}"] = f'=IFERROR(PIVOT.HEADER(1,"#tier_id",{n}),"")'


def _ages(board):
    """Fill the table of waiting documents by age, with a row for each age."""
    ages = (
        ("0–2 days", "1", 4),
        ("3–7 days", "2", 3),
        ("8–14 days", "3", 1),
        ("15 days or more", "4", 1),
    )
    board.data["Q8"] = '=_t("Documents waiting")'
    for row, (name, code, sample) in enumerate(ages, 9):
        board.data[f"P{row}"] = f'=_t("{name}")'
        value = f'=PIVOT.VALUE(3,"number","age","{code}")+0'
        board.data[f"Q{row}"] = str(sample) if board.is_sample else value


def _name_clients(board, largest, overdue):
    """Put the table of the sample's largest clients next to the figures."""
    if board.is_sample:
        board.table("S1", "", [(row[0], row[3]) for row in largest])
        board.table("S8", "", [(row[0], row[3]) for row in overdue])
