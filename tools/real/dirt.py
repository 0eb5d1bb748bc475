"""What is wrong with the source: counted and listed, and no reason to stop."""

import csv
from collections import Counter
from dataclasses import astuple, dataclass, field, fields
from enum import Enum


class Kind(Enum):
    """A kind of dirt; the value is its title in the report."""

    ROW_LENGTH = "row with too few or too many fields"
    NO_NAME = "row without a name"
    DUPLICATE = "row that repeats an earlier one"
    CLIENT_SPELLING = "client spelled another way"
    AGENT_SPELLING = "agent spelled another way"
    PRODUCT_SPELLING = "product spelled another way"
    STAGE_SPELLING = "stage spelled another way"
    SECTOR_SPELLING = "sector misspelt"
    SECTOR_UNKNOWN = "sector nobody knows"
    COUNTRY_SPELLING = "country misspelt"
    COUNTRY_UNKNOWN = "country nobody knows"
    PARENT_UNKNOWN = "parent company that isn't among the clients"
    PARENT_LOOP = "parent company that leads back to its own subsidiary"
    NO_MANAGER = "agent without a manager"
    NO_PRICE = "product without a price"
    CLIENT_UNLISTED = "client that accounts.csv doesn't list"
    AGENT_UNLISTED = "agent that sales_teams.csv doesn't list"
    PRODUCT_UNLISTED = "product that products.csv doesn't list"
    NUMBER = "number that can't be read"
    CENTS = "amount with fractions of a cent"
    DATE = "date that can't be read"
    STAGE_UNKNOWN = "stage nobody knows"
    OPEN_NO_CLIENT = "open deal without a client"
    CLOSED_NO_CLIENT = "closed deal without a client"
    NO_AGENT = "deal without an agent"
    NO_PRODUCT = "deal without a product"
    NO_ENGAGE_DATE = "deal past prospecting without an engage date"
    NO_CLOSE_DATE = "closed deal without a close date"
    NO_VALUE = "won deal without a value above zero"
    OPEN_BUT_CLOSED = "open deal with a close date or a close value"
    CLOSED_BEFORE_ENGAGED = "deal closed before it was engaged"
    AGENT_IDLE = "agent without a deal"
    CLIENT_IDLE = "client without a deal"


@dataclass(frozen=True)
class Finding:
    """One place in the source and what was made of it; ``line`` 1 is the header."""

    kind: Kind
    file: str
    line: int
    found: str
    done: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.found!r} -> {self.done}"


@dataclass
class DirtReport:
    """All findings of one folder, in the order of discovery."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, kind, file, line, found, done):
        """Note one finding.

        :param Kind kind: which kind of dirt
        :param str file: file name inside the folder
        :param int line: line in that file, the header being line 1
        :param found: what stands there
        :param str done: what the loader makes of it
        """
        self.findings.append(Finding(kind, file, line, str(found), done))

    def counts(self):
        """Return ``{kind: number of findings}``, in the order of :class:`Kind`."""
        counter = Counter(finding.kind for finding in self.findings)
        return {kind: counter[kind] for kind in Kind if counter[kind]}

    def of_kind(self, kind):
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.kind is kind]

    def format(self, examples=3):
        """Return the report for a terminal.

        :param int examples: findings shown per kind; the rest is counted in words
        """
        if not self.findings:
            return "Dirt in the source: none."
        lines = [
            f"Dirt in the source: {len(self.findings):,} findings, none of them fatal."
        ]
        for kind, count in self.counts().items():
            lines.append(f"{count:>7,}  {kind.value}")
            lines += [f"{'':9}{finding}" for finding in self.of_kind(kind)[:examples]]
            if count > examples:
                lines.append(f"{'':9}… and {count - examples:,} more")
        return "\n".join(lines)

    def write_csv(self, path):
        """Write every finding to a CSV file at ``path``."""
        with open(path, "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow([column.name for column in fields(Finding)])
            writer.writerows(
                [finding.kind.value, *astuple(finding)[1:]] for finding in self.findings
            )
