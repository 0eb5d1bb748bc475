"""Makes what the tests of the update start from: a database and a snapshot of the code before the redesign.

python -m tools.checks.make_old_dump

It reads the variables that the tests read: PGHOST, PGPORT and PGUSER of a running cluster, the
Odoo configuration in ODOO_RC, and NKA_DEPENDENCIES_DATABASE. Copies of that database get the
addon of COMMIT: one without demo data for the snapshot, one with it for the dump.
"""

import configparser
import contextlib
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMMIT = "260ef5b"
ADDON = "nka_key_accounts"
CLONE = Path(__file__).resolve().parents[2]
SNAPSHOT = CLONE / "tests" / "whole" / "upgrade" / "old_snapshot.json.xz"
DUMP = CLONE / "tests" / "whole" / "upgrade" / "old_demo.sql.xz"
INSTALL = ("-i", ADDON, "--stop-after-init", "--no-http")

# Files made from now on stand in the database, so that the dump needs no folder beside it.
# Odoo asks the dependencies for the flag before it loads demo data.
BEFORE_DEMO = """
    INSERT INTO ir_config_parameter (key, value) VALUES ('ir_attachment.location', 'db');
    UPDATE ir_module_module SET demo = true WHERE state = 'installed'"""
# Pictures, notifications and texts that nothing here reads. Every update loads demo data again,
# with dates relative to its day, unless the flag is gone: a real company's data stay as they are.
SLIM = """
    DELETE FROM ir_attachment
     WHERE store_fname IS NOT NULL OR res_field IS NOT NULL OR url LIKE '/web/assets/%';
    TRUNCATE bus_bus, ir_logging;
    UPDATE ir_module_module SET description = NULL, demo = false;
    UPDATE ir_ui_view SET arch_prev = NULL"""


def make():
    """Make both files and say their sizes."""
    with tempfile.TemporaryDirectory() as folder:
        _check_out(folder)
        options = ("-c", os.environ["ODOO_RC"], f"--addons-path={_addons(folder)}")
        with _database("old_snapshot") as name:
            _python("odoo", "-d", name, *INSTALL, *options)
            made = Path(folder, "snapshot.json")
            _python("tools.checks.snapshot", "write", name, made, *options)
            SNAPSHOT.write_bytes(_compressed(made.read_bytes()))
        with _database("old_demo") as name:
            _sql(name, BEFORE_DEMO)
            _python("odoo", "-d", name, *INSTALL, "--with-demo", *options)
            _sql(name, SLIM)
            _python("tests.whole.upgrade.verify", name, *options)
            DUMP.write_bytes(_compressed(_dump(name)))
    for file in (SNAPSHOT, DUMP):
        print(f"{file.relative_to(CLONE)}: {file.stat().st_size / 1e6:.2f} MB")


def _check_out(folder):
    archive = subprocess.run(
        ["git", "archive", COMMIT, ADDON], cwd=CLONE, check=True, capture_output=True
    )
    subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)


def _addons(folder):
    """The configured folders of addons, with the old code in the place of this clone's."""
    config = configparser.RawConfigParser()
    config.read(os.environ["ODOO_RC"])
    paths = config["options"]["addons_path"].split(",")
    others = (path for path in paths if not Path(path.strip(), ADDON).is_dir())
    return ",".join([folder, *others])


@contextlib.contextmanager
def _database(name):
    template = os.environ["NKA_DEPENDENCIES_DATABASE"]
    subprocess.run(["createdb", "-T", template, name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["dropdb", "--force", name], check=True)


def _python(module, *words):
    subprocess.run([sys.executable, "-m", module, *words], cwd=CLONE, check=True)


def _sql(name, statements):
    command = ["psql", "-Xq1", "-v", "ON_ERROR_STOP=1", "-d", name, "-c", statements]
    subprocess.run(command, check=True)


def _dump(name):
    """The database as SQL, for other releases of psql and under any role."""
    command = ["pg_dump", "--no-owner", "--no-privileges", name]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.split(b"\n")
    return b"\n".join(
        line for line in lines if not line.startswith((b"\\restrict", b"\\unrestrict"))
    )


def _compressed(content):
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    make()
