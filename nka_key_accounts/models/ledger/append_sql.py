"""Last step of a build: append what is due, less what the ledger has.

Running it again writes nothing, and running it in parts writes the same as one run.

The FULL joins, whose unmatched rows a condition removes, are for the planner: behind
MATERIALIZED it expects one row, and for other joins it would choose nested loops, which
run for minutes for a month of 30,000 credits. Temporary tables with ANALYZE between the
steps were tried instead: they are no faster over two years, and previews of a bonus
read the same steps all day, also from a replica, where no table can be created
(benchmarks/README.md has the figures).
"""

from odoo.tools import SQL

from .candidates_sql import only_wanted


def append_sql(build, basis):
    """Return the query that appends the difference between ``due`` and the ledger.

    Closed months are unchanged: what they lack or have too much goes to the first open
    day. The lines of an open month are adjusted to what is due in it.
    """
    return SQL("%s %s", _steps(build, basis), _insert_sql(build, basis))


def pending_sql(build, basis):
    """Return the query for what :func:`append_sql` would append, without writing it.

    One row per person, document, month in which it counts and month of origin.
    """
    return SQL(
        """%s SELECT user_id, move_ref, date_trunc('month', date)::date,
                     date_trunc('month', origin_date)::date, SUM(amount)::text
                FROM (%s) AS pending GROUP BY 1, 2, 3, 4""",
        _steps(build, basis),
        _rows_sql(build, basis),
    )


def _steps(build, basis):
    return SQL(", ").join(
        [
            _known_ctes(build, basis),
            _goal_cte(build),
            _step_ctes(build),
            _given_ctes(),
            _undone_cte(),
        ]
    )


def _known_ctes(build, basis):
    """Return the CTEs ``kept`` (the ledger's lines of the invoices) and ``known``
    (their totals by source and person, and the part in closed months).
    """
    return SQL(
        """kept AS MATERIALIZED (
            SELECT line.id, line.source_ref, line.user_id, line.date, line.amount,
                   line.revision, line.key_account_id, line.event_date, line.kind,
                   line.move_ref, line.source_name, line.untaxed, line.part_untaxed,
                   line.total, line.percent, line.origin_date
              FROM nka_bonus_line line
              %s
             WHERE line.company_id = %s AND line.basis = %s
        ), known AS MATERIALIZED (
            SELECT source_ref, user_id, MIN(id) AS first_id,
                   MIN(date) AS first_date, MAX(revision) AS revision,
                   COALESCE(SUM(amount) FILTER (WHERE date < %s), 0) AS closed
              FROM kept GROUP BY source_ref, user_id
        )""",
        only_wanted(build, "line.move_ref"),
        build.company.id,
        basis,
        build.first_open,
    )


def _goal_cte(build):
    """Return the CTE ``goal``: amounts due and written, by source and person.

    What was written and is no longer due has a goal without an amount.
    """
    return SQL(
        """goal AS MATERIALIZED (
            SELECT source_ref, user_id, due.event_date, due.amount, due.account_id,
                   due.kind, due.move_ref, due.source_name, due.untaxed,
                   due.part_untaxed, due.total, due.money, due.money_to_date, due.percent, due.origin_ref,
                   due.source_ref IS NOT NULL AS is_due,
                   known.first_id, known.revision, known.closed
              FROM due FULL JOIN known USING (source_ref, user_id)
             WHERE known.first_id IS NOT NULL OR due.event_date <= %s
        )""",
        build.date_to,
    )


def _step_ctes(build):
    """Return the CTEs up to ``step``: ``goal`` for each day, with the change from
    what is written on that day to what is due. A goal never written before is a
    change as a whole.
    """
    return SQL(
        """change AS MATERIALIZED (
            SELECT source_ref, user_id, date, SUM(amount) AS amount,
                   ROW_NUMBER() OVER (PARTITION BY source_ref, user_id ORDER BY date)
                       AS number
              FROM (SELECT source_ref, user_id, GREATEST(event_date, %(first_open)s),
                           COALESCE(amount, 0) - closed
                      FROM goal WHERE first_id IS NOT NULL
                     UNION ALL
                    SELECT source_ref, user_id, date, -amount
                      FROM kept WHERE date >= %(first_open)s
                   ) AS moved(source_ref, user_id, date, amount)
             GROUP BY source_ref, user_id, date
            HAVING SUM(amount) != 0
        ), step AS (
            SELECT goal.*, GREATEST(event_date, %(first_open)s) AS date,
                   amount AS change, 1 AS number
              FROM goal WHERE first_id IS NULL AND amount != 0
             UNION ALL
            SELECT goal.*, change.date, change.amount, change.number
              FROM change
              FULL JOIN goal ON goal.source_ref = change.source_ref
               AND goal.user_id = change.user_id
             WHERE COALESCE(change.amount, 0) != 0
        )""",
        first_open=build.first_open,
    )


