"""The files of the dashboards are those that their program writes."""

import json

import pytest

from tools.dashboards import contents
from tools.dashboards.__main__ import FOLDER

CONTENTS = contents()


@pytest.mark.parametrize("name", CONTENTS)
def test_file_is_written_by_the_program(name):
    """Otherwise run ``python -m tools.dashboards``."""
    assert (FOLDER / name).read_text(encoding="utf-8") == CONTENTS[name]


@pytest.mark.parametrize("name", CONTENTS)
def test_pictures_and_texts(name):
    content = json.loads(CONTENTS[name])
    sheet, data = content["sheets"]
    figures = [figure["id"] for figure in sheet["figures"]]
    assert len(figures) == len(set(figures))
    assert all(figure["data"]["title"]["text"] for figure in sheet["figures"])
    sources = {*content["pivots"], *content["lists"]}
    assert not sources if "sample" in name else len(sources) > 3
    formulas = [*sheet["cells"].values(), *data["cells"].values()]
    if "sample" in name:
        assert not any("PIVOT" in cell or "ODOO" in cell for cell in formulas)
