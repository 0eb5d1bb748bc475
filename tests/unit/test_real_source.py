"""Reading a sales folder and ranking its clients, without Odoo."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tools.real.source import Source, SourceError, spelling

from .real_sales import CLEAN, still_open, won, write_folder

REAL_FOLDER = os.environ.get("NKA_REAL_DATA")


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the valid folder with some files changed."""

    def write_and_read(extra=None, **replaced):
        write_folder(tmp_path, extra, **replaced)
        return Source(tmp_path)

    return write_and_read


def kinds(source):
    return [finding.kind for finding in source.findings]


class TestSpelling:
    @pytest.mark.parametrize("name", ["GTXPro", "gtx pro", " GTX-Pro "])
    def test_spellings_share_a_key(self, name):
        assert spelling(name) == spelling("GTX Pro")

    def test_different_products_keep_their_keys(self):
        assert spelling("GTX Plus Pro") != spelling("GTX Pro")


class TestCleanFolder:
    def test_no_finding(self, read):
        assert read().findings == []
        assert "0 findings" in read().report()

    def test_everything_is_read(self, read):
        source = read()
        lists = (source.clients, source.agents, source.managers, source.products)
        assert [len(known) for known in lists] == [2, 2, 1, 2]
        assert list(source.deals) == ["W1", "W2", "L1", "E1", "P1"]

    def test_client(self, read):
        bluth = read().clients["bluth"]
        assert bluth[:3] == ("Bluth", "retail", "KE")
        assert bluth.figures == "Founded: 1993 · Yearly revenue: 42.5 · Employees: 30"
        assert bluth.parent == "acme"

    def test_deal(self, read):
        deal = read().deals["W2"]
        assert (deal.agent, deal.product, deal.client) == (
            "mosesfrase",
            "mgspecial",
            "bluth",
        )
        assert (deal.engaged, deal.closed) == (date(2016, 10, 25), date(2017, 2, 7))
        assert deal.value == Decimal("50.25")

    def test_sums(self, read):
        assert sum(deal.value for deal in read().won) == Decimal("4564.25")

    def test_invoices_follow_the_calendar(self, read):
        assert [deal.key for deal in read().billable] == ["W2", "W1"]

    def test_byte_order_mark_and_blanks(self, read):
        source = read(
            products="\ufeffproduct,series,sales_price\n GTX Pro ,GTX, 4821 \nMG Special,MG,55\n"
        )
        assert source.products["gtxpro"].price == 4821
        assert source.findings == []


class TestNoFolder:
    def test_missing_file_is_named(self, tmp_path):
        (tmp_path / "accounts.csv").write_text(CLEAN["accounts.csv"])
        lacking = r"lacks sales_teams\.csv, products\.csv, sales_pipeline\.csv"
        with pytest.raises(SourceError, match=lacking):
            Source(tmp_path)

    def test_missing_column_is_named(self, read):
        lacking = r"products\.csv lacks the columns sales_price"
        with pytest.raises(SourceError, match=lacking):
            read(products="product,series\nGTX Pro,GTX\n")

    def test_other_encoding(self, read, tmp_path):
        read()
        latin = CLEAN["products.csv"].encode() + b"Caf\xe9,MG,5\n"
        (tmp_path / "products.csv").write_bytes(latin)
        with pytest.raises(SourceError, match=r"products\.csv isn't CSV text in UTF-8"):
            Source(tmp_path)


