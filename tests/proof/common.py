"""Tamper with the database as an administrator, then verify it."""

from contextlib import contextmanager

from odoo.tests import tagged

from ..common import NkaCase


@tagged("nka_proof")
class ProofCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["nka.audit.event"]
        cls.verifications = cls.env["nka.audit.verification"]
        cls.account = cls._key_account(cls.client)

    @contextmanager
    def _as_database_administrator(self):
        """Bypass all triggers inside the block; enable them again afterwards."""
        self.env.flush_all()
        tables = ("nka_audit_event", "nka_audit_head", "nka_bonus_line")
        with self.cr.savepoint():
            for table in tables:
                self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            self.cr.execute("SET LOCAL session_replication_role = replica")
            yield self.cr
            self.cr.execute("SET LOCAL session_replication_role = origin")
            for table in tables:
                self.cr.execute(
                    "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
                    " AND tgrelid = %s::regclass",
                    [table],
                )
                for (name,) in self.cr.fetchall():
                    always = name.rpartition("_")[2] != "locked"
                    mode = "ENABLE ALWAYS" if always else "ENABLE"
                    self.cr.execute(f"ALTER TABLE {table} {mode} TRIGGER {name}")
        self.env.invalidate_all()

    def _tamper(self, statement, *params):
        with self._as_database_administrator() as cr:
            cr.execute(statement, params or None)

    def _verify(self, company=None):
        return self.verifications._verify(company or self.env.company)

    def _assert_told(self, *words):
        """Assert that a verification fails and its message matches all patterns."""
        found = self._verify()
        self.assertFalse(found.is_whole, found.message)
        for pattern in words:
            self.assertRegex(found.message, pattern)
        return found

    def _assert_whole(self):
        found = self._verify()
        self.assertTrue(found.is_whole, found.message)
        return found

    @contextmanager
    def _undone(self):
        """Roll back everything done in the block."""
        self.env.flush_all()
        with self.cr.savepoint(flush=False) as savepoint:
            yield
            savepoint.rollback()
        self.env.invalidate_all()
