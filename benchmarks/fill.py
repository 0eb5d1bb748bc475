"""Piped into an Odoo shell: fills its database with COUNT invoices."""

import os

from benchmarks.generate import DAYS, fill

fill(env, int(os.environ["COUNT"]), days=int(os.environ.get("DAYS") or DAYS))  # noqa: F821
env.cr.commit()  # noqa: F821
env.cr._cnx.autocommit = True  # noqa: F821
env.cr.execute("VACUUM ANALYZE")  # noqa: F821
