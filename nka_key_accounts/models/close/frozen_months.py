"""Locked months, as PostgreSQL itself keeps them.

The ORM refuses first and says what to do instead; these triggers stand behind it for
whoever reaches the tables by another way. A month opens by its own state alone:
statements follow it, and a month that is paid never opens.
"""

_MONTH_SQL = """
CREATE OR REPLACE FUNCTION nka_locked_month() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'open' AND COALESCE(OLD.revision, 0) = 0 THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'month % of company % is kept', OLD.month, OLD.company_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state != 'locked' THEN
        IF (OLD.revision > 0 AND NEW.revision < OLD.revision)
           OR (OLD.revision > 0 AND (NEW.month != OLD.month
                                     OR NEW.company_id != OLD.company_id)) THEN
            RAISE EXCEPTION 'month % of company % was sealed', OLD.month, OLD.company_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.paid_date IS NOT NULL AND (NEW.state != 'locked'
        OR NEW.paid_date IS DISTINCT FROM OLD.paid_date) THEN
        RAISE EXCEPTION 'month % of company % is paid', OLD.month, OLD.company_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'locked' AND NEW.revision > OLD.revision
       AND ROW(NEW.month, NEW.company_id) = ROW(OLD.month, OLD.company_id) THEN
        RETURN NEW;
    END IF;
    IF ROW(NEW.month, NEW.company_id, NEW.revision)
        IS DISTINCT FROM ROW(OLD.month, OLD.company_id, OLD.revision)
       OR (NEW.state = 'locked'
           AND ROW(NEW.payslip_run_id, NEW.digest, NEW.calculated_by_id,
                   NEW.approved_by_id, NEW.locked_by_id)
               IS DISTINCT FROM
               ROW(OLD.payslip_run_id, OLD.digest, OLD.calculated_by_id,
                   OLD.approved_by_id, OLD.locked_by_id)) THEN
        RAISE EXCEPTION 'month % of company % is locked', OLD.month, OLD.company_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_month_close_locked ON nka_month_close;
CREATE TRIGGER nka_month_close_locked BEFORE UPDATE OR DELETE ON nka_month_close
    FOR EACH ROW EXECUTE FUNCTION nka_locked_month();

CREATE OR REPLACE FUNCTION nka_is_locked_month(company integer, day date)
RETURNS boolean AS $$
    SELECT EXISTS (SELECT FROM nka_month_close
                    WHERE company_id = company AND state = 'locked'
                      AND month = date_trunc('month', day)::date)
$$ LANGUAGE sql STABLE;
"""

_STATEMENT_SQL = """
CREATE OR REPLACE FUNCTION nka_locked_statement() RETURNS trigger AS $$
DECLARE
    columns text[] := string_to_array(TG_ARGV[0], ',');
    before jsonb := to_jsonb(OLD);
    after jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        after := to_jsonb(NEW);
        IF NOT EXISTS (SELECT FROM unnest(columns) AS name
                        WHERE before->name IS DISTINCT FROM after->name)
           AND (NEW.state = 'locked' OR (OLD.close_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM nka_month_close month
                 WHERE month.id = OLD.close_id AND month.state = 'locked'))) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'statement %% is locked with its month', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_pay_statement_locked ON nka_pay_statement;
CREATE TRIGGER nka_pay_statement_locked BEFORE UPDATE OR DELETE ON nka_pay_statement
    FOR EACH ROW WHEN (OLD.state = 'locked')
    EXECUTE FUNCTION nka_locked_statement(%s);
"""

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

_SEASON_SQL = """
CREATE OR REPLACE FUNCTION nka_locked_season() RETURNS trigger AS $$
BEGIN
    IF nka_is_locked_month(OLD.company_id, OLD.date_end) AND (TG_OP = 'DELETE'
        OR ROW(NEW.company_id, NEW.date_start, NEW.date_end)
           IS DISTINCT FROM ROW(OLD.company_id, OLD.date_start, OLD.date_end)) THEN
        RAISE EXCEPTION 'season % was paid with a locked month', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_season_locked ON nka_season;
CREATE TRIGGER nka_season_locked BEFORE UPDATE OR DELETE ON nka_season
    FOR EACH ROW EXECUTE FUNCTION nka_locked_season();

CREATE OR REPLACE FUNCTION nka_locked_goal() RETURNS trigger AS $$
BEGIN
    IF EXISTS (SELECT FROM nka_season season
                WHERE season.id = NEW.season_id
                  AND nka_is_locked_month(season.company_id, season.date_end)) THEN
        RAISE EXCEPTION 'season % was paid with a locked month', NEW.season_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_season_goal_locked ON nka_season_goal;
CREATE TRIGGER nka_season_goal_locked BEFORE INSERT ON nka_season_goal
    FOR EACH ROW EXECUTE FUNCTION nka_locked_goal();
"""

_REVISION_SQL = """
CREATE OR REPLACE FUNCTION nka_kept_revision() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'sealed revisions are kept: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_month_close_revision_kept ON nka_month_close_revision;
CREATE TRIGGER nka_month_close_revision_kept
    BEFORE UPDATE OR DELETE ON nka_month_close_revision
    FOR EACH ROW EXECUTE FUNCTION nka_kept_revision();
DROP TRIGGER IF EXISTS nka_month_close_revision_no_truncate ON nka_month_close_revision;
CREATE TRIGGER nka_month_close_revision_no_truncate
    BEFORE TRUNCATE ON nka_month_close_revision
    FOR EACH STATEMENT EXECUTE FUNCTION nka_kept_revision();
"""


def freeze_months(cr):
    """Months, and what hangs on them by date alone."""
    cr.execute(_MONTH_SQL)
    cr.execute(_LEDGER_SQL)
    cr.execute(_SEASON_SQL)


def freeze_statements(cr, columns):
    """Statements, from the lock of their month on.

    :param list[str] columns: what may not change then
    """
    cr.execute(_STATEMENT_SQL, [",".join(columns)])


def keep_revisions(cr):
    """Sealed revisions, for ever."""
    cr.execute(_REVISION_SQL)
