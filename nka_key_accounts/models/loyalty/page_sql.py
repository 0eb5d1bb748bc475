"""SQL of the pages of managers: set-based, one query for any number of them."""

from odoo import fields
from odoo.tools import SQL

#: Smallest number of people whose median is shown: fewer would disclose one's pay.
FEWEST = 3
#: States of weekly reports that still have to be submitted.
UNSENT = ["draft", "returned"]


def paid_sql():
    """Return SQL for the locked statements of the last twelve closed months.

    Columns: employee, company, month, total and the target earnings agreed for it.
    """
    return SQL(
        """SELECT statement.employee_id, statement.company_id, statement.month,
                  statement.total_amount, agreement.target_earnings AS target
             FROM nka_pay_statement statement
             JOIN (SELECT company_id, MAX(month) AS month FROM nka_pay_statement
                    WHERE state = 'locked' GROUP BY company_id) last
               ON last.company_id = statement.company_id
        LEFT JOIN nka_pay_agreement agreement ON agreement.id = statement.agreement_id
            WHERE statement.state = 'locked'
              AND statement.month > last.month - INTERVAL '12 months'"""
    )


def rows_sql(env):
    """Return SQL for all pages; ids are those of the employees.

    Pages exist for employees who manage key accounts or whose agreement is in force or
    ended in the last twelve months, once their company has informed its staff.

    :rtype: SQL
    """
    today = fields.Date.context_today(env["nka.promise"])
    accounts = env["nka.key.account"]
    return SQL(
        """
        WITH person AS (
            SELECT employee.id, employee.user_id, employee.company_id
              FROM hr_employee employee
              JOIN res_company company ON company.id = employee.company_id
             WHERE employee.user_id IS NOT NULL AND company.nka_pages_kept
               AND company.nka_pages_informed_on <= %(today)s
               AND (EXISTS (SELECT FROM nka_pay_agreement agreement
                             WHERE agreement.employee_id = employee.id
                               AND agreement.state IN ('accepted', 'ended')
                               AND (agreement.date_to IS NULL OR agreement.date_to
                                    >= %(today)s::date - INTERVAL '12 months'))
                    OR EXISTS (SELECT FROM nka_key_account account
                                WHERE account.manager_id = employee.user_id
                                  AND account.company_id = employee.company_id
                                  AND account.state = 'key'))
        ), paid AS (
            SELECT paid.employee_id, paid.company_id, COUNT(*) AS months,
                   SUM(paid.total_amount) AS amount, AVG(paid.total_amount) AS average,
                   100.0 * SUM(paid.total_amount) FILTER (WHERE paid.target > 0)
                       / NULLIF(SUM(paid.target), 0) AS ratio
              FROM (%(paid)s) paid GROUP BY paid.employee_id, paid.company_id
        ), team AS (
            SELECT company_id, COUNT(*) AS size,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY average)::numeric AS median
              FROM paid GROUP BY company_id HAVING COUNT(*) >= %(fewest)s
        ), promised AS (
            SELECT employee_id,
                   COUNT(*) FILTER (WHERE state = 'open') AS open,
                   COUNT(*) FILTER (WHERE is_kept) AS kept,
                   COUNT(*) FILTER (WHERE is_kept AND answer = 'confirmed') AS confirmed,
                   COUNT(*) FILTER (WHERE is_kept AND date_closed > date_first) AS late,
                   COUNT(*) FILTER (WHERE is_disputed) AS disputed,
                   COUNT(*) FILTER (WHERE state = 'broken') AS broken,
                   COUNT(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
                   COUNT(*) FILTER (WHERE is_late) AS overdue
              FROM (SELECT employee_id, state, answer, date_closed, date_first,
                           is_disputed, state = 'kept' AND NOT is_disputed AS is_kept,
                           (state = 'open' OR is_disputed)
                               AND date_due < %(today)s AS is_late
                      FROM (SELECT promise.*, COALESCE(
                                   answer = 'disputed' AND state IN ('kept', 'withdrawn'),
                                   FALSE) AS is_disputed
                              FROM nka_promise promise) promise) told
             GROUP BY employee_id
        ), load AS (
            SELECT account.manager_id, account.company_id, COUNT(*) AS count,
                   SUM(%(revenue)s) AS revenue
              FROM nka_key_account account
             WHERE account.state = 'key' GROUP BY account.manager_id, account.company_id
        ), report AS (
            SELECT employee_id,
                   COUNT(*) FILTER (WHERE state = 'approved' AND date_to
                                    > %(today)s::date - INTERVAL '12 months') AS approved,
                   COUNT(*) FILTER (WHERE state = ANY(%(unsent)s)
                                    AND date_to < %(today)s) AS missing
              FROM nka_work_report GROUP BY employee_id
        ), held AS (
            SELECT user_id, company_id, SUM(revenue) AS revenue,
                   SUM(revenue_change) AS change
              FROM nka_dependency WHERE is_current GROUP BY user_id, company_id
        ), guided AS (
            SELECT mentor_id, company_id, COUNT(DISTINCT mentee_id) AS count
              FROM nka_mentorship
             WHERE date_from <= %(today)s AND (date_to IS NULL OR date_to >= %(today)s)
             GROUP BY mentor_id, company_id
        )
        SELECT person.id, person.id AS employee_id, person.user_id, person.company_id,
               agreed.target_earnings, COALESCE(paid.months, 0) AS paid_months,
               paid.amount AS paid_amount, paid.average AS paid_average,
               paid.ratio AS paid_ratio, team.median AS team_median,
               team.size AS team_size,
               100.0 * paid.average / NULLIF(team.median, 0) AS median_ratio,
               COALESCE(promised.open, 0) AS promise_open,
               COALESCE(promised.kept, 0) AS promise_kept,
               COALESCE(promised.confirmed, 0) AS promise_confirmed,
               COALESCE(promised.late, 0) AS promise_late,
               COALESCE(promised.disputed, 0) AS promise_disputed,
               COALESCE(promised.broken, 0) AS promise_broken,
               COALESCE(promised.withdrawn, 0) AS promise_withdrawn,
               COALESCE(promised.overdue, 0) AS promise_overdue,
               100.0 * promised.kept / NULLIF(
                   promised.kept + promised.broken + promised.overdue, 0) AS promise_rate,
               COALESCE(load.count, 0) AS account_count,
               COALESCE(load.revenue, 0) AS revenue,
               COALESCE(report.approved, 0) AS report_count,
               COALESCE(report.missing, 0) AS report_late_count,
               COALESCE(guided.count, 0) AS mentee_count,
               COALESCE(held.revenue, 0) AS dependency_revenue,
               COALESCE(held.change, 0) AS dependency_change
          FROM person
     LEFT JOIN LATERAL (
               SELECT agreement.target_earnings FROM nka_pay_agreement agreement
                WHERE agreement.employee_id = person.id AND agreement.state = 'accepted'
                  AND agreement.date_from <= %(today)s
                  AND (agreement.date_to IS NULL OR agreement.date_to >= %(today)s)
                ORDER BY agreement.date_from DESC LIMIT 1) agreed ON TRUE
     LEFT JOIN paid ON paid.employee_id = person.id
                   AND paid.company_id = person.company_id
     LEFT JOIN team ON team.company_id = person.company_id
                   AND paid.employee_id IS NOT NULL
     LEFT JOIN promised ON promised.employee_id = person.id
     LEFT JOIN load ON load.manager_id = person.user_id
                   AND load.company_id = person.company_id
     LEFT JOIN report ON report.employee_id = person.id
     LEFT JOIN held ON held.user_id = person.user_id
                   AND held.company_id = person.company_id
     LEFT JOIN guided ON guided.mentor_id = person.user_id
                     AND guided.company_id = person.company_id
        """,
        today=today,
        paid=paid_sql(),
        fewest=FEWEST,
        revenue=accounts._sql_trailing_revenue("account"),
        unsent=UNSENT,
    )
