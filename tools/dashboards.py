"""Write the dashboards of the addon: python -m tools.dashboards

Odoo's dashboards are JSON files of its spreadsheet, and only Odoo Enterprise can edit
them in a browser. This program is their source: it writes each dashboard with its data
sources, and a sample of the same layout with invented figures, which Odoo shows while
there is nothing to count. ``tests/unit/test_dashboards.py`` compares the files with it.
"""

import json
from pathlib import Path

FILES = (
    Path(__file__).parent.parent / "nka_key_accounts" / "data" / "dashboards" / "files"
)
#: Format of the figures below; newer versions of Odoo migrate it when they load it.
VERSION = "18.5.10"

TITLE, TEXT, GRID = "#01666b", "#434343", "#CCCCCC"
BLUE, GREEN, AMBER, RED, GREY = "#4EA7F2", "#43C5B1", "#F4A261", "#EA6175", "#B8B8B8"
#: Backgrounds of scorecards: neutral, money, needs attention.
PALE_BLUE, PALE_ORANGE, PALE_RED = "#EFF6FF", "#FFF7ED", "#FEF2F2"

#: Sizes in pixels. Both columns of pictures and tables are HALF wide.
WIDTH, GAP, CARD_HEIGHT, CHART_HEIGHT, ROW = 1120, 16, 104, 300, 23
HALF = (WIDTH - GAP) // 2
TABLE_ROWS = 10
#: Longest period in months that charts by month show.
MONTHS = 24

STYLES = {
    "1": {"textColor": TITLE, "bold": True, "fontSize": 16},
    "2": {"bold": True, "textColor": TEXT, "fontSize": 11},
    "3": {"bold": True, "textColor": TEXT, "fontSize": 11, "align": "right"},
    "4": {"textColor": TEXT},
}
FORMATS = {"1": "mmmm yyyy", "2": "[$$]#,##0", "3": "0%", "4": "#,##0"}
BORDERS = {"1": {"bottom": {"style": "thin", "color": GRID}}}


