"""Comparison of the addon's triggers and trigger functions with their declarations."""

import re
from typing import NamedTuple

from ..trail.guards import Function, Guard
from .bypass_check import BypassCheck
from .checked import Check
from .constraint_check import ConstraintCheck
from .database_check import COPY, DatabaseCheck, Recipe

_FUNCTIONS = """
    SELECT proname, pg_get_functiondef(pg_proc.oid),
           pronamespace = current_schema::regnamespace, nspname
      FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
     WHERE starts_with(proname, 'nka_') AND prokind IN ('f', 'p')
       AND NOT starts_with(nspname, 'pg_')"""
#: The addon's triggers, by name or function, and any trigger on the addon's tables.
_TRIGGERS = """
    SELECT tgname, relname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
      FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_proc ON pg_proc.oid = tgfoid
     WHERE NOT tgisinternal AND relnamespace = current_schema::regnamespace
       AND (starts_with(tgname, 'nka_') OR starts_with(relname, 'nka_')
            OR starts_with(proname, 'nka_') OR tgname = ANY(%s))
     ORDER BY relname, tgname"""
#: Other triggers on tables of other addons that have triggers of this addon.
_OTHERS = """
    SELECT tgname, relname FROM pg_trigger
      JOIN pg_class ON pg_class.oid = tgrelid
      JOIN pg_proc ON pg_proc.oid = tgfoid
     WHERE NOT tgisinternal AND relnamespace = current_schema::regnamespace
       AND relname = ANY(%s) AND tgname != ALL(%s) AND NOT starts_with(relname, 'nka_')
       AND NOT starts_with(tgname, 'nka_') AND NOT starts_with(proname, 'nka_')
     ORDER BY relname, tgname"""

#: ``tgenabled`` of triggers that fire in every session, and in ordinary sessions.
ALWAYS, FIRING = "A", "AO"

_PARTS = re.compile(
    r"CREATE (?P<kind>CONSTRAINT )?TRIGGER \S+ (?P<moment>BEFORE|AFTER|INSTEAD OF) "
    r"(?P<events>.*?) ON \S+ (?P<deferred>NOT DEFERRABLE |DEFERRABLE .*?)?"
    r"(?P<rows>REFERENCING .*?)?FOR EACH (?P<level>ROW|STATEMENT) "
    r"(?P<condition>WHEN .*?)?EXECUTE FUNCTION (?P<function>[^(]+)\((?P<arguments>.*)\)",
    re.DOTALL,
)


def guard_checks(env):
    """Compare triggers, functions and constraints of the database with the addon's.

    :rtype: list[Check]
    """
    check, constraints = GuardCheck(env), ConstraintCheck(env)
    bypasses = BypassCheck(env, check.tables(), check.function_names())
    return [
        Check(
            env._("Database triggers, against the program"),
            len(check.guards),
            check.guard_findings(),
            env._("Triggers"),
            check.warnings(),
        ),
        Check(
            env._("Functions of these triggers, against the program"),
            len(check.functions),
            check.function_findings(),
            env._("Functions"),
        ),
        Check(
            env._("Constraints and unique indexes, against the program"),
            constraints.count(),
            constraints.findings(),
            env._("Constraints"),
        ),
        Check(
            env._(
                "Ways around the triggers: tables, rules, defaults, functions and "
                "sessions that don't belong to the program"
            ),
            bypasses.count(),
            bypasses.findings(),
            env._("Tables"),
        ),
    ]


class Found(NamedTuple):
    """A trigger in the database."""

    enabled: str
    definition: str


class GuardCheck(DatabaseCheck):
    """Compare triggers and functions in the database with those the models declare."""

    def __init__(self, env):
        super().__init__(env)
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
        """Return a message per function that is missing, changed or foreign.

        :rtype: list[str]
        """
        findings, actual = [], {}
        names = self.function_names()
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
        found = actual[function.name]
        expected = self._expected(function, self._make_function, found)
        if expected is None:
            return self._incomparable(function.name)
        if found in expected:
            return None
        if _body(found) != _body(expected[0]):
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

    # ------------------------------------------------------------ creating
    def _recipes(self):
        return {
            **{one: self._function_recipe(one) for one in self.functions},
            **{one: self._guard_recipe(one) for one in self.guards},
        }

    def _make_function(self, function):
        """Return PostgreSQL's definition of a function in the current schema."""
        recipe = self._function_recipe(function)
        self._execute(recipe.statement)
        [(made,)] = self._rows(recipe.query)
        return [recipe.restate(made)[1]]

    def _function_recipe(self, function):
        head = f"FUNCTION {function.name}("
        schema = self._schema
        return Recipe(
            "",
            function.definition.replace(head, f"FUNCTION pg_temp.{head[9:]}", 1),
            f"""SELECT pg_get_functiondef(oid) FROM pg_proc
                 WHERE pronamespace = pg_my_temp_schema()
                   AND proname = '{function.name}'""",
            "",
            lambda made: (made, made.replace("pg_temp.", f"{schema}.", 1)),
        )

    def _make_guard(self, guard):
        """Return the possible definitions of a trigger on its own table, as PostgreSQL
        writes them.
        """
        return self._as_written(self._guard_recipe(guard))

    def _guard_recipe(self, guard):
        own = self._own(guard.table)
        return Recipe(
            guard.table,
            re.sub(rf"\sON {guard.table}\s", COPY, guard.definition, count=1),
            f"""SELECT pg_get_triggerdef(pg_trigger.oid)
                  FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                 WHERE relnamespace = pg_my_temp_schema() AND tgname = '{guard.name}'""",
            f'DROP TRIGGER "{guard.name}"{COPY}',
            lambda made: (made, made.replace(COPY, own, 1)),
        )

    # ------------------------------------------------------------ triggers
    def guard_findings(self):
        """Return a message per trigger that is missing, disabled, on another table,
        different or foreign to the addon.

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
        """Return the names of the tables that have triggers of the addon.

        :rtype: set[str]
        """
        return {guard.table for guard in self.guards}

    def function_names(self):
        """Return the names of the functions of the addon.

        :rtype: set[str]
        """
        return {function.name for function in self.functions}

    def warnings(self):
        """Return a message per foreign trigger beside ours on other addons' tables.

        Another addon may need them, but they can change a row after our triggers have
        checked it.

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
        if found.enabled not in (ALWAYS if guard.is_always else FIRING):
            return self.env._(
                "The trigger %(guard)s of table %(table)s is missing or disabled: it "
                "doesn't fire, or not in every session.",
                guard=guard.name,
                table=guard.table,
            )
        expected = self._expected(guard, self._make_guard, found.definition)
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

    def _differences(self, actual, expected):
        """Return the labels of the parts of a trigger that differ."""
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

    def _incomparable(self, name):
        return self.env._(
            "The trigger %s can't be checked: its table or function isn't what the "
            "program expects.",
            name,
        )


def _body(definition):
    """Return the part of a function's definition after ``AS``."""
    return definition.partition("\nAS ")[2]
