"""Database triggers that freeze locked months: see :mod:`..trail.frozen_rows`.

A month is reopened by its own state alone: its statements follow. A paid month can't be
reopened.
"""

from ..trail.frozen_rows import frozen
from ..trail.guards import guards_of

#: Columns of a locked month that can't change. Month and company can't change after the
#: first lock, even while the month is reopened.
MONTH = (
    "state",
    "month",
    "company_id",
    "revision",
    "paid_date",
    "payslip_run_id",
    "digest",
    "calculated_by_id",
    "approved_by_id",
    "locked_by_id",
)
_MONTH_RULE = """
    CASE
    WHEN after IS NULL THEN
        before->>'state' != 'open' OR COALESCE((before->>'revision')::integer, 0) != 0
    WHEN before->>'state' != 'locked' THEN
        (before->>'revision')::integer > 0
        AND ((after->>'revision')::integer < (before->>'revision')::integer
             OR changed && '{month,company_id}')
    WHEN before->>'paid_date' IS NOT NULL
         AND (after->>'state' != 'locked' OR changed && '{paid_date}') THEN TRUE
    WHEN after->>'state' = 'locked'
         AND (after->>'revision')::integer > (before->>'revision')::integer THEN
        changed && '{month,company_id}'
    ELSE
        changed && '{month,company_id,revision}'
        OR (after->>'state' = 'locked' AND NOT changed <@ '{state,paid_date}')
    END
"""

_STATEMENT_RULE = """
    before->>'state' = 'locked'
    AND (after IS NULL OR changed != '{state}' OR before->>'close_id' IS NULL
         OR EXISTS (SELECT FROM nka_month_close month
                     WHERE month.id = (before->>'close_id')::integer
                       AND month.state = 'locked'))
"""

_IS_LOCKED_SQL = """
CREATE OR REPLACE FUNCTION nka_is_locked_month(company integer, day date)
RETURNS boolean AS $$
    SELECT EXISTS (SELECT FROM nka_month_close
                    WHERE company_id = company AND state = 'locked'
                      AND month = date_trunc('month', day)::date)
$$ LANGUAGE sql STABLE;
"""

_SEASON_RULE = """
    nka_is_locked_month((before->>'company_id')::integer, (before->>'date_end')::date)
"""

_GOAL_RULE = """
    EXISTS (SELECT FROM nka_season season
             WHERE season.id = (after->>'season_id')::integer
               AND nka_is_locked_month(season.company_id, season.date_end))
"""

#: Runs once per INSERT for all lines added: there may be a hundred thousand.
_LEDGER_SQL = """
CREATE OR REPLACE FUNCTION nka_locked_ledger() RETURNS trigger AS $$
DECLARE
    closed date;
BEGIN
    SELECT month.month INTO closed
      FROM nka_month_close month
      JOIN (SELECT company_id, MIN(date) AS first_day FROM added GROUP BY 1) AS due
        ON due.company_id = month.company_id
       AND month.month >= date_trunc('month', due.first_day)
     WHERE month.state = 'locked'
       AND EXISTS (SELECT FROM added
                    WHERE added.company_id = month.company_id
                      AND added.date >= month.month
                      AND added.date < month.month + interval '1 month')
     LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'credits of % are locked', closed
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_bonus_line_locked ON nka_bonus_line;
CREATE TRIGGER nka_bonus_line_locked AFTER INSERT ON nka_bonus_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION nka_locked_ledger();
"""


def guards_of_months():
    """Return the triggers of months and of records that belong to them by date."""
    days = ("company_id", "date_start", "date_end")
    season, goal = "nka_season_locked", "nka_season_goal_locked"
    return [
        *frozen("nka_month_close", _MONTH_RULE, MONTH, name="nka_month_close_locked"),
        *guards_of(_LEDGER_SQL),
        *guards_of(_IS_LOCKED_SQL),
        *frozen("nka_season", _SEASON_RULE, days, name=season),
        *frozen("nka_season_goal", _GOAL_RULE, operations="INSERT", name=goal),
    ]


def guards_of_statements(columns):
    """Return the triggers that freeze statements once their month is locked.

    :param list[str] columns: columns that can't change then
    """
    columns, name = [*columns, "state"], "nka_pay_statement_locked"
    return frozen("nka_pay_statement", _STATEMENT_RULE, columns, name=name)


def guards_of_revisions():
    """Return the triggers that make locked revisions permanent."""
    table = "nka_month_close_revision"
    return [
        *frozen(table, "TRUE", name=f"{table}_kept"),
        *frozen(table, "TRUE", operations="TRUNCATE", name=f"{table}_no_truncate"),
    ]
