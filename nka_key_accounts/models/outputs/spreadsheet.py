"""Write tables as CSV and XLSX without cells that a spreadsheet program executes.

Plain Python. Texts that start like a formula would be executed by the program that
opens the file, so they are prefixed with an apostrophe. Numbers stay numbers, and dates
are written as 2026-11-01.
"""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import xlsxwriter

#: Characters that start a formula in a spreadsheet, in half and full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"
DATE_FORMAT = "yyyy-mm-dd"


def safe_text(value):
    """Return a text that spreadsheet programs show unchanged and never execute.

    >>> safe_text("=1+1"), safe_text(" @sum"), safe_text("Anna")
    ("'=1+1", "' @sum", 'Anna')
    """
    text = str(value or "")
    is_formula = text.startswith(FORMULA_STARTS)
    is_formula = is_formula or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text


def _plain(value):
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else safe_text(value)


def to_csv(columns, rows, delimiter=",", with_bom=True):
    """Write a table as UTF-8 CSV with a decimal point.

    :param list[str] columns: names of the columns
    :param rows: tuples of str, int, Decimal and date
    :param str delimiter: one character
    :param bool with_bom: start with the byte order mark by which Excel detects UTF-8
    :rtype: bytes
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return ((BOM if with_bom else "") + target.getvalue()).encode("utf-8")


def to_xlsx(title, columns, rows, widths=(), digits=2, totals=()):
    """Write a table as a workbook of one sheet, with a frozen header and a filter.

    :param str title: name of the sheet
    :param list[str] columns: names of the columns
    :param rows: tuples of str, int, Decimal and date
    :param widths: widths of the columns, in characters
    :param int digits: decimals of the amounts
    :param totals: positions of the columns to total below the table
    :rtype: bytes
    """
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(re.sub(r"[^\w -]", "_", title)[:31])
    styles = _styles(book, digits)
    _write_heading(sheet, columns, widths, styles)
    rows = list(rows)
    for line, row in enumerate(rows, start=1):
        for position, value in enumerate(row):
            _write_cell(sheet, line, position, value, styles)
    _write_totals(sheet, rows, totals, styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    book.close()
    return target.getvalue()


def _styles(book, digits):
    money = "#,##0" + ("." + "0" * digits if digits else "")
    return {
        "heading": book.add_format(
            {"bold": True, "bg_color": "#EDEDED", "bottom": 1, "text_wrap": True}
        ),
        "money": book.add_format({"num_format": money}),
        "date": book.add_format({"num_format": DATE_FORMAT, "align": "left"}),
        "total": book.add_format({"num_format": money, "bold": True, "top": 1}),
    }


def _write_heading(sheet, columns, widths, styles):
    for position, name in enumerate(columns):
        sheet.write_string(0, position, safe_text(name), styles["heading"])
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)


def _write_cell(sheet, line, position, value, styles):
    if isinstance(value, Decimal):
        sheet.write_number(line, position, float(value), styles["money"])
    elif isinstance(value, int):
        sheet.write_number(line, position, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, position, value, styles["date"])
    else:
        sheet.write_string(line, position, safe_text(value))


def _write_totals(sheet, rows, totals, styles):
    """Write totals as numbers, not formulas, so that they are those of the export."""
    for position in totals:
        amount = sum((row[position] for row in rows), Decimal(0))
        sheet.write_number(len(rows) + 1, position, float(amount), styles["total"])
