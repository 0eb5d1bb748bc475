"""Who gets which part: what is sent along, and how an event is divided."""

from odoo.tools import SQL


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
        _arrays(
            rows,
            order_from="date",
            order_to="date",
            event_from="date",
            event_to="date",
            user_id="int",
            percent="numeric",
            position="int",
            count="int",
        ),
    )


def terms_cte(name, terms):
    """``basis`` or ``span``: terms.CreditTerms as rows."""
    return SQL(
        """%s AS MATERIALIZED (
            SELECT * FROM unnest(%s) AS t(user_id, basis, date_from, date_to))""",
        SQL(name),
        _arrays(
            terms, user_id="int", basis="varchar", date_from="date", date_to="date"
        ),
    )


def _arrays(rows, **kinds):
    """One array for each attribute of some rows, of the type that is named for it."""
    return SQL(", ").join(
        SQL("%s::%s[]", [getattr(row, name) for row in rows], SQL(kind))
        for name, kind in kinds.items()
    )


def shares_cte(build):
    """``due``: ``event`` divided among its beneficiaries, as it should be credited."""
    return SQL(", ").join(
        [_owned_cte(), _cut_ctes(build.digits), _divided_cte(), _due_cte()]
    )


def _owned_cte():
    """``owned``: an event once for each person who has a part in its account's orders."""
    return SQL("""
        owned AS (
            SELECT event.*, part.user_id, part.percent, part.position, part.parts,
                   part.event_from
              FROM event
              JOIN part ON part.account_id = event.account_id
               AND event.order_date BETWEEN part.order_from AND part.order_to
               AND event.owner_date BETWEEN part.event_from AND part.event_to
        )""")


def _cut_ctes(digits):
    """``cut``: of an event with several owners, what all up to each of them are due.

    Each part is cut from all credited so far less what was credited before, so that
    many pieces give everybody what one piece would have given; the last share is the
    remainder and none takes more than is left.
    """
    return SQL(
        """shared AS (
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
        )""",
        digits=digits,
    )


def _divided_cte():
    """``divided``: the amount of each owner, of one or of several."""
    return SQL("""
        divided AS (
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
        )""")


def _due_cte():
    """``due``: what lies within the agreements and basis of its person."""
    return SQL("""
        due AS MATERIALIZED (
            SELECT divided.*
              FROM divided
             WHERE divided.amount != 0
               AND EXISTS (SELECT FROM basis WHERE basis.user_id = divided.user_id
                              AND divided.basis_date BETWEEN basis.date_from
                                                         AND basis.date_to)
               AND EXISTS (SELECT FROM span WHERE span.user_id = divided.user_id
                              AND divided.event_date BETWEEN span.date_from
                                                         AND span.date_to)
        )""")
