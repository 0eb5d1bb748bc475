"""Load a folder of sales and report what was loaded and refused.

The sums of the database are compared with those of the source.
"""

import sys
from collections import defaultdict
from decimal import Decimal

from tools.demo.table import table

from .loader import CompanyError, Loader, xid
from .source import Source, SourceError
from .work import YEAR, cents, make_key_accounts, pay_year

HEADINGS = ["Agent", "Accounts", "Won", "Won value", "Invoices", "Invoiced"]
WON, POSTED = ("won_status", "=", "won"), ("state", "=", "posted")
NOTHING = (0, Decimal())


def main(env, path, findings=None):
    """Load a folder into the main company's accounting and pay a year.

    :param path: the folder.
    :param findings: file to which all findings about the source are written.
    :return: exit status: 0 loaded, 1 records were refused or sums differ, 2 not
        started.
    """
    companies = env.ref("base.main_company").ids
    context = {"lang": "en_US", "mail_notify_force_send": False}
    env = env(context={**context, "allowed_company_ids": companies})
    keep = env.cr.commit
    try:
        source = Source(path)
        print(source.report(), flush=True)
        if findings:
            source.write_findings(findings)
        loader = Loader(env, source, keep)
        loader.run()
    except (SourceError, CompanyError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Key accounts confirmed now: {make_key_accounts(loader)}.", flush=True)
    paid = pay_year(loader)
    env["nka.whitespace.line"]._cron_fill()
    env["nka.sales.history"]._cron_refresh()
    env["nka.key.account"]._cron_refresh_health()
    keep()
    print("\n".join(sales_table(loader, paid)))
    wrong = [*loader.refused, *differences(loader, paid)]
    print("", *(wrong or ["The database equals the source to the cent."]), sep="\n")
    return int(bool(wrong))


def sums(loader):
    """Return won deals, won value, invoices and invoiced value of this load by user."""
    won = _groups(loader.records("crm.lead"), WON, "user_id")
    invoiced = _groups(loader.records("account.move"), POSTED, "invoice_user_id")
    users = won.keys() | invoiced.keys()
    return {u: [*won.get(u, NOTHING), *invoiced.get(u, NOTHING)] for u in users}


def _groups(records, condition, user):
    amount = "expected_revenue" if condition == WON else "amount_untaxed_signed"
    domain, wanted = (
        [("id", "in", records.ids), condition],
        ["__count", f"{amount}:sum"],
    )
    groups = records.env[records._name]._read_group(domain, [user], wanted)
    return {who: (count, cents(sold)) for who, count, sold in groups}


def sales_table(loader, paid):
    """Return a table of sales and yearly pay per salesperson, with a total.

    Rows are sorted by won value, largest first.
    """
    found = sums(loader)
    domain = [("state", "=", "key"), ("company_id", "=", loader.env.company.id)]
    accounts = loader.env["nka.key.account"]
    owned = dict(accounts._read_group(domain, ["manager_id"], ["__count"]))
    rows = []
    for user in sorted(found, key=lambda user: (-found[user][1], user.name or "")):
        months = [money for (who, _month), money in paid.items() if who == user.id]
        credit, pay = map(sum, zip(NOTHING, *months))
        name = user.name or "nobody"
        rows.append([name, owned.get(user, 0), *found[user], credit, pay])
    rows.append(["All", *map(sum, zip([0] * 7, *(row[1:] for row in rows)))])
    texts = [[row[0], *(f"{cell:,}" for cell in row[1:])] for row in rows]
    headings = [*HEADINGS, f"Credits {YEAR}", f"Pay {YEAR}"]
    return table(headings, [*texts[:-1], None, texts[-1]])


def differences(loader, paid):
    """Return the differences between database and source as sentences.

    Each month of each agent is compared.
    """
    source, ids = loader.source, loader.ids("res.users")
    in_source = [
        *(len(source.won), sum(deal.value or 0 for deal in source.won)),
        *(len(source.billable), sum(deal.value for deal in source.billable)),
    ]
    loaded = map(sum, zip([0] * 4, *sums(loader).values()))
    pairs = dict(zip(HEADINGS[2:], zip(loaded, in_source)))
    owners = {client: xid("user", agent) for client, agent in source.owners()}
    sold = defaultdict(Decimal)
    for deal in source.billable:
        if deal.closed.year == YEAR:
            sold[ids.get(owners[deal.client]), deal.closed.month] += deal.value
    for who, month in sorted(sold.keys() | paid.keys(), key=str):
        name = loader.env["res.users"].browse(who).name
        credit, _pay = paid.get((who, month), NOTHING)
        pairs[f"Credit of {name} in {YEAR}-{month:02}"] = credit, sold[who, month]
    return [
        f"{what}: {ours:,} in the database, {theirs:,} in the source"
        for what, (ours, theirs) in pairs.items()
        if ours != theirs
    ]