# a line appended to a file, and the only finding it causes
REPEATS, NAMELESS = "row that repeats an earlier one", "row without a name"
LENGTH = "row with too few or too many fields"
NO_INVOICE = "won deal without an invoice"
ONE_FINDING = [
    ("products", "GTXPro,GTX,4821", REPEATS),
    ("products", ",GTX,4821", NAMELESS),
    ("products", "MG Basic,MG,", "product without a price"),
    ("sales_teams", "Anna  Snelling,Melvin Marxen,West", REPEATS),
    ("sales_teams", "Carl Lin,,West", "agent without a manager"),
    ("accounts", "Condax,alchemy,2017,4,9,Kenya,", "sector nobody knows"),
    ("accounts", "Condax,technolgy,2017,4,9,Kenya,", "sector misspelt"),
    ("accounts", "Condax,retail,2017,4,9,Philipines,", "office_location misspelt"),
    ("accounts", "Condax,retail,2017,4,9,Korea,", "office_location nobody knows"),
    ("accounts", "Condax,,,,,,Initech", "parent company that nobody knows"),
    (
        "accounts",
        "Condax,,,,,,Condax",
        "parent company that leads back to its subsidiary",
    ),
    ("sales_pipeline", won(product="GTXPro"), "product spelled another way"),
    ("sales_pipeline", won(sales_agent="anna snelling"), "agent spelled another way"),
    ("sales_pipeline", won(account="ACME"), "client spelled another way"),
    ("sales_pipeline", won(deal_stage="won"), "stage spelled another way"),
    ("sales_pipeline", won(deal_stage="Thinking"), "stage nobody knows"),
    ("sales_pipeline", won(opportunity_id="W1"), REPEATS),
    ("sales_pipeline", won(opportunity_id=""), NAMELESS),
    ("sales_pipeline", won(close_value="5.005"), "amount with fractions of a cent"),
    ("sales_pipeline", won(sales_agent=""), "deal without agent"),
    ("sales_pipeline", won(product=""), "deal without product"),
    ("sales_pipeline", won(close_date=""), NO_INVOICE),
    ("sales_pipeline", won(close_value=""), NO_INVOICE),
    ("sales_pipeline", won(close_value="0"), NO_INVOICE),
    ("sales_pipeline", won(close_value="-7"), NO_INVOICE),
    (
        "sales_pipeline",
        won(engage_date="3/1/2017"),
        "deal closed before it was engaged",
    ),
    ("sales_pipeline", won(engage_date="2/30/2017"), "engage_date that can't be read"),
    ("sales_pipeline", won(sales_agent="Carl Lin"), "agent that no list has"),
    ("sales_pipeline", won(product="GTK 500"), "product that no list has"),
    ("sales_pipeline", won(account="Condax"), "client that no list has"),
    ("sales_pipeline", still_open(account=""), "deal without client"),
    (
        "sales_pipeline",
        still_open(close_value="0"),
        "open deal with a close date or value",
    ),
    ("sales_pipeline", "P3,Anna Snelling,GTX Pro,Acme,Prospecting", LENGTH),
    ("sales_pipeline", still_open() + ",too much", LENGTH),
]


class TestFindings:
    @pytest.mark.parametrize(("file", "line", "kind"), ONE_FINDING)
    def test_one_line(self, read, file, line, kind):
        source = read({file: [line]})
        assert kinds(source) == [kind], source.report()
        assert source.findings[0].file == f"{file}.csv"
        lines = CLEAN[f"{file}.csv"].splitlines()
        assert source.findings[0].line == len(lines) + 1

    def test_result_despite_the_finding(self, read):
        source = read(
            {
                "accounts": [
                    "Condax,technolgy,,,,Philipines,",
                    "Zeta,alchemy,,,,Korea,",
                ]
            }
        )
        assert source.clients["condax"][1:3] == ("technology", "PH")
        assert source.clients["zeta"][1:3] == ("alchemy", "")

    def test_companies_that_own_each_other(self, read):
        text = CLEAN["accounts.csv"].replace("United States,", "United States,Bluth")
        source = read(accounts=text)
        assert kinds(source) == ["parent company that leads back to its subsidiary"]
        parents = (source.clients["acme"].parent, source.clients["bluth"].parent)
        assert sorted(parents) == ["", "acme"] or sorted(parents) == ["", "bluth"]

    @pytest.mark.parametrize("text", ["much", "NaN", "Infinity", "12€"])
    def test_invalid_number(self, read, text):
        source = read({"sales_pipeline": [won(deal_stage="Lost", close_value=text)]})
        assert kinds(source) == ["close_value that can't be read"]
        assert source.deals["W3"].value is None

    @pytest.mark.parametrize(
        ("text", "amount"), [('"1,054.50"', "1054.50"), ("0.125", "0.13")]
    )
    def test_thousands_and_halves_of_a_cent(self, read, text, amount):
        source = read({"sales_pipeline": [won(close_value=text)]})
        assert source.deals["W3"].value == Decimal(amount)

    def test_other_spelling_is_the_same_product(self, read):
        source = read({"sales_pipeline": [won(product="GTXPro")]})
        assert len(source.products) == 2
        assert source.deals["W3"].product == "gtxpro"

    def test_unlisted_names_are_created_once_and_keep_their_amounts(self, read):
        names = {"sales_agent": "Carl Lin", "product": "GTK 500", "account": "Condax"}
        lines = [won(opportunity_id=key, **names) for key in ("W3", "W4")]
        source = read({"sales_pipeline": lines})
        assert source.clients["condax"].name == "Condax"
        assert len(source.findings) == 3
        assert sum(deal.value for deal in source.won) == Decimal("4574.25")

    def test_identifiers_have_no_spellings(self, read):
        source = read({"sales_pipeline": [won(opportunity_id="w1")]})
        assert source.findings == []
        assert len(source.won) == 3

    @pytest.mark.parametrize(
        ("line", "lack"),
        [
            (won(account=""), "it lacks a client"),
            (
                won(close_date="", close_value="0"),
                "a close date and a value above zero",
            ),
        ],
    )
    def test_deal_that_cannot_be_invoiced_is_still_won(self, read, line, lack):
        source = read({"sales_pipeline": [line]})
        assert (len(source.won), len(source.billable)) == (3, 2)
        assert source.findings[-1].done.endswith(lack)


