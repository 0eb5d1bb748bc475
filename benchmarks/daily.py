"""Piped into an Odoo shell: creates something due for each daily job on many accounts,
and runs three nights.
"""

import os
import time
from datetime import date, timedelta

from odoo import Command

from benchmarks.measure import tell
from benchmarks.night_records import QUIET, own_accounts

ACCOUNTS, FEW = int(os.environ["ACCOUNTS"]), int(os.environ["FEW"])
PAST = date.today() - timedelta(days=40)
JOBS = {
    "contacts planned": ("nka.key.account", "_cron_plan_contacts"),
    "health scored, falls told": ("nka.key.account", "_cron_refresh_health"),
    "commitments reminded of": ("nka.commitment", "_cron_remind"),
    "competitor reviews reminded of": ("nka.competitor", "_cron_remind_reviews"),
    "contributions reminded of": ("nka.offer.contribution", "_cron_remind"),
    "plan actions reminded of": ("nka.account.plan.action", "_cron_remind"),
    "plan years closed": ("nka.account.plan", "_cron_close_years"),
    "whitespace filled": ("nka.whitespace.line", "_cron_fill"),
    "sales history made": ("nka.sales.history", "_cron_refresh"),
}


def promise(env, accounts):
    """Create overdue commitments of three kinds."""
    env["nka.commitment"].with_context(**QUIET).create(
        [
            {
                "text": "A term",
                "kind": kind,
                "promised_value": 1,
                "key_account_id": account.id,
                "promised_date": PAST,
                "date_agreed": PAST,
            }
            for account in accounts
            for kind in ("payment", "volume", "service")
        ]
    )


def plan(env, accounts):
    """Create approved plans of last year, with three objectives and an overdue action."""
    plans = (
        env["nka.account.plan"]
        .with_context(**QUIET)
        .create(
            [
                {
                    "key_account_id": account.id,
                    "year": date.today().year - 1,
                    "objective_ids": [
                        Command.create({"name": name, "measure": name, "target": 9})
                        for name in ("revenue", "overdue", "wallet_share")
                    ],
                    "action_ids": [
                        Command.create(
                            {
                                "name": "Visit",
                                "user_id": account.manager_id.id,
                                "date_due": PAST,
                            }
                        )
                    ],
                }
                for account in accounts
            ]
        )
    )
    env.flush_all()
    env.cr.execute(
        "UPDATE nka_account_plan SET state = 'approved' WHERE id = ANY(%s)", [plans.ids]
    )


def compete(env, accounts):
    """Create a competitor profile for each account, with an outdated review."""
    env["nka.competitor"].with_context(**QUIET).create(
        [
            {
                "name": f"Rival of {account.id}",
                "user_id": account.manager_id.id,
                "last_review_date": PAST - timedelta(days=400),
            }
            for account in accounts
        ]
    )


def ask(env, accounts):
    """Create a deal for each account, and an overdue contribution to its offer."""
    leads = (
        env["crm.lead"]
        .with_context(**QUIET)
        .create(
            [
                {
                    "name": "A line",
                    "type": "opportunity",
                    "partner_id": account.partner_id.id,
                    "user_id": account.manager_id.id,
                }
                for account in accounts
            ]
        )
    )
    env.flush_all()
    env.cr.execute(
        """INSERT INTO nka_offer_contribution (name, lead_id, company_id, function, user_id, asked_by_id,
                                               date_due, state)
           SELECT 'Concept', lead.id, account.company_id, 'finance', lead.user_id, lead.user_id,
                  %s, 'asked'
             FROM crm_lead lead JOIN nka_key_account account ON account.id = lead.key_account_id
            WHERE lead.id = ANY(%s)""",
        [PAST, leads.ids],
    )


def fell(env, accounts):
    """Set the best health for yesterday and forty days ago, so that today's is a drop."""
    env.cr.execute(
        """INSERT INTO nka_health_history (key_account_id, date, health)
           SELECT id, day, 100 FROM unnest(%s) id, unnest(%s) day""",
        [accounts.ids, [PAST, date.today() - timedelta(days=1)]],
    )


def night(env):
    """Run each job; return its seconds and queries."""
    costs = {}
    for label, (model, job) in JOBS.items():
        env.flush_all()
        env.invalidate_all()
        queries, started = env.cr.sql_log_count, time.perf_counter()
        getattr(env[model], job)()
        env.flush_all()
        costs[label] = (time.perf_counter() - started, env.cr.sql_log_count - queries)
    return costs


def main(env):
    """Run three nights: 500 accounts, 1,500 more, nothing new."""
    accounts = own_accounts(env, ACCOUNTS)
    nights = []
    for part in (accounts[:FEW], accounts[FEW:], accounts.browse()):
        for make in (promise, plan, compete, ask, fell) if part else ():
            make(env, part)
        if part:
            # Planned activities would count as a future contact.
            env.cr.execute("DELETE FROM mail_activity")
        env.cr.execute("ANALYZE")
        nights.append(night(env))
    few, many, again = nights
    more = len(accounts) - 2 * FEW
    tell(
        jobs={
            label: {
                "seconds": many[label][0],
                "queries": many[label][1],
                "further": max(many[label][1] - few[label][1], 0) / more,
                "again": again[label][0],
            }
            for label in JOBS
        },
        night=sum(seconds for seconds, _queries in many.values()),
        activities=env["mail.activity"].search_count([]),
    )


main(env)  # noqa: F821
