"""Declarations of the addon's database triggers and their functions.

Models declare them in ``_guards``. Installation and every update create those that are
missing, disabled or different, and a verification compares the database with the
declarations. A verification doesn't know triggers that aren't declared, so there must be
no ``CREATE TRIGGER`` anywhere else.
"""

import re
from typing import NamedTuple

from odoo.tools import SQL

_FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (\w+)\(.*?\$\$.*?\$\$ LANGUAGE [^;]*;", re.DOTALL
)
_TRIGGER = re.compile(
    r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\b[^;]*?\bON (\w+)\b[^;]*;", re.DOTALL
)
_ALWAYS = re.compile(r"ALTER TABLE (\w+) ENABLE ALWAYS TRIGGER (\w+);")
_DROP = re.compile(r"DROP TRIGGER IF EXISTS (\w+) ON (\w+);")

#: Empty temporary copy of a table, on which a trigger is created for comparison.
_COPY = " ON pg_temp.nka_copy "
_MADE = """
    SELECT pg_get_triggerdef(pg_trigger.oid), format('%%I.%%I', nspname, relname)
      FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE tgrelid = to_regclass(%s) AND tgname = %s AND tgenabled = %s"""
_WRITTEN = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
     WHERE tgrelid = to_regclass('pg_temp.nka_copy') AND tgname = %s"""


class Function(NamedTuple):
    """A database function of this addon."""

    name: str
    #: SQL that creates or replaces it.
    definition: str

    def make(self, cr):
        cr.execute(self.definition)


class Guard(NamedTuple):
    """A trigger of this addon on a table."""

    name: str
    table: str
    #: SQL that creates it.
    definition: str
    #: Whether it also fires when ``session_replication_role`` is ``replica``.
    is_always: bool = False

    def make(self, cr):
        """Create the trigger, unless exactly this one exists already.

        To create it again, an update would keep everybody from reading the table until
        it ends.
        """
        if self._is_made(cr):
            return
        table, name = SQL.identifier(self.table), SQL.identifier(self.name)
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, table))
        cr.execute(self.definition)
        if self.is_always:
            cr.execute(SQL("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", table, name))

    def _is_made(self, cr):
        cr.execute(
            _MADE, [f'"{self.table}"', self.name, "A" if self.is_always else "O"]
        )
        found = cr.fetchone()
        return bool(found) and found[0] == self._as_written(cr, found[1])

    def _as_written(self, cr, table):
        """Return this trigger as PostgreSQL writes it, created on an empty copy.

        :param str table: name of the table as PostgreSQL writes it
        """
        words = re.sub(rf"\sON {self.table}\s", _COPY, self.definition, count=1)
        with cr.savepoint(flush=False) as savepoint:
            original = SQL.identifier(self.table)
            cr.execute(SQL("CREATE TEMP TABLE nka_copy (LIKE %s)", original))
            cr.execute(words)
            cr.execute(_WRITTEN, [self.name])
            [(written,)] = cr.fetchall()
            savepoint.rollback()
        return written.replace(_COPY, f" ON {table} ", 1)


def guards_of(sql):
    """Parse the functions and triggers that a script creates; functions come first.

    >>> guards_of("CREATE TRIGGER b AFTER DELETE ON a EXECUTE FUNCTION c();")[0].table
    'a'

    :param str sql: script with only these kinds of statements: ``CREATE OR REPLACE
        FUNCTION``, ``CREATE TRIGGER``, ``ALTER TABLE … ENABLE ALWAYS TRIGGER``, ``DROP
        TRIGGER IF EXISTS``
    :rtype: list[Function or Guard]
    :raise ValueError: when the script contains anything else
    """
    functions = [Function(found[1], found[0]) for found in _FUNCTION.finditer(sql)]
    rest = _FUNCTION.sub("", sql)
    always = {(table, name) for table, name in _ALWAYS.findall(rest)}
    guards = [
        Guard(found[1], found[2], found[0], (found[2], found[1]) in always)
        for found in _TRIGGER.finditer(rest)
    ]
    for known in (_TRIGGER, _ALWAYS, _DROP):
        rest = known.sub("", rest)
    if rest.strip():
        raise ValueError(f"neither a function nor a trigger: {rest.strip()}")
    return [*functions, *guards]


def install(cr, guards):
    """Create or replace functions and triggers; duplicates are created once.

    :param cr: database cursor
    :param guards: functions and triggers declared by a model
    """
    for guard in dict.fromkeys(guards):
        guard.make(cr)
