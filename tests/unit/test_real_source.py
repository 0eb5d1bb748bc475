"""The reader of a sales folder and the ranking of its clients, without Odoo."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tools.real.cells import nearest, parse_date, parse_number, spelling_key, to_cents
from tools.real.csv_source import SourceError, read_folder
from tools.real.dirt import Kind

from .real_sales import CLEAN, still_open, won, write_folder

REAL_FOLDER = os.environ.get("NKA_REAL_DATA")


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the clean folder, some files changed."""

    def write_and_read(extra=None, **replaced):
        write_folder(tmp_path, extra, **replaced)
        return read_folder(tmp_path)

    return write_and_read


def only_finding(folder):
    """Return the one finding of a folder that should have exactly one."""
    assert len(folder.dirt.findings) == 1, folder.dirt.format()
    return folder.dirt.findings[0]


class TestCells:
    @pytest.mark.parametrize("spelling", ["GTXPro", "gtx pro", " GTX-Pro "])
    def test_spellings_share_a_key(self, spelling):
        assert spelling_key(spelling) == spelling_key("GTX Pro")

    def test_different_products_keep_their_keys(self):
        assert spelling_key("GTX Plus Pro") != spelling_key("GTX Pro")

    @pytest.mark.parametrize(
        ("text", "number"),
        [("550", Decimal(550)), ("1,054.50", Decimal("1054.50")), ("-3", Decimal(-3))],
    )
    def test_numbers(self, text, number):
        assert parse_number(text) == number

    @pytest.mark.parametrize("text", ["n/a", "NaN", "Infinity", "12€"])
    def test_what_is_no_number(self, text):
        assert parse_number(text) is None

    def test_halves_of_a_cent_go_up(self):
        assert to_cents(Decimal("0.125")) == Decimal("0.13")

    @pytest.mark.parametrize("text", ["3/1/2017", "03/01/2017", "2017-03-01"])
    def test_dates(self, text):
        assert parse_date(text) == date(2017, 3, 1)

    @pytest.mark.parametrize("text", ["13/32/2017", "soon", "2/30/2017"])
    def test_what_is_no_date(self, text):
        assert parse_date(text) is None

    def test_nearest_is_near(self):
        assert nearest("technolgy", ["technology", "medical"]) == "technology"
        assert nearest("Korea", ["North Korea", "South Korea"]) is None


class TestCleanFolder:
    def test_no_dirt(self, read):
        folder = read()
        assert folder.dirt.findings == []
        assert folder.dirt.format() == "Dirt in the source: none."

    def test_everything_is_read(self, read):
        folder = read()
        assert len(folder.clients) == 2
        assert len(folder.agents) == 2
        assert len(folder.managers) == 1
        assert len(folder.products) == 2
        assert list(folder.opportunities) == ["W1", "W2", "L1", "E1", "P1"]

    def test_client(self, read):
        bluth = read().clients["bluth"]
        assert (bluth.name, bluth.sector, bluth.country_code) == (
            "Bluth",
            "retail",
            "KE",
        )
        assert (bluth.founded, bluth.revenue, bluth.employees) == (
            1993,
            Decimal("42.5"),
            30,
        )
        assert bluth.parent_key == "acme"

    def test_opportunity(self, read):
        deal = read().opportunities["W2"]
        assert (deal.agent_key, deal.product_key, deal.client_key) == (
            "mosesfrase",
            "mgspecial",
            "bluth",
        )
        assert (deal.engaged, deal.closed) == (date(2016, 10, 25), date(2017, 2, 7))
        assert deal.value == Decimal("50.25")

    def test_sums(self, read):
        folder = read()
        assert len(folder.won) == 2
        assert folder.won_value == Decimal("4564.25")

    def test_invoices_follow_the_calendar(self, read):
        assert [deal.key for deal in read().billable] == ["W2", "W1"]

    def test_byte_order_mark_and_blanks(self, read):
        folder = read(
            products="\ufeffproduct,series,sales_price\n"
            " GTX Pro ,GTX, 4821 \n"
            "MG Special,MG,55\n"
        )
        assert folder.products["gtxpro"].list_price == 4821
        assert folder.dirt.findings == []


class TestNoFolder:
    def test_missing_file_is_named(self, tmp_path):
        (tmp_path / "accounts.csv").write_text(CLEAN["accounts.csv"])
        with pytest.raises(
            SourceError,
            match=r"lacks products\.csv, sales_teams\.csv, sales_pipeline\.csv",
        ):
            read_folder(tmp_path)

    def test_missing_column_is_named(self, read):
        with pytest.raises(
            SourceError, match=r"products\.csv lacks the columns sales_price"
        ):
            read(products="product,series\nGTX Pro,GTX\n")

    def test_other_encoding(self, read, tmp_path):
        read()
        (tmp_path / "products.csv").write_bytes(
            CLEAN["products.csv"].encode() + b"Caf\xe9,MG,5\n"
        )
        with pytest.raises(SourceError, match=r"products\.csv isn't CSV text in UTF-8"):
            read_folder(tmp_path)


