"""A room of the addon names only the rooms before it; tests of the checker on small
trees.
"""

import re
from textwrap import dedent

import pytest

from .rooms import __main__ as program
from .rooms import findings as known_findings
from .rooms.checks import all_findings
from .rooms.findings import NO_REASON, Finding
from .rooms.sources import Rooms

BESIDE = {"addon_visits": "visits"}
BASE = {
    "models/__init__.py": "from . import first, second\nfrom . import third",
    "models/first/__init__.py": "from . import nka_client",
    "models/first/nka_client.py": '''
        """Clients, whose deals another room keeps."""
        from odoo import fields, models

        class Client(models.Model):
            """A client; gate_message and nka.deal are in its documentation only."""

            _name = "nka.client"

            state = fields.Selection([("draft", "Draft"), ("known", "Known")])
            date_from = fields.Date()
            amount_total = fields.Float()

            def _total(self):
                return self.env["res.partner"].search([]).mapped("state")
    ''',
    "models/second/__init__.py": "from . import nka_deal, nka_client",
    "models/second/nka_deal.py": """
        from odoo import fields, models
        from ..first.nka_client import Client

        STATES = [("draft", "Draft"), ("handed_in", "Handed in"), ("done", "Done")]

        class Deal(models.Model):
            _name = "nka.deal"
            _inherit = ["mail.thread"]

            client_id = fields.Many2one("nka.client")
            state = fields.Selection(STATES)
            date_from = fields.Date()
            gate_message = fields.Char()
            amount_total = fields.Float()
            person_ids = fields.Many2many("res.users", "deal_rel", "deal_id", "person_id")

            def init(self):
                self.env.cr.execute("CREATE OR REPLACE FUNCTION nka_deal_stays() ...")
    """,
    "models/second/nka_client.py": """
        from odoo import fields, models

        class Client(models.Model):
            _inherit = "nka.client"

            health = fields.Integer()
    """,
    "models/third/__init__.py": "",
    "views/menus.xml": '<odoo><menuitem id="menu_deals" name="Deals" /></odoo>',
    "views/first/nka_client_views.xml": """
        <odoo>
            <!-- nka_deal_action is opened elsewhere -->
            <record id="nka_client_view_form" model="ir.ui.view">
                <field name="model">nka.client</field>
                <field name="arch" type="xml">
                    <form><field name="state" /></form>
                </field>
            </record>
            <menuitem id="menu_clients" parent="menu_deals" />
        </odoo>
    """,
    "views/second/nka_deal_views.xml": """
        <odoo>
            <record id="nka_deal_action" model="ir.actions.act_window" />
        </odoo>
    """,
    "security/second/ir.model.access.csv": """
        id,name,model_id:id,group_id:id
        access_deal_user,deal user,model_nka_deal,base.group_user
    """,
}


