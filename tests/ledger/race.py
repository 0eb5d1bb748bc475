"""Run as a program on a throw-away database: build one ledger from several threads."""

import sys
from datetime import date
from threading import Barrier, Thread

from psycopg2.errors import SerializationFailure

BUILDERS = 4
PAPERS = 12


def prepare():
    """Commit paid invoices of a key account, created with the test fixtures."""
    from tests.ledger.common import LedgerCase

    LedgerCase.setUpClass()
    try:
        for number in range(PAPERS):
            invoice = LedgerCase._invoice(100 + number, date(2025, 3, 3))
            payment = LedgerCase._money(invoice.amount_total, date(2025, 3, 9))
            LedgerCase._match(invoice, payment)
        LedgerCase.env.flush_all()
        LedgerCase.cr._cnx.commit()
    finally:
        LedgerCase.doClassCleanups()


def build(registry, barrier, written):
    """Build like a request does, retrying after a serialization failure."""
    from odoo import SUPERUSER_ID, api

    for attempt in range(BUILDERS + 1):
        with registry.cursor() as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            company = env["res.company"].search([], limit=1, order="id")
            if not attempt:
                barrier.wait(60)
            try:
                count = env["nka.bonus.builder"]._build(company)
                cursor.commit()
            except SerializationFailure:
                cursor.rollback()
                continue
            written.append(count)
            return


def main(config_file, name):
    """Return 0 if all sessions together wrote each line once."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--config", config_file, "--database", name, "--log-level", "critical"]
    )
    registry = Registry(name)
    prepare()
    barrier, written = Barrier(BUILDERS), []
    threads = [
        Thread(target=build, args=(registry, barrier, written))
        for _n in range(BUILDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with registry.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), COUNT(DISTINCT source_ref) FROM nka_bonus_line"
        )
        lines, sources = cursor.fetchone()
    print(f"written {written}, lines {lines}, sources {sources}")
    is_right = sorted(written) == [0] * (BUILDERS - 1) + [PAPERS]
    return 0 if is_right and lines == sources == PAPERS else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
