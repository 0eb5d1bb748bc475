"""Database objects and settings that could bypass the addon's triggers.

The search covers the PostgreSQL catalogs and the tables of this addon or with triggers
of this addon. The addon creates no such object, so every one is reported. Its only views
show what a function of the same name with ``_rows`` returns, and nothing else.
"""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: Condition for the addon's tables, and for other tables with triggers of the addon.
_OWN = "(starts_with(relname, 'nka_') OR relname = ANY(%(tables)s))"
#: Condition for schemas that belong to PostgreSQL.
_SYSTEM = "(nspname = 'information_schema' OR starts_with(nspname, 'pg_'))"
#: Condition for views of the addon: all columns of a declared function, unchanged. The
#: function itself is compared with the program.
_SHOWN = r"""(relkind = 'v' AND relnamespace = current_schema::regnamespace AND EXISTS (
    SELECT FROM pg_proc
     CROSS JOIN LATERAL (
       SELECT string_agg(quote_ident(argument), ',' ORDER BY place) AS columns
         FROM unnest(proargnames, proargmodes) WITH ORDINALITY AS one (
                  argument, mode, place)
        WHERE mode = 't') made
     WHERE proname = relname || '_rows' AND proname = ANY(%(functions)s)
       AND pronamespace = relnamespace
       AND regexp_replace(
               replace(pg_get_viewdef(pg_class.oid), proname || '.', ''), '\s', '', 'g')
           = format('SELECT%%sFROM%%s()%%s(%%s);', columns, proname, proname, columns)))"""

