"""Rows that PostgreSQL itself keeps as they are.

The ORM refuses first and says what to do instead; a trigger stands behind it for whoever
reaches the tables by another way. One trigger function serves all tables: a trigger
names the columns it protects, and a rule that says which changes are refused.

A rule is an SQL condition on ``before`` and ``after``, the row as JSON, and ``changed``,
the names of the protected columns that change. On INSERT there is no ``before``, on
DELETE no ``after``, and on both no ``changed``. As the columns are named in text only,
technical ones and those that a later version adds stay writable, and an update of the
addon or of Odoo may alter any column.

What is returned here is declared in ``_guards`` of a model, see :mod:`.guards`.
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
    """Let PostgreSQL refuse changes of a table's rows.

    :param str rule: SQL condition under which a change is refused, see above
    :param columns: an update of other ones passes; without any, no update passes unasked
    :param str operations: when it is asked
    :param str name: of the trigger
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
    """Let PostgreSQL refuse changes of rows in one of ``states``.

    :param list[str] states: values of ``state`` in which a row is frozen
    :param list[str] columns: the columns that may not change then
    :param list[str] next_states: states a frozen row may still move to
    :param str since: a date column; the row freezes from that day on only
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
    """Let PostgreSQL refuse new, changed and deleted rows below a frozen parent.

    :param list[str] columns: the columns that may not change then
    :param str parent_column: the foreign key to ``parent_table``
    :param list[str] states: values of the parent's ``state``
    :param str since: a date column of the parent; frozen from that day on only
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
