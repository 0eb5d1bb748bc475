"""A table as text."""


def table(headings, rows):
    """Lines of a table; columns that hold only numbers are aligned to the right.

    :param headings: one text per column.
    :param rows: lists of texts as long as the headings; None draws a rule.
    """
    cells = [headings, *(row for row in rows if row)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    rights = [_is_number_column(rows, column) for column in range(len(headings))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_line(row, widths, rights) if row else rule for row in rows]
    return [_line(headings, widths, rights), rule, *lines]


def _is_number_column(rows, column):
    texts = [row[column] for row in rows if row and row[column]]
    return bool(texts) and all(
        text.lstrip("-")[:1].isdigit() for text in texts if text != "-"
    )


def _line(row, widths, rights):
    cells = (
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(row, widths, rights)
    )
    return "  ".join(cells).rstrip()
