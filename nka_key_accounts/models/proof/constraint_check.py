"""Comparison of the addon's constraints and unique indexes with their declarations."""

from odoo import models

from .database_check import COPY, SHAPE, DatabaseCheck, Recipe

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


class ConstraintCheck(DatabaseCheck):
    """Compare constraints and unique indexes of the database with the models."""

    def count(self):
        """Return the number of constraints and unique indexes compared."""
        return len(self.constraints()) + len(self.unique_indexes())

    def constraints(self):
        """Return the constraints declared by the addon's models.

        :return: ``{name: (table, definition)}``
        :rtype: dict
        """
        return self._table_objects(models.Constraint)

    def unique_indexes(self):
        """Return the unique indexes declared by the addon's models.

        :return: ``{name: (table, definition)}``
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

    def findings(self):
        """Return a message per missing, invalid or different constraint or index.

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
        expected = self._expected(constraint, make, found)
        if is_valid and expected and found in expected:
            return None
        return self.env._(
            "The constraint %(constraint)s of table %(table)s differs from the "
            "program's, or wasn't validated for all rows.",
            constraint=name,
            table=table,
        )

    # ------------------------------------------------------------ creating
    def _recipes(self):
        return {
            (table, name, definition): recipe((table, name, definition))
            for declared, recipe in (
                (self.constraints(), self._constraint_recipe),
                (self.unique_indexes(), self._index_recipe),
            )
            for name, (table, definition) in declared.items()
        }

    def _make_constraint(self, constraint):
        return self._as_written(self._constraint_recipe(constraint))

    def _make_index(self, index):
        return self._as_written(self._index_recipe(index))

    def _constraint_recipe(self, constraint):
        table, name, definition = constraint

        def restate(made):
            return f'ALTER TABLE {SHAPE} ADD CONSTRAINT "{name}" {made}', made

        return Recipe(
            table,
            restate(definition)[0],
            f"""SELECT pg_get_constraintdef(pg_constraint.oid)
                  FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
                 WHERE relnamespace = pg_my_temp_schema() AND conname = '{name}'""",
            f'ALTER TABLE {SHAPE} DROP CONSTRAINT "{name}"',
            restate,
        )

    def _index_recipe(self, index):
        table, name, definition = index
        own = self._own(table)

        def restate(made):
            head, _on, rest = made.partition(" ON ")
            rest = rest.partition(" ")[2]
            return f"{head}{COPY}{rest}", f"{head}{own}{rest}"

        return Recipe(
            table,
            f'CREATE UNIQUE INDEX "{name}"{COPY}{definition.partition("INDEX ")[2]}',
            f"""SELECT pg_get_indexdef(oid) FROM pg_class
                 WHERE relnamespace = pg_my_temp_schema() AND relname = '{name}'""",
            f'DROP INDEX pg_temp."{name}"',
            restate,
        )
