"""Piped into an Odoo shell: builds the sales history of key accounts and opens it as
the web client does.
"""

import os

from benchmarks.bare import own_accounts
from benchmarks.measure import cost, tell

ACCOUNTS = int(os.environ["ACCOUNTS"])
SPEC = ["invoiced_amount:sum", "growth:avg", "__count"]
BY_ACCOUNT = ["key_account_id", "month:year"]


def reader(env, role, login):
    """Create a user with one role of the addon."""
    group = env.ref(f"nka_key_accounts.group_key_account_{role}")
    values = {"name": login, "login": login, "group_ids": [group.id]}
    return env["res.users"].with_context(no_reset_password=True).create(values)


def opened(env, user):
    """Return the call of the pivot view."""
    history = env(user=user, su=False)["nka.sales.history"]
    return lambda: history.formatted_read_group([], BY_ACCOUNT, SPEC)


own_accounts(env)  # noqa: F821
history = env["nka.sales.history"]  # noqa: F821
built = cost(env, lambda: history._refresh(env.company))  # noqa: F821
env.cr.execute("ANALYZE nka_sales_history")  # noqa: F821
# all of it, several times: more than the read limit allows in an hour
env.company.nka_read_limit = 0  # noqa: F821
env.cr.execute(  # noqa: F821
    """SELECT (SELECT SUM(invoiced_amount) FROM nka_sales_history)
            - (SELECT SUM(move.amount_untaxed_signed) FROM account_move move
                 JOIN nka_key_account account ON account.partner_id = move.commercial_partner_id
                WHERE move.state = 'posted' AND move.invoice_date <= CURRENT_DATE
                  AND move.move_type IN ('out_invoice', 'out_refund')),
              (SELECT COUNT(*) FROM nka_sales_history)"""
)
difference, rows = env.cr.fetchone()  # noqa: F821
supervisor = cost(env, opened(env, reader(env, "supervisor", "bench-supervisor")))  # noqa: F821
manager = reader(env, "manager", "bench-manager")  # noqa: F821
env.cr.execute(  # noqa: F821
    "UPDATE nka_key_account SET manager_id = %s WHERE id %% 100 = 0", [manager.id]
)
env.invalidate_all()  # noqa: F821
own = cost(env, opened(env, manager))  # noqa: F821
health = cost(env, env["nka.key.account"]._cron_refresh_health)  # noqa: F821
tell(
    rows=rows,
    build_seconds=built.seconds,
    build_queries=built.queries,
    supervisor_seconds=supervisor.seconds,
    manager_seconds=own.seconds,
    difference=abs(float(difference or 0)),
    health_seconds=health.seconds,
    health_queries=health.queries,
)