class TestReport:
    @pytest.fixture
    def source(self, read):
        keys = [f"E{number}" for number in range(3, 8)]
        lines = [still_open(opportunity_id=key, account="") for key in keys]
        return read({"sales_pipeline": lines})

    def test_every_kind_is_counted_with_examples(self, source):
        text = source.report(examples=2)
        assert "5 findings" in text
        assert "      5  deal without client" in text
        assert "sales_pipeline.csv:7: 'E3', left empty" in text
        assert "'E5'" not in text

    def test_file_contains_every_finding(self, source, tmp_path):
        source.write_findings(tmp_path / "findings.csv")
        with open(tmp_path / "findings.csv", newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
        assert rows[0] == ["kind", "file", "line", "found", "done"]
        found = ["deal without client", "sales_pipeline.csv", "7", "E3", "left empty"]
        assert (len(rows), rows[1]) == (6, found)


class TestOwners:
    def test_largest_first_with_the_agent_who_won_most(self, read):
        extra = [won(sales_agent="Moses Frase", close_value="5000")]
        source = read({"sales_pipeline": extra})
        assert [*source.owners()] == [("acme", "mosesfrase"), ("bluth", "mosesfrase")]

    def test_many_small_deals_rank_above_one_large(self, read):
        small = {"sales_agent": "Moses Frase", "close_value": "1600"}
        extra = [won(opportunity_id=key, **small) for key in ("S1", "S2", "S3")]
        assert next(read({"sales_pipeline": extra}).owners())[1] == "mosesfrase"

    def test_ties_go_by_name(self, read):
        moses = {"sales_agent": "Moses Frase"}
        extra = [
            won(opportunity_id="W3", account="Zeta", close_value="9000", **moses),
            won(opportunity_id="W4", account="Beta", close_value="4500", **moses),
            won(opportunity_id="W5", account="Beta", close_value="4500"),
        ]
        found = [*read({"sales_pipeline": extra}).owners()][:2]
        assert found == [("beta", "annasnelling"), ("zeta", "mosesfrase")]

    def test_lost_deals_and_deals_without_client_do_not_count(self, read):
        much = {"close_value": "99999"}
        extra = [
            won(opportunity_id="L9", account="Bluth", deal_stage="Lost", **much),
            won(opportunity_id="W9", account="", **much),
            won(opportunity_id="W8", sales_agent="", **much),
        ]
        source = read({"sales_pipeline": extra})
        assert next(source.owners()) == ("acme", "annasnelling")

    def test_client_whose_deals_name_no_agent(self, read):
        extra = [won(account="Zeta", sales_agent="")]
        assert ("zeta", "") in read({"sales_pipeline": extra}).owners()


@pytest.fixture(scope="module")
def source():
    """The full data set as read by the reader."""
    return Source(REAL_FOLDER)


@pytest.fixture(scope="module")
def rows():
    """The deals of the full data set as plain lists of text."""
    file = Path(REAL_FOLDER) / "sales_pipeline.csv"
    with open(file, newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))[1:]


@pytest.mark.skipif(
    not REAL_FOLDER, reason="NKA_REAL_DATA names no folder of real sales"
)
class TestRealFolder:
    """The full data set; its totals are calculated a second time, from the plain lines."""

    def test_totals_equal_the_file(self, source, rows):
        won = [Decimal(row[7]) for row in rows if row[4] == "Won"]
        assert [deal.value for deal in source.won] == won
        assert (len(won), sum(won)) == (4238, Decimal("10005534.00"))

    def test_every_row_is_a_deal_and_every_won_deal_can_be_invoiced(self, source, rows):
        assert len(source.deals) == len(rows) == 8800
        assert len(source.billable) == 4238

    def test_findings_equal_the_file(self, source, rows):
        found = {kind: kinds(source).count(kind) for kind in kinds(source)}
        assert found == {
            "product spelled another way": sum(row[2] == "GTXPro" for row in rows),
            "deal without client": sum(not row[3] for row in rows),
            "sector misspelt": 12,
            "office_location misspelt": 1,
            "office_location nobody knows": 1,
        }
        assert len(source.findings) == 1480 + 1425 + 14
