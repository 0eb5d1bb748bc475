"""Which Odoo source is used, and what is repaired in it."""

import pytest

from tools.setup import odoo_tree
from tools.setup.places import Problem


def a_tree(folder, version="(19, 0, 0, FINAL, 0, '')"):
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    return folder


def test_series_is_read_from_the_release(tmp_path):
    assert odoo_tree.series_of(tmp_path) is None
    assert odoo_tree.series_of(a_tree(tmp_path)) == (19, 0)


@pytest.mark.parametrize("named", ["", "odoo"])
def test_checkout_or_its_odoo_folder(tmp_path, named):
    folder = a_tree(tmp_path)
    (folder / "addons").mkdir()
    tree = odoo_tree.tree_at(folder / named)
    assert tree.python_path == folder
    assert tree.addons == (folder / "addons",)


def test_unpacked_package(tmp_path):
    inside = a_tree(tmp_path / odoo_tree.PACKAGED_PYTHON)
    assert odoo_tree.tree_at(tmp_path).python_path == inside


def test_other_series_is_refused(tmp_path):
    a_tree(tmp_path, "(18, 0, 0, FINAL, 0, '')")
    with pytest.raises(Problem, match="holds no Odoo 19"):
        odoo_tree.tree_at(tmp_path)


def test_pinned_version_is_preferred():
    versions = ["19.0.1+dfsg-1", odoo_tree.PINNED_VERSION, "19.0~rc"]
    assert odoo_tree.chosen_version(versions) == odoo_tree.PINNED_VERSION


def test_newest_19_is_used_and_reported(capsys):
    assert odoo_tree.chosen_version(["20.0.0-1", "19.0.2+dfsg-1"]) == "19.0.2+dfsg-1"
    assert "taking 19.0.2+dfsg-1" in capsys.readouterr().out


def test_no_19_at_all_is_a_problem():
    with pytest.raises(Problem, match="ODOO_PATH"):
        odoo_tree.chosen_version(["20.0.0-1"])


def test_archive_that_differs_from_the_pinned_one_is_refused(tmp_path):
    file = tmp_path / "odoo.deb"
    file.write_bytes(b"something else")
    with pytest.raises(Problem, match="not the pinned one"):
        odoo_tree.check_pinned(file, odoo_tree.PINNED_VERSION)
    odoo_tree.check_pinned(file, "19.0.2+dfsg-1")


def test_repair_writes_the_stub_and_reports_broken_links(tmp_path, capsys):
    (tmp_path / "font.ttf").symlink_to("nowhere.ttf")
    odoo_tree.mend(tmp_path)
    assert (tmp_path / odoo_tree.SELFIE).read_text() == odoo_tree.SELFIE_STUB
    assert "1 links" in capsys.readouterr().out


def test_repair_keeps_a_real_library(tmp_path):
    library = tmp_path / odoo_tree.SELFIE
    library.parent.mkdir(parents=True)
    library.write_text("the real one")
    odoo_tree.mend(tmp_path)
    assert library.read_text() == "the real one"


def test_broken_jquery_link_is_a_problem(tmp_path):
    (tmp_path / "jquery.js").symlink_to("nowhere.js")
    with pytest.raises(Problem, match="jquery"):
        odoo_tree.mend(tmp_path)
