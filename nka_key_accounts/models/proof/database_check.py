"""How PostgreSQL itself writes what the program declares, to compare the database with.

What is declared is made once more, on an empty temporary copy of its table, and read as
PostgreSQL writes it. So no part of a definition can differ unseen, and no table that
others work on is locked. What was made for it is rolled back at once.
"""

from psycopg2 import Error

from odoo.tools import mute_logger

#: Where the copies are made.
SHAPE = "nka_shape"
COPY = f" ON pg_temp.{SHAPE} "
#: How often PostgreSQL may write a definition otherwise, restored again and again.
GENERATIONS = 3


class DatabaseCheck:
    """Compares something of the database with what models declare.

    :param env: environment to read and to translate with
    """

    def __init__(self, env):
        self.env = env

    def _rows(self, query, *params):
        self.env.cr.execute(query, params or None)
        return self.env.cr.fetchall()

    def _execute(self, statement):
        self.env.cr.execute(statement)

    def _expected(self, declared, make):
        """How PostgreSQL writes what is declared; None where it can't be made.

        It is asked once a process: a declaration means the same as long as the program
        is the same.
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
        """The definitions that PostgreSQL writes of something on a copy of a table.

        A backup that is restored makes it of what PostgreSQL wrote, and may write its
        condition otherwise then, until it writes what it read.

        :param str statement: makes it on the copy
        :param str query: reads the definition of what has this name there
        :param str drop: removes it from the copy
        :param restate: of a definition, the statement that makes it again, and how it
            reads on the table itself
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
        """How definitions name a table itself."""
        [(schema,)] = self._rows("SELECT current_schema")
        return f" ON {schema}.{table} "
