"""The wheel built by setup.py has every file of the addons where Odoo expects it."""

import ast
import shutil
import subprocess
import sys
import zipfile

import pytest

from tools.setup.places import ADDONS, CLONE

INSTALLED = "odoo/addons"
SOURCES = ("setup.py", "pyproject.toml", "LICENSE", "README.md")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return a copy of the sources, with migration scripts of a later version."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (CLONE / name).is_file():
            shutil.copy(CLONE / name, folder)
    for addon in ADDONS:
        copy = folder / addon.name
        shutil.copytree(addon, copy, ignore=shutil.ignore_patterns("__pycache__"))
        script = copy / "migrations" / "19.0.9.9.9" / "post-migrate.py"
        script.parent.mkdir(parents=True)
        script.write_text("def migrate(cr, version):\n    pass\n")
    return folder


@pytest.fixture(scope="module")
def wheel(source):
    """Build the wheel offline; return its file name and the names of its files."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-deps",
    ]
    subprocess.run(
        [*command, "--no-build-isolation", "--no-index", "-w", "dist", "."],
        cwd=source,
        check=True,
    )
    built = next((source / "dist").glob("*.whl"))
    with zipfile.ZipFile(built) as archive:
        return built.name, set(archive.namelist())


def test_contains_every_file(source, wheel):
    expected = {
        f"{INSTALLED}/{file.relative_to(source)}"
        for addon in ADDONS
        for file in (source / addon.name).rglob("*")
        if file.is_file()
    }
    assert expected - wheel[1] == set()


def test_contains_nothing_else(source, wheel):
    inside = {name for name in wheel[1] if ".dist-info/" not in name}
    assert {
        name
        for name in inside
        if not (source / name.removeprefix(f"{INSTALLED}/")).is_file()
    } == set()


def test_contains_no_files_of_the_odoo_namespace(wheel):
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & wheel[1]


@pytest.mark.parametrize("addon", ADDONS)
def test_version_equals_the_manifests(wheel, addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    assert wheel[0].split("-")[1] == manifest["version"]
