"""Planner settings for the ledger's queries."""

from contextlib import contextmanager

from odoo.tools import SQL

#: A month has few invoices, so they are looked up. The planner's default cost of random
#: access is meant for rotating disks and too high for indexes in memory.
NARROW = {"random_page_cost": "1.1", "work_mem": "64MB"}
#: For most invoices, each table is read once. Behind materialized CTEs the planner
#: expects few rows and would look up hundreds of thousands one by one, or sort them for
#: each join.
WIDE = {"enable_nestloop": "off", "enable_mergejoin": "off", "work_mem": "64MB"}
#: A build is wide if its period contains at least one in this many reconciliations.
WIDE_PART = 3
#: Up to this number, lookups are fast enough, whatever the proportion.
FEW = 1000
#: What the ledger's queries join and select by. Unique ids need no statistics.
STATISTICS = {
    "account_move": (
        "commercial_partner_id",
        "company_id",
        "invoice_date",
        "move_type",
        "reversed_entry_id",
        "state",
    ),
    "account_move_line": (
        "move_id",
        "account_id",
        "display_type",
        "parent_state",
        "payment_id",
    ),
    "account_partial_reconcile": ("debit_move_id", "credit_move_id", "max_date"),
    "account_payment": ("state", "outstanding_account_id"),
    "nka_bonus_line": ("move_ref", "basis", "company_id", "date"),
    "nka_key_account": ("partner_id", "company_id"),
    "nka_order_link": ("line_ref", "order_ref"),
    "sale_order_line": ("order_id",),
    "sale_order_line_invoice_rel": ("invoice_line_id", "order_line_id"),
}
#: A table with fewer pages is read fast, whatever the plan.
FEW_PAGES = 8
#: Statistics are outdated if the table has grown to more than this many times its size.
GROWTH = 2


@contextmanager
def planned_for(cr, is_wide):
    """Plan the enclosed queries for few invoices, or for most of them.

    :param cr: cursor; the settings also end with its transaction or savepoint
    :param bool is_wide: whether most invoices are read
    """
    settings = WIDE if is_wide else NARROW
    _set(cr, {name: SQL("%s", value) for name, value in settings.items()})
    yield
    _set(cr, dict.fromkeys(settings, SQL("DEFAULT")))


def _set(cr, settings):
    sets = [
        SQL("SET LOCAL %s = %s", SQL.identifier(name), value)
        for name, value in settings.items()
    ]
    cr.execute(SQL("; ").join(sets))


def is_wide(env, date_from, date_to):
    """Return whether at least a third of all reconciliations is between two days.

    Reads only as much of the index as necessary.

    :rtype: bool
    """
    rows = env.execute_query(
        SQL(
            """SELECT COUNT(found.max_date) >= MAX(enough.number)
                 FROM (SELECT GREATEST(reltuples / %(part)s, %(few)s)::int AS number
                         FROM pg_class
                        WHERE oid = 'account_partial_reconcile'::regclass) AS enough
                 LEFT JOIN LATERAL (
                     SELECT max_date FROM account_partial_reconcile
                      WHERE max_date BETWEEN %(date_from)s AND %(date_to)s
                      LIMIT enough.number) AS found ON TRUE""",
            part=WIDE_PART,
            few=FEW,
            date_from=date_from,
            date_to=date_to,
        )
    )
    return rows[0][0]


def refresh_statistics(env):
    """Analyze the tables that the planner doesn't know: those restored or filled since
    PostgreSQL last analyzed them.

    Without statistics, the statement joins its steps row by row: a month takes five
    times as long among 100,000 invoices, six times among a million. Only the columns in
    use are analyzed, so autovacuum still does all of them. A table that another
    transaction analyzes is skipped.
    """
    rows = env.execute_query(
        SQL(
            """SELECT name
                 FROM unnest(%(names)s, %(columns)s) AS used(name, first_column)
                 JOIN pg_class ON pg_class.oid = name::regclass
                CROSS JOIN LATERAL (
                      SELECT pg_relation_size(pg_class.oid)
                             / current_setting('block_size')::int AS pages) AS present
                WHERE pages > %(few)s
                  AND (pages > relpages * %(growth)s
                       OR NOT EXISTS (
                           SELECT FROM pg_stats
                            WHERE schemaname = relnamespace::regnamespace::text
                              AND tablename = name AND attname = first_column))""",
            names=[*STATISTICS],
            columns=[columns[0] for columns in STATISTICS.values()],
            few=FEW_PAGES,
            growth=GROWTH,
        )
    )
    for (name,) in rows:
        columns = SQL(", ").join(map(SQL.identifier, STATISTICS[name]))
        env.cr.execute(
            SQL("ANALYZE (SKIP_LOCKED) %s (%s)", SQL.identifier(name), columns)
        )
