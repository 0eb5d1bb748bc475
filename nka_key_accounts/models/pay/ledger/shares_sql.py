"""Who gets which part: what is sent along, and how an event is divided."""

from odoo.tools import SQL


def _array(rows, name, kind):
    return SQL("%s::%s[]", [getattr(row, name) for row in rows], SQL(kind))


def parts_cte(parts):
    """``part``: who gets which percent of an account's orders; few rows, sent along.

    :param list parts: pairs of account id and ownership.Part
    """
    rows = [part for _account_id, part in parts]
    return SQL(
        """part AS MATERIALIZED (
            SELECT * FROM unnest(%s::int[], %s) AS t(account_id, order_from, order_to,
                event_from, event_to, user_id, percent, position, parts))""",
        [account_id for account_id, _part in parts],
        SQL(", ").join(
            _array(rows, name, kind)
            for name, kind in (
                ("order_from", "date"),
                ("order_to", "date"),
                ("event_from", "date"),
                ("event_to", "date"),
                ("user_id", "int"),
                ("percent", "numeric"),
                ("position", "int"),
                ("count", "int"),
            )
        ),
    )


def terms_cte(name, terms):
    """``basis`` or ``span``: terms.CreditTerms as rows."""
    return SQL(
        """%s AS MATERIALIZED (
            SELECT * FROM unnest(%s) AS t(user_id, basis, date_from, date_to))""",
        SQL(name),
        SQL(", ").join(
            _array(terms, column, kind)
            for column, kind in (
                ("user_id", "int"),
                ("basis", "varchar"),
                ("date_from", "date"),
                ("date_to", "date"),
            )
        ),
    )


def shares_cte(build):
    """``due``: ``event`` divided among its beneficiaries, as it should be credited.

    Each part is cut from all credited so far less what was credited before, so that
    many pieces give everybody what one piece would have given; the last share is the
    remainder and none takes more than is left.
    """
    digits = build.digits
    return SQL(
        """owned AS (
            SELECT event.*, part.user_id, part.percent, part.position, part.parts,
                   part.event_from
              FROM event
              JOIN part ON part.account_id = event.account_id
               AND event.order_date BETWEEN part.order_from AND part.order_to
               AND event.owner_date BETWEEN part.event_from AND part.event_to
        ), shared AS (
            SELECT owned.*,
                   FIRST_VALUE(before) OVER (
                       PARTITION BY chain_id, user_id, event_from
                       ORDER BY position_date, source_ref) AS base
              FROM owned WHERE parts > 1
        ), stepped AS (
            SELECT shared.*,
                   SUM(ROUND(ABS(to_date - base) * percent / 100, %(digits)s)) OVER step
                       AS now_sum,
                   SUM(ROUND(ABS(before - base) * percent / 100, %(digits)s)) OVER step
                       AS before_sum
              FROM shared
            WINDOW step AS (PARTITION BY source_ref ORDER BY position)
        ), cut AS (
            SELECT stepped.*,
                   CASE WHEN position = parts - 1 THEN ABS(to_date - base)
                        ELSE LEAST(now_sum, ABS(to_date - base)) END AS now_cut,
                   CASE WHEN position = parts - 1 THEN ABS(before - base)
                        ELSE LEAST(before_sum, ABS(before - base)) END AS before_cut
              FROM stepped
        ), divided AS (
            SELECT source_ref, user_id, account_id, event_date, basis_date, move_ref,
                   source_name, kind, untaxed, total, money, money_to_date, percent,
                   origin_ref, to_date - before AS amount
              FROM owned WHERE parts = 1
             UNION ALL
            SELECT source_ref, user_id, account_id, event_date, basis_date, move_ref,
                   source_name, kind, untaxed, total, money, money_to_date, percent,
                   origin_ref,
                   SIGN(to_date - base) * (now_cut - COALESCE(LAG(now_cut) OVER (
                       PARTITION BY source_ref ORDER BY position), 0))
                   - SIGN(before - base) * (before_cut - COALESCE(LAG(before_cut) OVER (
                       PARTITION BY source_ref ORDER BY position), 0))
              FROM cut
        ), due AS MATERIALIZED (
            SELECT divided.*
              FROM divided
             WHERE divided.amount != 0
               AND EXISTS (SELECT FROM basis WHERE basis.user_id = divided.user_id
                              AND divided.basis_date BETWEEN basis.date_from
                                                         AND basis.date_to)
               AND EXISTS (SELECT FROM span WHERE span.user_id = divided.user_id
                              AND divided.event_date BETWEEN span.date_from
                                                         AND span.date_to)
        )""",
        digits=digits,
    )
