"""Roles of the database that read the views, and their privileges.

The addon creates no role and no password. It grants reading of the views to roles that
exist, takes it back, and refuses roles that could read more than the views.
"""

import re
from typing import NamedTuple

from psycopg2.extensions import quote_ident

from odoo.tools import SQL

from .views import VIEWS

#: Names that need no escaping anywhere; ``public`` isn't a role.
ROLE_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
#: Locks out a second change of privileges, which PostgreSQL would refuse.
_LOCK = SQL("SELECT pg_advisory_xact_lock(hashtext('nka_bi_grant'))")
#: A role is what it belongs to: it can do all that those roles can.
_ROLE = """
    SELECT role.oid::text AS number,
           starts_with(role.rolname, 'pg_') OR EXISTS (
               SELECT FROM pg_roles other
                WHERE pg_has_role(role.oid, other.oid, 'MEMBER')
                  AND (other.rolsuper OR other.rolcreaterole OR other.rolcreatedb
                       OR other.rolreplication OR other.rolbypassrls
                       OR other.rolname IN (
                           session_user, 'pg_read_server_files',
                           'pg_write_server_files', 'pg_execute_server_program')
                       OR other.oid = (SELECT datdba FROM pg_database
                                        WHERE datname = current_database()))
           ) AS is_strong,
           EXISTS (SELECT FROM pg_class other
                     JOIN pg_class own USING (relnamespace, relowner)
                    WHERE own.oid = 'nka_bi_grant'::regclass
                      AND other.relkind IN ('r', 'p', 'm')
                      AND (has_any_column_privilege(
                               role.oid, other.oid, 'SELECT, INSERT, UPDATE')
                           OR has_table_privilege(
                               role.oid, other.oid, 'DELETE, TRUNCATE, TRIGGER'))
           ) AS has_tables,
           has_schema_privilege(role.oid, current_schema, 'CREATE') AS can_create,
           has_schema_privilege(role.oid, current_schema, 'USAGE') AS has_usage
      FROM pg_roles role
     WHERE role.rolname = %s"""
_ACTIVE = SQL("""
    SELECT permit.role, role.oid IS NOT NULL, to_jsonb(permit)
      FROM nka_bi_grant permit
      LEFT JOIN pg_roles role ON role.rolname = permit.role
       AND role.oid::text = permit.role_number
     WHERE permit.state = 'in_force' AND permit.target = 'role'""")
_ON_VIEWS = """
    SELECT rel.relname, role.rolname
      FROM pg_class rel
     CROSS JOIN LATERAL aclexplode(rel.relacl) entry
      LEFT JOIN pg_roles role ON role.oid = entry.grantee
     WHERE rel.relnamespace = current_schema::regnamespace AND rel.relname = ANY(%s)
       AND entry.grantee != rel.relowner"""
_ON_FUNCTIONS = """
    SELECT regexp_replace(proc.proname, '_rows$', ''), role.rolname
      FROM pg_proc proc
     CROSS JOIN LATERAL aclexplode(proc.proacl) entry
      LEFT JOIN pg_roles role ON role.oid = entry.grantee
     WHERE proc.pronamespace = current_schema::regnamespace AND proc.proname = ANY(%s)
       AND entry.grantee != proc.proowner"""


class Role(NamedTuple):
    """What the database says about a role."""

    #: Identifies the role even after another one got its name.
    number: str
    is_strong: bool
    #: Whether it can read or change tables, or hang triggers on them.
    has_tables: bool
    #: Whether it can create functions that those of the views would call, with the
    #: rights of Odoo's database user, instead of PostgreSQL's own.
    can_create: bool
    has_usage: bool


def find_role(cr, name):
    """Return a role of the database by its exact name, or None.

    :rtype: Role or None
    """
    cr.execute(SQL(_ROLE, name))
    row = cr.fetchone()
    return row and Role(*row)


def allow_schema(cr, name):
    """Let a role see the names in Odoo's schema; tables stay closed."""
    cr.execute(SQL("GRANT USAGE ON SCHEMA %s TO %s", _schema(cr), _quoted(cr, name)))


def close_schema(cr, name):
    """Revoke :func:`allow_schema`, unless the role is gone."""
    if find_role(cr, name):
        cr.execute(
            SQL("REVOKE USAGE ON SCHEMA %s FROM %s", _schema(cr), _quoted(cr, name))
        )