@pytest.fixture
def tree(tmp_path):
    """Write a small addon of three rooms, with some files changed; return its findings."""

    def write(**changed):
        files = {f"addon/{name}": text for name, text in BASE.items()}
        for name, text in {**files, **changed.get("files", {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).strip() + "\n")
        return [str(one) for one in all_findings(Rooms(tmp_path, "addon", BESIDE))]

    return write


def python_of_first(lines):
    """Return a module of the first room that contains a name."""
    return {"addon/models/first/other.py": lines}


def test_valid_tree_has_no_findings(tree):
    assert tree() == []


def test_rooms_follow_the_order_of_their_imports(tree, tmp_path):
    tree()
    assert Rooms(tmp_path, "addon").names == ["first", "second", "third"]


# ---------------------------------------------------------------- folders, sizes, models
@pytest.mark.parametrize(
    "layer", ["models", "views", "security", "data", "demo", "report", "static/src"]
)
def test_folder_that_is_no_room(tree, layer):
    found = tree(files={f"addon/{layer}/market/a.txt": "x"})
    assert found == [f"market folder addon/{layer}/market is not a room"]


def test_tests_have_two_folders_beside_the_rooms(tree):
    files = {f"tests/{room}/test_a.py": "" for room in ("whole", "unit", "second")}
    assert tree(files=files) == []
    files["tests/market/test_a.py"] = ""
    assert tree(files=files) == ["market folder tests/market is not a room"]


def test_model_outside_the_rooms(tree):
    found = tree(files={"addon/models/nka_loose.py": ""})
    assert found == ["- folder addon/models/nka_loose.py is in no room"]


def test_too_many_files(tree):
    many = {f"addon/data/second/a{number}.csv": "id" for number in range(26)}
    assert tree(files=many) == ["second files addon/data/second has over 25 files"]
    assert tree() == ["second files addon/data/second has over 25 files"]


def test_maximum_number_of_files(tree):
    many = {f"addon/data/second/a{number}.csv": "id" for number in range(25)}
    assert tree(files=many) == []


@pytest.mark.parametrize("path", ["addon/models/first/long.py", "tests/first/long.py"])
def test_too_many_lines(tree, path):
    assert tree(files={path: "x = 1\n" * 701}) == [
        f"first lines {path} has over 700 lines"
    ]


def test_maximum_number_of_lines(tree):
    files = {
        "addon/models/first/long.py": "x = 1\n" * 700,
        "addon/views/first/long.xml": "<odoo>" + "\n" * 900 + "</odoo>",
    }
    assert tree(files=files) == []


def test_two_files_of_a_room_extend_a_model(tree):
    more = """
        class ClientAgain(models.Model):
            _inherit = ["nka.client"]

        class Partner(models.Model):
            _name = "res.partner"
            _inherit = ["res.partner", "nka.client"]
    """
    found = tree(files=python_of_first(more))
    assert found == ["first model addon/models/first/other.py nka.client"]


def test_mixin_is_used_by_many_files(tree):
    user = (
        'class {0}(models.Model):\n    _name = "nka.{0}"\n    _inherit = ["nka.client"]'
    )
    files = {f"addon/models/second/{x}.py": user.format(x) for x in ("one", "two")}
    assert tree(files=files) == []


# ---------------------------------------------------------------- later rooms
@pytest.mark.parametrize(
    "line",
    [
        "from ..second import nka_deal",
        "from ..second.nka_deal import Deal",
        "from .. import second",
        "from odoo.addons.addon.models.second.nka_deal import Deal",
        "from odoo.addons.addon.models import second",
        "import odoo.addons.addon.models.second.nka_deal",
        "def later():\n    from ..second import nka_deal",
        "from ...report.second import printed",
    ],
)
def test_import_of_a_later_room(tree, line):
    found = tree(files=python_of_first(line))
    assert found == ["first import addon/models/first/other.py second"]


@pytest.mark.parametrize(
    "line", ["from ..whole import x", "from tests.second import x"]
)
def test_import_of_a_later_room_of_tests(tree, line):
    [found] = tree(files={"tests/first/test_a.py": line})
    assert found.startswith("first import tests/first/test_a.py ")


def test_allowed_imports(tree):
    lines = (
        "from ..first import x\nfrom . import y\nfrom ...paycalc import z\nimport json"
    )
    files = {
        "addon/models/second/other.py": lines,
        "tests/first/test_a.py": "from ..common import x\nfrom ..unit import rooms",
        "tests/whole/test_a.py": "from ..third.common import x",
    }
    assert tree(files=files) == []


# ---------------------------------------------------------------- addons beside it
VISIT = """
    from odoo import fields, models

    class Visit(models.Model):
        _name = "nka.visit"

        deal_id = fields.Many2one("nka.deal")
        visited_by = fields.Char()
"""
VISITS = {
    "addon_visits/models/__init__.py": "from . import nka_visit",
    "addon_visits/models/nka_visit.py": VISIT,
    "addon_visits/views/nka_visit_views.xml": """
        <odoo>
            <record id="nka_visit_action" model="ir.actions.act_window" />
            <record id="addon.nka_deal_action" model="ir.actions.act_window" />
        </odoo>
    """,
    "addon_visits/demo/a.csv": "id",
    "tests/visits/test_a.py": "from ..whole import x\nfrom ..third import y",
}


def test_addon_beside_it_can_name_all_rooms(tree):
    assert tree(files=VISITS) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('self.env["nka.visit"]', "name {} nka.visit of visits"),
        ("x = y.visited_by", "name {} visited_by of visits"),
        ('env.ref("addon_visits.x")', "name {} addon_visits of visits"),
        ('x = "nka_visit_action"', "name {} nka_visit_action of visits"),
        ("from odoo.addons.addon_visits.models import nka_visit", "import {} visits"),
        ("import odoo.addons.addon_visits.models.nka_visit", "import {} visits"),
    ],
)
def test_no_room_names_an_addon_beside_it(tree, line, what):
    path = "addon/models/third/other.py"
    assert f"third {what.format(path)}" in tree(files={**VISITS, path: line})


