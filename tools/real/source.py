"""Read a sales folder (four CSV files) without Odoo, and report its defects.

No row is dropped silently: values that can't be read are left empty and become
findings. A record that a deal names but no list contains is created from its name
alone, so that no money is lost.
"""

import csv
import difflib
from collections import Counter, namedtuple
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from babel import Locale

COLUMNS = {
    "accounts.csv": "account sector year_established revenue employees office_location subsidiary_of",
    "sales_teams.csv": "sales_agent manager regional_office",
    "products.csv": "product series sales_price",
    "sales_pipeline.csv": "opportunity_id sales_agent product account deal_stage engage_date close_date close_value",
}
STAGES = {stage.lower(): stage for stage in ("Prospecting", "Engaging", "Won", "Lost")}
SECTORS = {"employment", "entertainment", "finance", "marketing", "medical", "retail"}
SECTORS |= {"services", "software", "technology", "telecommunications"}
# Words less similar than this are different words: "Philipines" is the Philippines
# (0.95), "Korea" is neither of the two Koreas.
LIKENESS = 0.85

# Records; `manager`, `parent`, `agent`, `product` and `client` are keys: normalized
# names.
Client = namedtuple("Client", "name sector country figures parent", defaults=[""] * 4)
Agent = namedtuple("Agent", "name manager office", defaults=[""] * 2)
Product = namedtuple("Product", "name series price", defaults=["", Decimal()])
Deal = namedtuple("Deal", "key stage agent product client engaged closed value")
# A place in the source, what was found and how it was read; line 1 is the header.
Finding = namedtuple("Finding", "kind file line found done")


class SourceError(Exception):
    """The folder isn't a sales folder; the message says what is missing."""


