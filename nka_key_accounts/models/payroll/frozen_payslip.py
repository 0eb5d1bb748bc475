"""Database triggers that freeze payslips of locked statements.

The ORM raises readable errors first (hr_payslip.py and its parts); for the rules see
:mod:`..trail.frozen_rows`. A payslip is frozen once it is confirmed and pays a locked
statement. For any other payslip, the triggers cost one lookup in a unique index.
"""

from ..trail.frozen_rows import frozen
from ..trail.guards import guards_of

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
    # Archiving removes a line from the payslip; the fields below come from the rule.
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

#: Without ``state``, because a frozen batch can still be closed.
RUN = ("name", "date_start", "date_end", "company_id", "credit_note", "struct_id")

#: Tables with parts of a payslip -> foreign key to it, and columns.
PARTS = {
    "hr_payslip_line": ("slip_id", LINE),
    "hr_payslip_input": ("payslip_id", INPUT),
    "hr_payslip_worked_days": ("payslip_id", WORKED_DAYS),
}

#: PL/pgSQL, because it caches the plan: called for every line of every payslip.
_IS_FROZEN = """
CREATE OR REPLACE FUNCTION nka_is_frozen_payslip(slip integer) RETURNS boolean AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM nka_pay_statement statement
          JOIN hr_payslip payslip ON payslip.id = statement.payslip_id
         WHERE statement.payslip_id = slip
           AND statement.state = 'locked' AND payslip.state = 'done');
END $$ LANGUAGE plpgsql STABLE;

CREATE OR REPLACE FUNCTION nka_is_frozen_run(run integer) RETURNS boolean AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM hr_payslip payslip
          JOIN nka_pay_statement statement ON statement.payslip_id = payslip.id
         WHERE payslip.payslip_run_id = run
           AND statement.state = 'locked' AND payslip.state = 'done');
END $$ LANGUAGE plpgsql STABLE;
"""

#: A closed batch of a locked month accepts no payslips, and a frozen payslip can only
#: be marked as paid.
_SLIP_RULE = """
    (COALESCE(changed && '{payslip_run_id}', before IS NULL)
     AND EXISTS (SELECT FROM hr_payslip_run run
                  WHERE run.id = (after->>'payslip_run_id')::integer
                    AND run.state = 'close')
     AND nka_is_frozen_run((after->>'payslip_run_id')::integer))
    OR (nka_is_frozen_payslip((before->>'id')::integer)
        AND (after IS NULL OR changed != '{paid}' OR (before->>'paid')::boolean))
"""

#: A frozen batch can only be closed.
_RUN_RULE = """
    (after IS NULL OR changed != '{state}' OR after->>'state' IS DISTINCT FROM 'close')
    AND nka_is_frozen_run((before->>'id')::integer)
"""

_LINK_RULE = """
    before->>'state' = 'locked'
    AND nka_is_frozen_payslip((before->>'payslip_id')::integer)
"""


def guards_of_payslips():
    """Return the triggers that refuse changes to payslips of locked statements."""
    every, name = "INSERT OR UPDATE OR DELETE", "nka_pay_statement_paid"
    links, run = "UPDATE OF payslip_id OR DELETE", "hr_payslip_run_nka"
    return [
        *guards_of(_IS_FROZEN),
        *frozen("hr_payslip", _SLIP_RULE, (*SLIP, "paid"), every, "hr_payslip_nka"),
        *(guard for table in PARTS for guard in _guards_of_part(table)),
        *frozen("hr_payslip_run", _RUN_RULE, (*RUN, "state"), name=run),
        *frozen("nka_pay_statement", _LINK_RULE, ["payslip_id"], links, name),
    ]


def _guards_of_part(table):
    key, columns = PARTS[table]
    rule = f"""nka_is_frozen_payslip((before->>'{key}')::integer)
               OR nka_is_frozen_payslip((after->>'{key}')::integer)"""
    every = "INSERT OR UPDATE OR DELETE"
    return frozen(table, rule, columns, every, f"{table}_nka")