#: What is searched for: a message per row, and the query that returns its values.
_SEARCHES = (
    # A table or view that is found before the addon's table, or that replaces it.
    (
        _lt(
            "The table or view %(table)s in schema %(schema)s doesn't belong to the "
            "program and can be mistaken for the program's own table."
        ),
        f"""SELECT relname AS table, nspname AS schema FROM pg_class
              JOIN pg_namespace ON pg_namespace.oid = relnamespace
             WHERE {_OWN} AND relkind IN ('r', 'p', 'v', 'm', 'f')
               AND relpersistence != 't'
               AND NOT (relkind = 'r' AND relnamespace = current_schema::regnamespace)
               AND NOT {_SHOWN}
             ORDER BY relname, nspname""",
    ),
    # Queries return rows of inheriting tables too, but those have no triggers.
    (
        _lt(
            "Table %(heir)s inherits from %(table)s, so its rows are read as rows of "
            "that table, but no trigger protects it."
        ),
        f"""SELECT relname AS table, inhrelid::regclass::text AS heir
              FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
             WHERE {_OWN} AND relkind IN ('r', 'p') ORDER BY relname""",
    ),
    # A function or operator with a better matching signature is called instead of
    # PostgreSQL's own. Those of extensions are allowed.
    (
        _lt(
            "The function or operator %(name)s in schema %(schema)s has the name of "
            "one of PostgreSQL's own, so triggers may call it instead."
        ),
        f"""SELECT proname AS name, nspname AS schema
              FROM (SELECT oid, proname, pronamespace FROM pg_proc
                     UNION ALL SELECT oid, oprname, oprnamespace FROM pg_operator) made
              JOIN pg_namespace ON pg_namespace.oid = pronamespace
             WHERE NOT {_SYSTEM}
               AND NOT EXISTS (SELECT FROM pg_depend
                                WHERE objid = made.oid AND deptype = 'e')
               AND (EXISTS (SELECT FROM pg_proc own WHERE own.proname = made.proname
                               AND own.pronamespace = 'pg_catalog'::regnamespace)
                    OR EXISTS (SELECT FROM pg_operator own
                                WHERE own.oprname = made.proname
                                  AND own.oprnamespace = 'pg_catalog'::regnamespace))
             ORDER BY proname, nspname""",
    ),
    (
        _lt(
            "The rewrite rule %(rule)s of table %(table)s doesn't belong to the program."
        ),
        f"""SELECT rulename AS rule, relname AS table
              FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
             WHERE {_OWN} AND relkind IN ('r', 'p') AND rulename != '_RETURN'
             ORDER BY relname, rulename""",
    ),
    (
        _lt("A row-level security policy hides rows of table %(table)s."),
        f"""SELECT relname AS table FROM pg_class
             WHERE {_OWN} AND relkind IN ('r', 'p') AND relrowsecurity
             ORDER BY relname""",
    ),
    # The addon sets all values explicitly; only ids have a default, their sequence.
    (
        _lt(
            "Column %(column)s of table %(table)s has a default value that doesn't belong "
            "to the program."
        ),
        """SELECT relname AS table, attname AS column
             FROM pg_attrdef
             JOIN pg_class ON pg_class.oid = adrelid
             JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
            WHERE starts_with(relname, 'nka_') AND attname != 'id'
            ORDER BY relname, attname""",
    ),
    # Session settings with which PostgreSQL skips all triggers except ALWAYS triggers,
    # or with a search path that leads to other tables and functions.
    (
        _lt(
            "Triggers don't fire in sessions of the login %(role)s in the database "
            "%(database)s, because of the setting %(setting)s."
        ),
        """SELECT setting, COALESCE(datname, '*') AS database,
                  COALESCE(rolname, '*') AS role
             FROM pg_db_role_setting
             CROSS JOIN unnest(setconfig) AS setting
             LEFT JOIN pg_database ON pg_database.oid = setdatabase
             LEFT JOIN pg_roles ON pg_roles.oid = setrole
            WHERE (setdatabase = 0 OR datname = current_database())
              AND (setting ILIKE 'session_replication_role=%%'
                   AND setting NOT ILIKE '%%=origin'
                   OR setting ILIKE 'search_path=%%'
                   AND regexp_replace(setting, '^[^=]*=|[" ]', '', 'g')
                       NOT IN ('$user,public', 'public', ''))
            ORDER BY setting""",
    ),
    (
        _lt("Triggers don't fire in this session: its replication mode is %(mode)s."),
        """SELECT mode FROM current_setting('session_replication_role') AS mode
            WHERE mode != 'origin'""",
    ),
    # A sequence behind the last row would give new events lower ids.
    (
        _lt(
            "The ID counter of the audit trail is at %(counted)s, but its last event "
            "is %(last)s. It was set back, so new events would come before older ones."
        ),
        """SELECT counted, last
             FROM (SELECT COALESCE(MAX(id), 0) AS last FROM nka_audit_event) AS event,
                  COALESCE(pg_sequence_last_value(pg_get_serial_sequence(
                      'nka_audit_event', 'id')::regclass), 0) AS counted
            WHERE counted < last""",
    ),
)


class BypassCheck:
    """Search for ways to bypass the triggers of the database.

    :param env: environment used for queries and translations
    :param tables: names of the tables that have triggers
    :param functions: names of the functions that are compared with the program
    """

    def __init__(self, env, tables, functions):
        self.env = env
        self.params = {"tables": list(tables), "functions": list(functions)}

    def count(self):
        """Return the number of tables checked."""
        [row] = self._rows(
            f"""SELECT COUNT(*) FROM pg_class
                 WHERE {_OWN} AND relkind = 'r'
                   AND relnamespace = current_schema::regnamespace"""
        )
        return row["count"]

    def findings(self):
        """Return a message for each object or setting that doesn't belong to the addon.

        :rtype: list[str]
        """
        queries = [
            f"(SELECT {place} AS place, to_jsonb(found) AS found FROM ({query}) found)"
            for place, (_sentence, query) in enumerate(_SEARCHES)
        ]
        found = []
        for row in self._rows(" UNION ALL ".join(queries)):
            sentence, _query = _SEARCHES[row["place"]]
            words = self.env._(sentence)  # pylint: disable=translation-contains-variable
            found.append(words % row["found"])
        return found

    def _rows(self, query):
        self.env.cr.execute(query, self.params)
        return self.env.cr.dictfetchall()
