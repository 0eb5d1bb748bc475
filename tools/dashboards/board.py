"""Sheets, data sources, pictures and tables of a dashboard of Odoo."""

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
#: Rows of the table of people; their total comes last.
PEOPLE = 30

STYLES = {
    "1": {"textColor": TITLE, "bold": True, "fontSize": 16},
    "2": {"bold": True, "textColor": TEXT, "wrapping": "wrap"},
    "3": {"bold": True, "textColor": TEXT, "wrapping": "wrap", "align": "right"},
    "4": {"textColor": TEXT},
}
FORMATS = {"1": "mmmm yyyy", "2": "[$$]#,##0", "3": "0%", "4": "#,##0", "5": "0.0"}
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
        self.heights = {}
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
        """Add a list, sorted by a field, the highest first."""
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

    def bars(self, labels, series, stacked=False, horizontal=False, colors=(), **more):
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
            **more,
        }

    def months(self, corner, number, measures, sample, by="month:month"):
        """Fill a table by month of a pivot, with the titles of its columns.

        :param corner: column and row of the first title
        :param measures: title, measure and further arguments of each column
        :param sample: one row of numbers for each month from January on
        :param str by: the pivot's group
        :return: range of the months, ranges of the columns
        """
        column, top = corner[0], int(corner[1:])
        letters = [chr(ord(column) + n) for n in range(len(measures) + 1)]
        for letter, (title, _measure, _more) in zip(letters[1:], measures):
            self.data[f"{letter}{top}"] = f'=_t("{title}")'
        count = len(sample) if self.is_sample else MONTHS
        for n in range(1, count + 1):
            row = top + n
            if self.is_sample:
                self.data[f"{column}{row}"] = f'=_t("{MONTH_NAMES[n - 1]}")'
                for letter, value in zip(letters[1:], sample[n - 1]):
                    self.data[f"{letter}{row}"] = str(value)
                continue
            place = f'"#{by}",{n}'
            self.data[f"{column}{row}"] = f'=IFERROR(PIVOT.HEADER({number},{place}),"")'
            for letter, (_title, measure, more) in zip(letters[1:], measures):
                value = f'=PIVOT.VALUE({number},"{measure}",{place}{more})'
                self.data[f"{letter}{row}"] = value
        ranges = [f"{letter}{top}:{letter}{top + count}" for letter in letters]
        return ranges[0], ranges[1:]

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
        # Room for titles of two lines in the row below, which counts from 0.
        self.heights[cell[1:]] = {"size": 2 * ROW - 8}
        self.borders[f"{cell}:{last}{cell[1:]}"] = 1

    def list_table(self, number, column, row, columns, sample, only=None):
        """Write a table of list cells.

        :param columns: field, whether it is a number, format of its cells
        :param sample: title row and invented rows
        :param str only: field that must be above 0 in the rows shown
        """
        for right, (fname, is_number, form) in enumerate(columns):
            letter = chr(ord(column) + right)
            self.cells[f"{letter}{row}"] = f'=_t("{sample[0][right]}")'
            self.styles[f"{letter}{row}"] = 3 if is_number else 2
            for down in range(1, TABLE_ROWS + 1):
                cell = f"{letter}{row + down}"
                self.styles[cell] = 4
                value = f'ODOO.LIST({number},{down},"{fname}")'
                if only:
                    amount = f'ODOO.LIST({number},{down},"{only}")'
                    value = f'IF(IFERROR({amount}+0,0)>0,{value},"")'
                if not self.is_sample:
                    self.cells[cell] = f"={value}"
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
                "rows": self.heights,
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


def period(default):
    """Return the global filter of dates."""
    return {
        "id": "period",
        "type": "date",
        "label": "Period",
        "defaultValue": default,
    }


def relation(name, label, model, domain=None):
    """Return a global filter by records of a model."""
    return {
        "id": name,
        "type": "relation",
        "label": label,
        "modelName": model,
        "defaultValueDisplayNames": [],
        **({"domainOfAllowedValues": domain} if domain else {}),
    }


MONTH_NAMES = ("January", "February", "March", "April", "May", "June")
INTERNAL = [["share", "=", False]]
