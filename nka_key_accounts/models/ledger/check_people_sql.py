"""Recalculate who, if anyone, is credited for each part of the money (see check_sql).

Assignments define who owned the account on the order date; completed handovers with a
split, who has it on the crediting date; agreements, who is paid for it and on which
basis. Amounts that a person doesn't get are kept with the reason.
"""

from odoo.tools import SQL

from .check_sql import table


def people_steps(asked):
    """Return the steps ``term``, ``owner`` (by account, order date and day of the
    money) and ``share`` (by person).

    :param asked: check_sql.Asked
    """
    return [
        table("term", _terms(asked)),
        table("owner", _owners(asked)),
        table("share", _shares(asked)),
    ]


def _terms(asked):
    """Return agreements by person, including persons who accepted them and lost
    the user since.
    """
    return SQL(
        """SELECT person.user_id, agreement.date_from,
                  COALESCE(agreement.date_to, 'infinity') AS date_to,
                  version.bonus_basis AS basis, %s
             FROM nka_pay_agreement agreement
             JOIN nka_pay_plan_version version ON version.id = agreement.version_id
            CROSS JOIN LATERAL (
                SELECT agreement.user_id WHERE agreement.user_id IS NOT NULL
                 UNION
                SELECT agreement.accepted_by_id
                 WHERE agreement.accepted_by_id IS NOT NULL) AS person
            WHERE agreement.company_id = %s
              AND agreement.state IN ('accepted', 'ended')""",
        SQL("version.after_leaving, version.leaver_months")
        if asked.has_leavers
        else SQL("'nobody'::varchar AS after_leaving, 0 AS leaver_months"),
        asked.company.id,
    )


def _owners(asked):
    """Return who has which percentage of what was ordered on one day and counts
    on another, with the reason if they aren't credited.
    """
    steps = [_handovers(asked), _held(), _judged(asked), _passed(), _merged()]
    return SQL(
        """WITH RECURSIVE %s
%s""",
        SQL(", ").join(steps),
        SQL(
            """SELECT merged.*,
                  ROW_NUMBER() OVER whole AS position,
                  COUNT(*) OVER (PARTITION BY account_id, order_day, owner_day, basis_day) AS people,
                  STRING_AGG(CASE WHEN is_nobodys THEN 0 ELSE user_id END
                             || ':' || trim_scale(percent), ',') OVER (
                      whole ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) AS signature
             FROM merged
           WINDOW whole AS (PARTITION BY account_id, order_day, owner_day, basis_day
                            ORDER BY is_nobodys, percent DESC, user_id, reason)"""
        ),
    )


def _handovers(asked):
    """Return ``asked`` (days) and ``handover`` (handovers with a split, in order)."""
    return SQL(
        """asked AS (
               SELECT DISTINCT account_id, order_day, owner_day, basis_day
                 FROM nka_check_piece
           ), handover AS (
               -- Handovers with a split, in chronological order.
               SELECT rel.nka_key_account_id AS account_id, handover.from_user_id AS giver,
                      handover.to_user_id AS receiver, handover.date AS day,
                      handover.date + handover.credit_days AS day_over,
                      handover.credit_share / 100 AS kept,
                      ROW_NUMBER() OVER (PARTITION BY rel.nka_key_account_id
                                         ORDER BY handover.date, handover.id) AS number
                 FROM nka_handover handover
                 JOIN nka_handover_nka_key_account_rel rel
                   ON rel.nka_handover_id = handover.id
                WHERE handover.company_id = %(company)s AND handover.state = 'done'
                  AND handover.credit_days > 0
           )""",
        company=asked.company.id,
    )


