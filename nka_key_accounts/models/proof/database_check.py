"""Comparison of the database with declarations, as PostgreSQL writes them.

Every declared object is created again on an empty temporary copy of its table and read
back from the catalog. This compares the whole definition and locks no table in use. The
copy is rolled back at once.
"""

from psycopg2 import Error

from odoo.tools import mute_logger

#: Name of the temporary copies.
SHAPE = "nka_shape"
COPY = f" ON pg_temp.{SHAPE} "
#: How often a definition can change when it is dumped and restored repeatedly.
GENERATIONS = 3


class DatabaseCheck:
    """Base class: compare objects of the database with what models declare.

    :param env: environment used for queries and translations
    """

    def __init__(self, env):
        self.env = env

    def _rows(self, query, *params):
        self.env.cr.execute(query, params or None)
        return self.env.cr.fetchall()

    def _execute(self, statement):
        self.env.cr.execute(statement)

    def _expected(self, declared, make):
        """Return PostgreSQL's form of a declaration, or None if it can't be created.

        Cached in the registry, because a declaration doesn't change while the process
        runs.

        :param declared: hashable declaration
        :param make: function of the declaration that creates the object and reads it
            back
        """
        known = vars(self.env.registry).setdefault("nka_guards_as_written", {})
        if declared not in known:
            with self.env.cr.savepoint(flush=False) as savepoint:
                try:
                    with mute_logger("odoo.sql_db"):
                        known[declared] = make(declared)
                except Error:
                    return None
                finally:
                    savepoint.rollback()
        return known[declared]

    def _as_written(self, table, statement, query, name, drop, restate):
        """Create an object on a copy of its table and return its definitions.

        A restored backup is created from the definition that PostgreSQL wrote, which
        can write the condition differently again. So the definition is created from its
        own output several times.

        :param str table: table to copy
        :param str statement: SQL that creates the object on the copy
        :param str query: query that returns the definition by name
        :param str name: name of the object
        :param str drop: SQL that removes it from the copy
        :param restate: function of a definition that returns the SQL to create it
            again, and the definition as it reads on the table itself
        :rtype: list[str]
        """
        self._execute(f'CREATE TEMP TABLE {SHAPE} (LIKE "{table}")')
        written = []
        for _generation in range(GENERATIONS):
            self._execute(statement)
            [(made,)] = self._rows(query, name)
            self._execute(drop)
            statement, own = restate(made)
            written.append(own)
        return written

    def _own(self, table):
        """Return the ``ON`` clause for a table in the current schema."""
        [(schema,)] = self._rows("SELECT current_schema")
        return f" ON {schema}.{table} "