@pytest.mark.parametrize("folder", ["third", "whole"])
def test_no_test_of_a_room_imports_those_of_an_addon_beside_it(tree, folder):
    path = f"tests/{folder}/test_a.py"
    files = {**VISITS, path: "from ..visits.common import x"}
    assert tree(files=files) == [f"{folder} import {path} visits"]


@pytest.mark.parametrize("layer", ["models", "views", "demo"])
def test_addon_beside_it_is_one_room(tree, layer):
    found = tree(files={**VISITS, f"addon_visits/{layer}/more/a.txt": "x"})
    what = "is a folder of addon_visits, which is one room"
    assert found == [f"visits folder addon_visits/{layer}/more {what}"]


def test_sizes_and_models_of_an_addon_beside_it(tree):
    many = {f"addon_visits/data/a{number}.csv": "id" for number in range(26)}
    again = {"addon_visits/models/other.py": VISIT}
    long = {"addon_visits/long.py": "x = 1\n" * 701}
    assert tree(files={**VISITS, **many, **again, **long}) == [
        "visits files addon_visits/data has over 25 files",
        "visits model addon_visits/models/other.py nka.visit",
        "- lines addon_visits/long.py has over 700 lines",
    ]


# ---------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('self.env["nka.deal"]', "nka.deal"),
        ('domain = [("res_model", "=", "nka.deal")]', "nka.deal"),
        ('x = "nka.deal.state"', "nka.deal"),
        ('x = "SELECT id FROM nka_deal WHERE state = 1"', "nka_deal"),
        ('x = f"SELECT id FROM nka_deal WHERE id = {y}"', "nka_deal"),
        ('x = "EXECUTE FUNCTION nka_deal_stays()"', "nka_deal_stays"),
        ('x = ["deal_ids.gate_message"]', "gate_message"),
        ("x = deal.gate_message", "gate_message"),
        ('x = self.env.ref("nka_key_accounts.nka_deal_action")', "nka_deal_action"),
        ('x = "SELECT 1 AS nka_deal"', "nka_deal"),
        ('x = "model_nka_deal"', "model_nka_deal"),
        ('x = "field_nka_deal__state"', "field_nka_deal__state"),
        ('x = deal.state == "handed_in"', "handed_in"),
    ],
)
def test_python_that_names_a_later_room(tree, line, name):
    found = tree(files=python_of_first(line))
    assert found == [f"first name addon/models/first/other.py {name} of second"]
    moved = {f"addon/models/{room}/other.py": line for room in ("second", "third")}
    moved["addon/models/first/other.py"] = ""
    assert tree(files=moved) == []


@pytest.mark.parametrize(
    "line",
    [
        '"""Deals are in nka.deal; gate_message says why."""',
        "# gate_message of nka.deal",
        'x = "nka.dealer", "nka_deals", "a_nka_deal", "nka.deal_x"',
        'x = ["date_from", "amount_total", "client", "state", "draft", "done"]',
        'x = "It was handed_in late"',
        "class Plain:\n    gate_message: str\nx = Plain().gate_message",
        'x = "SELECT 1 AS gate_message"',
        "def gate_message(): pass\nx = y.gate_message",
        'x = "SELECT 1 AS gate_message, nka_dealing"',
    ],
)
def test_python_that_names_none(tree, line):
    assert tree(files=python_of_first(line)) == []


@pytest.mark.parametrize(
    "body",
    [
        "def _weigh(self):\n        return self.health",
        "def _weigh(self):\n        return [one.health for one in self]",
        "def _weigh(self):\n        for one in self:\n            x = one.health",
        '@api.depends("health")\n    def _weigh(self):\n        pass',
    ],
)
def test_common_word_that_is_a_later_field_of_the_model(tree, body):
    base = BASE["models/first/nka_client.py"]
    text = dedent(base) + f"\n    {body}\n"
    found = tree(files={"addon/models/first/nka_client.py": text})
    assert found == ["first name addon/models/first/nka_client.py health of second"]


def test_common_word_of_another_model(tree):
    text = "class X(models.Model):\n    _inherit = 'x'\n    def y(self):\n        self.health"
    assert tree(files=python_of_first(text)) == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('parent="menu_deals"', 'action="nka_deal_action"', "nka_deal_action"),
        ('"state" />', '"state" invisible="gate_message" />', "gate_message"),
        ('"state" />', '"health" />', "health"),
        ("<form>", "<form>%(addon.nka_deal_action)d", "nka_deal_action"),
    ],
)
def test_xml_that_names_a_later_room(tree, old, new, name):
    path = "views/first/nka_client_views.xml"
    assert old in BASE[path]
    found = tree(files={f"addon/{path}": BASE[path].replace(old, new)})
    assert found == [f"first name addon/{path} {name} of second"]


