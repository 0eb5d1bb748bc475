"""Small decisions of the commands, and the layout check of XML files."""

import pytest

from tools.checks.xml_files import findings_in
from tools.commands import clone_processes, demo_language, real, real_folder
from tools.demo.table import table
from tools.setup.databases import further_apps
from tools.setup.odoo import odoo_command
from tools.setup.places import ADDONS, CONFIG, Problem
from tools.suite import FOLDER, exit_code, runs_of, stops_early, workers

GOOD = """\
<?xml version="1.0" encoding="utf-8"?>
<odoo>
    <!-- a comment
  may be anywhere -->
    <record id="a" model="b">
        <field name="arch" type="xml">
            <form string="1 > 0">
                <field name="x"
                       invisible="1"/>
            </form>
        </field>
        <field name="text">a <b>bold</b>
  word</field>
    </record>
</odoo>
"""


def found(tmp_path, text):
    file = tmp_path / "file.xml"
    file.write_text(text)
    return [finding.removeprefix(f"{file}:") for finding in findings_in(file)]


def test_valid_file_has_no_finding(tmp_path):
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        ("utf-8", "ascii", "1: starts with"),
        (
            '        <field name="arch"',
            '      <field name="arch"',
            "6: <field> is indented by 6, not 8",
        ),
        ("</form>", "</form> ", "10: white space"),
        ("<odoo>", "<odoo>\t<!-- -->", "2: a tab"),
        ("</odoo>\n", "</odoo>", "ends with one line break"),
        ("</form>", "", "mismatched tag"),
    ],
)
def test_findings(tmp_path, before, after, finding):
    assert any(finding in told for told in found(tmp_path, GOOD.replace(before, after)))


def test_workers_follow_the_processors_up_to_a_limit():
    assert workers([], processors=1) == 1
    assert workers(["-k", "handover"], processors=2) == 2
    assert workers([], processors=64) == 4


@pytest.mark.parametrize("argument", ["-n0", "--pdb", "--numprocesses=2"])
def test_explicit_option_replaces_the_default_workers(argument):
    assert workers([argument], processors=2) == 0


OWN = str(FOLDER)
INSIDE = "tests/recruitment/__init__.py::test_x"
APART = f"--ignore={OWN}"


@pytest.mark.parametrize(
    ("asked", "runs"),
    [
        ("", [(False, APART), (True, OWN)]),
        (
            "-k handover",
            [(False, f"-k handover {APART}"), (True, f"-k handover {OWN}")],
        ),
        (
            "-k tests -x",
            [(False, f"-k tests -x {APART}"), (True, f"-k tests -x {OWN}")],
        ),
        ("tests/talent -q", [(False, "-q tests/talent")]),
        ("tests/recruitment", [(True, "tests/recruitment")]),
        (f"-n0 {INSIDE}", [(True, f"-n0 {INSIDE}")]),
        (f"tests/whole {INSIDE}", [(False, "tests/whole"), (True, INSIDE)]),
        ("tests", [(False, f"{APART} tests"), (True, OWN)]),
        (f"tests {INSIDE}", [(False, f"{APART} tests"), (True, OWN)]),
        (
            "tests/no_such_folder",
            [
                (False, f"tests/no_such_folder {APART}"),
                (True, f"tests/no_such_folder {OWN}"),
            ],
        ),
    ],
)
def test_tests_of_each_addon_run_on_their_own_database(asked, runs):
    found = [(run.of_all, " ".join(run.arguments)) for run in runs_of(asked.split())]
    assert found == runs


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0, 0], 0),
        ([0, 5], 0),
        ([5, 0], 0),
        ([5, 5], 5),
        ([5], 5),
        ([1, 0], 1),
        ([0, 1], 1),
        ([5, 1], 1),
        ([2], 2),
    ],
)
def test_exit_code_of_all_runs(codes, expected):
    assert exit_code(codes) == expected


def test_a_run_that_stops_at_a_failure_is_the_last_one():
    assert stops_early(["-x"])
    assert stops_early(["--maxfail=2"])
    assert not stops_early(["-k", "x"])


def test_further_apps_are_those_of_the_addons_beside_it():
    assert {"hr_recruitment", "survey"} <= set(further_apps())
    assert not {"crm", "hr", *(addon.name for addon in ADDONS)} & set(further_apps())


def test_sub_commands_come_before_the_configuration():
    words = odoo_command("i18n", "loadlang", "-d", "deps")[3:]
    assert words == ["i18n", "loadlang", "-c", str(CONFIG), "-d", "deps"]
    assert odoo_command("-d", "deps")[3:] == ["-c", str(CONFIG), "-d", "deps"]


def test_unknown_language_is_reported():
    assert demo_language("") == "en_US"
    assert demo_language("ru_RU") == "ru_RU"
    with pytest.raises(Problem, match="en_US or ru_RU"):
        demo_language("xx_XX")


def test_real_data_is_named_or_found_beside_the_clone(tmp_path):
    (tmp_path / "named").mkdir()
    assert real_folder(str(tmp_path / "named"), beside=tmp_path) == tmp_path / "named"
    assert real_folder(None, beside=tmp_path) == tmp_path
    assert real_folder("", beside=tmp_path / "none") is None
    with pytest.raises(Problem, match="is no folder"):
        real_folder(str(tmp_path / "none"), beside=tmp_path)


def test_real_data_needs_a_folder(monkeypatch):
    monkeypatch.setattr("tools.commands.real_folder", lambda named: None)
    with pytest.raises(Problem, match="make real DATA="):
        real()


def test_processes_of_this_clone_run_its_python(tmp_path):
    for number, program in ((1, b"/clone/python"), (2, b"/other/python")):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "cmdline").write_bytes(program + b"\0-m\0odoo\0")
    (tmp_path / "3").mkdir()
    assert clone_processes(tmp_path, "/clone/python") == [1]


def test_numbers_are_right_aligned_and_texts_left():
    lines = table(["Name", "Sum"], [["Anna", "1,000.00"], None, ["B", "-"]])
    assert lines == [
        "Name       Sum",
        "----  --------",
        "Anna  1,000.00",
        "----  --------",
        "B            -",
    ]
