"""Small decisions of the commands, and the layout check of XML files."""

import pytest

from tools.checks.xml_files import findings_in
from tools.commands.demo import demo_language
from tools.commands.real import data_folder, real_folder
from tools.commands.test import workers
from tools.demo.table import table
from tools.setup.messages import Problem
from tools.setup.odoo import odoo_command
from tools.setup.places import CONFIG

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


def test_a_well_laid_out_file_has_no_finding(tmp_path):
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
def test_a_person_who_decides_gets_no_workers(argument):
    assert workers([argument], processors=2) == 0


def test_sub_commands_come_before_the_configuration():
    words = odoo_command("i18n", "loadlang", "-d", "deps")[3:]
    assert words == ["i18n", "loadlang", "-c", str(CONFIG), "-d", "deps"]
    assert odoo_command("-d", "deps")[3:] == ["-c", str(CONFIG), "-d", "deps"]


def test_an_unknown_language_is_told():
    assert demo_language("") == "en_US"
    assert demo_language("ru_RU") == "ru_RU"
    with pytest.raises(Problem, match="en_US or ru_RU"):
        demo_language("xx_XX")


def test_real_data_needs_a_folder(tmp_path):
    assert data_folder(str(tmp_path)) == tmp_path
    for named in ("", str(tmp_path / "none")):
        with pytest.raises(Problem):
            data_folder(named)


def test_real_data_beside_the_clone_needs_no_name(tmp_path):
    assert real_folder(None, beside=tmp_path) == tmp_path
    assert real_folder("", beside=tmp_path / "none") is None
    (tmp_path / "named").mkdir()
    assert real_folder(str(tmp_path / "named"), beside=tmp_path) == tmp_path / "named"
    with pytest.raises(Problem):
        real_folder(str(tmp_path / "none"), beside=tmp_path)


def test_numbers_stand_right_and_texts_left():
    lines = table(["Name", "Sum"], [["Anna", "1,000.00"], None, ["B", "-"]])
    assert lines == [
        "Name       Sum",
        "----  --------",
        "Anna  1,000.00",
        "----  --------",
        "B            -",
    ]
