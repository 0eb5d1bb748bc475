"""What PostgreSQL itself refuses or notes for us: triggers and their functions, declared.

A model declares them in ``_guards``; an installation and each update make them anew, and a
verification compares the database with them. So a guard that isn't declared isn't known:
``CREATE TRIGGER`` stands in no other place.
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
    """A function of ours in the database."""

    name: str
    #: Statement that makes it, or makes it anew.
    definition: str

    def make(self, cr):
        cr.execute(self.definition)


class Guard(NamedTuple):
    """A trigger of ours on a table."""

    name: str
    table: str
    #: Statement that makes it.
    definition: str
    #: Whether it fires in a replication role, too.
    is_always: bool = False

    def make(self, cr):
        table, name = SQL.identifier(self.table), SQL.identifier(self.name)
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, table))
        cr.execute(self.definition)
        if self.is_always:
            cr.execute(SQL("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", table, name))


def guards_of(sql):
    """Functions and triggers that a script makes, in its order, functions first.

    >>> guards_of("CREATE TRIGGER b AFTER DELETE ON a EXECUTE FUNCTION c();")[0].table
    'a'

    :param str sql: statements of these kinds only: ``CREATE OR REPLACE FUNCTION``, ``CREATE
        TRIGGER``, ``ALTER TABLE … ENABLE ALWAYS TRIGGER``, ``DROP TRIGGER IF EXISTS``
    :rtype: list[Function or Guard]
    :raise ValueError: when anything else stands in it
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
    """Make functions and triggers, or make them anew.

    :param guards: what a model declares
    """
    for guard in dict.fromkeys(guards):
        guard.make(cr)