def test_nested_field_is_of_another_model(tree):
    path = "views/first/nka_client_views.xml"
    within = '<field name="line_ids"><list><field name="health" /></list></field>'
    changed = BASE[path].replace('<field name="state" />', within)
    assert changed != BASE[path]
    assert tree(files={f"addon/{path}": changed}) == []


def test_access_rule_of_a_later_model(tree):
    path = "addon/security/first/ir.model.access.csv"
    text = "id,name,model_id:id\naccess_x,x,model_nka_deal\naccess_y,y,model_nka_client"
    assert tree(files={path: text}) == [f"first name {path} model_nka_deal of second"]


def test_script_that_names_a_later_model(tree):
    path = "addon/static/src/first/a.js"
    text = 'this.orm.call("nka.deal", "read");'
    assert tree(files={path: text}) == [f"first name {path} nka.deal of second"]


def test_column_of_an_earlier_relation_is_no_later_field(tree):
    later = """
        class Visit(models.Model):
            _name = "nka.visit"
            person_id = fields.Many2one("res.users")
    """
    files = {
        "addon/models/third/nka_visit.py": later,
        "addon/models/second/sql.py": 'x = "SELECT person_id FROM deal_rel"',
    }
    assert tree(files=files) == []
    files["addon/models/first/sql.py"] = 'x = "SELECT person_id FROM visits"'
    [found] = tree(files=files)
    assert found == "first name addon/models/first/sql.py person_id of third"


def test_demo_data_uses_all_rooms(tree):
    text = '<odoo><record id="x" model="nka.deal" /></odoo>'
    assert tree(files={"addon/demo/first/a.xml": text}) == []


# ---------------------------------------------------------------- list of known findings
@pytest.fixture
def known(tmp_path):
    return tmp_path / "known.txt"


def findings(*whats):
    return [Finding("first", "name", "a.py", what) for what in whats]


def test_list_is_written_and_read(known):
    known_findings.write_known(findings("x of second", "y of second"), known)
    assert known_findings.compare(findings("x of second", "y of second"), known) == (
        [],
        [],
    )


def test_new_and_resolved_findings(known):
    known_findings.write_known(findings("x of second"), known)
    found = known_findings.compare(findings("y of second"), known)
    assert found == (
        ["first name a.py y of second"],
        ["first name a.py x of second"],
    )


def test_reason_is_kept_with_its_finding(known):
    reason = "the bookkeeper's own name for it"
    known.write_text(f"# {reason}\nfirst name a.py x of second\n")
    known_findings.write_known(findings("y of second", "x of second"), known)
    assert known_findings.read_known(known) == {
        "first name a.py x of second": reason,
        "first name a.py y of second": NO_REASON,
    }


def test_no_known_findings_is_an_empty_list(known):
    known_findings.write_known([], known)
    assert known.read_text() == ""
    assert known_findings.compare([], known) == ([], [])


def test_finding_is_the_same_on_another_line():
    one, other = (Finding("a", "name", "a.py", "x", line) for line in (1, 2))
    assert one == other
    assert len({one, other}) == 1


def test_findings_are_printed_by_room(tree, tmp_path, monkeypatch, capsys):
    tree(files=python_of_first('x = "nka.deal"'))
    monkeypatch.setattr(program, "Rooms", lambda: Rooms(tmp_path, "addon"))
    program.main([])
    printed = capsys.readouterr().out
    assert re.search(r"^first: 1\n +name +addon/models/first/other.py:1 ", printed)
    program.main(["second"])
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------- the addon
@pytest.fixture(scope="module")
def compared():
    return known_findings.compare(all_findings(Rooms()))


def test_no_room_names_a_later_one(compared):
    """Known exceptions are in ``rooms_known.txt``, which must only get shorter."""
    assert not compared[0], "\n".join(["found in the sources:", *compared[0]])


def test_resolved_findings_are_removed_from_the_list(compared):
    """``python -m tests.unit.rooms --write-known`` removes them."""
    assert not compared[1], "\n".join(["no longer found:", *compared[1]])
