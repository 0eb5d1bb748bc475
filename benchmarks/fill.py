"""Piped into an Odoo shell: fills its database with COUNT invoices."""

import os

from benchmarks.generate import DAYS, fill

fill(
    env,  # noqa: F821
    int(os.environ["COUNT"]),
    partners=int(os.environ.get("PARTNERS") or 0) or None,
    days=int(os.environ.get("DAYS") or DAYS),
)
env.cr.commit()  # noqa: F821
env.cr._cnx.autocommit = True  # noqa: F821
env.cr.execute("VACUUM ANALYZE")  # noqa: F821
