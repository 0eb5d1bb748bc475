"""Triggers, functions and constraints of ours in the database, against what is declared.

PostgreSQL itself says what a declaration means: it is made once more, on an empty temporary
copy of its table, and both are read as PostgreSQL writes them. So nothing of a guard can
differ unseen, and no table that others work on is locked. What was made for it is rolled
back at once.
"""

import re
from typing import NamedTuple

from psycopg2 import Error

from odoo import models
from odoo.tools import mute_logger

from ..trail.guards import Function, Guard

#: Where the copies are made.
SHAPE = "nka_shape"
#: How often PostgreSQL may write a definition otherwise, restored again and again.
GENERATIONS = 3

_FUNCTIONS = """
    SELECT proname, pg_get_functiondef(pg_proc.oid),
           pronamespace = current_schema::regnamespace, nspname
      FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
     WHERE starts_with(proname, 'nka_') AND prokind IN ('f', 'p')
       AND NOT starts_with(nspname, 'pg_')"""
#: Triggers that are ours by name or by function, and any on tables of ours.
_TRIGGERS = """
    SELECT tgname, relname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
      FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_proc ON pg_proc.oid = tgfoid
     WHERE NOT tgisinternal AND relnamespace = current_schema::regnamespace
       AND (starts_with(tgname, 'nka_') OR starts_with(relname, 'nka_')
            OR starts_with(proname, 'nka_') OR tgname = ANY(%s))
     ORDER BY relname, tgname"""
#: Those of others on tables that aren't ours, but have guards of ours.
_OTHERS = """
    SELECT tgname, relname FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_proc ON pg_proc.oid = tgfoid
     WHERE NOT tgisinternal AND relnamespace = current_schema::regnamespace
       AND relname = ANY(%s) AND tgname != ALL(%s) AND NOT starts_with(relname, 'nka_')
       AND NOT starts_with(tgname, 'nka_') AND NOT starts_with(proname, 'nka_')
     ORDER BY relname, tgname"""

_CONSTRAINTS = """
    SELECT conname, relname, convalidated, pg_get_constraintdef(pg_constraint.oid)
      FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
     WHERE conname = ANY(%s) AND relnamespace = current_schema::regnamespace"""
_INDEXES = """
    SELECT one.relname, pg_class.relname, indisvalid, pg_get_indexdef(indexrelid)
      FROM pg_index
      JOIN pg_class one ON one.oid = indexrelid
      JOIN pg_class ON pg_class.oid = indrelid
     WHERE one.relname = ANY(%s) AND pg_class.relnamespace = current_schema::regnamespace"""

_PARTS = re.compile(
    r"CREATE (?P<kind>CONSTRAINT )?TRIGGER \S+ (?P<moment>BEFORE|AFTER|INSTEAD OF) "
    r"(?P<events>.*?) ON \S+ (?P<deferred>NOT DEFERRABLE |DEFERRABLE .*?)?"
    r"(?P<rows>REFERENCING .*?)?FOR EACH (?P<level>ROW|STATEMENT) "
    r"(?P<condition>WHEN .*?)?EXECUTE FUNCTION (?P<function>[^(]+)\((?P<arguments>.*)\)",
    re.DOTALL,
)


class Found(NamedTuple):
    """A trigger as it is in the database."""

    enabled: str
    definition: str