def apply_grants(cr):
    """Make the privileges on the views those of the active grants.

    :return: what was granted and revoked, pairs of view and role; PUBLIC is None
    :rtype: tuple[set, set]
    """
    cr.execute(_LOCK)
    wanted, on_views, on_functions = _wanted(cr), *_actual(cr)
    missing = wanted - (on_views & on_functions)
    surplus = (on_views | on_functions) - wanted
    for view, role in sorted(missing):
        _change(cr, "GRANT", "TO", view, role)
    for view, role in sorted(surplus, key=str):
        _change(cr, "REVOKE", "FROM", view, role)
    return missing, surplus


def _wanted(cr):
    cr.execute(_ACTIVE)
    return {
        (view.name, role)
        for role, is_there, permit in cr.fetchall()
        for view in VIEWS
        if is_there and permit[view.grant_field]
    }


def _actual(cr):
    """Return who has privileges on the views, and on the functions behind them."""
    names = [view.name for view in VIEWS]
    cr.execute(SQL(_ON_VIEWS, names))
    on_views = set(cr.fetchall())
    cr.execute(SQL(_ON_FUNCTIONS, [f"{name}_rows" for name in names]))
    return on_views, set(cr.fetchall())


def _change(cr, verb, preposition, view, role):
    """Grant or revoke a view and the function behind it.

    Whoever got a privilege from the role loses it, too: PostgreSQL would refuse to revoke
    one that was passed on.
    """
    person = _quoted(cr, role) if role else SQL("PUBLIC")
    is_grant = verb == "GRANT"
    select, execute = ("SELECT", "EXECUTE") if is_grant else ("ALL", "ALL")
    ending = SQL("") if is_grant else SQL("CASCADE")
    for privilege, thing in (
        (select, SQL.identifier(view)),
        (execute, SQL("FUNCTION %s()", SQL.identifier(f"{view}_rows"))),
    ):
        cr.execute(
            SQL(
                f"{verb} {privilege} ON %s {preposition} %s %s",  # pylint: disable=E8103
                thing,
                person,
                ending,
            )
        )


def _quoted(cr, name):
    return SQL(quote_ident(name, cr._cnx).replace("%", "%%"))


def _schema(cr):
    cr.execute("SELECT quote_ident(current_schema)")
    return SQL(cr.fetchone()[0].replace("%", "%%"))


def make_views(cr):
    """Create the views on the functions behind them, with a comment on each column.

    Nobody but their owner can use them then.
    """
    for view in VIEWS:
        name, rows = SQL.identifier(view.name), SQL.identifier(f"{view.name}_rows")
        cr.execute(SQL("REVOKE ALL ON FUNCTION %s() FROM PUBLIC", rows))
        cr.execute(
            SQL(
                "CREATE VIEW %s WITH (security_barrier) AS SELECT * FROM %s()",
                name,
                rows,
            )
        )
        cr.execute(SQL("COMMENT ON VIEW %s IS %s", name, view.comment))
        for column in view.columns:
            place = SQL.identifier(view.name, column.name)
            cr.execute(SQL("COMMENT ON COLUMN %s IS %s", place, column.comment))
    cr.execute("REVOKE ALL ON FUNCTION nka_bi_companies(text) FROM PUBLIC")


def different_views(cr):
    """Return the names of views that are missing or don't read their function alone."""
    cr.execute(
        SQL(
            """SELECT relname, pg_get_viewdef(oid) FROM pg_class
                WHERE relkind = 'v' AND relname = ANY(%s)
                  AND relnamespace = current_schema::regnamespace""",
            [view.name for view in VIEWS],
        )
    )
    found = {name: _plain(name, definition) for name, definition in cr.fetchall()}
    return [view.name for view in VIEWS if found.get(view.name) != _expected(view)]


def _plain(name, definition):
    """Return a definition without line breaks, quotes and names before columns, which
    differ between versions of PostgreSQL.
    """
    plain = " ".join(definition.replace('"', "").rstrip(";").split())
    return plain.replace(f"{name}_rows.", "")


def _expected(view):
    columns, rows = ", ".join(one.name for one in view.columns), f"{view.name}_rows"
    return f"SELECT {columns} FROM {rows}() {rows}({columns})"


def drop_views(cr):
    """Drop views and functions: columns may have changed since they were created."""
    for view in VIEWS:
        name, rows = SQL.identifier(view.name), SQL.identifier(f"{view.name}_rows")
        cr.execute(SQL("DROP VIEW IF EXISTS %s", name))
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", rows))
