"""Database triggers that make rows read-only.

The ORM refuses first, with a message that says what to do instead. The trigger enforces
the same rule for access that bypasses the ORM. One trigger function serves all tables;
a trigger passes it the protected columns and a rule that says which changes are
refused.

A rule is an SQL condition on ``before`` and ``after``, the row as JSON, and
``changed``, the names of the protected columns that change. On INSERT there is no
``before``, on DELETE no ``after``, and on both no ``changed``. As the columns are named
in text only, technical ones and those that a later version adds stay writable, and an
update of the addon or of Odoo may alter any column.

Models declare the results of these functions in ``_guards``, see :mod:`.guards`.
"""

from .guards import Guard, guards_of

[FROZEN] = guards_of("""
CREATE OR REPLACE FUNCTION nka_frozen() RETURNS trigger AS $$
DECLARE
    columns text[] := string_to_array(TG_ARGV[1], ',');
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    changed text[];
    is_refused boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND columns != '{}' THEN
        changed := ARRAY(SELECT name FROM unnest(columns) AS name
                          WHERE before->name IS DISTINCT FROM after->name);
        IF changed = '{}' THEN RETURN NEW; END IF;
    END IF;
    EXECUTE format('SELECT %s FROM (SELECT $1 AS before, $2 AS after, $3 AS changed) AS change',
                   TG_ARGV[0])
       INTO is_refused USING before, after, changed;
    IF is_refused THEN
        RAISE EXCEPTION '% % is frozen: % refused', TG_TABLE_NAME,
            COALESCE(before, after)->>'id',
            concat_ws(' of ', TG_OP, array_to_string(changed, ', '))
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$ LANGUAGE plpgsql;
""")


def frozen(table, rule, columns=(), operations="UPDATE OR DELETE", name=None):
    """Return a trigger that refuses changes of a table's rows.

    :param str table: table to protect
    :param str rule: SQL condition under which a change is refused, see the module
    :param columns: columns that an update must touch for the rule to be evaluated; the
        rule is evaluated for every update if empty
    :param str operations: operations that fire the trigger
    :param str name: name of the trigger, ``<table>_frozen`` by default
    :rtype: list[Function or Guard]
    """
    name = name or f"{table}_frozen"
    level = "STATEMENT" if operations == "TRUNCATE" else "ROW"
    arguments = ", ".join(map(_literal, (" ".join(rule.split()), ",".join(columns))))
    definition = (
        f"CREATE TRIGGER {name} BEFORE {operations} ON {table} FOR EACH {level} "
        f"EXECUTE FUNCTION {FROZEN.name}({arguments});"
    )
    return [FROZEN, Guard(name, table, definition)]


def _literal(text):
    return "'" + text.replace("'", "''") + "'"


def frozen_rows(table, states, columns, next_states=(), since=""):
    """Return a trigger that refuses changes of rows in one of ``states``.

    :param str table: table to protect
    :param list[str] states: values of ``state`` in which a row is read-only
    :param list[str] columns: the columns that can't be changed then
    :param list[str] next_states: states to which a read-only row can still move
    :param str since: a date column; the row is read-only only from that day on
    :rtype: list[Function or Guard]
    """
    rule = f"before->>'state' = ANY('{_array(states)}')"
    if since:
        rule += f" AND COALESCE((before->>'{since}')::date <= CURRENT_DATE, TRUE)"
    if "state" not in columns:
        allowed = _array([*states, *next_states])
        rule += f""" AND (changed IS DISTINCT FROM '{{state}}'
                          OR NOT after->>'state' = ANY('{allowed}'))"""
        columns = [*columns, "state"]
    return frozen(table, rule, columns)


def frozen_children(table, columns, parent_table, parent_column, states, since=""):
    """Return a trigger that refuses new, changed, deleted rows of a locked parent.

    :param str table: table of the child rows
    :param list[str] columns: the columns that can't be changed then
    :param str parent_table: table of the parent
    :param str parent_column: the foreign key to ``parent_table``
    :param list[str] states: values of the parent's ``state`` in which it is locked
    :param str since: a date column of the parent; locked only from that day on
    :rtype: list[Function or Guard]
    """
    rule = f"""EXISTS (
        SELECT FROM {parent_table} parent
         WHERE parent.id IN ((before->>'{parent_column}')::integer,
                             (after->>'{parent_column}')::integer)
           AND parent.state = ANY('{_array(states)}')"""
    if since:
        rule += f" AND parent.{since} <= CURRENT_DATE"
    return frozen(table, rule + ")", columns, "INSERT OR UPDATE OR DELETE")


def _array(names):
    return "{" + ",".join(names) + "}"
