"""The records of a sales folder, as plain frozen values.

A ``*_key`` names another record by its spelling key.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .dirt import DirtReport

PROSPECTING = "Prospecting"
ENGAGING = "Engaging"
WON = "Won"
LOST = "Lost"
STAGES = (PROSPECTING, ENGAGING, WON, LOST)
OPEN_STAGES = (PROSPECTING, ENGAGING)


@dataclass(frozen=True)
class Client:
    """A company that buys; ``parent_key`` is the company it is a subsidiary of."""

    key: str
    name: str
    sector: str = ""
    country_code: str = ""
    founded: Decimal | None = None
    revenue: Decimal | None = None
    employees: Decimal | None = None
    parent_key: str = ""


@dataclass(frozen=True)
class Manager:
    """Who leads agents."""

    key: str
    name: str


@dataclass(frozen=True)
class Agent:
    """Who sells; ``office`` is the region."""

    key: str
    name: str
    manager_key: str = ""
    office: str = ""


@dataclass(frozen=True)
class Product:
    """What is sold; ``list_price`` is ``None`` when the source has none."""

    key: str
    name: str
    series: str = ""
    list_price: Decimal | None = None


@dataclass(frozen=True)
class Opportunity:
    """One deal; ``value`` is the close value, ``None`` while the deal is open."""

    key: str
    stage: str
    agent_key: str = ""
    product_key: str = ""
    client_key: str = ""
    engaged: date | None = None
    closed: date | None = None
    value: Decimal | None = None

    @property
    def is_won(self):
        """Whether the client bought."""
        return self.stage == WON

    @property
    def is_billable(self):
        """Whether an invoice can be made: it needs a client, a day and an amount."""
        return bool(
            self.is_won
            and self.client_key
            and self.closed
            and self.value
            and self.value > 0
        )


@dataclass
class SalesFolder:
    """Everything a folder holds, keyed by spelling key, and its dirt."""

    clients: dict[str, Client] = field(default_factory=dict)
    managers: dict[str, Manager] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    dirt: DirtReport = field(default_factory=DirtReport)

    @property
    def won(self):
        """The won opportunities, in the order of the file."""
        return [
            opportunity
            for opportunity in self.opportunities.values()
            if opportunity.is_won
        ]

    @property
    def billable(self):
        """The opportunities to invoice, in the order of the calendar."""
        ready = [
            opportunity
            for opportunity in self.opportunities.values()
            if opportunity.is_billable
        ]
        return sorted(ready, key=lambda opportunity: opportunity.closed)

    @property
    def won_value(self):
        """Sum of the won close values."""
        return sum(
            (opportunity.value or Decimal() for opportunity in self.won), Decimal()
        )
