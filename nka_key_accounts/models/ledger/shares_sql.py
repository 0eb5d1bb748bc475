"""CTEs that divide events among their beneficiaries."""

from odoo.tools import SQL


def parts_cte(parts):
    """Return the CTE ``part``: who gets which percentage of an account's orders.

    Passed as parameters, because there are few rows.

    :param list parts: pairs of account id and ownership.Part
    """
    rows = [part for _account_id, part in parts]
    return SQL(
        """part AS MATERIALIZED (
            SELECT * FROM unnest(%s::int[], %s) AS t(account_id, order_from, order_to,
                event_from, event_to, user_id, percent, position, parts,
                invoice_from, invoice_to))""",
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
            invoice_from="date",
            invoice_to="date",
        ),
    )


def terms_cte(name, terms):
    """Return the CTE ``basis`` or ``span`` with terms.CreditTerms as rows."""
    return SQL(
        """%s AS MATERIALIZED (
            SELECT * FROM unnest(%s) AS t(user_id, basis, date_from, date_to))""",
        SQL(name),
        _arrays(
            terms, user_id="int", basis="varchar", date_from="date", date_to="date"
        ),
    )


def _arrays(rows, **kinds):
    """Return one array parameter for each attribute, with the given type."""
    return SQL(", ").join(
        SQL("%s::%s[]", [getattr(row, name) for row in rows], SQL(kind))
        for name, kind in kinds.items()
    )


def shares_cte(build, basis):
    """Return the CTEs up to ``due``: ``event`` divided among its beneficiaries.

    :param build: Build
    :param str basis: ``paid`` or ``invoiced``
    """
    return SQL(", ").join(
        [
            _sliced_cte(build.digits, basis),
            _owned_cte(),
            _cut_ctes(build.digits),
            _divided_cte(build.digits),
            _due_cte(),
        ]
    )


def _slice_to_date(basis, digits, arrived):
    """Return what a part of a document counts for, by what was received or credited.

    :param SQL arrived: money so far, or credit notes so far of the chain's source
    """
    part = SQL("slice.amount * LEAST(%s, total) / NULLIF(total, 0)", arrived)
    if basis == "paid":
        return SQL("ROUND(%s, %s)", part, digits)
    # Credit notes are in amounts of the document they reverse, which is the chain.
    return SQL(
        """ROUND(slice.amount, %(digits)s)
           - CASE WHEN source_ref = chain_id THEN 0 ELSE ROUND(%(part)s, %(digits)s) END""",
        part=part,
        digits=digits,
    )


def _slice_before(basis, digits):
    before = _slice_to_date(basis, digits, SQL("money_to_date - money"))
    if basis == "paid":
        return before
    # Before an invoice, nothing was credited.
    return SQL("CASE WHEN source_ref = chain_id THEN 0 ELSE %s END", before)


def _sliced_cte(digits, basis):
    """Return the CTE ``sliced``: events of documents with several order dates, by date.

    Each part is rounded to date and the last one is the remainder, so that all parts
    add up to the event.
    """
    return SQL(
        """sliced AS (
            SELECT piece.*,
                   CASE WHEN position = slices
                        THEN whole_to_date - (SUM(part_to_date) OVER step - part_to_date)
                        ELSE part_to_date END AS to_date,
                   CASE WHEN position = slices
                        THEN whole_before - (SUM(part_before) OVER step - part_before)
                        ELSE part_before END AS before
              FROM (SELECT event.account_id, slice.day AS order_date, basis_date,
                           event_date, owner_date, position_date, source_ref, chain_id,
                           move_ref, source_name, untaxed, total, money, money_to_date,
                           kind, origin_ref, slice.position, slice.slices,
                           slice.amount AS slice_amount,
                           event.to_date AS whole_to_date, event.before AS whole_before,
                           %(to_date)s AS part_to_date, %(before)s AS part_before
                      FROM event JOIN slice ON slice.move_id = event.chain_id) AS piece
            WINDOW step AS (PARTITION BY source_ref)
        )""",
        to_date=_slice_to_date(basis, digits, SQL("money_to_date")),
        before=_slice_before(basis, digits),
    )


