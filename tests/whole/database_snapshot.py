"""Snapshots of a database: its structure and rows as sets that can be compared."""

import os
from contextlib import closing

import psycopg2
from psycopg2 import sql

# The PostgreSQL sequence of an ir.sequence is named after the id of the record, which
# differs between installations. It is therefore identified by the code of the record,
# or by its own name if the record has no code.
# Odoo declares rule_group_rel from both models, with RESTRICT and with CASCADE: the
# model that was extended last determines the constraint.
STRUCTURE = {
    "column": """
        SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable
          FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraint": """
        SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
           AND conname != 'rule_group_rel_group_id_fkey'""",
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "relation": """
        SELECT relkind::text || ' ' || coalesce('numbering ' || ir_sequence.code, relname)
          FROM pg_class
          LEFT JOIN ir_sequence
            ON relkind = 'S'
           AND relname ~ '^ir_sequence_[0-9]+$'
           AND substring(relname FROM '[0-9]+$')::int = ir_sequence.id
         WHERE relnamespace = 'public'::regnamespace""",
    "type": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')",
}
NAMED = {
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "external id": "SELECT module || '.' || name FROM ir_model_data",
    "parameter": "SELECT key || ' = ' || value FROM ir_config_parameter",
}
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
# Columns that only show that a row was rewritten, or recreated with the same values.
# Records with an external id are compared by it.
UNTOLD_COLUMNS = (
    "id",
    "create_date",
    "create_uid",
    "write_date",
    "write_uid",
    "arch_prev",
)
ROWS = """
    SELECT count(*), coalesce(md5(string_agg(row_text, '' ORDER BY row_text)), '')
      FROM (SELECT (to_jsonb({table}) - %s::text[])::text AS row_text FROM {table}) AS row_texts"""


class Snapshot:
    """Read one database of the test cluster, given by PGHOST, PGPORT and PGUSER."""

    def __init__(self, database):
        self.database = database

    def structure(self):
        """Return the names of all objects in STRUCTURE, prefixed with their kind."""
        return self._named(STRUCTURE)

    def names(self):
        """Return models, fields, external ids and parameters, prefixed likewise."""
        return self._named(NAMED)

    def row_counts(self, without=()):
        """Return (table, number of rows), except for the tables in ``without``."""
        return {
            (table, count) for table, (count, _digest) in self._rows(without).items()
        }

    def rows(self, without=()):
        """Return (table, number of rows, MD5 hash), except for those in ``without``."""
        return {(table, *told) for table, told in self._rows(without).items()}

    def execute(self, query):
        """Change the database itself."""
        with closing(self._connected()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            connection.commit()

    def _named(self, queries):
        with closing(self._connected()) as connection, connection.cursor() as cursor:
            found = set()
            for kind, query in queries.items():
                cursor.execute(query)
                found |= {f"{kind} {name}" for (name,) in cursor.fetchall()}
            return found

    def _rows(self, without):
        with closing(self._connected()) as connection, connection.cursor() as cursor:
            cursor.execute(TABLES)
            tables = {name for (name,) in cursor.fetchall()} - set(without)
            return {table: self._told(cursor, table) for table in tables}

    def _told(self, cursor, table):
        query = sql.SQL(ROWS).format(table=sql.Identifier(table))
        cursor.execute(query, [list(UNTOLD_COLUMNS)])
        return cursor.fetchone()

    def _connected(self):
        return psycopg2.connect(
            dbname=self.database,
            host=os.environ["PGHOST"],
            port=os.environ["PGPORT"],
            user=os.environ["PGUSER"],
        )
