"""One line of a file: its cells as text, numbers, amounts and dates."""

from . import cells
from .dirt import Kind


class Row:
    """One line of one file; its findings go to the folder's dirt report."""

    def __init__(self, dirt, file, line, values):
        self.dirt, self.file, self.line = dirt, file, line
        self.values = values

    def __getitem__(self, column):
        # a short line has no text in its last columns
        return (self.values.get(column) or "").strip()

    def note(self, kind, found, done):
        """Add a finding at this line."""
        self.dirt.add(kind, self.file, self.line, found, done)

    def number(self, column):
        """Return the cell as a Decimal; ``None`` when empty or unreadable (noted)."""
        text = self[column]
        number = cells.parse_number(text) if text else None
        if text and number is None:
            self.note(Kind.NUMBER, text, f"{column} left empty")
        return number

    def money(self, column):
        """Return the cell as an amount at two digits; rounding is noted."""
        number = self.number(column)
        if number is None:
            return None
        amount = cells.to_cents(number)
        if amount != number:
            self.note(Kind.CENTS, number, f"rounded to {amount}")
        return amount

    def date(self, column):
        """Return the cell as a date; ``None`` when empty or unreadable (noted)."""
        text = self[column]
        day = cells.parse_date(text) if text else None
        if text and day is None:
            self.note(Kind.DATE, text, f"{column} left empty")
        return day