def _given_ctes():
    """Return the CTEs up to ``given``: for each reversal, when its source was credited.

    Returns the day in the ledger and the day in accounting.
    """
    return SQL("""
        taking AS MATERIALIZED (
            SELECT source_ref, user_id, origin_ref FROM goal WHERE origin_ref IS NOT NULL
        ), origin AS MATERIALIZED (
            SELECT source_ref, user_id, event_date FROM due
             WHERE source_ref IN (SELECT origin_ref FROM taking)
        ), given AS MATERIALIZED (
            SELECT taking.source_ref, taking.user_id, known.first_date, origin.event_date
              FROM taking
              FULL JOIN origin ON origin.source_ref = taking.origin_ref
               AND origin.user_id = taking.user_id
              FULL JOIN known ON known.source_ref = taking.origin_ref
               AND known.user_id = taking.user_id
             WHERE taking.source_ref IS NOT NULL
        )""")


def _undone_cte():
    """Return the CTE ``undone``: a person's former credits for an invoice on a day.

    Reconciling a payment with its invoice again creates a new reconciliation in
    accounting. It still is the old credit and counts when that one did.
    """
    return SQL("""
        undone AS MATERIALIZED (
            SELECT gone.move_ref, gone.user_id, gone.event_date,
                   MIN(gone.id) AS id, MIN(gone.origin_date) AS origin_date
              FROM goal FULL JOIN kept gone ON gone.id = goal.first_id
             WHERE NOT goal.is_due
             GROUP BY gone.move_ref, gone.user_id, gone.event_date
        )""")


def _insert_sql(build, basis):
    """Return the INSERT of the steps, with the values they were calculated from."""
    return SQL(
        """INSERT INTO nka_bonus_line (
            company_id, basis, user_id, source_ref, date, amount, key_account_id,
            event_date, kind, move_ref, source_name, untaxed, part_untaxed, total, money,
            money_to_date, percent, revision, corrects_id, origin_date, reason) %s""",
        _rows_sql(build, basis),
    )


def _rows_sql(build, basis):
    """Return the query for the rows to append.

    The adjusted line is joined from ``kept``: for a ledger that was empty, the planner
    would scan the whole index for each step, including dead rows of a failed build.
    """
    return SQL(
        """SELECT %(company)s, %(basis)s, step.user_id, step.source_ref, step.date,
               step.change AS amount,
               COALESCE(step.account_id, first.key_account_id),
               COALESCE(step.event_date, first.event_date),
               COALESCE(step.kind, first.kind),
               COALESCE(step.move_ref, first.move_ref) AS move_ref,
               COALESCE(step.source_name, first.source_name),
               COALESCE(step.untaxed, first.untaxed),
               CASE WHEN step.is_due THEN step.part_untaxed ELSE first.part_untaxed END,
               COALESCE(step.total, first.total),
               COALESCE(step.money, 0), COALESCE(step.money_to_date, 0),
               COALESCE(step.percent, first.percent),
               COALESCE(step.revision, -1) + step.number,
               COALESCE(first.id, undone.id),
               %(origin_date)s AS origin_date,
               %(reason)s
          FROM step
          FULL JOIN given ON given.source_ref = step.source_ref
           AND given.user_id = step.user_id
          FULL JOIN kept first ON first.id = step.first_id
          FULL JOIN undone ON undone.move_ref = step.move_ref
           AND undone.user_id = step.user_id AND undone.event_date = step.event_date
         WHERE COALESCE(step.change, 0) != 0
         ORDER BY step.date, step.source_ref""",
        company=build.company.id,
        basis=basis,
        origin_date=_origin_date(build),
        reason=_reason(build),
    )


def _origin_date(build):
    """Return the credit date of what a line reverses or restores."""
    return SQL(
        """CASE WHEN first.id IS NOT NULL THEN first.origin_date
                WHEN undone.id IS NOT NULL THEN LEAST(undone.origin_date, step.date)
                WHEN given.first_date IS NOT NULL
                THEN LEAST(given.first_date, step.date)
                WHEN given.event_date IS NOT NULL
                THEN LEAST(GREATEST(given.event_date, %s), step.date)
                ELSE step.date END""",
        build.first_open,
    )


def _reason(build):
    return SQL(
        """CASE WHEN NOT step.is_due THEN 'undone'
                WHEN first.id IS NULL AND step.event_date < %s THEN 'late'
                WHEN first.id IS NULL THEN 'event'
                WHEN step.event_date != first.event_date THEN 'moved'
                ELSE 'changed' END""",
        build.first_open,
    )