# a line appended to a file, the kind of dirt it is, what the report shows
ONE_FINDING = [
    ("products", "GTXPro,GTX,4821", Kind.DUPLICATE, "GTXPro"),
    ("products", ",GTX,4821", Kind.NO_NAME, ""),
    ("products", "MG Basic,MG,", Kind.NO_PRICE, "MG Basic"),
    (
        "sales_teams",
        "Anna  Snelling,Melvin Marxen,West",
        Kind.DUPLICATE,
        "Anna  Snelling",
    ),
    ("sales_teams", "Carl Lin,Dustin Brinkmann,West", Kind.AGENT_IDLE, "Carl Lin"),
    (
        "accounts",
        "Condax,medical,2017,4.54,9,United States,",
        Kind.CLIENT_IDLE,
        "Condax",
    ),
    ("sales_pipeline", won(product="GTXPro"), Kind.PRODUCT_SPELLING, "GTXPro"),
    (
        "sales_pipeline",
        won(sales_agent="anna snelling"),
        Kind.AGENT_SPELLING,
        "anna snelling",
    ),
    ("sales_pipeline", won(account="ACME"), Kind.CLIENT_SPELLING, "ACME"),
    ("sales_pipeline", won(deal_stage="won"), Kind.STAGE_SPELLING, "won"),
    ("sales_pipeline", won(deal_stage="Thinking"), Kind.STAGE_UNKNOWN, "Thinking"),
    ("sales_pipeline", won(opportunity_id="W1"), Kind.DUPLICATE, "W1"),
    ("sales_pipeline", won(opportunity_id=""), Kind.NO_NAME, ""),
    ("sales_pipeline", won(close_value="5.005"), Kind.CENTS, "5.005"),
    ("sales_pipeline", won(account=""), Kind.CLOSED_NO_CLIENT, "W3"),
    ("sales_pipeline", won(sales_agent=""), Kind.NO_AGENT, "W3"),
    ("sales_pipeline", won(product=""), Kind.NO_PRODUCT, "W3"),
    ("sales_pipeline", won(engage_date=""), Kind.NO_ENGAGE_DATE, "W3"),
    ("sales_pipeline", won(close_date=""), Kind.NO_CLOSE_DATE, "W3"),
    ("sales_pipeline", won(close_value=""), Kind.NO_VALUE, "W3"),
    ("sales_pipeline", won(close_value="0"), Kind.NO_VALUE, "W3"),
    ("sales_pipeline", won(close_value="-7"), Kind.NO_VALUE, "W3"),
    ("sales_pipeline", won(engage_date="3/1/2017"), Kind.CLOSED_BEFORE_ENGAGED, "W3"),
    ("sales_pipeline", won(sales_agent="Carl Lin"), Kind.AGENT_UNLISTED, "Carl Lin"),
    ("sales_pipeline", won(product="GTK 500"), Kind.PRODUCT_UNLISTED, "GTK 500"),
    ("sales_pipeline", won(account="Condax"), Kind.CLIENT_UNLISTED, "Condax"),
    ("sales_pipeline", still_open(account=""), Kind.OPEN_NO_CLIENT, "E3"),
    ("sales_pipeline", still_open(engage_date=""), Kind.NO_ENGAGE_DATE, "E3"),
    ("sales_pipeline", still_open(close_date="2/1/2017"), Kind.OPEN_BUT_CLOSED, "E3"),
    ("sales_pipeline", still_open(close_value="0"), Kind.OPEN_BUT_CLOSED, "E3"),
    (
        "sales_pipeline",
        "P3,Anna Snelling,GTX Pro,Acme,Prospecting",
        Kind.ROW_LENGTH,
        None,
    ),
    ("sales_pipeline", still_open() + ",too much", Kind.ROW_LENGTH, None),
]


