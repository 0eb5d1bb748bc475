"""Copies rows by SQL: every column as Odoo wrote it in an original, except those given."""

import contextlib

from odoo.tools import SQL

COLUMNS = """
    SELECT column_name FROM information_schema.columns
     WHERE table_schema = current_schema AND table_name = %s ORDER BY ordinal_position
"""


def insert_copies(cr, table, original_id, told, source):
    """Insert one copy of a row per row of a source.

    :param original_id: the row whose values fill the columns not given.
    :param told: SQL text by column; it may use `o` (the original) and the source's
        alias.
    :param source: SQL text of the FROM item, with its alias.
    :return: number of rows.
    """
    cr.execute(COLUMNS, [table])
    columns = [name for (name,) in cr.fetchall()]
    unknown = set(told) - set(columns)
    if unknown:
        raise ValueError(f"{table} has no columns {sorted(unknown)}")
    values = [told.get(name, f'o."{name}"') for name in columns]
    cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s o, %s WHERE o.id = %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(map(SQL, values)),
            SQL.identifier(table),
            SQL(source),
            original_id,
        )
    )
    return cr.rowcount


def last_id(cr, table):
    """Return the highest id of a table, 0 if it is empty."""
    cr.execute(SQL("SELECT coalesce(max(id), 0) FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def bump_sequence(cr, table):
    """Set the table's sequence to follow its highest id."""
    cr.execute(
        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
        [table, max(1, last_id(cr, table))],
    )


class WithoutIndexes:
    """Drops the plain indexes of tables and recreates them, which is several times
    faster than maintaining them.
    """

    PLAIN = """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """

    def __init__(self, cr, tables):
        self.cr = cr
        self.tables = list(tables)

    def __enter__(self):
        self.cr.execute(self.PLAIN, [self.tables])
        self.indexes = self.cr.fetchall()
        for name, _definition in self.indexes:
            self.cr.execute(SQL("DROP INDEX %s", SQL(name)))

    def __exit__(self, *_exception):
        self.cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
        for _name, definition in self.indexes:
            self.cr.execute(definition)


@contextlib.contextmanager
def unchecked_keys(cr):
    """Disable foreign key checks inside: payments and their entries reference each
    other.
    """
    cr.execute("SET LOCAL session_replication_role = replica")
    yield
    cr.execute("SET LOCAL session_replication_role = origin")
