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
