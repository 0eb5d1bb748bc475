"""The wheel built by setup.py has every file of the addon where Odoo expects it."""

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]
ADDON = CLONE / "nka_key_accounts"
INSTALLED = "odoo/addons/nka_key_accounts"
SOURCES = ("setup.py", "pyproject.toml", "LICENSE", "README.md")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return a copy of the sources, with a migration script of a later version."""
    folder = tmp_path_factory.mktemp("source")
    shutil.copytree(
        ADDON, folder / ADDON.name, ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in SOURCES:
        if (CLONE / name).is_file():
            shutil.copy(CLONE / name, folder)
    script = folder / ADDON.name / "migrations" / "19.0.9.9.9" / "post-migrate.py"
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
    folder = source / ADDON.name
    expected = {
        f"{INSTALLED}/{file.relative_to(folder)}"
        for file in folder.rglob("*")
        if file.is_file()
    }
    assert expected - wheel[1] == set()


def test_contains_nothing_else(source, wheel):
    folder = source / ADDON.name
    inside = {name for name in wheel[1] if ".dist-info/" not in name}
    assert {
        name
        for name in inside
        if not (folder / name.removeprefix(f"{INSTALLED}/")).is_file()
    } == set()


def test_contains_no_files_of_the_odoo_namespace(wheel):
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & wheel[1]


def test_version_equals_the_manifest(wheel):
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
    assert wheel[0].split("-")[1] == manifest["version"]
