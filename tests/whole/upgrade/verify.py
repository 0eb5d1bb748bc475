"""Run as a program on a database with demo data: verify every locked month and the whole trail.

It runs on the old code before its database is kept, and on the new one after the update.
Prints how much was verified; returns 1, and what does not hold, when something does not.
"""

import sys

from odoo.exceptions import UserError

from tools.checks.snapshot import environment

OFFICER = "nka_key_accounts.demo_user_payroll"


def broken_months(env):
    """Locked months that are not what was sealed, with the reason; prints their number."""
    months = env["nka.month.close"].with_user(env.ref(OFFICER))
    months = months.search([("state", "=", "locked")])
    print(f"{len(months)} months with {len(months.statement_ids)} statements")
    for month in months:
        try:
            month.action_verify()
        except UserError as error:
            yield f"{month.display_name}: {error}"


def broken_trails(env):
    """Trails of companies that do not hold, with the reason; prints the number of events."""
    heads = env["nka.audit.head"].search([])
    print(f"{len(heads)} trails with {sum(heads.mapped('seq'))} events")
    heads.action_verify()
    for head in heads:
        own = [("company_id", "=", head.company_id.id)]
        found = env["nka.audit.verification"].search(own, order="id desc", limit=1)
        if not found.is_whole or found.count != head.seq:
            yield f"{head.company_id.name}, {found.count} of {head.seq}: {found.message}"


def main(database, *options):
    """Verify both; returns the exit code."""
    with environment(database, *options) as env:
        broken = [*broken_months(env), *broken_trails(env)]
    print("\n".join(broken))
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
