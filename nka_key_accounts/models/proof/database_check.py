"""Comparison of the database with declarations, as PostgreSQL writes them.

Every declared object is created again on an empty temporary copy of its table and read
back from the catalog. This compares the whole definition and locks no table in use. The
copy is rolled back at once.
"""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from psycopg2 import Error

from odoo.tools import groupby, mute_logger

#: Name of the temporary copies.
SHAPE = "nka_shape"
COPY = f" ON pg_temp.{SHAPE} "
#: How often a definition can change when it is dumped and restored repeatedly.
GENERATIONS = 3
#: Name of the temporary table of the definitions created.
WRITTEN = "nka_written"


class Recipe(NamedTuple):
    """How to create an object on a copy of its table.

    :param str table: table to copy; empty for a function
    :param str statement: SQL that creates the object on the copy
    :param str query: query that returns its definition
    :param str drop: SQL that removes it from the copy
    :param restate: function of a definition that returns the SQL to create it again,
        and the definition as it reads on the table itself
    """

    table: str
    statement: str
    query: str
    drop: str
    restate: Callable[[str], tuple[str, str]]

    def steps(self, place):
        """Return the SQL that creates the object and stores its definition."""
        stored = f"INSERT INTO {WRITTEN} SELECT {place}, ({self.query})"
        return [self.statement.rstrip().rstrip(";"), stored, self.drop]


def _on_copy(table, steps):
    if not table:
        return steps
    copied = f'CREATE TEMP TABLE {SHAPE} (LIKE "{table}")'
    return [copied, *steps, f"DROP TABLE {SHAPE}"]


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

    def _expected(self, declared, make, found):
        """Return PostgreSQL's forms of a declaration, or None if it can't be created.

        Cached in the registry, because a declaration doesn't change while the process
        runs.

        :param declared: hashable declaration
        :param make: function of the declaration that creates the object and reads it
            back
        :param str found: definition in the database; usually it is the form in which
            PostgreSQL writes the declaration first, so no other is needed
        :rtype: list[str] or None
        """
        if self._first_forms().get(declared) == found:
            return [found]
        known = self._cached("nka_guards_as_written")
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

    def _cached(self, name):
        return vars(self.env.registry).setdefault(name, {})

    # ------------------------------------------------------------ all at once
    def _recipes(self):
        """Return how to create each declared object; see :class:`Recipe`.

        :rtype: dict
        """
        raise NotImplementedError

    def _first_forms(self):
        """Return PostgreSQL's first form of each declaration that can be created.

        All are created by one script, because a server that has just started would
        need thousands of queries otherwise. If it fails, each is created by itself.

        :rtype: dict
        """
        known = self._cached("nka_guards_first_forms")
        if type(self) not in known:
            with self.env.cr.savepoint(flush=False) as savepoint:
                try:
                    with mute_logger("odoo.sql_db"):
                        known[type(self)] = self._make_all(self._recipes())
                except Error:
                    return {}
                finally:
                    savepoint.rollback()
        return known[type(self)]

    def _make_all(self, recipes):
        script = [f"CREATE TEMP TABLE {WRITTEN} (place integer, made text)"]
        places = sorted(enumerate(recipes.values()), key=lambda one: one[1].table)
        for table, group in groupby(places, key=lambda one: one[1].table):
            steps = [step for place, one in group for step in one.steps(place)]
            script += _on_copy(table, steps)
        self._execute(";".join(script))
        made = dict(self._rows(f"SELECT place, made FROM {WRITTEN}"))
        return {
            declared: recipe.restate(made[place])[1]
            for place, (declared, recipe) in enumerate(recipes.items())
        }

    # ------------------------------------------------------------ one by one
    def _as_written(self, recipe):
        """Create an object on a copy of its table and return its definitions.

        A restored backup is created from the definition that PostgreSQL wrote, which
        can write the condition differently again. So the definition is created from its
        own output several times.

        :param Recipe recipe: how to create it
        :rtype: list[str]
        """
        self._execute(f'CREATE TEMP TABLE {SHAPE} (LIKE "{recipe.table}")')
        written = []
        for _generation in range(GENERATIONS):
            self._execute(recipe.statement)
            [(made,)] = self._rows(recipe.query)
            self._execute(recipe.drop)
            statement, own = recipe.restate(made)
            recipe = recipe._replace(statement=statement)
            written.append(own)
        return written

    def _own(self, table):
        """Return the ``ON`` clause for a table in the current schema."""
        return f" ON {self._schema}.{table} "

    @cached_property
    def _schema(self):
        [(schema,)] = self._rows("SELECT current_schema")
        return schema
