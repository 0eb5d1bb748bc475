"""Program for a database with demo data: verify the locked months and the audit trail.

It runs on the old code before the database is dumped, and on the new code after the
update. Prints how much was verified and every problem; exits with 1 if there is one.
"""

import sys

from odoo.exceptions import UserError

from tools.checks.snapshot import environment

OFFICER = "nka_key_accounts.demo_user_payroll"


def broken_months(env):
    """Print the number of locked months and yield those that fail, with reason."""
    months = env["nka.month.close"].with_user(env.ref(OFFICER))
    months = months.search([("state", "=", "locked")])
    print(f"{len(months)} months with {len(months.statement_ids)} statements")
    for month in months:
        try:
            month.action_verify()
        except UserError as error:
            yield f"{month.display_name}: {error}"


def broken_trails(env):
    """Print the number of events and yield broken audit trails, with the reason."""
    heads = env["nka.audit.head"].search([])
    print(f"{len(heads)} trails with {sum(heads.mapped('seq'))} events")
    heads.action_verify()
    for head in heads:
        own = [("company_id", "=", head.company_id.id)]
        found = env["nka.audit.verification"].search(own, order="id desc", limit=1)
        if not found.is_whole or found.count != head.seq:
            yield f"{head.company_id.name}, {found.count} of {head.seq}: {found.message}"


def main(database, *options):
    """Verify both; return the exit code."""
    with environment(database, *options) as env:
        broken = [*broken_months(env), *broken_trails(env)]
    print("\n".join(broken))
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
