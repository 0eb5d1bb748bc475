"""Reads a sales folder (four CSV files) without Odoo.

A row is never dropped silently: what can't be understood is left empty and noted in
the dirt report. What a deal names but no list knows is made from its name alone, so
that no money is lost. Only a folder that isn't one raises.
"""

import csv
from dataclasses import replace
from pathlib import Path

from . import cells
from .dirt import Kind
from .records import (
    OPEN_STAGES,
    PROSPECTING,
    STAGES,
    Agent,
    Client,
    Manager,
    Opportunity,
    Product,
    SalesFolder,
)
from .rows import Row

ACCOUNTS = "accounts.csv"
PRODUCTS = "products.csv"
TEAMS = "sales_teams.csv"
PIPELINE = "sales_pipeline.csv"
COLUMNS = {
    ACCOUNTS: (
        "account",
        "sector",
        "year_established",
        "revenue",
        "employees",
        "office_location",
        "subsidiary_of",
    ),
    PRODUCTS: ("product", "series", "sales_price"),
    TEAMS: ("sales_agent", "manager", "regional_office"),
    PIPELINE: (
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ),
}
STAGE_BY_KEY = {cells.spelling_key(stage): stage for stage in STAGES}
SKIPPED = "skipped"


class SourceError(Exception):
    """The folder isn't a sales folder; the message says what is missing."""


def read_folder(path):
    """Read the four files of a sales folder.

    :param path: the folder
    :return: a :class:`SalesFolder` with its dirt report filled
    :raises SourceError: when a file or a column is missing or the text isn't UTF-8
    """
    return FolderReader(path).read()


