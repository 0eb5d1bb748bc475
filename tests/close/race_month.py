"""A month-end close in separate transactions, with hooks to observe and interrupt them."""

import re
from contextlib import suppress
from unittest.mock import patch

import psycopg2

PEOPLE = {
    "calculate": "nka_payroll",
    "approve": "officer_2",
    "lock": "officer_2",
    "reopen": "nka_admin",
}
TABLES = (
    "nka_month_close",
    "nka_month_close_check",
    "nka_month_close_revision",
    "nka_pay_statement",
    "nka_pay_statement_line",
    "nka_bonus_line",
    "nka_audit_event",
    "hr_payslip",
    "hr_payslip_line",
    "hr_payslip_run",
)
#: Matches an SQL statement that writes rows, and its table; it may follow WITH.
WRITE = re.compile(
    r"(?<!FOR )(?<!KEY )\b(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.I
)


class Injected(Exception):
    """An injected fault."""


class Month:
    """A month-end close, each step in a transaction of its own."""

    def __init__(self, registry, close_id):
        self.registry, self.id = registry, close_id

    def env(self, cursor, login):
        from odoo import SUPERUSER_ID, api

        root = api.Environment(cursor, SUPERUSER_ID, {})
        user = root["res.users"].search([("login", "=", login)])
        company = user.company_id.ids
        return root(user=user.id, su=False, context={"allowed_company_ids": company})

    def step(self, cursor, name):
        env = self.env(cursor, PEOPLE[name])
        words = ["Once more"] if name == "reopen" else []
        getattr(env["nka.month.close"].browse(self.id), f"action_{name}")(*words)
        env.flush_all()

    def run(self, name):
        with self.registry.cursor() as cursor:
            self.step(cursor, name)

    def picture(self):
        """Return hashes of all tables that a step writes."""
        with self.registry.cursor() as cursor:
            return {table: self._hash(cursor, table) for table in TABLES}

    def _hash(self, cursor, table):
        # Events get their numbers at any time after their commit.
        told = "(to_jsonb(t) - ARRAY['seq', 'previous_digest', 'digest'])::text"
        row = told if table == "nka_audit_event" else "t::text"
        cursor.execute(
            f"SELECT COUNT(*), md5(COALESCE(string_agg({row}, '|' ORDER BY id), '')) FROM {table} t"
        )
        return cursor.fetchone()

    def value(self, name):
        with self.registry.cursor() as cursor:
            env = self.env(cursor, "nka_payroll")
            return env["nka.month.close"].browse(self.id)[name]


def written(text):
    """Return what a query writes, like ``insert into hr_payslip``; empty if nothing."""
    found = WRITE.search(text)
    return " ".join(found.groups()).lower() if found else ""


def watch(month, name, act):
    """Run a step without committing it, and call ``act`` after each of its writes.

    :param act: called with the cursor, the number of the write and what it writes
    :return: whether the step completed
    """
    from odoo.sql_db import Cursor

    execute, numbers = Cursor.execute, iter(range(1, 10**6))
    cursor = month.registry.cursor()

    def watched(self, query, *args, **kwargs):
        result = execute(self, query, *args, **kwargs)
        if self is cursor and (what := written(getattr(query, "code", str(query)))):
            act(self, next(numbers), what)
        return result

    try:
        with patch.object(Cursor, "execute", watched):
            month.step(cursor, name)
        cursor.execute(
            "SELECT 1"
        )  # raises if the backend was killed after the last write
    except (Injected, psycopg2.Error):
        return False
    finally:
        with suppress(psycopg2.Error):  # the transaction ended with the killed backend
            cursor.rollback()
            cursor.close()
    return True


def writes_of(month, name):
    """Return what each write of a step writes, in order."""
    found = []
    watch(month, name, lambda _cursor, _number, what: found.append(what))
    return found


def is_broken(month, name, number, fault):
    """Return whether a fault after the given number of writes interrupts a step."""

    def act(cursor, at, _what):
        if at == number:
            fault(cursor)

    return not watch(month, name, act)


def injected(_cursor):
    raise Injected()


def killed(cursor):
    """Terminate the backend of the cursor's connection from another connection."""
    pid = cursor._cnx.get_backend_pid()
    from odoo.sql_db import db_connect

    with db_connect("postgres").cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