class GuardCheck:
    """Compares the database with what models declare.

    :param env: environment to read and to translate with
    """

    def __init__(self, env):
        self.env = env
        declared = dict.fromkeys(
            guard
            for name in env.registry
            if not env[name]._abstract
            for guard in env[name]._guards()
        )
        self.functions = [one for one in declared if isinstance(one, Function)]
        self.guards = [one for one in declared if isinstance(one, Guard)]

    # ------------------------------------------------------------ functions
    def function_findings(self):
        """Functions that are missing, changed or not ours.

        :rtype: list[str]
        """
        findings, actual = [], {}
        names = {function.name for function in self.functions}
        for name, definition, is_ours, schema in self._rows(_FUNCTIONS):
            if is_ours and name in names and name not in actual:
                actual[name] = definition
            else:
                findings.append(
                    self.env._(
                        "The function %(function)s in schema %(schema)s doesn't belong "
                        "to the program.",
                        function=name,
                        schema=schema,
                    )
                )
        return [
            *filter(
                None,
                (self._function_finding(one, actual) for one in self.functions),
            ),
            *findings,
        ]

    def _function_finding(self, function, actual):
        if function.name not in actual:
            return self.env._("The function %s is missing.", function.name)
        expected = self._expected(function, self._make_function)
        if expected is None:
            return self._incomparable(function.name)
        if actual[function.name] == expected:
            return None
        if _body(actual[function.name]) != _body(expected):
            return self.env._(
                "The body of the function %s differs from the program's: it was "
                "emptied or changed.",
                function.name,
            )
        return self.env._(
            "The declaration of the function %s differs from the program's: its "
            "arguments, result, language, rights or settings were changed.",
            function.name,
        )

    def _make_function(self, function):
        """The definition as PostgreSQL writes it, in our own schema."""
        head = f"FUNCTION {function.name}("
        self._execute(
            function.definition.replace(head, f"FUNCTION pg_temp.{head[9:]}", 1)
        )
        [(definition, schema)] = self._rows(
            """SELECT pg_get_functiondef(oid), current_schema FROM pg_proc
                WHERE pronamespace = pg_my_temp_schema() AND proname = %s""",
            function.name,
        )
        return definition.replace("pg_temp.", f"{schema}.", 1)

    # ------------------------------------------------------------ triggers
    def guard_findings(self):
        """Triggers that are missing, disabled, elsewhere, different or not ours.

        :rtype: list[str]
        """
        names = [guard.name for guard in self.guards]
        actual = {
            (name, table): Found(enabled, definition)
            for name, table, enabled, definition in self._rows(_TRIGGERS, names)
        }
        findings = [self._guard_finding(guard, actual) for guard in self.guards]
        known = {(guard.name, guard.table) for guard in self.guards}
        foreign = [self._foreign(*place) for place in actual if place not in known]
        return [*filter(None, findings), *foreign]

    def tables(self):
        """Names of the tables that have guards.

        :rtype: set[str]
        """
        return {guard.table for guard in self.guards}

    def warnings(self):
        """Triggers of others on tables of others that have guards of ours: another addon
        may need them, and they may change a row after our guards have seen it.

        :rtype: list[str]
        """
        names = [guard.name for guard in self.guards]
        return [
            self.env._(
                "The trigger %(trigger)s of table %(table)s doesn't belong to the "
                "program and can change or discard rows. Find out who added it.",
                trigger=trigger,
                table=table,
            )
            for trigger, table in self._rows(_OTHERS, list(self.tables()), names)
        ]

    def _guard_finding(self, guard, actual):
        found = actual.get((guard.name, guard.table))
        if not found:
            return self.env._(
                "The trigger %(guard)s of table %(table)s is missing or disabled: it "
                "doesn't exist.",
                guard=guard.name,
                table=guard.table,
            )
        if found.enabled not in ("A",) if guard.is_always else found.enabled in "DR":
            return self.env._(
                "The trigger %(guard)s of table %(table)s is missing or disabled: it "
                "doesn't fire, or not in every session.",
                guard=guard.name,
                table=guard.table,
            )
        expected = self._expected(guard, self._make_guard)
        if expected is None:
            return self._incomparable(guard.name)
        if found.definition in expected:
            return None
        return self.env._(
            "The trigger %(guard)s of table %(table)s differs from the program's: "
            "%(parts)s.",
            guard=guard.name,
            table=guard.table,
            parts=", ".join(self._differences(found.definition, expected[0])),
        )

    def _make_guard(self, guard):
        """The definitions as PostgreSQL writes them, on the guard's own table.

        A backup that is restored makes a guard of what PostgreSQL wrote, and may write
        its condition otherwise then, until it writes what it read.
        """
        self._execute(f'CREATE TEMP TABLE {SHAPE} (LIKE "{guard.table}")')
        [(schema,)] = self._rows("SELECT current_schema")
        own, definition, written = f" ON {schema}.{guard.table} ", guard.definition, []
        definition = re.sub(rf"\sON {guard.table}\s", own, definition, count=1)
        for _generation in range(GENERATIONS):
            self._execute(definition.replace(own, f" ON pg_temp.{SHAPE} ", 1))
            [(made,)] = self._rows(
                """SELECT pg_get_triggerdef(pg_trigger.oid)
                     FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                    WHERE relnamespace = pg_my_temp_schema() AND relname = %s""",
                SHAPE,
            )
            self._execute(f'DROP TRIGGER "{guard.name}" ON pg_temp.{SHAPE}')
            definition = made.replace(f" ON pg_temp.{SHAPE} ", own, 1)
            written.append(definition)
        return written

    def _differences(self, actual, expected):
        """Parts of a trigger that differ, in words."""
        words = {
            "kind": self.env._("type of trigger"),
            "moment": self.env._("timing"),
            "events": self.env._("events or columns"),
            "deferred": self.env._("deferral"),
            "rows": self.env._("transition tables"),
            "level": self.env._("row or statement level"),
            "condition": self.env._("condition"),
            "function": self.env._("trigger function"),
            "arguments": self.env._("arguments"),
        }
        one, two = _PARTS.match(actual), _PARTS.match(expected)
        if not (one and two):
            return [self.env._("definition")]
        return [
            word
            for part, word in words.items()
            if (one[part] or "").strip() != (two[part] or "").strip()
        ] or [self.env._("definition")]

    def _foreign(self, name, table):
        owner = next((one for one in self.guards if one.name == name), None)
        if owner:
            return self.env._(
                "A trigger named %(guard)s exists on table %(table)s; it belongs on "
                "table %(own)s.",
                guard=name,
                own=owner.table,
                table=table,
            )
        return self.env._(
            "The trigger %(trigger)s of table %(table)s doesn't belong to the program.",
            trigger=name,
            table=table,
        )

    # ------------------------------------------------------------ constraints
    def constraints(self):
        """Constraints that our models declare: name -> table and definition.

        :rtype: dict
        """
        return self._table_objects(models.Constraint)

    def unique_indexes(self):
        """Unique indexes that our models declare: name -> table and definition.

        :rtype: dict
        """
        return self._table_objects(models.UniqueIndex)

    def _table_objects(self, kind):
        registry = self.env.registry
        tables = [self.env[name] for name in registry if name.startswith("nka.")]
        return {
            one.full_name(model): (model._table, one.get_definition(registry))
            for model in tables
            if model._auto and not model._abstract
            for one in model._table_objects.values()
            if isinstance(one, kind)
        }

    def constraint_findings(self):
        """Constraints and unique indexes of ours that are missing, not valid, or different.

        :rtype: list[str]
        """
        return [
            *self._compare(_CONSTRAINTS, self.constraints(), self._make_constraint),
            *self._compare(_INDEXES, self.unique_indexes(), self._make_index),
        ]

    def _compare(self, query, declared, make):
        rows = self._rows(query, list(declared))
        actual = {(name, table): rest for name, table, *rest in rows}
        found = (
            self._constraint_finding(name, table, definition, actual, make)
            for name, (table, definition) in declared.items()
        )
        return list(filter(None, found))

    def _constraint_finding(self, name, table, definition, actual, make):
        if (name, table) not in actual:
            return self.env._(
                "The constraint %(constraint)s of table %(table)s is missing.",
                constraint=name,
                table=table,
            )
        is_valid, found = actual[name, table]
        constraint = (table, name, definition)
        expected = self._expected(constraint, make)
        if is_valid and expected and found in expected:
            return None
        return self.env._(
            "The constraint %(constraint)s of table %(table)s differs from the "
            "program's, or wasn't validated for all rows.",
            constraint=name,
            table=table,
        )

    def _make_constraint(self, constraint):
        table, name, definition = constraint
        self._execute(f'CREATE TEMP TABLE {SHAPE} (LIKE "{table}")')
        written = []
        for _generation in range(GENERATIONS):
            self._execute(f'ALTER TABLE {SHAPE} ADD CONSTRAINT "{name}" {definition}')
            [(definition,)] = self._rows(
                """SELECT pg_get_constraintdef(pg_constraint.oid)
                     FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
                    WHERE relnamespace = pg_my_temp_schema() AND conname = %s""",
                name,
            )
            self._execute(f'ALTER TABLE {SHAPE} DROP CONSTRAINT "{name}"')
            written.append(definition)
        return written

    def _make_index(self, index):
        """The definitions as PostgreSQL writes them, on the index's own table."""
        table, name, definition = index
        self._execute(f'CREATE TEMP TABLE {SHAPE} (LIKE "{table}")')
        [(schema,)] = self._rows("SELECT current_schema")
        own, copy = f" ON {schema}.{table} ", f" ON pg_temp.{SHAPE} "
        rest = definition.partition("INDEX ")[2]
        statement, written = f'CREATE UNIQUE INDEX "{name}"{copy}{rest}', []
        for _generation in range(GENERATIONS):
            self._execute(statement)
            [(made,)] = self._rows(
                """SELECT pg_get_indexdef(oid) FROM pg_class
                    WHERE relnamespace = pg_my_temp_schema() AND relname = %s""",
                name,
            )
            self._execute(f'DROP INDEX pg_temp."{name}"')
            head, _on, rest = made.partition(" ON ")
            rest = rest.partition(" ")[2]
            statement = f"{head}{copy}{rest}"
            written.append(f"{head}{own}{rest}")
        return written

    # ------------------------------------------------------------ database
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

    def _incomparable(self, name):
        return self.env._(
            "The trigger %s can't be checked: its table or function isn't what the "
            "program expects.",
            name,
        )


def _body(definition):
    """What stands between the quotes of a function."""
    return definition.partition("\nAS ")[2]
