"""Updating a company's database from older versions: seconds, locks on Odoo's tables,
and what must not change.
"""

import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import closing

import psycopg2

from benchmarks.stage import Result
from tools.checks.make_old_dump import COMMIT, addons_with, check_out
from tools.setup.odoo import odoo_command, odoo_environment
from tools.setup.places import ADDON, CONFIG, Problem

#: Versions that companies use, with the last commit of their code.
VERSIONS = {"19.0.1.0.0": COMMIT, "19.0.1.3.0": "7d28cb60"}
#: Seconds between two looks at the locks of the update.
PAUSE = 0.02

# PostgreSQL gives a table another file when it rewrites it.
FILES = """
    SELECT relname, relfilenode FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND NOT starts_with(relname, 'nka_')
"""
# Locks under which others can't write to a table.
LOCKS = """
    SELECT relname, bool_or(mode = 'AccessExclusiveLock')
      FROM pg_locks JOIN pg_class ON pg_class.oid = relation
     WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND granted AND relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND NOT starts_with(relname, 'nka_')
       AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                    'AccessExclusiveLock')
     GROUP BY relname
"""
#: Rows that an update must leave as they are.
ROWS = {
    "ledger": """SELECT count(*), md5(string_agg(told, '' ORDER BY id))
                   FROM (SELECT id, concat_ws('|', id, company_id, user_id, date, amount,
                                              source_ref) AS told
                           FROM nka_bonus_line) line""",
    "hashes of months": """SELECT count(*), md5(string_agg(told, '' ORDER BY id))
                   FROM (SELECT id, concat_ws('|', id, number, digest) AS told
                           FROM nka_month_close_revision) revision""",
    "statements": """SELECT count(*), md5(string_agg(told, '' ORDER BY id))
                   FROM (SELECT id, concat_ws('|', id, state, total_amount) AS told
                           FROM nka_pay_statement) statement""",
}


def measure(stage):
    """Update from each version; return seconds, locks and differences."""
    results = []
    for version, commit in VERSIONS.items():
        results += _update(stage, version, commit)
    return results


def _update(stage, version, commit):
    database = stage.copy(stage.filled(), f"old_{commit}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            check_out(folder, commit)
        except subprocess.CalledProcessError as error:
            raise Problem(f"The history of this clone has no {commit}.") from error
        path = f"--addons-path={addons_with(folder, CONFIG)}"
        _run(stage, "-d", database, "-i", ADDON.name, path, *ONCE)
        told = stage.in_odoo(database, "upgrade.py", path, STEP="close")
    with closing(_connection(stage, database)) as connection:
        before, files = _rows(connection), dict(_all(connection, FILES))
        with Watch(_connection(stage, database)) as watch:
            seconds = _run(stage, "-d", database, "-u", ADDON.name, *ONCE)
        after, now = _rows(connection), dict(_all(connection, FILES))
    verified = stage.in_odoo(database, "upgrade.py", STEP="verify")
    rewritten = [name for name, file in files.items() if now.get(name) != file]
    changed = [name for name, rows in before.items() if after[name] != rows]
    for name, held in sorted(watch.seconds.items(), key=lambda row: -row[1])[:15]:
        kind = "nobody reads" if name in watch.unreadable else "nobody writes"
        print(f"{version}: {name}, {held:.2f} s ({kind})", flush=True)
    for name in (*rewritten, *changed):
        print(f"{version}: {name} has changed", flush=True)
    longest = max(watch.seconds.values(), default=0)
    label = f"update from {version}"
    return [
        Result(f"{label}: credits", told["lines"]),
        Result(f"{label}: all", seconds, "s"),
        Result(f"{label}: longest lock of a table of Odoo's", longest, "s"),
        Result(f"{label}: tables of Odoo's locked", len(watch.seconds)),
        Result(f"{label}: tables of Odoo's rewritten", len(rewritten), "", 0),
        Result(f"{label}: ledger, hashes, statements changed", len(changed), "", 0),
        Result(f"{label}: months that don't match", 2 - verified["verified"], "", 0),
    ]


#: Options of a run that ends with the installation or the update.
ONCE = ("--stop-after-init", "--no-http", "--log-level=warn")


class Watch:
    """Looks at the locks in a database from a connection of its own."""

    def __init__(self, connection):
        self.connection = connection
        self.seconds = defaultdict(float)
        self.unreadable = set()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self):
        self.connection.autocommit = True
        self.thread.start()
        return self

    def __exit__(self, *_exception):
        self.is_over.set()
        self.thread.join()
        self.connection.close()

    def _look(self):
        last = time.perf_counter()
        while not self.is_over.wait(PAUSE):
            found, now = _all(self.connection, LOCKS), time.perf_counter()
            for name, is_unreadable in found:
                self.seconds[name] += now - last
                if is_unreadable:
                    self.unreadable.add(name)
            last = now


def _run(stage, *words):
    started = time.perf_counter()
    done = subprocess.run(
        odoo_command(*words),
        env=odoo_environment(stage.cluster),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Problem(f"Odoo failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def _connection(stage, database):
    variables = odoo_environment(stage.cluster)
    connection = psycopg2.connect(
        dbname=database,
        host=variables["PGHOST"],
        port=variables["PGPORT"],
        user=variables["PGUSER"],
    )
    connection.autocommit = True
    return connection


def _all(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _rows(connection):
    return {name: _all(connection, query) for name, query in ROWS.items()}