class Dashboard:
    """One dashboard: a sheet of pictures and tables, and a sheet of their figures.

    :param dict filters: global filters, by a short name
    :param bool is_sample: whether to write invented figures instead of formulas
    """

    def __init__(self, filters, is_sample):
        self.filters, self.is_sample = filters, is_sample
        self.cells, self.styles, self.borders, self.formats = {}, {}, {}, {}
        self.data, self.data_formats = {}, {}
        self.figures, self.menus = [], {}
        self.pivots, self.lists = {}, {}
        self.rows = 0

    # ------------------------------------------------------------ data sources
    def pivot(self, number, model, rows, measures, matching, columns=(), domain=()):
        """Add a pivot; groups are field names, with ``:month`` for dates."""
        self.pivots[str(number)] = {
            "type": "ODOO",
            "id": str(number),
            "formulaId": str(number),
            "name": model,
            "model": model,
            "domain": list(domain),
            "context": {},
            "measures": [
                {"id": name, "fieldName": name.partition(":")[0]}
                | ({"aggregator": name.partition(":")[2]} if ":" in name else {})
                for name in measures
            ],
            "rows": [self._group(name) for name in rows],
            "columns": [self._group(name) for name in columns],
            "fieldMatching": self._matching(matching),
        }

    def list(self, number, model, columns, order, matching, domain=()):
        self.lists[str(number)] = {
            "id": str(number),
            "name": model,
            "model": model,
            "columns": list(columns),
            "domain": list(domain),
            "context": {},
            "orderBy": [{"name": order, "asc": False}],
            "fieldMatching": self._matching(matching),
        }

    def _group(self, name):
        fname, _colon, granularity = name.partition(":")
        group = {"fieldName": fname, "order": "asc"}
        return group | ({"granularity": granularity} if granularity else {})

    def _matching(self, chains):
        """Return which field each global filter narrows, by the filter's id."""
        return {
            self.filters[name]["id"]: (
                {"chain": chain, "type": "date", "offset": 0}
                if self.filters[name]["type"] == "date"
                else {"chain": chain, "type": "many2one"}
            )
            for name, chain in chains.items()
        }

    # ------------------------------------------------------------ figures
    def put(self, row, name, formula, sample, form=None):
        """Put a named figure into the sheet of figures; its cell is ``B<row>``."""
        self.data[f"A{row}"] = f'=_t("{name}")'
        self.data[f"B{row}"] = str(sample) if self.is_sample else formula
        if form and self.is_sample:
            self.data_formats[f"B{row}"] = form

    def show(self, row, formula):
        """Put what a scorecard shows of a figure into ``C<row>``."""
        self.data[f"C{row}"] = formula

    def table(self, corner, formula, sample, forms=()):
        """Put a table that a pivot fills, or invented rows, beginning at a corner."""
        column, row = corner[0], int(corner[1:])
        if not self.is_sample:
            self.data[corner] = formula
            return
        for down, line in enumerate(sample):
            for right, value in enumerate(line):
                cell = f"{chr(ord(column) + right)}{row + down}"
                self.data[cell] = str(value)
                if down and right < len(forms) and forms[right]:
                    self.data_formats[cell] = forms[right]

    # ------------------------------------------------------------ pictures
    def card(self, place, title, key, baseline, says, background, menu=None):
        """Add a scorecard; four fit in a row."""
        width = (WIDTH - 3 * GAP) // 4
        chart = {
            "type": "scorecard",
            "title": {"text": title, "bold": True, "color": TEXT},
            "background": background,
            "keyValue": f"Data!{key}",
            "baselineMode": "text",
            "baselineColorUp": "#00A04A",
            "baselineColorDown": "#DC6965",
            "humanize": False,
        }
        if baseline:
            chart |= {
                "baseline": f"Data!{baseline}",
                "baselineDescr": {"text": says},
            }
        x = (place % 4) * (width + GAP)
        y = 10 + (place // 4) * (CARD_HEIGHT + GAP)
        self._figure(f"card-{place}", x, y, width, CARD_HEIGHT, chart, menu)

    def chart(self, name, place, title, chart, menu=None, is_wide=False):
        """Add a picture at (column, line) below the scorecards."""
        column, line = place
        width = WIDTH if is_wide else HALF
        y = 2 * (CARD_HEIGHT + GAP) + 20 + line * (CHART_HEIGHT + GAP)
        chart = {
            "title": {"text": title, "bold": True, "color": TITLE, "fontSize": 16},
            "background": "#FFFFFF",
            **chart,
        }
        x = column * (HALF + GAP)
        self._figure(name, x, y, width, CHART_HEIGHT, chart, menu)
        self.rows = max(self.rows, (y + CHART_HEIGHT) // ROW + 2)

    def _figure(self, name, x, y, width, height, chart, menu):
        self.figures.append(
            {
                "id": name,
                "tag": "chart",
                "col": 0,
                "row": 0,
                "offset": {"x": x, "y": y},
                "width": width,
                "height": height,
                "data": {**chart, "chartId": name},
            }
        )
        if menu:
            self.menus[name] = menu

    def bars(self, labels, series, stacked=False, horizontal=False, colors=()):
        """Return bars of ranges in the sheet of figures, with titles in the first row."""
        sets = [{"dataRange": f"Data!{each}"} for each in series]
        for each, color in zip(sets, colors):
            each["backgroundColor"] = color
        return {
            "type": "bar",
            "dataSetsHaveTitle": True,
            "dataSets": sets,
            "labelRange": f"Data!{labels}",
            "legendPosition": "top" if len(series) > 1 else "none",
            "stacked": stacked,
            "horizontal": horizontal,
            "aggregated": False,
            "humanize": True,
        }

    def odoo_bars(self, model, groups, measure, matching, sample, **options):
        """Return bars that open the records behind them; in a sample, plain ones.

        :param tuple sample: corner in the sheet of figures, and rows with a title row
        """
        if self.is_sample:
            corner, rows = sample
            self.table(corner, "", rows)
            column, top = corner[0], int(corner[1:])
            bottom = top + len(rows) - 1
            values = chr(ord(column) + 1)
            return self.bars(
                f"{column}{top}:{column}{bottom}",
                [f"{values}{top}:{values}{bottom}"],
                horizontal=options.get("horizontal", False),
                colors=[options.get("color", BLUE)],
            )
        domain = options.get("domain", [])
        return {
            "type": "odoo_bar",
            "metaData": {
                "groupBy": groups,
                "measure": measure,
                "order": options.get("order"),
                "resModel": model,
                "mode": "bar",
            },
            "searchParams": {
                "comparison": None,
                "context": {},
                "domain": domain,
                "groupBy": groups,
                "orderBy": [],
            },
            "dataSets": (
                [{"backgroundColor": options.get("color", BLUE)}]
                if len(groups) == 1
                else []
            ),
            "legendPosition": "top" if len(groups) > 1 else "none",
            "verticalAxisPosition": "left",
            "stacked": len(groups) > 1,
            "horizontal": options.get("horizontal", False),
            "humanize": True,
            "fieldMatching": self._matching(matching),
        }

    # ------------------------------------------------------------ tables
    def heading(self, cell, text, menu, last):
        """Write the title of a table; it opens a menu."""
        self.cells[cell] = f"[{text}](odoo://ir_menu_xml_id/{menu})"
        self.styles[cell] = 1
        self.borders[f"{cell}:{last}{cell[1:]}"] = 1

    def list_table(self, number, column, row, columns, sample):
        """Write a table of list cells: ``columns`` is (field, is number, format)."""
        for right, (fname, is_number, form) in enumerate(columns):
            letter = chr(ord(column) + right)
            head = f'=ODOO.LIST.HEADER({number},"{fname}")'
            self.cells[f"{letter}{row}"] = (
                f'=_t("{sample[0][right]}")' if self.is_sample else head
            )
            self.styles[f"{letter}{row}"] = 3 if is_number else 2
            for down in range(1, TABLE_ROWS + 1):
                cell = f"{letter}{row + down}"
                self.styles[cell] = 4
                if not self.is_sample:
                    self.cells[cell] = f'=ODOO.LIST({number},{down},"{fname}")'
                elif down < len(sample):
                    self.cells[cell] = str(sample[down][right])
                if form:
                    self.formats[cell] = form
        self.rows = max(self.rows, row + TABLE_ROWS + 2)

    # ------------------------------------------------------------ file
    def build(self, columns):
        """Return the content of the file.

        :param list[int] columns: widths of the columns of the first sheet
        """
        sheets = [
            {
                "id": "dashboard",
                "name": "Dashboard",
                "colNumber": len(columns),
                "rowNumber": self.rows,
                "rows": {},
                "cols": {str(n): {"size": size} for n, size in enumerate(columns)},
                "merges": [],
                "cells": self.cells,
                "styles": self.styles,
                "formats": self.formats,
                "borders": self.borders,
                "conditionalFormats": [],
                "dataValidationRules": [],
                "figures": self.figures,
                "tables": [],
                "areGridLinesVisible": True,
                "isVisible": True,
                "headerGroups": {"ROW": [], "COL": []},
                "comments": {},
            },
            {
                "id": "data",
                "name": "Data",
                "colNumber": 26,
                "rowNumber": 120,
                "rows": {},
                "cols": {"0": {"size": 240}},
                "merges": [],
                "cells": self.data,
                "styles": {},
                "formats": self.data_formats,
                "borders": {},
                "conditionalFormats": [],
                "dataValidationRules": [],
                "figures": [],
                "tables": [],
                "areGridLinesVisible": True,
                "isVisible": True,
                "headerGroups": {"ROW": [], "COL": []},
                "comments": {},
            },
        ]
        return {
            "version": VERSION,
            "sheets": sheets,
            "styles": STYLES,
            "formats": FORMATS,
            "borders": BORDERS,
            "revisionId": "START_REVISION",
            "uniqueFigureIds": True,
            "settings": {"locale": LOCALE},
            "pivots": {} if self.is_sample else self.pivots,
            "pivotNextId": len(self.pivots) + 1,
            "customTableStyles": {},
            "globalFilters": [] if self.is_sample else list(self.filters.values()),
            "lists": {} if self.is_sample else self.lists,
            "listNextId": len(self.lists) + 1,
            "chartOdooMenusReferences": {} if self.is_sample else self.menus,
        }


LOCALE = {
    "name": "English (US)",
    "code": "en_US",
    "thousandsSeparator": ",",
    "decimalSeparator": ".",
    "weekStart": 7,
    "dateFormat": "m/d/yyyy",
    "timeFormat": "hh:mm:ss a",
    "formulaArgSeparator": ",",
}


def _period(default):
    return {
        "id": "period",
        "type": "date",
        "label": "Period",
        "defaultValue": default,
    }


def _relation(name, label, model, domain=None):
    return {
        "id": name,
        "type": "relation",
        "label": label,
        "modelName": model,
        "defaultValueDisplayNames": [],
        **({"domainOfAllowedValues": domain} if domain else {}),
    }


#: Names in samples are those of nobody.
MONTH_NAMES = ("January", "February", "March", "April", "May", "June")
INTERNAL = [["share", "=", False]]
KEY = [["state", "=", "key"]]


# ---------------------------------------------------------------- key accounts
def key_accounts(is_sample=False):
    """Return the dashboard of clients: portfolio, revenue, money owed, reviews."""
    filters = {
        "manager": _relation("manager", "Manager", "res.users", INTERNAL),
        "tier": _relation("tier", "Account tier", "nka.tier"),
        "period": _period("last_12_months"),
    }
    board = Dashboard(filters, is_sample)
    account = {"manager": "manager_id", "tier": "tier_id"}
    sold = {"manager": "user_id", "tier": "tier_id", "period": "month"}
    waiting = account
    dated = {**account, "period": "date"}
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
        account,
        ["health_level"],
        KEY,
    )
    board.pivot(
        2,
        "nka.sales.history",
        ["month:month"],
        ["invoiced_amount", "invoiced_before", "growth"],
        sold,
    )
    documents = [["kind", "=", "document"]]
    overrides = [["kind", "=", "override"]]
    board.pivot(
        3, "nka.account.report", ["age"], ["number"], waiting, domain=documents
    )
    board.pivot(
        4, "nka.account.report", ["date:month"], ["number"], dated, domain=overrides
    )
    board.list(
        1,
        "nka.key.account",
        ["display_name", "tier_id", "health", "trailing_revenue"],
        "trailing_revenue",
        account,
        KEY,
    )
    board.list(
        2,
        "nka.key.account",
        ["display_name", "manager_id", "pipeline_amount", "overdue_amount"],
        "overdue_amount",
        account,
        KEY,
    )

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
    board.put(
        12, "Waiting 15 days or more", '=PIVOT.VALUE(3,"number","age","4")+0', 1
    )
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

    accounts_menu = "nka_key_accounts.menu_nka_key_account"
    activity_menu = "nka_key_accounts.menu_nka_account_report"
    board.card(
        0, "Key accounts", "C2", "C3", "in poor health", PALE_BLUE, accounts_menu
    )
    board.card(
        1,
        "Revenue",
        "C9",
        "C10",
        "against last year",
        PALE_ORANGE,
        "nka_key_accounts.menu_nka_sales_history",
    )
    board.card(
        2,
        "Largest client's share",
        "C14",
        "C15",
        "for the five largest",
        PALE_ORANGE,
        accounts_menu,
    )
    board.card(
        3, "Overdue", "C6", "C16", "of 12 months' revenue", PALE_RED, accounts_menu
    )
    board.card(4, "Health score", "C4", None, "", PALE_BLUE, accounts_menu)
    board.card(
        5, "Open pipeline", "C7", "C8", "open deals", PALE_ORANGE, activity_menu
    )
    board.card(
        6,
        "Documents waiting",
        "C11",
        "C12",
        "for 15 days or more",
        PALE_BLUE,
        "nka_key_accounts.menu_nka_document_queue",
    )
    board.card(7, "Gate overrides", "C13", None, "", PALE_RED, activity_menu)

    months = [("", "Invoiced", "Invoiced, previous year")]
    sales = ((310, 290), (355, 330), (340, 345), (372, 331), (401, 360), (388, 352))
    months += [
        (f"2026-{n:02}-01", now * 1000, then * 1000)
        for n, (now, then) in enumerate(sales, 1)
    ]
    board.table("E1", f"=PIVOT(2,{MONTHS},FALSE,TRUE)", months, (1, 2, 2))
    levels = (("good", "Good"), ("watch", "Needs attention"), ("poor", "Poor"))
    _tiers(board, levels)
    board.chart(
        "revenue",
        (0, 0),
        "Revenue by month, against last year",
        board.bars(
            f"E2:E{MONTHS + 2}",
            [f"F2:F{MONTHS + 2}", f"G2:G{MONTHS + 2}"],
            colors=[BLUE, GREY],
        )
        if not is_sample
        else board.bars("E1:E7", ["F1:F7", "G1:G7"], colors=[BLUE, GREY]),
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
        ),
        accounts_menu,
    )
    board.chart(
        "pipeline",
        (1, 1),
        "Pipeline by stage",
        board.odoo_bars(
            "nka.account.report",
            ["stage_id"],
            "amount",
            account,
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
        board.odoo_bars(
            "nka.account.report",
            ["age"],
            "number",
            waiting,
            (
                "P8",
                [
                    ("", "Number"),
                    ("0–2 days", 4),
                    ("3–7 days", 3),
                    ("8–14 days", 1),
                    ("15 days or more", 1),
                ],
            ),
            domain=documents,
            color=AMBER,
        ),
    )
    board.chart(
        "overrides",
        (1, 2),
        "Gate overrides by month",
        board.odoo_bars(
            "nka.account.report",
            ["date:month"],
            "number",
            dated,
            ("P15", [("", "Number"), ("February", 1), ("April", 2), ("June", 1)]),
            domain=overrides,
            color=RED,
        ),
    )
    largest = [
        ("Client", "Account tier", "Health", "Revenue, 12 months"),
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
    board.heading(f"A{top}", "Largest clients", accounts_menu, "D")
    board.list_table(
        1,
        "A",
        top + 1,
        [
            ("display_name", False, None),
            ("tier_id", False, None),
            ("health", True, 4),
            ("trailing_revenue", True, 2 if is_sample else None),
        ],
        largest,
    )
    board.heading(f"F{top}", "Largest overdue amounts", accounts_menu, "I")
    board.list_table(
        2,
        "F",
        top + 1,
        [
            ("display_name", False, None),
            ("manager_id", False, None),
            ("pipeline_amount", True, 2 if is_sample else None),
            ("overdue_amount", True, 2 if is_sample else None),
        ],
        overdue,
    )
    return board.build([220, 110, 80, 142, GAP, 200, 140, 106, 106])


def _tiers(board, levels):
    """Fill the table of accounts by tier and health, one column per health."""
    letters = "LMN"
    sample = [("A", 5, 1, 0), ("B", 7, 2, 1), ("C", 5, 1, 2)]
    for letter, (code, name) in zip(letters, levels):
        board.data[f"{letter}1"] = f'=_t("{name}")'
        for n in range(1, 9):
            value = f'=PIVOT.VALUE(1,"__count","#tier_id",{n},"health_level","{code}")'
            if not board.is_sample:
                board.data[f"{letter}{n + 1}"] = value
    if board.is_sample:
        for n, line in enumerate(sample, 2):
            for letter, value in zip("K" + letters, line):
                board.data[f"{letter}{n}"] = str(value)
    else:
        for n in range(1, 9):
            board.data[f"K{n + 1}"] = f'=PIVOT.HEADER(1,"#tier_id",{n})'


def _name_clients(board, largest, overdue):
    """Put the table of the sample's largest clients next to the figures."""
    if board.is_sample:
        board.table("S1", "", [(row[0], row[3]) for row in largest])
        board.table("S8", "", [(row[0], row[3]) for row in overdue])


# ---------------------------------------------------------------- pay
def pay(is_sample=False):
    """Return the dashboard of pay: 40/10/50 against target, and what it costs."""
    filters = {
        "person": _relation("person", "Manager", "res.users", INTERNAL),
        "period": _period("year_to_date"),
    }
    board = Dashboard(filters, is_sample)
    matching = {"person": "user_id", "period": "month"}
    board.pivot(
        1,
        "nka.pay.report",
        ["component"],
        ["target_amount", "amount", "paid_percent"],
        matching,
    )
    measures = ["credit_amount", "quota", "attainment", "bonus_amount", "bonus_percent"]
    board.pivot(2, "nka.pay.report", ["month:month"], measures, matching)
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
        matching,
    )
    parts = (
        ("fixed", "Fixed pay", 96000, 94200),
        ("soft", "Goal pay", 24000, 20900),
        ("bonus", "Bonus", 120000, 127400),
    )
    board.put(2, "Paid", '=PIVOT.VALUE(1,"amount")+0', 242500, 2)
    board.put(3, "Target", '=PIVOT.VALUE(1,"target_amount")+0', 240000, 2)
    board.put(4, "Credited sales", '=PIVOT.VALUE(2,"credit_amount")+0', 3640000, 2)
    board.put(5, "Quota", '=PIVOT.VALUE(2,"quota")+0', 3500000, 2)
    board.put(6, "Quota attainment (%)", '=PIVOT.VALUE(2,"attainment")', 104)
    board.put(7, "Bonus of credited sales (%)", '=PIVOT.VALUE(2,"bonus_percent")', 3.5)
    board.show(2, "=FORMAT.LARGE.NUMBER(B2)")
    board.show(3, '=IF(B3>0,TEXT(100*B2/B3,"0")&" %","–")')
    board.show(4, "=FORMAT.LARGE.NUMBER(B4)")
    board.show(5, "=FORMAT.LARGE.NUMBER(B5)")
    board.show(6, '=IF(B5>0,TEXT(B6,"0")&" %","–")')
    board.show(7, '=IF(B4>0,TEXT(B7,"0.0")&" %","–")')
    board.data |= {"F1": '=_t("Target")', "G1": '=_t("Paid")'}
    for row, (code, name, target, paid) in enumerate(parts, 2):
        board.data[f"E{row}"] = f'=_t("{name}")'
        board.data[f"F{row}"] = (
            str(target)
            if is_sample
            else f'=PIVOT.VALUE(1,"target_amount","component","{code}")+0'
        )
        board.data[f"G{row}"] = (
            str(paid)
            if is_sample
            else f'=PIVOT.VALUE(1,"amount","component","{code}")+0'
        )
        board.data[f"H{row}"] = f"=FORMAT.LARGE.NUMBER(G{row})"
        board.data[f"I{row}"] = (
            f'=IF(F{row}>0,TEXT(100*G{row}/F{row},"0")&" %","–")'
        )
        if is_sample:
            board.data_formats |= {f"F{row}": 2, f"G{row}": 2}
    menu = "nka_key_accounts.menu_nka_pay_report"
    board.card(0, "Paid in total", "C2", "C3", "of target", PALE_BLUE, menu)
    for place, row, title in (
        (1, 2, "Fixed pay (40)"),
        (2, 3, "Goal pay (10)"),
        (3, 4, "Bonus (50)"),
    ):
        board.card(place, title, f"H{row}", f"I{row}", "of target", PALE_BLUE, menu)
    board.card(4, "Credited sales", "C4", None, "", PALE_ORANGE, menu)
    board.card(5, "Quota", "C5", None, "", PALE_ORANGE, menu)
    board.card(6, "Quota attainment", "C6", None, "", PALE_ORANGE, menu)
    board.card(7, "Bonus of credited sales", "C7", None, "", PALE_RED, menu)
    months = [("", "Fixed pay")] + [
        (name, 15700 + 300 * n) for n, name in enumerate(MONTH_NAMES)
    ]
    board.chart(
        "components",
        (0, 0),
        "40/10/50: paid against target",
        board.bars("E1:E4", ["F1:F4", "G1:G4"], colors=[GREY, BLUE]),
        menu,
    )
    board.chart(
        "months",
        (1, 0),
        "Paid by month",
        board.odoo_bars(
            "nka.pay.report", ["month:month", "component"], "amount", matching, ("P1", months)
        ),
    )
    board.chart(
        "attainment",
        (0, 1),
        "Quota attainment by person (%)",
        board.odoo_bars(
            "nka.pay.report",
            ["user_id"],
            "attainment",
            matching,
            (
                "P10",
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
        "Bonus of credited sales by month (%)",
        board.odoo_bars(
            "nka.pay.report",
            ["month:month"],
            "bonus_percent",
            matching,
            (
                "S1",
                [("", "Bonus of credited sales (%)")]
                + [(name, 3.1 + 0.1 * n) for n, name in enumerate(MONTH_NAMES)],
            ),
            color=AMBER,
        ),
    )
    top = board.rows + 1
    board.heading(f"A{top}", "By person", menu, "H")
    if is_sample:
        people = [
            ("A. Moreau", 80000, 84300, 105, 1420000, 1200000, 118, 3.4),
            ("L. Brandt", 80000, 80600, 101, 1240000, 1200000, 103, 3.5),
            ("S. Novak", 80000, 77600, 97, 980000, 1100000, 89, 3.6),
        ]
        names = (
            "Person",
            "Target",
            "Paid",
            "Paid of target (%)",
            "Credited sales",
            "Quota",
            "Quota attainment (%)",
            "Bonus of credited sales (%)",
        )
        for right, name in enumerate(names):
            letter = chr(ord("A") + right)
            board.cells[f"{letter}{top + 1}"] = f'=_t("{name}")'
            board.styles[f"{letter}{top + 1}"] = 3 if right else 2
            for down, line in enumerate(people, 2):
                board.cells[f"{letter}{top + down}"] = str(line[right])
                if right in (1, 2, 4, 5):
                    board.formats[f"{letter}{top + down}"] = 2
    else:
        board.cells[f"A{top + 1}"] = "=PIVOT(3,30,TRUE,FALSE)"
        board.styles[f"A{top + 1}"] = 2
        board.styles[f"B{top + 1}:H{top + 1}"] = 3
    board.rows += 36
    return board.build([190, 120, 120, 130, 140, 120, 140, 160])


BUILDERS = {"key_accounts": key_accounts, "pay": pay}


def contents():
    """Return the content of each file, by its name."""
    found = {}
    for name, builder in BUILDERS.items():
        found[f"{name}_dashboard.json"] = builder()
        found[f"{name}_sample_dashboard.json"] = builder(is_sample=True)
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in found.items()
    }


def main():
    """Write all files."""
    for name, text in contents().items():
        (FILES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
