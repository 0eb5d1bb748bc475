"""Run as a program on a throw-away database: generate a month's payslips from several
threads.

One worker's backend is killed during its batch; two sessions create the payslip of one
employee manually.
"""

import sys
from threading import Barrier, Thread

from psycopg2 import DatabaseError
from psycopg2.errors import SerializationFailure

WORKERS = 4
PEOPLE = 30
BATCH = 4
#: More rounds than any worker needs, so that a fault ends the test instead of blocking
#: it.
ROUNDS = 2000

COUNTS = """
    SELECT (SELECT COUNT(*) FROM hr_payslip WHERE state = 'done'),
           (SELECT COUNT(DISTINCT (employee_id, date_from)) FROM hr_payslip WHERE state = 'done'),
           (SELECT COUNT(*) FROM nka_pay_statement WHERE payslip_id IS NOT NULL),
           (SELECT COUNT(*) FROM nka_pay_statement WHERE payslip_error IS NOT NULL),
           (SELECT COUNT(*) FROM hr_payslip_line WHERE code = 'NET' AND total = 1500.5),
           (SELECT string_agg(state, '') FROM hr_payslip_run)
"""


def prepare():
    """Commit locked statements of many employees with queued payslips; return the id of
    one more employee.
    """
    from tests.payroll.common import PayrollCase

    PayrollCase.setUpClass()
    try:
        PayrollCase.company.nka_payslip_batch = BATCH
        PayrollCase.company.nka_payslip_direct = 0
        statements = PayrollCase._people(PEOPLE + 1)
        PayrollCase.batch._nka_order(statements[:-1])
        PayrollCase.env.flush_all()
        PayrollCase.cr._cnx.commit()
        return statements[-1].employee_id.id, PayrollCase.structure.id
    finally:
        PayrollCase.doClassCleanups()


def kill_one(registry):
    """Run a worker whose connection dies before it commits, so that none of its work
    remains.
    """
    from odoo import SUPERUSER_ID, api

    cursor = registry.cursor()
    env = api.Environment(cursor, SUPERUSER_ID, {})
    made = env["nka.payslip.job"]._make_some()
    env.flush_all()
    pid = cursor._cnx.get_backend_pid()
    with registry.cursor() as killer:
        killer.execute("SELECT pg_terminate_backend(%s)", [pid])
    try:
        cursor.commit()
    except DatabaseError:
        return made
    return 0


def work(registry, barrier, made):
    """Process batches like the scheduled action until none is waiting and all are
    finished.
    """
    from odoo import SUPERUSER_ID, api

    barrier.wait(60)
    for _round in range(ROUNDS):
        with registry.cursor() as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            try:
                count = env["nka.payslip.job"]._make_some()
                cursor.commit()
                made.append(count)
                waiting = env["nka.payslip.job"]._waiting_count()
            except SerializationFailure:
                cursor.rollback()
                continue
        if not count and not waiting:
            return


def by_hand(registry, barrier, ends, employee_id, structure_id):
    """Create an employee's payslip like a request does, retrying after a conflict."""
    from odoo import SUPERUSER_ID, api
    from odoo.exceptions import UserError

    barrier.wait(60)
    for _attempt in range(5):
        with registry.cursor() as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            try:
                env["hr.payslip"].create(
                    {
                        "employee_id": employee_id,
                        "struct_id": structure_id,
                        "date_from": "2025-11-01",
                        "date_to": "2025-11-30",
                    }
                ).action_payslip_done()
                cursor.commit()
            except SerializationFailure:
                cursor.rollback()
                continue
            except UserError:
                ends.append("refused")
                return
            ends.append("made")
            return


def run_all(threads):
    """Start all threads and wait for them."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(config_file, name):
    """Return 0 if all workers together created each payslip once."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--config", config_file, "--database", name, "--log-level", "critical"]
    )
    registry = Registry(name)
    employee_id, structure_id = prepare()
    killed = kill_one(registry)
    barrier, made, ends = Barrier(WORKERS + 2), [], []
    run_all(
        [
            *(
                Thread(target=work, args=(registry, barrier, made))
                for _n in range(WORKERS)
            ),
            *(
                Thread(
                    target=by_hand,
                    args=(registry, barrier, ends, employee_id, structure_id),
                )
                for _n in range(2)
            ),
        ]
    )
    with registry.cursor() as cursor:
        cursor.execute(COUNTS)
        counts = cursor.fetchone()
    print(f"killed {killed}, made {made}, by hand {ends}, counts {counts}")
    everybody = PEOPLE + 1
    is_right = (
        killed == BATCH
        and sum(made) == PEOPLE
        and sorted(ends) == ["made", "refused"]
        and counts == (everybody, everybody, everybody, 0, everybody, "close")
    )
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
