"""Requirements are pinned, and pre-commit uses the releases that `make lint` uses."""

import re
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]
LOCK = (CLONE / "requirements.lock").read_text()
HOOKS = (CLONE / ".pre-commit-config.yaml").read_text()
#: Packages and the repositories of their hooks.
CHECKED_BY = {
    "ruff": "astral-sh/ruff-pre-commit",
    "pylint-odoo": "OCA/pylint-odoo",
    "oca-odoo-pre-commit-hooks": "OCA/odoo-pre-commit-hooks",
}


def locked():
    """Return versions by the normalized name of a package."""
    found = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_requirement_is_locked(name):
    lines = (CLONE / name).read_text().splitlines()
    wanted = {
        re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line)[0].lower())
        for line in lines
        if line and not line.startswith("#")
    }
    assert wanted - locked().keys() == set()


def test_every_version_has_its_hashes_and_no_address():
    entries = re.split(r"\n(?=[a-z])", LOCK)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK


def test_addon_beside_odoo_is_pinned():
    (line,) = re.findall("^odoo-addon.*", _addons(), re.MULTILINE)
    assert re.fullmatch(r"odoo-addon-payroll==[\d.]+ --hash=sha256:[0-9a-f]{64}", line)


def _addons():
    return (CLONE / "requirements-addons.txt").read_text()


@pytest.mark.parametrize("package", CHECKED_BY)
def test_pre_commit_has_the_locked_release(package):
    revision = re.search(rf"{CHECKED_BY[package]}\n\s+rev: v(\S+)", HOOKS)[1]
    assert locked()[package] == {revision}