def _held():
    """Return the CTEs up to ``owned``: assignments on the order date and handovers."""
    return SQL(
        """held AS (
               -- The assignments on the day of the order ...
               SELECT asked.account_id, asked.order_day, asked.owner_day,
                      asked.basis_day,
                      assignment.user_id, assignment.share AS percent, FALSE AS is_kept,
                      0::bigint AS number
                 FROM asked
                 JOIN nka_assignment assignment
                   ON assignment.key_account_id = asked.account_id
                  AND asked.order_day >= assignment.date_from
                  AND (assignment.date_to IS NULL
                       OR asked.order_day <= assignment.date_to)
                UNION ALL
               -- ... and how each later handover changed them.
               SELECT held.account_id, held.order_day, held.owner_day, held.basis_day,
                      after.user_id, after.percent, after.is_kept, handover.number
                 FROM held
                 JOIN handover ON handover.account_id = held.account_id
                  AND handover.number = held.number + 1
                CROSS JOIN LATERAL (
                    SELECT held.order_day < handover.day
                       AND held.owner_day >= handover.day
                       AND held.user_id = handover.giver AS is_given,
                           CASE WHEN held.owner_day < handover.day_over
                                THEN handover.kept ELSE 0 END AS kept) AS now
                CROSS JOIN LATERAL (
                    SELECT held.user_id, held.percent, held.is_kept
                     WHERE NOT now.is_given
                     UNION ALL
                    SELECT handover.giver, held.percent * now.kept, TRUE
                     WHERE now.is_given AND now.kept > 0
                     UNION ALL
                    SELECT handover.receiver, held.percent * (1 - now.kept), FALSE
                     WHERE now.is_given AND now.kept < 1) AS after
           ), owned AS (
               SELECT account_id, order_day, owner_day, basis_day, user_id, is_kept,
                      SUM(percent) AS percent
                 FROM held
                WHERE number = (SELECT COUNT(*) FROM handover
                                 WHERE handover.account_id = held.account_id)
                GROUP BY 1, 2, 3, 4, 5, 6
           )"""
    )


def _judged(asked):
    """Return the CTE ``judged``: what the agreement of each owner says."""
    return SQL(
        """judged AS (
               SELECT owned.*, %(standing)s AS standing
                 FROM owned
                 LEFT JOIN LATERAL (%(covered)s) AS terms ON TRUE
                 LEFT JOIN LATERAL (%(ended)s) AS ended ON TRUE
           )""",
        standing=_standing(asked),
        covered=_covered(SQL("owned.user_id")),
        ended=_ended(SQL("owned.user_id")),
    )


def _passed():
    """Return the CTE ``passed``: adds what passes to owners on the crediting date."""
    return SQL(
        """passed AS (
               SELECT account_id, order_day, owner_day, basis_day, user_id, percent,
                      CASE WHEN standing != 'agreed' THEN standing END AS reason,
                      standing NOT IN ('agreed', 'no_agreement') AS is_nobodys
                 FROM judged WHERE standing != 'successor'
                UNION ALL
               -- The owners of the account on the crediting date; any remainder has no
               -- owner.
               SELECT judged.account_id, judged.order_day, judged.owner_day,
                      judged.basis_day, next.user_id,
                      judged.percent * next.share / 100,
                      CASE WHEN next.standing = 'no_agreement' THEN 'no_successor' END,
                      FALSE
                 FROM judged
                CROSS JOIN LATERAL (%(next)s) AS next
                WHERE judged.standing = 'successor'
                UNION ALL
               SELECT judged.account_id, judged.order_day, judged.owner_day,
                      judged.basis_day, judged.user_id,
                      judged.percent * (100 - COALESCE(next.share, 0)) / 100,
                      'no_successor', TRUE
                 FROM judged
                CROSS JOIN LATERAL (SELECT SUM(share) AS share
                                      FROM (%(next)s) AS all_next) AS next
                WHERE judged.standing = 'successor'
                  AND COALESCE(next.share, 0) < 100
           )""",
        next=_successors(),
    )


def _merged():
    return SQL(
        """merged AS (
               SELECT account_id, order_day, owner_day, basis_day, user_id, is_nobodys,
                      reason, SUM(percent) AS percent
                 FROM passed GROUP BY 1, 2, 3, 4, 5, 6, 7
           )"""
    )


