"""The virtual environment: what Odoo and the tests import, OCA payroll, and the way to Odoo's tree."""

import shutil
import sys

from .digest import digest_of, digest_of_files
from .messages import Problem
from .places import BUILD, CLONE, PYTHON, VENV
from .watched import watched

PACKAGES = ("requirements.txt", "requirements-test.txt")
ADDONS = "requirements-addons.txt"
MARK = VENV / "nka-digest"


def virtual_environment(tree):
    """Make the environment unless the one that is there was made from the same lists and Python.

    :param tree: the OdooTree that `import odoo` has to find.
    """
    wanted = digest_of(
        sys.version_info[:2],
        str(VENV),
        digest_of_files(*(CLONE / name for name in (*PACKAGES, ADDONS))),
    )
    if not MARK.is_file() or MARK.read_text() != wanted:
        _make()
        MARK.write_text(wanted)
    _lead_to(tree)


def _make():
    if VENV.exists():
        shutil.rmtree(VENV)
    watched("making the Python environment", [sys.executable, "-m", "venv", VENV])
    pip = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--progress-bar",
        "off",
    ]
    lists = [word for name in PACKAGES for word in ("-r", CLONE / name)]
    try:
        watched("installing what Odoo and the tests import", [*pip, *lists])
        watched("installing OCA payroll", [*pip, "--no-deps", "-r", CLONE / ADDONS])
    except Problem as problem:
        raise Problem(
            "Python's packages could not be installed: check the network and pip's "
            "configuration, then try again."
        ) from problem


def site_packages():
    """The folder of the environment that packages are installed in."""
    return next(VENV.glob("lib/python3.*/site-packages"))


def _lead_to(tree):
    pointer = site_packages() / "odoo_tree.pth"
    wanted = f"{tree.python_path}\n"
    if not pointer.is_file() or pointer.read_text() != wanted:
        pointer.write_text(wanted)


def payroll_version():
    """The installed version of OCA payroll, as its folder says."""
    return sorted(
        folder.name for folder in site_packages().glob("odoo_addon_payroll-*.dist-info")
    )


def caches():
    """Environment variables that keep every cache inside the build folder."""
    return {
        "PYTHONPYCACHEPREFIX": str(BUILD / "cache" / "python"),
        "RUFF_CACHE_DIR": str(BUILD / "cache" / "ruff"),
        "PYLINTHOME": str(BUILD / "cache" / "pylint"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "cache" / "hypothesis"),
        "PYTHONUNBUFFERED": "1",
    }
