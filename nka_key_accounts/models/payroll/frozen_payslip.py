"""Payslips of locked statements, which PostgreSQL itself keeps as they are.

The ORM refuses first and says what to do instead (hr_payslip.py and its parts). A
payslip is frozen when it is confirmed and pays a locked statement; every other one
passes after one look into a unique index. Columns are named: technical ones and
those that a later version adds stay writable, and ``paid`` may become true.
"""

from odoo.tools import SQL

SLIP = (
    "struct_id",
    "name",
    "number",
    "employee_id",
    "date_from",
    "date_to",
    "state",
    "company_id",
    "contract_id",
    "credit_note",
    "payslip_run_id",
    "compute_date",
    "refunded_id",
    "note",
)

LINE = (
    "slip_id",
    "salary_rule_id",
    "employee_id",
    "contract_id",
    "category_id",
    "register_id",
    "name",
    "code",
    "sequence",
    "appears_on_payslip",
    "quantity",
    "rate",
    "amount",
    "total",
    # An archived line is off the payslip; the rest a line has from its rule.
    "active",
    "company_id",
    "parent_rule_id",
    "parent_line_id",
    "note",
    "condition_select",
    "condition_range",
    "condition_range_min",
    "condition_range_max",
    "condition_python",
    "amount_select",
    "amount_fix",
    "amount_percentage",
    "amount_percentage_base",
    "amount_python_compute",
)

INPUT = (
    "payslip_id",
    "contract_id",
    "name",
    "code",
    "sequence",
    "amount",
    "amount_qty",
)

WORKED_DAYS = (
    "payslip_id",
    "contract_id",
    "name",
    "code",
    "sequence",
    "number_of_days",
    "number_of_hours",
)

#: A batch may still be closed, and so its state isn't among them.
RUN = ("name", "date_start", "date_end", "company_id", "credit_note", "struct_id")

#: Table of parts of a payslip -> foreign key to it, columns.
PARTS = {
    "hr_payslip_line": ("slip_id", LINE),
    "hr_payslip_input": ("payslip_id", INPUT),
    "hr_payslip_worked_days": ("payslip_id", WORKED_DAYS),
}

_IS_FROZEN = """
CREATE OR REPLACE FUNCTION nka_is_frozen_payslip(slip integer) RETURNS boolean AS $$
    SELECT EXISTS (
        SELECT FROM nka_pay_statement statement
          JOIN hr_payslip payslip ON payslip.id = statement.payslip_id
         WHERE statement.payslip_id = slip
           AND statement.state = 'locked' AND payslip.state = 'done')
$$ LANGUAGE sql STABLE;

CREATE OR REPLACE FUNCTION nka_is_frozen_run(run integer) RETURNS boolean AS $$
    SELECT EXISTS (
        SELECT FROM hr_payslip payslip
          JOIN nka_pay_statement statement ON statement.payslip_id = payslip.id
         WHERE payslip.payslip_run_id = run
           AND statement.state = 'locked' AND payslip.state = 'done')
$$ LANGUAGE sql STABLE;

CREATE OR REPLACE FUNCTION nka_is_changed(before jsonb, after jsonb, columns text)
RETURNS boolean AS $$
    SELECT EXISTS (
        SELECT FROM unnest(string_to_array(columns, ',')) AS name
         WHERE before->name IS DISTINCT FROM after->name)
$$ LANGUAGE sql IMMUTABLE;
"""

_SLIP_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_frozen_payslip() RETURNS trigger AS $$
BEGIN
    IF TG_OP != 'DELETE' AND NEW.payslip_run_id IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.payslip_run_id IS DISTINCT FROM OLD.payslip_run_id)
       AND EXISTS (SELECT FROM hr_payslip_run run
                    WHERE run.id = NEW.payslip_run_id AND run.state = 'close')
       AND nka_is_frozen_run(NEW.payslip_run_id) THEN
        RAISE EXCEPTION 'batch % of a locked month is closed', NEW.payslip_run_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.paid OR NOT COALESCE(OLD.paid, FALSE))
           AND NOT nka_is_changed(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV[0]) THEN
            RETURN NEW;
        END IF;
    END IF;
    IF nka_is_frozen_payslip(OLD.id) THEN
        RAISE EXCEPTION 'payslip % pays a locked statement', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""

_PART_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_frozen_payslip_part() RETURNS trigger AS $$
DECLARE
    slip integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT nka_is_changed(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV[1]) THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP != 'INSERT' THEN
        slip := (to_jsonb(OLD)->>TG_ARGV[0])::integer;
        IF nka_is_frozen_payslip(slip) THEN
            RAISE EXCEPTION '% of payslip %, which pays a locked statement', TG_TABLE_NAME, slip
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    slip := (to_jsonb(NEW)->>TG_ARGV[0])::integer;
    IF nka_is_frozen_payslip(slip) THEN
        RAISE EXCEPTION '% of payslip %, which pays a locked statement', TG_TABLE_NAME, slip
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""

_RUN_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_frozen_payslip_run() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT nka_is_changed(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV[0])
           AND (NEW.state IS NOT DISTINCT FROM OLD.state OR NEW.state = 'close') THEN
            RETURN NEW;
        END IF;
    END IF;
    IF nka_is_frozen_run(OLD.id) THEN
        RAISE EXCEPTION 'batch % pays locked statements', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""

_LINK_FUNCTION = """
CREATE OR REPLACE FUNCTION nka_kept_payslip() RETURNS trigger AS $$
BEGIN
    IF OLD.payslip_id IS NOT NULL AND OLD.state = 'locked'
       AND (TG_OP = 'DELETE' OR NEW.payslip_id IS DISTINCT FROM OLD.payslip_id)
       AND nka_is_frozen_payslip(OLD.payslip_id) THEN
        RAISE EXCEPTION 'statement % is paid by payslip %', OLD.id, OLD.payslip_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""


def freeze_payslips(cr):
    """Let PostgreSQL refuse changes of payslips that pay locked statements."""
    for function in (
        _IS_FROZEN,
        _SLIP_FUNCTION,
        _PART_FUNCTION,
        _RUN_FUNCTION,
        _LINK_FUNCTION,
    ):
        cr.execute(function)
    every = "INSERT OR UPDATE OR DELETE"
    _create_trigger(cr, "hr_payslip", every, "nka_frozen_payslip", [SLIP])
    for table, (key, columns) in PARTS.items():
        _create_trigger(cr, table, every, "nka_frozen_payslip_part", [[key], columns])
    changes = "UPDATE OR DELETE"
    _create_trigger(cr, "hr_payslip_run", changes, "nka_frozen_payslip_run", [RUN])
    links = "UPDATE OF payslip_id OR DELETE"
    _create_trigger(cr, "nka_pay_statement", links, "nka_kept_payslip", [])


def _create_trigger(cr, table, operations, function, arguments):
    name = SQL.identifier(f"{table}_{function}")
    cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, SQL.identifier(table)))
    cr.execute(
        SQL(
            "CREATE TRIGGER %s BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION %s(%s)",
            name,
            SQL(operations),
            SQL.identifier(table),
            SQL.identifier(function),
            SQL(", ").join(SQL("%s", ",".join(columns)) for columns in arguments),
        )
    )