class FolderReader:
    """One reading of one folder."""

    def __init__(self, path):
        self.path = Path(path)
        self.folder = SalesFolder()
        self.lines = {}  # (file, key) -> line, for findings that show only at the end

    def read(self):
        """Read lists before deals, since a deal's spelling is judged by the lists."""
        self._check_files()
        self._read_clients()
        self._read_teams()
        self._read_products()
        self._read_opportunities()
        self._note_idle()
        return self.folder

    def _check_files(self):
        missing = [file for file in COLUMNS if not (self.path / file).is_file()]
        if missing:
            raise SourceError(f"The folder {self.path} lacks {', '.join(missing)}.")

    def _rows(self, file):
        try:
            with open(self.path / file, newline="", encoding="utf-8-sig") as stream:
                reader = csv.DictReader(stream)
                self._check_columns(file, reader.fieldnames or [])
                for values in reader:
                    yield self._row(file, reader.line_num, values)
        except (UnicodeDecodeError, csv.Error) as error:
            raise SourceError(f"{file} isn't CSV text in UTF-8: {error}.") from error

    @staticmethod
    def _check_columns(file, present):
        missing = [column for column in COLUMNS[file] if column not in present]
        if missing:
            raise SourceError(f"{file} lacks the columns {', '.join(missing)}.")

    def _row(self, file, line, values):
        row = Row(self.folder.dirt, file, line, values)
        if None in values or None in values.values():
            shown = ",".join(str(value) for value in values.values())
            row.note(Kind.ROW_LENGTH, shown, "read as far as it goes")
        return row

    def _admit(self, row, name, known, make_key=cells.spelling_key):
        """Return the key under which a row enters ``known``; ``None`` when it can't."""
        key = make_key(name)
        if not key:
            row.note(Kind.NO_NAME, name, SKIPPED)
            return None
        if key in known:
            row.note(Kind.DUPLICATE, name, SKIPPED)
            return None
        self.lines[row.file, key] = row.line
        return key

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def _read_clients(self):
        clients, parents = self.folder.clients, {}
        for row in self._rows(ACCOUNTS):
            key = self._admit(row, row["account"], clients)
            if key:
                clients[key] = self._client(row, key)
                parents[key] = row
        for key, row in parents.items():
            self._link_parent(key, row)

    def _client(self, row, key):
        return Client(
            key=key,
            name=row["account"],
            sector=self._sector(row),
            country_code=self._country(row),
            founded=row.number("year_established"),
            revenue=row.number("revenue"),
            employees=row.number("employees"),
        )

    @staticmethod
    def _sector(row):
        written = row["sector"].lower()
        if not written or written in cells.SECTORS:
            return written
        sector = cells.nearest(written, cells.SECTORS)
        if sector:
            row.note(Kind.SECTOR_SPELLING, written, f"read as {sector}")
            return sector
        row.note(Kind.SECTOR_UNKNOWN, written, "kept as written")
        return written

    @staticmethod
    def _country(row):
        written, codes = row["office_location"], cells.country_codes()
        if not written or written in codes:
            return codes.get(written, "")
        country = cells.nearest(written, codes)
        if country:
            row.note(Kind.COUNTRY_SPELLING, written, f"read as {country}")
            return codes[country]
        row.note(Kind.COUNTRY_UNKNOWN, written, "country left empty")
        return ""

    def _link_parent(self, key, row):
        clients, name = self.folder.clients, row["subsidiary_of"]
        if not name:
            return
        parent_key = self._known(row, name, clients, Kind.CLIENT_SPELLING)
        if parent_key is None:
            row.note(Kind.PARENT_UNKNOWN, name, "parent left empty")
        elif key in self._ancestry(parent_key):
            row.note(Kind.PARENT_LOOP, name, "parent left empty")
        else:
            clients[key] = replace(clients[key], parent_key=parent_key)

    def _ancestry(self, key):
        """Return ``key`` and all companies above it."""
        chain = []
        while key:
            chain.append(key)
            key = self.folder.clients[key].parent_key
        return chain

    def _read_teams(self):
        agents, managers = self.folder.agents, self.folder.managers
        for row in self._rows(TEAMS):
            key = self._admit(row, row["sales_agent"], agents)
            if not key:
                continue
            manager_key = cells.spelling_key(row["manager"])
            if manager_key:
                managers.setdefault(manager_key, Manager(manager_key, row["manager"]))
            else:
                row.note(
                    Kind.NO_MANAGER, row["sales_agent"], "loaded without a supervisor"
                )
            agents[key] = Agent(
                key, row["sales_agent"], manager_key, row["regional_office"]
            )

    def _read_products(self):
        products = self.folder.products
        for row in self._rows(PRODUCTS):
            key = self._admit(row, row["product"], products)
            if not key:
                continue
            price = row.money("sales_price")
            if price is None:
                row.note(Kind.NO_PRICE, row["product"], "loaded with a price of zero")
            products[key] = Product(key, row["product"], row["series"], price)

    # ------------------------------------------------------------
    # DEALS
    # ------------------------------------------------------------

    def _read_opportunities(self):
        opportunities = self.folder.opportunities
        for row in self._rows(PIPELINE):
            # an identifier has no spellings: two that differ in case only are two deals
            key = self._admit(row, row["opportunity_id"], opportunities, make_key=str)
            stage = self._stage(row) if key else None
            if stage:
                opportunities[key] = self._opportunity(row, key, stage)

    def _stage(self, row):
        written = row["deal_stage"]
        stage = STAGE_BY_KEY.get(cells.spelling_key(written))
        if stage is None:
            row.note(Kind.STAGE_UNKNOWN, written, SKIPPED)
        elif stage != written:
            row.note(Kind.STAGE_SPELLING, written, f"read as {stage}")
        return stage

    def _opportunity(self, row, key, stage):
        opportunity = Opportunity(
            key=key,
            stage=stage,
            agent_key=self._agent_key(row),
            product_key=self._product_key(row),
            client_key=self._client_key(row, stage),
            engaged=row.date("engage_date"),
            closed=row.date("close_date"),
            value=row.money("close_value"),
        )
        note = self._note_open if stage in OPEN_STAGES else self._note_closed
        note(row, opportunity)
        return opportunity

    @staticmethod
    def _known(row, name, known, spelling):
        """Return the key of ``name``, noting another spelling; ``None`` if unlisted."""
        key = cells.spelling_key(name)
        if key not in known:
            return None
        if known[key].name != name:
            row.note(spelling, name, f"read as {known[key].name}")
        return key

    def _client_key(self, row, stage):
        name, clients = row["account"], self.folder.clients
        if not cells.spelling_key(name):
            is_open = stage in OPEN_STAGES
            done = "loaded without a client" + (
                "" if is_open else " and without an invoice"
            )
            row.note(
                Kind.OPEN_NO_CLIENT if is_open else Kind.CLOSED_NO_CLIENT,
                row["opportunity_id"],
                done,
            )
            return ""
        key = self._known(row, name, clients, Kind.CLIENT_SPELLING)
        return key or self._made(row, Client, name, clients, Kind.CLIENT_UNLISTED)

    def _agent_key(self, row):
        name, agents = row["sales_agent"], self.folder.agents
        if not cells.spelling_key(name):
            row.note(
                Kind.NO_AGENT, row["opportunity_id"], "loaded without a sales person"
            )
            return ""
        key = self._known(row, name, agents, Kind.AGENT_SPELLING)
        return key or self._made(row, Agent, name, agents, Kind.AGENT_UNLISTED)

    def _product_key(self, row):
        name, products = row["product"], self.folder.products
        if not cells.spelling_key(name):
            row.note(Kind.NO_PRODUCT, row["opportunity_id"], "loaded without a product")
            return ""
        key = self._known(row, name, products, Kind.PRODUCT_SPELLING)
        return key or self._made(row, Product, name, products, Kind.PRODUCT_UNLISTED)

    @staticmethod
    def _made(row, record_class, name, known, kind):
        """Make a record that only a deal names; return its key."""
        key = cells.spelling_key(name)
        known[key] = record_class(key, name)
        row.note(kind, name, "made from its name alone")
        return key

    @staticmethod
    def _note_open(row, opportunity):
        if opportunity.closed or opportunity.value is not None:
            row.note(
                Kind.OPEN_BUT_CLOSED,
                row["opportunity_id"],
                f"loaded as open in {opportunity.stage}",
            )
        if opportunity.stage != PROSPECTING and not opportunity.engaged:
            row.note(
                Kind.NO_ENGAGE_DATE, row["opportunity_id"], "engage date left empty"
            )

    @staticmethod
    def _note_closed(row, opportunity):
        name, won = row["opportunity_id"], opportunity.is_won
        if not opportunity.engaged:
            row.note(Kind.NO_ENGAGE_DATE, name, "engage date left empty")
        if not opportunity.closed:
            row.note(
                Kind.NO_CLOSE_DATE,
                name,
                "not invoiced" if won else "close date left empty",
            )
        if (
            opportunity.engaged
            and opportunity.closed
            and opportunity.closed < opportunity.engaged
        ):
            row.note(Kind.CLOSED_BEFORE_ENGAGED, name, "loaded as written")
        if won and not (opportunity.value and opportunity.value > 0):
            row.note(Kind.NO_VALUE, name, "not invoiced")

    def _note_idle(self):
        deals = self.folder.opportunities.values()
        used_agents = {deal.agent_key for deal in deals}
        used_clients = {deal.client_key for deal in deals}
        self._note_unused(Kind.AGENT_IDLE, TEAMS, self.folder.agents, used_agents)
        self._note_unused(Kind.CLIENT_IDLE, ACCOUNTS, self.folder.clients, used_clients)

    def _note_unused(self, kind, file, known, used):
        for key, record in known.items():
            if key not in used:
                line = self.lines[file, key]
                self.folder.dirt.add(
                    kind, file, line, record.name, "loaded all the same"
                )
