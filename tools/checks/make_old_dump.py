"""Create the files that the upgrade tests start from.

They are a database and a snapshot of the code before the redesign.

    python -m tools.checks.make_old_dump

It reads the variables that the tests read: PGHOST, PGPORT and PGUSER of a running
cluster, the Odoo configuration in ODOO_RC, and NKA_DEPENDENCIES_DATABASE. Copies of
that database get the addon of COMMIT: one without demo data for the snapshot, one with
it for the dump.
"""

import configparser
import contextlib
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

#: Version 19.0.1.0.0.
COMMIT = "260ef5b"
ADDON = "nka_key_accounts"
CLONE = Path(__file__).resolve().parents[2]
SNAPSHOT = CLONE / "tests" / "whole" / "upgrade" / "old_snapshot.json.xz"
DUMP = CLONE / "tests" / "whole" / "upgrade" / "old_demo.sql.xz"
INSTALL = ("-i", ADDON, "--stop-after-init", "--no-http")

# New files are stored in the database, so that the dump needs no file store. Odoo
# checks this flag of the dependencies before it loads demo data.
BEFORE_DEMO = """
    INSERT INTO ir_config_parameter (key, value) VALUES ('ir_attachment.location', 'db');
    UPDATE ir_module_module SET demo = true WHERE state = 'installed'"""
# Remove images, notifications and texts that no test reads. Unset the demo flag: every
# update would reload the demo data with dates relative to its day, whereas a real
# company's data don't change.
SLIM = """
    DELETE FROM ir_attachment
     WHERE store_fname IS NOT NULL OR res_field IS NOT NULL OR url LIKE '/web/assets/%';
    TRUNCATE bus_bus, ir_logging;
    UPDATE ir_module_module SET description = NULL, demo = false;
    UPDATE ir_ui_view SET arch_prev = NULL"""


def make():
    """Create both files and print their sizes."""
    with tempfile.TemporaryDirectory() as folder:
        check_out(folder)
        addons = addons_with(folder, os.environ["ODOO_RC"])
        options = ("-c", os.environ["ODOO_RC"], f"--addons-path={addons}")
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


def check_out(folder, commit=COMMIT):
    """Put the addon as of a commit into a folder.

    :raise CalledProcessError: where the history doesn't reach back to the commit
    """
    archive = subprocess.run(
        ["git", "archive", commit, ADDON], cwd=CLONE, check=True, capture_output=True
    )
    subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)


def addons_with(folder, configuration):
    """Return the configured addons paths, with the code in a folder instead of this
    clone's.
    """
    config = configparser.RawConfigParser()
    config.read(configuration)
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
    """Return the database as SQL that older releases of psql and any role can load."""
    command = ["pg_dump", "--no-owner", "--no-privileges", name]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.split(b"\n")
    return b"\n".join(
        line for line in lines if not line.startswith((b"\\restrict", b"\\unrestrict"))
    )


def _compressed(content):
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    make()