class Source:
    """The records of a folder by key, and the findings.

    :param path: the folder.
    :raises SourceError: if a file or a column is missing, or the text isn't UTF-8.
    """

    def __init__(self, path):
        self.path, self.findings = Path(path), []
        self.clients, self.managers, self.agents = {}, {}, {}
        self.products, self.deals = {}, {}
        missing = [file for file in COLUMNS if not (self.path / file).is_file()]
        if missing:
            raise SourceError(f"The folder {path} lacks {', '.join(missing)}.")
        # Read the lists first: the names in deals are compared with them.
        clients, agents, products, deals = map(self._rows, COLUMNS)
        self._read_clients(list(clients))
        for row in agents:
            self._read_agent(row)
        for row in products:
            self._read_product(row)
        for row in deals:
            self._read_deal(row)

    @property
    def won(self):
        """Return the won deals in the order of the file."""
        return [deal for deal in self.deals.values() if deal.stage == "Won"]

    @property
    def billable(self):
        """Return the won deals to invoice, sorted by close date."""
        found = [deal for deal in self.won if not lacking(deal)]
        return sorted(found, key=lambda deal: deal.closed)

    def owners(self):
        """Yield clients with won deals, each with the agent who won most there.

        Clients are sorted by won value, then by name.

        :return: pairs of keys; the agent's is empty if the source names none.
        """
        won = {}
        for deal in self.billable:
            by_agent = won.setdefault(deal.client, Counter())
            by_agent[deal.agent] += deal.value

        def order(value, names):
            return lambda key: (-value(key), names[key].name)

        in_all = {client: won[client].total() for client in won}
        for client in sorted(won, key=order(in_all.get, self.clients)):
            by_value = order(won[client].get, self.agents)
            yield client, min(won[client].keys() - {""}, key=by_value, default="")

    def _rows(self, file):
        try:
            with open(self.path / file, newline="", encoding="utf-8-sig") as stream:
                reader = csv.DictReader(stream)
                missing = set(COLUMNS[file].split()) - set(reader.fieldnames or [])
                if missing:
                    raise SourceError(f"{file} lacks the columns {', '.join(missing)}.")
                for values in reader:
                    row = Row(self, file, reader.line_num, values)
                    if None in values or None in values.values():
                        kind = "row with too few or too many fields"
                        row.note(kind, list(values.values()), "read as far as it goes")
                    yield row
        except (UnicodeDecodeError, csv.Error) as error:
            raise SourceError(f"{file} isn't CSV text in UTF-8: {error}.") from error

    def _read_clients(self, rows):
        named = {}
        for row in rows:
            name = row["account"]
            if not (key := row.key(name, self.clients)):
                continue
            columns = ("year_established", "revenue", "employees")
            titles = ("Founded", "Yearly revenue", "Employees")
            figures = [f"{t}: {row[c]}" for t, c in zip(titles, columns) if row[c]]
            sector = row.nearest("sector", SECTORS) or row["sector"].lower()
            country = row.nearest("office_location", country_codes())
            code = country_codes().get(country, "")
            self.clients[key] = Client(name, sector, code, " · ".join(figures))
            named[key] = row
        for key, row in named.items():
            parent = self._parent(key, row)
            self.clients[key] = self.clients[key]._replace(parent=parent)

    def _parent(self, key, row):
        """Return the key of the parent company that a row names, or an empty text."""
        name = row["subsidiary_of"]
        parent = above = spelling(name)
        while above in self.clients and above != key:
            above = self.clients[above].parent
        if parent and (above == key or parent not in self.clients):
            kind = "leads back to its subsidiary" if above == key else "nobody knows"
            row.note(f"parent company that {kind}", name, "left empty")
            return ""
        return parent

    def _read_agent(self, row):
        name, manager = row["sales_agent"], spelling(row["manager"])
        if key := row.key(name, self.agents):
            self.agents[key] = Agent(name, manager, row["regional_office"])
            if manager:
                self.managers.setdefault(manager, row["manager"])
            else:
                row.note("agent without a manager", name, "loaded without a supervisor")

    def _read_product(self, row):
        name, price = row["product"], row.money("sales_price")
        if key := row.key(name, self.products):
            self.products[key] = Product(name, row["series"], price or Decimal())
            if price is None:
                row.note("product without a price", name, "loaded with a price of zero")

    def _read_deal(self, row):
        # Identifiers aren't normalized: two that differ only in case are two deals.
        key = row.key(row["opportunity_id"], self.deals, spelled=str)
        written = row["deal_stage"]
        stage = STAGES.get(written.lower())
        if key and not stage:
            row.note("stage nobody knows", written, "skipped")
        elif key:
            if stage != written:
                row.note("stage spelled another way", written, f"read as {stage}")
            named = (
                row.named("sales_agent", "agent", self.agents, Agent),
                row.named("product", "product", self.products, Product),
                row.named("account", "client", self.clients, Client),
            )
            days = row.date("engage_date"), row.date("close_date")
            deal = Deal(key, stage, *named, *days, row.money("close_value"))
            self.deals[key] = deal
            _note_doubts(row, deal)

    def report(self, examples=3):
        """Return the findings as text for a terminal.

        :param examples: findings shown per kind; the rest is counted.
        """
        counts = Counter(finding.kind for finding in self.findings)
        lines = [f"The source has {len(self.findings):,} findings, none of them fatal."]
        for kind, count in counts.most_common():
            lines.append(f"{count:>7,}  {kind}")
            of_kind = [finding for finding in self.findings if finding.kind == kind]
            for _kind, file, line, found, done in of_kind[:examples]:
                lines.append(f"{'':9}{file}:{line}: {found!r}, {done}")
        return "\n".join(lines)

    def write_findings(self, path):
        """Write all findings to a CSV file."""
        with open(path, "w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([Finding._fields, *self.findings])


def lacking(deal):
    """Return what a deal lacks for an invoice, as text; empty if nothing is missing."""
    has = {"a client": deal.client, "a close date": deal.closed}
    has["a value above zero"] = deal.value and deal.value > 0
    return " and ".join(word for word, there in has.items() if not there)


def _note_doubts(row, deal):
    is_open = deal.stage in ("Prospecting", "Engaging")
    if is_open and (deal.closed or deal.value is not None):
        row.note("open deal with a close date or value", deal.key, "loaded as open")
    if deal.engaged and deal.closed and deal.closed < deal.engaged:
        row.note("deal closed before it was engaged", deal.key, "loaded as written")
    if deal.stage == "Won" and (lack := lacking(deal)):
        row.note("won deal without an invoice", deal.key, f"it lacks {lack}")


class Row:
    """One line of one file; its defects are added to the findings of the source."""

    def __init__(self, source, file, line, values):
        self.source, self.file, self.line, self.values = source, file, line, values

    def __getitem__(self, column):
        # A short line has no text in its last columns.
        return (self.values.get(column) or "").strip()

    def note(self, kind, found, done):
        """Add a finding at this line."""
        finding = Finding(kind, self.file, self.line, str(found), done)
        self.source.findings.append(finding)

    def key(self, name, known, spelled=None):
        """Return the key under which this row enters a list.

        None if the row has no name or repeats the name of an earlier one.
        """
        key = (spelled or spelling)(name)
        if key and key not in known:
            return key
        kind = "row that repeats an earlier one" if key else "row without a name"
        return self.note(kind, name, "skipped")

    def named(self, column, what, known, make):
        """Return the key of the record that this row names; create it if unknown."""
        name, key = self[column], spelling(self[column])
        if not key:
            self.note(f"deal without {what}", self["opportunity_id"], "left empty")
        elif key not in known:
            known[key] = make(name)
            self.note(f"{what} that no list has", name, "made from its name alone")
        elif known[key].name != name:
            self.note(f"{what} spelled another way", name, f"read as {known[key].name}")
        return key

    def nearest(self, column, words):
        """Return which of some words a cell most likely means, or None.

        A different spelling is a finding.
        """
        written = self[column]
        if not written or written in words:
            return written
        found = next(iter(difflib.get_close_matches(written, words, 1, LIKENESS)), None)
        kind = f"{column} {'misspelt' if found else 'nobody knows'}"
        self.note(kind, written, f"read as {found}" if found else "not understood")
        return found

    def money(self, column):
        """Return a cell as an amount with two digits.

        Return None if it is empty or unreadable.
        """
        try:
            number = Decimal(self[column].replace(",", ""))
            amount = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
            int(amount)  # "NaN" is a Decimal too
        except (InvalidOperation, ValueError):
            return self._unread(column)
        if amount != number:
            self.note("amount with fractions of a cent", number, f"rounded to {amount}")
        return amount

    def date(self, column):
        """Return a cell (month/day/year or ISO) as a date.

        Return None if it is empty or unreadable.
        """
        for form in ("%m/%d/%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(self[column], form).date()
            except ValueError:
                continue
        return self._unread(column)

    def _unread(self, column):
        if self[column]:
            self.note(f"{column} that can't be read", self[column], "left empty")


def spelling(name):
    """Return the letters and digits of a name in lower case, to compare spellings."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@cache
def country_codes():
    """Return the ISO codes of all countries by their English names."""
    found = Locale("en").territories.items()
    return {name: code for code, name in found if len(code) == 2 and code.isalpha()}
