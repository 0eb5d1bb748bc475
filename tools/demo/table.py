"""Text tables."""


def table(headings, rows):
    """Return the lines of a table; columns that hold only numbers are right-aligned.

    :param headings: one text per column.
    :param rows: lists of texts as long as the headings; None draws a rule.
    """
    filled = [row for row in rows if row]
    columns = list(zip(*filled)) or [()] * len(headings)
    widths = [max(map(len, column)) for column in zip(headings, *filled)]
    aligned = [str.rjust if _are_numbers(column) else str.ljust for column in columns]
    rule = "  ".join("-" * width for width in widths)

    def line(row):
        cells = (align(text, w) for align, text, w in zip(aligned, row, widths))
        return "  ".join(cells).rstrip()

    return [line(headings), rule, *(line(row) if row else rule for row in rows)]


def _are_numbers(texts):
    told = [text for text in texts if text not in ("", "-")]
    return bool(told) and all(text.lstrip("-")[:1].isdigit() for text in told)
