"""Declarations of the addon's database triggers and their functions.

Models declare them in ``_guards``. Installation and every update create them again, and
a verification compares the database with the declarations. A verification doesn't know
triggers that aren't declared, so there must be no ``CREATE TRIGGER`` anywhere else.
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
        table, name = SQL.identifier(self.table), SQL.identifier(self.name)
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, table))
        cr.execute(self.definition)
        if self.is_always:
            cr.execute(SQL("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", table, name))


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
