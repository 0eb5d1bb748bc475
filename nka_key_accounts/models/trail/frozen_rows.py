"""Rows that PostgreSQL itself keeps as they are.

The ORM refuses first and says what to do instead; these triggers stand behind it
for whoever reaches the tables by another way. They name the columns they protect:
technical columns and those a later version adds stay writable.
"""

from odoo.tools import SQL

_ROW_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_frozen_row() RETURNS trigger AS $$
DECLARE
    frozen_states text[] := string_to_array(TG_ARGV[0], ',');
    columns text[] := string_to_array(TG_ARGV[1], ',');
    next_states text[] := string_to_array(TG_ARGV[2], ',');
    since text := TG_ARGV[3];
    before jsonb := to_jsonb(OLD);
    after jsonb;
    changed text;
BEGIN
    IF NOT before->>'state' = ANY(frozen_states)
       OR (since != '' AND (before->>since)::date > CURRENT_DATE) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        after := to_jsonb(NEW);
        SELECT name INTO changed FROM unnest(columns) AS name
         WHERE before->name IS DISTINCT FROM after->name LIMIT 1;
        IF changed IS NULL AND after->>'state' = ANY(frozen_states || next_states) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % % is frozen since it is %',
        COALESCE(changed, 'the row'), TG_TABLE_NAME, before->>'id', before->>'state'
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;
"""

_CHILD_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_frozen_child() RETURNS trigger AS $$
DECLARE
    frozen_states text[] := string_to_array(TG_ARGV[2], ',');
    columns text[] := string_to_array(TG_ARGV[4], ',');
    parents integer[];
    found_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NOT EXISTS (
        SELECT FROM unnest(columns) AS name
         WHERE to_jsonb(OLD)->name IS DISTINCT FROM to_jsonb(NEW)->name
    ) THEN
        RETURN NEW;
    END IF;
    IF TG_OP != 'INSERT' THEN
        parents := parents || (to_jsonb(OLD)->>TG_ARGV[1])::integer;
    END IF;
    IF TG_OP != 'DELETE' THEN
        parents := parents || (to_jsonb(NEW)->>TG_ARGV[1])::integer;
    END IF;
    EXECUTE format(
        'SELECT state FROM %I WHERE id = ANY($1) AND state = ANY($2) AND %s LIMIT 1',
        TG_ARGV[0],
        CASE TG_ARGV[3] WHEN '' THEN 'TRUE'
             ELSE format('%I <= CURRENT_DATE', TG_ARGV[3]) END
    ) INTO found_state USING parents, frozen_states;
    IF found_state IS NOT NULL THEN
        RAISE EXCEPTION '% belongs to a % that is %',
            TG_TABLE_NAME, TG_ARGV[0], found_state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""


def freeze_rows(cr, table, states, columns, next_states=(), since=""):
    """Let PostgreSQL refuse changes of rows in one of ``states``.

    :param list[str] states: values of ``state`` in which a row is frozen
    :param list[str] columns: the columns that may not change then
    :param list[str] next_states: states a frozen row may still move to
    :param str since: a date column; the row freezes from that day on only
    """
    cr.execute(_ROW_FUNCTION)
    arguments = [",".join(states), ",".join(columns), ",".join(next_states), since]
    _create_trigger(cr, table, "UPDATE OR DELETE", "nka_frozen_row", arguments)


def freeze_children(cr, table, columns, parent_table, parent_column, states, since=""):
    """Let PostgreSQL refuse new, changed and deleted rows below a frozen parent.

    :param list[str] columns: the columns that may not change then
    :param str parent_column: the foreign key to ``parent_table``
    :param list[str] states: values of the parent's ``state``
    :param str since: a date column of the parent; frozen from that day on only
    """
    cr.execute(_CHILD_FUNCTION)
    arguments = [
        parent_table,
        parent_column,
        ",".join(states),
        since,
        ",".join(columns),
    ]
    operations = "INSERT OR UPDATE OR DELETE"
    _create_trigger(cr, table, operations, "nka_frozen_child", arguments)


def _create_trigger(cr, table, operations, function, arguments):
    name = SQL.identifier(f"{table}_frozen")
    cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, SQL.identifier(table)))
    cr.execute(
        SQL(
            "CREATE TRIGGER %s BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION %s(%s)",
            name,
            SQL(operations),
            SQL.identifier(table),
            SQL.identifier(function),
            SQL(", ").join(SQL("%s", argument) for argument in arguments),
        )
    )
