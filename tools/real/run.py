"""Loads a folder of real sales into a database.

``python tools/real/run.py --config … --database … --data …``
"""

import argparse
import sys
import time
from contextlib import contextmanager
from pathlib import Path

if not __package__:
    # run as a file, this program finds its siblings only from the folder above tools/
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.real.csv_source import SourceError, read_folder

ADDON_MISSING = (
    "The database {0} has no nka_key_accounts. Install it first (odoo -d {0} "
    "-i nka_key_accounts --stop-after-init), or load the deals alone (--accounts 0)."
)


def main(arguments=None):
    """Load and report.

    :return: exit status: 0 loaded, 1 sums differ or an account was refused, 2 not begun
    """
    options = parse_arguments(arguments)
    try:
        folder = read_folder(options.data)
    except SourceError as error:
        return refuse(error)
    print(folder.dirt.format(options.examples), flush=True)
    if options.dirt:
        folder.dirt.write_csv(options.dirt)
    with odoo_environment(options) as env:
        return load(env, folder, options)


def parse_arguments(arguments):
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description="Load a folder of real sales (CSV) into an Odoo database."
    )
    parser.add_argument("--config", required=True, help="Odoo configuration file")
    parser.add_argument(
        "--database", required=True, help="database with the addon installed"
    )
    parser.add_argument("--data", required=True, help="folder with the four CSV files")
    parser.add_argument(
        "--accounts", type=int, default=20, help="clients that become key accounts (20)"
    )
    parser.add_argument(
        "--examples", type=int, default=3, help="findings shown per kind of dirt (3)"
    )
    parser.add_argument("--dirt", help="CSV file for every finding")
    return parser.parse_args(arguments)


def refuse(reason):
    """Say on standard error why nothing was loaded."""
    print(reason, file=sys.stderr)
    return 2


@contextmanager
def odoo_environment(options):
    """Yield the superuser's environment of the database's main company."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        [
            "--config",
            options.config,
            "--database",
            options.database,
            "--log-level",
            "warn",
        ],
        setup_logging=True,
    )
    with Registry(options.database).cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        company = env.ref("base.main_company")
        yield env(context={"allowed_company_ids": company.ids, "lang": "en_US"})


def load(env, folder, options):
    """Load, print the table per manager, compare it with the source."""
    from tools.real import course, key_accounts, summary, whitespace
    from tools.real.company import CompanyError
    from tools.real.external_ids import ExternalIds
    from tools.real.loader import load_folder

    if options.accounts and not key_accounts.is_installed(env):
        return refuse(ADDON_MISSING.format(options.database))
    started = time.monotonic()
    # the people of the files get their messages, and no mail
    env = env(context={**env.context, "mail_notify_force_send": False})
    external_ids = ExternalIds(env, checkpoint=env.cr.commit, progress=show_progress)
    try:
        result = load_folder(external_ids, folder, options.accounts)
    except CompanyError as error:
        return refuse(error)
    print(f"\n{summary.format_lines(result.lines)}")
    print(f"\nContracts of won deals approved now: {result.contracts:,}.")
    print(
        f"Key accounts confirmed now: {result.confirmed}. "
        f"Time: {time.monotonic() - started:,.0f} s."
    )
    print("\n".join(result.refusals), end="\n" if result.refusals else "")
    status = verdict(summary.differences(summary.total(result.lines), folder))
    unpaid = options.accounts and pay(env, external_ids, folder, result)
    if options.accounts:
        # last, when every key account is there: a second load finds nothing to add
        print(f"\n{whitespace.fill(env)}\n{course.fill(env)}")
        env.cr.commit()
    return int(bool(unpaid or status or result.refusals))


def pay(env, external_ids, folder, result):
    """Pay a year, print it, and compare its credits with the source.

    :return: exit status: 1 when they differ
    """
    from tools.real import pay as real_pay

    if not real_pay.is_installed(env):
        return 0
    refusals = own_all_sales(env, external_ids, folder, result)
    started = time.monotonic()
    year = real_pay.pay_year(
        env, folder, result.partners, external_ids.checkpoint, external_ids.progress
    )
    print(f"\n{real_pay.format_year(year)}")
    print(
        f"\n{year.locked} of 12 months closed and locked in "
        f"{time.monotonic() - started:,.0f} s."
    )
    found = real_pay.differences(year)
    if found:
        print("\n".join(["Credits differ from the source:", *found]))
    else:
        print(
            f"Credits of {real_pay.YEAR} equal the won values to the cent: "
            f"{sum(year.credits.values()):,.2f}."
        )
    return int(bool(found or refusals))


def own_all_sales(env, external_ids, folder, result):
    """Give every client with won deals an owner, so that no sale goes unpaid.

    Their won deals get contracts as those of the first ones did.

    :return: refusals in words
    """
    from tools.real import documents, key_accounts

    confirmed, refusals = key_accounts.load_key_accounts(
        env, folder, result.partners, result.users, len(folder.clients)
    )
    external_ids.checkpoint()
    contracts, refused = documents.load_documents(
        external_ids.env, external_ids.checkpoint, external_ids.progress
    )
    refusals += refused
    print(
        f"\nFor the pay, {confirmed} further clients became key accounts: every won "
        f"deal has an owner. Contracts of their won deals approved now: {contracts:,}."
    )
    print("\n".join(refusals), end="\n" if refusals else "")
    return refusals


def show_progress(model, done, total):
    """Print how far a model is."""
    print(f"  {model}: {done:,} of {total:,}", flush=True)


def verdict(differences):
    """Print whether database and source agree; return the exit status."""
    if differences:
        print("\n".join(["The database differs from the source:", *differences]))
        return 1
    print("The database equals the source to the cent.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
