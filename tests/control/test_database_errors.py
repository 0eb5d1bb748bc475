"""Users never see database errors in PostgreSQL's wording."""

import psycopg2
from psycopg2 import errors

from odoo.addons.nka_key_accounts.models.control.database_errors import in_words
from odoo.exceptions import UserError
from odoo.orm.table_objects import Constraint, UniqueIndex
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReadingCase

#: Words that appear only in PostgreSQL's own messages.
RAW = ("nka_", "DETAIL", "PL/pgSQL", "violates", "constraint", "CONTEXT", "relation")


@tagged("nka_control")
class TestDatabaseErrors(ReadingCase):
    def _refusal(self, query, *params):
        """Return the message of an error as Odoo's RPC layer builds it."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError) as caught,
            self.cr.savepoint(),
        ):
            self.cr.execute(query, params)
        model = self.env["base"]
        for each in self.env.registry.values():
            if caught.exception.diag.table_name == each._table:
                model = self.env[each._name]
                break
        return model._sql_error_to_message(caught.exception)

    def _assert_words(self, text):
        self.assertGreater(len(text), 20)
        for word in RAW:
            self.assertNotIn(word, text)

    def test_every_constraint_of_the_addon_has_a_message(self):
        silent = [
            f"{name}: {key}"
            for name, model in self.env.registry.items()
            for key, rule in model._table_objects.items()
            if isinstance(rule, Constraint | UniqueIndex)
            and (name.startswith("nka.") or "nka_" in key)
            and not rule.get_error_message(self.env[name])
        ]
        self.assertEqual(silent, [], "Give each constraint a message for users.")

    def test_every_constraint_in_the_database_is_declared(self):
        """A constraint created only by SQL would have no message."""
        self.cr.execute(
            """SELECT conrelid::regclass::text, conname FROM pg_constraint
                WHERE contype IN ('c', 'u', 'x')
                  AND conrelid::regclass::text LIKE 'nka%'"""
        )
        tables = {model._table: model for model in self.env.registry.values()}
        unknown = [
            name
            for table, name in self.cr.fetchall()
            if table in tables and name not in tables[table]._table_objects
        ]
        self.assertEqual(unknown, [])

    def test_each_kind_of_violation_is_explained(self):
        account, person = self.account, self.manager.id
        for name, query, params in (
            (
                "unique",
                "INSERT INTO nka_key_account (partner_id, company_id, state, manager_id)"
                " SELECT partner_id, company_id, 'key', manager_id"
                "   FROM nka_key_account WHERE id = %s",
                [account.id],
            ),
            (
                "check",
                "UPDATE nka_assignment SET share = -1 WHERE key_account_id = %s",
                [account.id],
            ),
            (
                "not null",
                "UPDATE nka_key_account SET partner_id = NULL WHERE id = %s",
                [account.id],
            ),
            (
                "foreign key of a choice",
                "UPDATE nka_key_account SET tier_id = 999999 WHERE id = %s",
                [account.id],
            ),
            (
                "foreign key of a deletion",
                "DELETE FROM res_partner WHERE id = %s",
                [self.client.id],
            ),
            ("frozen", "UPDATE nka_audit_event SET new = 'x'", []),
            (
                "only moves forward",
                "UPDATE nka_audit_head SET seq = seq + 1; DELETE FROM nka_audit_head",
                [],
            ),
            ("whole shares", "DELETE FROM nka_assignment WHERE user_id = %s", [person]),
        ):
            with self.subTest(name):
                if name == "whole shares":
                    query = f"{query}; SET CONSTRAINTS ALL IMMEDIATE"
                elif "foreign" in name:
                    query = f"SET CONSTRAINTS ALL IMMEDIATE; {query}"
                self._assert_words(self._refusal(query, *params))

    def test_other_errors_are_explained(self):
        for kind in (
            errors.SerializationFailure,
            errors.DeadlockDetected,
            errors.LockNotAvailable,
            errors.QueryCanceled,
            errors.NumericValueOutOfRange,
            errors.StringDataRightTruncation,
            errors.AdminShutdown,
            errors.UndefinedColumn,
            errors.UniqueViolation,
            psycopg2.InterfaceError,
        ):
            with (
                self.subTest(kind.__name__),
                mute_logger(
                    "odoo.addons.nka_key_accounts.models.control.database_errors"
                ),
            ):
                told = in_words(
                    kind("could not serialize access of relation nka_x"), self.env
                )
                self.assertIsInstance(told, UserError)
                self._assert_words(str(told))
        refusal = UserError("Ask your supervisor")
        self.assertIs(in_words(refusal, self.env), refusal)