def _owned_cte():
    """Return the CTE ``owned``: each event for each person with a part in the
    account's orders, and for each slice. Slices are numbered from 1; 0 means no
    slices.
    """
    return SQL(
        """owned AS (%s UNION ALL %s)""",
        _owned_sql(
            SQL("event"),
            SQL("event.chain_id NOT IN (SELECT move_id FROM slice)"),
            SQL("0"),
            SQL("NULL::numeric"),
        ),
        _owned_sql(
            SQL("sliced"), SQL("TRUE"), SQL("event.position"), SQL("event.slice_amount")
        ),
    )


def _owned_sql(events, condition, slice_number, slice_amount):
    return SQL(
        """SELECT event.source_ref, event.account_id, event.event_date,
                  event.basis_date, event.position_date, event.chain_id, event.move_ref,
                  event.source_name, event.kind, event.untaxed, event.total, event.money,
                  event.money_to_date, event.origin_ref, event.to_date, event.before,
                  part.user_id, part.percent, part.position, part.parts, part.event_from,
                  %(slice_number)s AS slice, %(slice_amount)s AS slice_amount
             FROM %(events)s event
             JOIN part ON part.account_id = event.account_id
              AND event.order_date BETWEEN part.order_from AND part.order_to
              AND event.owner_date BETWEEN part.event_from AND part.event_to
              AND event.basis_date BETWEEN part.invoice_from AND part.invoice_to
            WHERE %(condition)s""",
        events=events,
        condition=condition,
        slice_number=slice_number,
        slice_amount=slice_amount,
    )


def _cut_ctes(digits):
    """Return the CTEs up to ``cut``: for events with several owners, the total due to
    all owners up to each.

    Parts are calculated from everything credited so far, less what was credited before.
    So several payments give everyone the same as a single one; the last share is the
    remainder, and none exceeds what is left.
    """
    return SQL(
        """shared AS (
            SELECT owned.*,
                   FIRST_VALUE(before) OVER (
                       PARTITION BY chain_id, slice, user_id, event_from
                       ORDER BY position_date, source_ref) AS base
              FROM owned WHERE parts > 1
        ), stepped AS (
            SELECT shared.*,
                   SUM(ROUND(ABS(to_date - base) * percent / 100, %(digits)s)) OVER step
                       AS now_sum,
                   SUM(ROUND(ABS(before - base) * percent / 100, %(digits)s)) OVER step
                       AS before_sum
              FROM shared
            WINDOW step AS (PARTITION BY source_ref, slice ORDER BY position)
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


#: Columns that describe a share of an event.
_DESCRIBED = SQL("""source_ref, user_id, account_id, event_date, basis_date, move_ref,
               source_name, kind, untaxed, total, money, money_to_date, origin_ref""")


def _divided_cte(digits):
    """Return the CTEs up to ``divided``: the amount of each owner.

    A person's amounts in several slices of an event are added up.
    """
    return SQL(
        """pieces AS (
            SELECT %(described)s, slice, percent, slice_amount, to_date - before AS amount
              FROM owned WHERE parts = 1 AND slice > 0
             UNION ALL
            SELECT %(described)s, slice, percent, slice_amount,
                   SIGN(to_date - base) * (now_cut - COALESCE(LAG(now_cut) OVER step, 0))
                   - SIGN(before - base) * (before_cut
                                            - COALESCE(LAG(before_cut) OVER step, 0))
              FROM cut
            WINDOW step AS (PARTITION BY source_ref, slice ORDER BY position)
        ), divided AS (
            SELECT %(described)s, percent, NULL::numeric AS part_untaxed,
                   to_date - before AS amount
              FROM owned WHERE parts = 1 AND slice = 0
             UNION ALL
            SELECT %(described)s, percent, NULL::numeric, amount FROM pieces WHERE slice = 0
             UNION ALL
            SELECT %(described)s,
                   COALESCE(SUM(percent * slice_amount)
                            / NULLIF(SUM(slice_amount), 0), MAX(percent)),
                   ROUND(SUM(slice_amount), %(digits)s), SUM(amount)
              FROM pieces WHERE slice > 0
             GROUP BY %(described)s
        )""",
        described=_DESCRIBED,
        digits=digits,
    )


def _due_cte():
    """Return the CTE ``due``: what is within the agreements and basis of its person."""
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
