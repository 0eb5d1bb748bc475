"""What PostgreSQL's planner has to know for the ledger's statements, and can't guess."""

from contextlib import contextmanager

from odoo.tools import SQL

#: A month's few invoices are looked up: of an index in memory that costs less than the
#: planner's default, made for disks that turn, lets it believe.
NARROW = {"random_page_cost": "1.1", "work_mem": "64MB"}
#: Of most invoices each table is read once. Behind its fences the planner expects few rows
#: and would look up hundreds of thousands one by one, or sort them for each join.
WIDE = {"enable_nestloop": "off", "enable_mergejoin": "off", "work_mem": "64MB"}
#: One part of so many of all reconciliations in the days makes a build wide.
WIDE_PART = 3
#: Fewer are looked up as quickly, whatever part of all they are.
FEW = 1000


@contextmanager
def planned_for(cr, is_wide):
    """Plan the statements in between for few invoices or for most of them.

    :param cr: cursor; its settings end with its transaction or savepoint, too
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
    """Whether at least a third of all reconciliations lies between two days.

    Reads no more of the index than decides it.
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
