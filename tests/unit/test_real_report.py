"""Dirt report, ranking of clients and command line of the loader, without Odoo."""

import csv
from decimal import Decimal

import pytest

from tools.real import run
from tools.real.csv_source import read_folder
from tools.real.ranking import TopClient, top_clients

from .real_sales import still_open, won, write_folder


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the clean folder with lines appended."""

    def write_and_read(extra):
        write_folder(tmp_path, extra)
        return read_folder(tmp_path)

    return write_and_read


@pytest.fixture
def five_findings(read):
    """The dirt report of five open deals without a client."""
    lines = [
        still_open(opportunity_id=f"E{number}", account="") for number in range(3, 8)
    ]
    return read({"sales_pipeline": lines}).dirt


class TestReport:
    def test_every_kind_is_counted_and_the_rest_announced(self, five_findings):
        text = five_findings.format(examples=2)
        assert "5 findings" in text
        assert "      5  open deal without a client" in text
        assert "sales_pipeline.csv:7: 'E3' -> loaded without a client" in text
        assert "… and 3 more" in text
        assert "'E5'" not in text

    def test_file_holds_every_finding(self, five_findings, tmp_path):
        five_findings.write_csv(tmp_path / "dirt.csv")
        with open(tmp_path / "dirt.csv", newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
        assert rows[0] == ["kind", "file", "line", "found", "done"]
        assert len(rows) == 6
        assert rows[1] == [
            "open deal without a client",
            "sales_pipeline.csv",
            "7",
            "E3",
            "loaded without a client",
        ]


class TestRanking:
    def test_largest_first_with_the_agent_who_won_most(self, read):
        extra = [won(sales_agent="Moses Frase", close_value="5000")]
        folder = read({"sales_pipeline": extra})
        assert top_clients(folder, 1) == [
            TopClient("acme", "mosesfrase", Decimal(9514))
        ]
        assert [top.client_key for top in top_clients(folder, 9)] == ["acme", "bluth"]

    def test_many_small_deals_beat_one_large(self, read):
        extra = [
            won(opportunity_id=key, sales_agent="Moses Frase", close_value="1600")
            for key in ("S1", "S2", "S3")
        ]
        assert (
            top_clients(read({"sales_pipeline": extra}), 1)[0].agent_key == "mosesfrase"
        )

    def test_ties_go_by_name(self, read):
        moses = {"sales_agent": "Moses Frase"}
        extra = [
            won(opportunity_id="W3", account="Zeta", close_value="9000", **moses),
            won(opportunity_id="W4", account="Beta", close_value="4500", **moses),
            won(opportunity_id="W5", account="Beta", close_value="4500"),
        ]
        assert top_clients(read({"sales_pipeline": extra}), 2) == [
            TopClient("beta", "annasnelling", Decimal(9000)),
            TopClient("zeta", "mosesfrase", Decimal(9000)),
        ]

    def test_lost_deals_and_deals_of_nobody_do_not_rank(self, read):
        extra = [
            won(
                opportunity_id="L9",
                account="Bluth",
                deal_stage="Lost",
                close_value="99999",
            ),
            won(opportunity_id="W9", account="", close_value="99999"),
            won(opportunity_id="W8", sales_agent="", close_value="99999"),
        ]
        top = top_clients(read({"sales_pipeline": extra}), 1)[0]
        assert (top.client_key, top.agent_key) == ("acme", "annasnelling")


class TestCommand:
    OPTIONS = ("--config", "odoo.conf", "--database", "real", "--data")

    def test_what_it_is_called_with(self):
        options = run.parse_arguments([*self.OPTIONS, "sales"])
        assert (options.config, options.database, options.data) == (
            "odoo.conf",
            "real",
            "sales",
        )
        assert options.accounts == 20

    def test_wrong_folder_is_refused_before_anything_starts(self, tmp_path, capsys):
        assert run.main([*self.OPTIONS, str(tmp_path)]) == 2
        assert f"The folder {tmp_path} lacks accounts.csv" in capsys.readouterr().err

    def test_equal_sums_succeed(self, capsys):
        assert run.verdict([]) == 0
        assert "equals the source to the cent" in capsys.readouterr().out

    def test_different_sums_fail_and_are_named(self, capsys):
        assert run.verdict(["invoices: 1 in the database, 2 in the source"]) == 1
        assert "invoices: 1 in the database, 2 in the source" in capsys.readouterr().out
