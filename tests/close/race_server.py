"""Run as a program on a cluster of its own: the server crashes and runs out of room in
the middle of a month-end close.

Uses real connections. Prints what went wrong and returns 1.
"""

import resource
import sys
from contextlib import contextmanager, suppress
from datetime import date
from unittest.mock import patch

import psycopg2

from tests.close.race import NOVEMBER, started
from tests.close.race_month import Month, written
from tests.own_cluster import OwnCluster

#: Largest file that the server may write, in bytes: more than a file of its log has, and
#: not a multiple of a page, so that the last one fits in part.
LARGEST_FILE = 18 * 1024 * 1024 + 4096
#: Small rows, so that hardly any room is left in the last page of the table.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO nka_pay_statement_line (statement_id, kind, component, res_model)
    SELECT 1, 'fixed', 'fixed', repeat('x', 80) FROM generate_series(1, 200000)
"""


def prepare():
    """Commit a month of one employee, whose payslip is made in the background."""
    from tests.close.common import CloseCase

    CloseCase.setUpClass()
    try:
        CloseCase._cover(NOVEMBER, date(2025, 11, 30))
        CloseCase._invoice(2000000, date(2025, 11, 12))
        CloseCase.company.nka_payslip_direct = 0
        close = CloseCase._new_close()
        CloseCase.env.flush_all()
        CloseCase.cr._cnx.commit()
        return close.id
    finally:
        CloseCase.doClassCleanups()


def make_slips(cursor):
    """Run a round of the worker that makes payslips."""
    from odoo import SUPERUSER_ID, api

    env = api.Environment(cursor, SUPERUSER_ID, {})
    made = env["nka.payslip.job"]._make_some()
    env.flush_all()
    return made


def check_crash(month, cluster, name, act):
    """Check that a crash of the server in the middle of a step undoes all of it."""
    before, writes = month.picture(), 0
    from odoo.sql_db import Cursor, close_all

    execute, cursor = Cursor.execute, month.registry.cursor()

    def watched(self, query, *args, **kwargs):
        nonlocal writes
        result = execute(self, query, *args, **kwargs)
        if self is cursor and written(getattr(query, "code", str(query))):
            writes += 1
            if writes == 3:
                cluster.stop("immediate")
                cluster.start()
        return result

    with patch.object(Cursor, "execute", watched):
        try:
            act(cursor)
            cursor.commit()
        except psycopg2.Error:
            pass
        else:
            return [f"{name}: it went on"]
        finally:
            with suppress(psycopg2.Error):
                cursor.close()
    close_all()  # the connections of the pool are gone, as the server's
    after = month.picture()
    if stayed := [table for table in before if before[table] != after[table]]:
        return [f"{name}: something stayed after the crash in {stayed}"]
    return []


@contextmanager
def little_room(cluster):
    """Restart the server with a limit of its files, and without it afterwards."""
    from odoo.sql_db import close_all

    close_all()
    cluster.stop()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, hard))
    cluster.start()
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    try:
        yield
    finally:
        close_all()
        cluster.stop()
        cluster.start()


def check_full(month, cluster):
    """Check that a calculation without room changes nothing, and says so."""
    from odoo.addons.nka_key_accounts.models.control.database_errors import in_words

    before, problems = month.picture(), []
    with little_room(cluster):
        with month.registry.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE nka_pay_statement_line SET (autovacuum_enabled = off)"
            )
        with month.registry.cursor() as cursor, suppress(psycopg2.Error):
            cursor.execute(FILL, log_exceptions=False)
            problems.append("full: there was still room")
        try:
            month.run("calculate")
            problems.append("full: it was calculated")
        except psycopg2.Error as error:
            with month.registry.cursor() as cursor:
                told = str(in_words(error, month.env(cursor, "nka_payroll")))
            if "no room left" not in told:
                problems.append(f"full: {told} ({error})")
        if month.picture() != before:
            problems.append("full: something stayed")
    return problems


def main(config_file, name, folder):
    """Return 0 if the month survived all faults."""
    cluster = OwnCluster(folder)
    reached = "--db_host", folder, "--db_port", cluster.port
    registry = started(config_file, name, *reached)
    month = Month(registry, prepare())
    problems = check_full(month, cluster)
    for step in ("calculate", "approve", "lock"):
        problems += check_crash(
            month, cluster, step, lambda c, s=step: month.step(c, s)
        )
        month.run(step)
    problems += check_crash(month, cluster, "payslips", make_slips)
    with registry.cursor() as cursor:
        make_slips(cursor)
    problems += check_whole(month)
    print("\n".join(problems))
    return int(bool(problems))


def check_whole(month):
    """Check that the month is locked and paid, and that the audit trail has no gap."""
    with month.registry.cursor() as cursor:
        env = month.env(cursor, "nka_payroll")
        close = env["nka.month.close"].browse(month.id).sudo()
        close._check_sealed()
        slips = close.state, *close.statement_ids.payslip_id.mapped("state")
        cursor.execute(
            """SELECT COUNT(*), COUNT(DISTINCT seq), MAX(seq) - MIN(seq) + 1
                 FROM nka_audit_event WHERE company_id = %s AND seq IS NOT NULL""",
            [close.company_id.id],
        )
        numbers = cursor.fetchone()
    if slips == ("locked", "done") and len(set(numbers)) == 1:
        return []
    return [f"at the end: {slips}, events {numbers}"]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