class TestDirt:
    @pytest.mark.parametrize(("file", "line", "kind", "found"), ONE_FINDING)
    def test_one_line_of_dirt(self, read, file, line, kind, found):
        finding = only_finding(read({file: [line]}))
        assert finding.kind is kind
        assert finding.file == f"{file}.csv"
        assert finding.line == len(CLEAN[f"{file}.csv"].splitlines()) + 1
        assert found is None or finding.found == found

    @pytest.mark.parametrize(
        ("sector", "kind", "read_as"),
        [
            ("technolgy", Kind.SECTOR_SPELLING, "technology"),
            ("alchemy", Kind.SECTOR_UNKNOWN, "alchemy"),
        ],
    )
    def test_sector(self, read, sector, kind, read_as):
        folder = read(accounts=CLEAN["accounts.csv"].replace("technology", sector))
        assert only_finding(folder).kind is kind
        assert folder.clients["acme"].sector == read_as

    @pytest.mark.parametrize(
        ("country", "kind", "code"),
        [
            ("Kenia", Kind.COUNTRY_UNKNOWN, ""),
            ("Philipines", Kind.COUNTRY_SPELLING, "PH"),
            ("Korea", Kind.COUNTRY_UNKNOWN, ""),
        ],
    )
    def test_country(self, read, country, kind, code):
        folder = read(accounts=CLEAN["accounts.csv"].replace("Kenya", country))
        assert only_finding(folder).kind is kind
        assert folder.clients["bluth"].country_code == code

    def test_unknown_parent(self, read):
        folder = read(
            accounts=CLEAN["accounts.csv"].replace("Kenya,Acme", "Kenya,Initech")
        )
        assert only_finding(folder).kind is Kind.PARENT_UNKNOWN
        assert folder.clients["bluth"].parent_key == ""

    def test_companies_that_own_each_other(self, read):
        folder = read(
            accounts=CLEAN["accounts.csv"].replace(
                "United States,", "United States,Bluth"
            )
        )
        assert only_finding(folder).kind is Kind.PARENT_LOOP
        assert folder.clients["acme"].parent_key == "bluth"
        assert folder.clients["bluth"].parent_key == ""

    def test_company_that_owns_itself(self, read):
        folder = read(
            accounts=CLEAN["accounts.csv"].replace("Kenya,Acme", "Kenya,Bluth")
        )
        assert only_finding(folder).kind is Kind.PARENT_LOOP

    def test_agent_without_a_manager(self, read):
        folder = read(
            sales_teams=CLEAN["sales_teams.csv"].replace(
                "Moses Frase,Dustin Brinkmann", "Moses Frase,"
            )
        )
        assert only_finding(folder).kind is Kind.NO_MANAGER
        assert folder.agents["mosesfrase"].manager_key == ""

    def test_unreadable_number_and_date(self, read):
        folder = read(
            {
                "sales_pipeline": [
                    won(deal_stage="Lost", close_date="31.1.2017", close_value="much")
                ]
            }
        )
        assert list(folder.dirt.counts()) == [
            Kind.NUMBER,
            Kind.DATE,
            Kind.NO_CLOSE_DATE,
        ]
        assert folder.opportunities["W3"].value is None

    def test_another_spelling_is_the_same_product(self, read):
        folder = read({"sales_pipeline": [won(product="GTXPro")]})
        assert len(folder.products) == 2
        assert folder.opportunities["W3"].product_key == "gtxpro"

    def test_unlisted_names_are_made_once_and_keep_their_money(self, read):
        unlisted = {
            "sales_agent": "Carl Lin",
            "product": "GTK 500",
            "account": "Condax",
        }
        folder = read(
            {
                "sales_pipeline": [
                    won(opportunity_id=key, **unlisted) for key in ("W3", "W4")
                ]
            }
        )
        assert folder.clients["condax"].name == "Condax"
        assert len(folder.dirt.findings) == 3
        assert folder.won_value == Decimal("4574.25")

    def test_identifiers_have_no_spellings(self, read):
        folder = read({"sales_pipeline": [won(opportunity_id="w1")]})
        assert folder.dirt.findings == []
        assert folder.won_value == Decimal("4569.25")

    @pytest.mark.parametrize(
        "line", [won(account=""), won(close_date=""), won(close_value="0")]
    )
    def test_what_cannot_be_invoiced_is_still_won(self, read, line):
        folder = read({"sales_pipeline": [line]})
        assert len(folder.won) == 3
        assert len(folder.billable) == 2


@pytest.fixture(scope="module")
def folder():
    """The full set as the reader sees it."""
    return read_folder(REAL_FOLDER)


@pytest.fixture(scope="module")
def rows():
    """The full set's deals as bare lists of text."""
    with open(
        Path(REAL_FOLDER) / "sales_pipeline.csv", newline="", encoding="utf-8"
    ) as stream:
        return list(csv.reader(stream))[1:]


@pytest.mark.skipif(
    not REAL_FOLDER, reason="NKA_REAL_DATA names no folder of real sales"
)
class TestRealFolder:
    """The full set; its sums are taken a second time, from the bare lines."""

    def test_sums_equal_the_file(self, folder, rows):
        won = [Decimal(row[7]) for row in rows if row[4] == "Won"]
        assert (len(folder.won), folder.won_value) == (len(won), sum(won))
        assert (len(won), sum(won)) == (4238, Decimal("10005534.00"))

    def test_every_row_is_a_deal(self, folder, rows):
        assert len(folder.opportunities) == len(rows) == 8800

    def test_every_won_deal_can_be_invoiced(self, folder):
        assert len(folder.billable) == 4238

    def test_dirt_equals_the_file(self, folder, rows):
        counts = folder.dirt.counts()
        assert (
            counts[Kind.PRODUCT_SPELLING]
            == sum(row[2] == "GTXPro" for row in rows)
            == 1480
        )
        assert counts[Kind.OPEN_NO_CLIENT] == sum(not row[3] for row in rows) == 1425
        assert counts[Kind.SECTOR_SPELLING] == 12
        assert counts[Kind.COUNTRY_SPELLING] == counts[Kind.COUNTRY_UNKNOWN] == 1
        assert counts[Kind.AGENT_IDLE] == 5
        assert sum(counts.values()) == 2924
