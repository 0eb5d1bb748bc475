"""Base class of the tests of reading from outside: a locked month, and database roles."""

import os
from contextlib import contextmanager

from psycopg2.errors import InsufficientPrivilege

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..outputs.common import OutputCase

CLIENTS = ("has_account", "has_sale", "has_document")
PAY = ("has_credit", "has_statement", "has_goal")


@tagged("nka_bi")
class BiCase(OutputCase):
    """An administrator gives access, a director approves what shows pay.

    Database roles are created in the transaction of the test and are gone with it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._new_user("nka_director", "group_key_account_director")
        cls.grants = cls.env["nka.bi.grant"].with_user(cls.kam_admin)
        # Odoo grants it when it creates a database; nobody gives access before it is gone.
        cls.cr.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})

    def _role(self, suffix="", options="LOGIN"):
        """Create a role; the name is unique among processes that test at a time."""
        name = f"nka_test_{os.getpid()}{suffix}"
        self.cr.execute(f'CREATE ROLE "{name}" {options}')
        return name

    def _grant(self, role, *parts, **vals):
        return self.grants.create(
            {
                "purpose": "Monthly report",
                "role": role,
                **dict.fromkeys(parts, True),
                **vals,
            }
        )

    def _given(self, role, *parts, **vals):
        """Return an access in force, approved by a director if it shows pay."""
        grant = self._grant(role, *parts, **vals)
        grant.action_submit()
        if grant.state == "submitted":
            grant.with_user(self.director).action_approve()
        self.assertEqual(grant.state, "in_force")
        return grant

    @contextmanager
    def _as_role(self, role):
        """Run the block as if the role had logged in."""
        self.env.flush_all()
        with self.cr.savepoint(flush=False):
            self.cr.execute(f'SET SESSION AUTHORIZATION "{role}"')
            yield
            self.cr.execute("RESET SESSION AUTHORIZATION")

    def _read_as(self, role, view):
        """Return the rows of a view as dictionaries, as the role reads them."""
        with self._as_role(role):
            self.cr.execute(SQL("SELECT * FROM %s", SQL.identifier(view)))
            return self.cr.dictfetchall()

    def _denied(self, role, query):
        """Assert that PostgreSQL refuses a query of the role."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(InsufficientPrivilege),
            self._as_role(role),
        ):
            self.cr.execute(query)
