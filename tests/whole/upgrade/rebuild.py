"""Program for an updated database: bring every ledger up to date and verify the result.

Existing lines must not change, new lines must be in open months, ledger and accounting
must agree in both directions, and locked months must match their integrity hash. Prints
what was written and every problem; exits with 1 if there is one.
"""

import sys
from datetime import date

from tools.checks.snapshot import environment

from .verify import broken_months

ALL_DAYS = date(2000, 1, 1), date(2100, 12, 31)


def broken_ledgers(env):
    """Build each ledger, print the number of new lines and yield the problems."""
    lines = env["nka.bonus.line"]
    builder = env["nka.bonus.builder"]
    for company in env["nka.bonus.head"].search([]).company_id:
        before = lines.search([("company_id", "=", company.id)])
        told = before.read(["amount", "date", "user_id", "source_ref"])
        builder._build(company)
        new = lines.search([("company_id", "=", company.id)]) - before
        print(f"{company.name}: {len(new)} lines beside {len(before)}")
        if before.read(["amount", "date", "user_id", "source_ref"]) != told:
            yield f"{company.name}: what was written has changed"
        first_open = builder._first_open_day(company)
        if any(line.date < first_open for line in new):
            yield f"{company.name}: a line was added to a closed month"
        if builder._build(company) or builder._build(company, is_full=True):
            yield f"{company.name}: another build finds more"
        check = env["nka.bonus.check"]._check(company, *ALL_DAYS, True)
        for line in check.line_ids:
            yield f"{company.name}: {line.name}, {line.due} due, {line.credited} there"


def main(database, *options):
    """Build and verify; return the exit code."""
    with environment(database, *options) as env:
        broken = [*broken_ledgers(env), *broken_months(env)]
    print("\n".join(broken))
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
