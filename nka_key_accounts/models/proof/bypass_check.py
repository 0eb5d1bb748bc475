"""What lets rows past guards that are as they should be.

PostgreSQL itself is asked what stands beside the tables of ours and beside those that our
guards are on: none of it is the program's, so all of it is told.
"""

#: Tables of ours, and those of others that have guards of ours.
_OWN = "(starts_with(relname, 'nka_') OR relname = ANY(%(tables)s))"
#: What PostgreSQL or Odoo keeps for itself.
_SYSTEM = "(nspname = 'information_schema' OR starts_with(nspname, 'pg_'))"

_RULES = f"""
    SELECT rulename, relname FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
     WHERE {_OWN} AND relkind IN ('r', 'p') AND rulename != '_RETURN'
     ORDER BY relname, rulename"""
_HIDDEN_ROWS = f"""
    SELECT relname FROM pg_class
     WHERE {_OWN} AND relkind IN ('r', 'p') AND relrowsecurity ORDER BY relname"""
#: A table or view found before ours, or in place of it.
_TWINS = f"""
    SELECT relname, nspname FROM pg_class
      JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE {_OWN} AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relpersistence != 't'
       AND NOT (relkind = 'r' AND relnamespace = current_schema::regnamespace)
     ORDER BY relname, nspname"""
#: Rows of such a table are read with those of ours, and none of our guards is on it.
_HEIRS = f"""
    SELECT relname, inhrelid::regclass::text
      FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
     WHERE {_OWN} AND relkind IN ('r', 'p') ORDER BY relname"""
#: The program gives every value itself; ids alone come from their counters.
_DEFAULTS = """
    SELECT relname, attname
      FROM pg_attrdef
      JOIN pg_class ON pg_class.oid = adrelid
      JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
     WHERE starts_with(relname, 'nka_') AND attname != 'id' ORDER BY relname, attname"""
#: A function or operator that fits better is taken for PostgreSQL's own. What an
#: extension brings is PostgreSQL's, too.
_TAKEN_FOR_BUILT_IN = f"""
    SELECT proname, nspname
      FROM (SELECT oid, proname, pronamespace FROM pg_proc
             UNION ALL SELECT oid, oprname, oprnamespace FROM pg_operator) AS made
      JOIN pg_namespace ON pg_namespace.oid = pronamespace
     WHERE NOT {_SYSTEM}
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = made.oid AND deptype = 'e')
       AND (EXISTS (SELECT FROM pg_proc own WHERE own.proname = made.proname
                       AND own.pronamespace = 'pg_catalog'::regnamespace)
            OR EXISTS (SELECT FROM pg_operator own WHERE own.oprname = made.proname
                          AND own.oprnamespace = 'pg_catalog'::regnamespace))
     ORDER BY proname, nspname"""
#: A mode of a session in which PostgreSQL leaves out all triggers but those that always
#: fire, and a path on which it finds other tables and functions than ours.
_SETTINGS = """
    SELECT setting, COALESCE(datname, '*'), COALESCE(rolname, '*')
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
     ORDER BY setting"""
#: Counters of ids that stand before the last row: the next ones come in a wrong order.
_COUNTER = """
    SELECT COALESCE(pg_sequence_last_value(
               pg_get_serial_sequence('nka_audit_event', 'id')::regclass), 0),
           (SELECT COALESCE(MAX(id), 0) FROM nka_audit_event)"""


class BypassCheck:
    """Looks for what passes guards by.

    :param env: environment to read and to translate with
    :param tables: names of the tables that have guards
    """

    def __init__(self, env, tables):
        self.env = env
        self.params = {"tables": list(tables)}

    def count(self):
        """How many tables were looked at."""
        [(count,)] = self._rows(
            f"""SELECT COUNT(*) FROM pg_class
                 WHERE {_OWN} AND relkind = 'r'
                   AND relnamespace = current_schema::regnamespace"""
        )
        return count

    def findings(self):
        """All that isn't the program's, each in a sentence.

        :rtype: list[str]
        """
        return [
            *self._about_tables(),
            *self._about_rows(),
            *self._about_sessions(),
            *self._about_ids(),
        ]

    def _about_tables(self):
        for table, schema in self._rows(_TWINS):
            yield self.env._(
                "The table or view %(table)s in schema %(schema)s doesn't belong to "
                "the program and can be mistaken for the program's own table.",
                table=table,
                schema=schema,
            )
        for table, heir in self._rows(_HEIRS):
            yield self.env._(
                "Table %(heir)s inherits from %(table)s, so its rows are read as rows "
                "of that table, but no trigger protects it.",
                heir=heir,
                table=table,
            )
        for name, schema in self._rows(_TAKEN_FOR_BUILT_IN):
            yield self.env._(
                "The function or operator %(name)s in schema %(schema)s has the name "
                "of one of PostgreSQL's own, so triggers may call it instead.",
                name=name,
                schema=schema,
            )

    def _about_rows(self):
        for rule, table in self._rows(_RULES):
            yield self.env._(
                "The rewrite rule %(rule)s of table %(table)s doesn't belong to the "
                "program.",
                rule=rule,
                table=table,
            )
        for (table,) in self._rows(_HIDDEN_ROWS):
            yield self.env._(
                "A row-level security policy hides rows of table %s.", table
            )
        for table, column in self._rows(_DEFAULTS):
            yield self.env._(
                "Column %(column)s of table %(table)s has a default value that doesn't "
                "belong to the program.",
                column=column,
                table=table,
            )

    def _about_sessions(self):
        for setting, database, role in self._rows(_SETTINGS):
            yield self.env._(
                "Triggers don't fire in sessions of the login %(role)s in the database "
                "%(database)s, because of the setting %(setting)s.",
                role=role,
                database=database,
                setting=setting,
            )
        [(mode,)] = self._rows("SHOW session_replication_role")
        if mode != "origin":
            yield self.env._(
                "Triggers don't fire in this session: its replication mode is %s.", mode
            )

    def _about_ids(self):
        [(counted, last)] = self._rows(_COUNTER)
        if counted < last:
            yield self.env._(
                "The ID counter of the trail is at %(counted)s, but its last event is "
                "%(last)s. It was set back, so new events would come before older "
                "ones.",
                counted=counted,
                last=last,
            )

    def _rows(self, query):
        self.env.cr.execute(query, self.params)
        return self.env.cr.fetchall()