def _covered(user):
    return SQL(
        """SELECT BOOL_OR(owner_day BETWEEN date_from AND date_to) AS is_agreed
             FROM nka_check_term term WHERE term.user_id = %s""",
        user,
    )


def _ended(user):
    """Return the terms of the last agreement before the crediting date, and until when
    they apply to earlier orders.

    The period is in whole months; if it starts after the end of a month, it ends at the
    end of one.
    """
    return SQL(
        """SELECT date_to, after_leaving,
                  (date_to + 1 + make_interval(months => leaver_months))::date
                  - CASE WHEN EXTRACT(DAY FROM date_to + 1)
                            = EXTRACT(DAY FROM date_to + 1
                                      + make_interval(months => leaver_months))
                         THEN 1 ELSE 0 END AS counts_to
             FROM nka_check_term term
            WHERE term.user_id = %s AND term.date_to < owner_day
            ORDER BY date_to DESC, date_from DESC LIMIT 1""",
        user,
    )


def _successors():
    """Return owners on the crediting date who aren't leavers themselves."""
    return SQL(
        """SELECT after.user_id, after.share,
                  CASE WHEN terms.is_agreed OR ended.date_to IS NOT NULL THEN 'agreed'
                       ELSE 'no_agreement' END AS standing
             FROM nka_assignment after
             LEFT JOIN LATERAL (%s) AS terms ON TRUE
             LEFT JOIN LATERAL (%s) AS ended ON TRUE
            WHERE after.key_account_id = judged.account_id
              AND judged.owner_day >= after.date_from
              AND (after.date_to IS NULL OR judged.owner_day <= after.date_to)
              AND (terms.is_agreed OR ended.date_to IS NULL
                   OR ended.after_leaving = 'leaver'
                  AND judged.order_day <= ended.date_to
                  AND judged.owner_day <= ended.counts_to)""",
        _covered(SQL("after.user_id")),
        _ended(SQL("after.user_id")),
    )


def _standing(asked):
    """Return what the agreement of an owner says on the crediting date.

    The split of a handover is paid to the outgoing manager in any case. For earlier
    orders, a leaver is paid as their last terms say, or the owner on the crediting date
    is.
    """
    return SQL(
        """CASE WHEN terms.is_agreed THEN 'agreed'
                WHEN ended.date_to IS NULL THEN 'no_agreement'
                WHEN owned.is_kept AND %s THEN 'agreed'
                WHEN owned.order_day > ended.date_to THEN 'order_after'
                WHEN ended.after_leaving = 'leaver'
                 AND owned.owner_day <= ended.counts_to THEN 'agreed'
                WHEN ended.after_leaving = 'nobody' THEN 'left'
                WHEN (%s) != %s THEN 'other_basis'
                ELSE 'successor' END""",
        asked.has_leavers,
        _basis_of(SQL("owned.user_id"), SQL("owned.basis_day")),
        asked.basis,
    )


def _basis_of(user, day):
    """Return a person's basis on a day: that of the agreement that began last.

    Days before the first agreement have its basis.
    """
    return SQL(
        """SELECT basis FROM nka_check_term term WHERE term.user_id = %(user)s
            ORDER BY date_from <= %(day)s DESC,
                     CASE WHEN date_from <= %(day)s THEN date_from END DESC, date_from
            LIMIT 1""",
        user=user,
        day=day,
    )


def _shares(asked):
    """Return each piece divided among its owners.

    A document credited in several pieces is divided as a whole, less what each owner
    already has of it, from the first piece with the same owners and percentages on.
    """
    return SQL(
        """WITH %(based)s, %(portions)s, %(divided)s
           SELECT source_ref, user_id, MIN(order_id) AS order_id,
                  MIN(order_day) AS order_day, why AS reason, SUM(amount) AS amount
             FROM (SELECT divided.*,
                          CASE WHEN is_past THEN 'before_joining'
                               WHEN NOT is_covered THEN 'branch'
                               WHEN reason IS NOT NULL THEN reason
                               WHEN basis.basis IS DISTINCT FROM %(basis)s
                               THEN 'other_basis' END AS why
                     FROM divided
                     LEFT JOIN LATERAL (%(own_basis)s) AS basis ON TRUE) AS judged
            GROUP BY source_ref, user_id, why
           HAVING SUM(amount) != 0""",
        based=_based(),
        portions=_portions(asked),
        divided=_divided(),
        basis=asked.basis,
        own_basis=_basis_of(SQL("divided.user_id"), SQL("divided.basis_day")),
    )


def _based():
    """Return the CTEs up to ``based``: pieces with what counted before these
    owners and percentages applied.
    """
    return SQL(
        """owned AS (
               SELECT piece.*, owner.signature
                 FROM nka_check_piece piece
                 LEFT JOIN nka_check_owner owner
                   ON owner.account_id = piece.account_id
                  AND owner.order_day = piece.order_day
                  AND owner.owner_day = piece.owner_day
                  AND owner.basis_day = piece.basis_day AND owner.position = 1
           ), turned AS (
               SELECT owned.*,
                      signature IS DISTINCT FROM LAG(signature) OVER (
                          PARTITION BY chain_id, number
                          ORDER BY position_day, source_ref) AS is_turn
                 FROM owned
           ), stretched AS (
               SELECT turned.*,
                      SUM(is_turn::int) OVER (
                          PARTITION BY chain_id, number
                          ORDER BY position_day, source_ref) AS stretch
                 FROM turned
           ), based AS (
               SELECT stretched.*,
                      FIRST_VALUE(before) OVER (
                          PARTITION BY chain_id, number, stretch
                          ORDER BY position_day, source_ref) AS base
                 FROM stretched
           )"""
    )


def _portions(asked):
    """Return the CTEs up to ``capped``: totals due to all owners up to each, with
    and without a piece.
    """
    return SQL(
        """portion AS (
               SELECT based.*, owner.user_id, owner.reason, owner.percent,
                      owner.position, owner.people,
                      SUM(ROUND(ABS(to_date - base) * percent / 100, %(digits)s)) OVER up
                          AS up_to_now,
                      SUM(ROUND(ABS(before - base) * percent / 100, %(digits)s)) OVER up
                          AS up_to_before
                 FROM based
                 JOIN nka_check_owner owner
                   ON owner.account_id = based.account_id
                  AND owner.order_day = based.order_day
                  AND owner.owner_day = based.owner_day
                  AND owner.basis_day = based.basis_day
               WINDOW up AS (PARTITION BY source_ref, number ORDER BY owner.position)
           ), capped AS (
               SELECT portion.*,
                      SIGN(to_date - base) * CASE WHEN position = people
                          THEN ABS(to_date - base)
                          ELSE LEAST(up_to_now, ABS(to_date - base)) END AS all_now,
                      SIGN(before - base) * CASE WHEN position = people
                          THEN ABS(before - base)
                          ELSE LEAST(up_to_before, ABS(before - base)) END AS all_before
                 FROM portion
           )""",
        digits=asked.digits,
    )


def _divided():
    """Return the CTE ``divided``: the amount of each owner, and what no one owns."""
    return SQL(
        """divided AS (
               SELECT source_ref, document_id, account_id, basis_day, order_id,
                      order_day, CASE WHEN NOT is_past THEN user_id END AS user_id, reason,
                      is_covered, is_past,
                      all_now - COALESCE(LAG(all_now) OVER up, 0)
                      - all_before + COALESCE(LAG(all_before) OVER up, 0) AS amount
                 FROM capped
               WINDOW up AS (PARTITION BY source_ref, number ORDER BY position)
                UNION ALL
               SELECT source_ref, document_id, account_id, basis_day, order_id,
                      order_day, NULL, 'no_owner', is_covered, is_past, to_date - before
                 FROM based WHERE signature IS NULL
           )"""
    )
