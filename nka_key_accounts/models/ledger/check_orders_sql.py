"""Recalculate which part of a document counts by which order date (see check_sql).

An order counts on its day with what was confirmed, on a later day with what was added
then, and on the invoice date with what exceeds both (docs/pay.md, "Which order, which
day"). The part of each document depends on those before it.
"""

from odoo.tools import SQL

from .check_past_sql import is_past_order

#: Day of the order date in the time zone of the order's company.
_LOCAL_DAY = SQL(
    """(sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
           (SELECT calendar.tz FROM res_company company
              JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
             WHERE company.id = sale.company_id), 'UTC'))::date"""
)


def order_steps(asked):
    """Return pairs of table name and query, up to ``slice``.

    :param asked: check_sql.Asked
    :rtype: list[tuple[str, SQL]]
    """
    steps = [("pattern", _patterns()), ("link", _links(asked))]
    if asked.keeps_orders:
        steps += [
            ("claim", _claims(asked)),
            ("kept", _kept()),
            ("place", _places()),
            ("event_line", _event_lines()),
            ("counted", _counted()),
            ("deposited", _deposited()),
            ("target", _targets()),
            ("aim", _aims()),
            ("course", _courses()),
        ]
    return [*steps, ("slice", _slices(asked))]


def _patterns():
    """Return the document whose lines decide: for a credit note, its invoice."""
    return SQL(
        """SELECT document.id, document.untaxed, document.basis_day,
                  move.id AS move_id, move.commercial_partner_id AS client_id,
                  COALESCE(move.invoice_date, move.date) AS own_day,
                  CASE WHEN source.id IS NULL THEN 1
                       ELSE document.untaxed / source.amount_untaxed_signed END AS ratio
             FROM nka_check_document document
             LEFT JOIN account_move source
               ON source.id = document.source_id AND source.amount_untaxed_signed != 0
             JOIN account_move move ON move.id = COALESCE(source.id, document.id)"""
    )


# ---------------------------------------------------------------- links
def _links(asked):
    """Return document lines with their own client's confirmed orders, by order date."""
    read = SQL(
        """SELECT line.id AS line_id, line.move_id, pattern.client_id
             FROM (SELECT DISTINCT move_id, client_id FROM nka_check_pattern) AS pattern
             JOIN account_move_line line ON line.move_id = pattern.move_id
              AND line.display_type = 'product'"""
    )
    if asked.keeps_orders:
        return _linked(asked, read)
    return SQL(
        """SELECT read.line_id, read.move_id, sale.id AS order_id, sold.id AS sold_id,
                  %s AS day
             FROM (%s) AS read
             JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = read.line_id
             JOIN sale_order_line sold ON sold.id = rel.order_line_id
             JOIN sale_order sale ON sale.id = sold.order_id
             JOIN res_partner buyer ON buyer.id = sale.partner_id
            WHERE buyer.commercial_partner_id = read.client_id""",
        _LOCAL_DAY,
        read,
    )


def _linked(asked, read):
    """Return document lines with their orders as linked when they were posted.

    Links added or removed later change nothing.

    :param SQL read: lines with their document and its client
    """
    return SQL(
        """WITH read AS (%(read)s), link AS (
               SELECT read.line_id, read.move_id, read.client_id, sold.order_id,
                      sold.id AS sold_id, sold.order_id AS living_id
                 FROM read
                 JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = read.line_id
                 JOIN sale_order_line sold ON sold.id = rel.order_line_id
                WHERE NOT EXISTS (SELECT FROM nka_order_link late
                                   WHERE late.line_ref = read.line_id
                                     AND late.order_ref = sold.order_id
                                     AND (late.sold_ref = sold.id OR late.sold_ref = 0)
                                     AND NOT late.counts)
                UNION
               SELECT read.line_id, read.move_id, read.client_id, kept.order_ref,
                      kept.sold_ref, NULL
                 FROM read
                 JOIN nka_order_link kept ON kept.line_ref = read.line_id AND kept.counts
           )
           SELECT DISTINCT link.line_id, link.move_id, link.order_id, link.sold_id,
                  COALESCE(kept.date, %(local_day)s) AS day
             FROM link
             LEFT JOIN nka_order_confirmation kept ON kept.order_ref = link.order_id
             LEFT JOIN sale_order sale ON sale.id = link.order_id
             JOIN res_partner buyer
               ON buyer.id = COALESCE(kept.partner_id, sale.partner_id)
              AND buyer.commercial_partner_id = link.client_id
            WHERE (kept.id IS NOT NULL
                   OR sale.state = 'sale' AND link.living_id IS NOT NULL)
              AND COALESCE(kept.company_id, sale.company_id) = ANY(%(companies)s)
              AND NOT %(is_past)s""",
        read=read,
        local_day=_LOCAL_DAY,
        is_past=is_past_order(SQL("COALESCE(kept.date, %s)", _LOCAL_DAY)),
        companies=asked.companies,
    )


def _claims(asked):
    """Return the lines of all posted documents for these orders.

    A line for several orders counts for the first with what was ordered there, then for
    the next; the last one gets the rest.
    """
    return SQL(
        """WITH linked AS (%(linked)s), weighed AS (%(weighed)s), wanting AS (
               SELECT weighed.*,
                      CASE WHEN is_free OR amount = 0 THEN 1
                           ELSE %(ordered)s / ABS(amount) END AS wish
                 FROM weighed
           ), lined AS (
               SELECT wanting.*, SUM(wish) OVER up AS up_to,
                      ROW_NUMBER() OVER up AS number,
                      COUNT(*) OVER (PARTITION BY line_id) AS links
                 FROM wanting
               WINDOW up AS (PARTITION BY line_id ORDER BY day, order_id, sold_id)
           ), portioned AS (
               SELECT lined.*, CASE WHEN number = links THEN 1 ELSE LEAST(up_to, 1) END
                               - LEAST(up_to - wish, 1) AS portion
                 FROM lined
           )
           SELECT order_id, move_id, line_id, sequence, day, is_free, links > 1 AS is_shared,
                  CASE WHEN is_deposit THEN 0 ELSE sold_id END AS sold_id,
                  amount * portion AS amount, balance * portion AS balance
             FROM portioned
            WHERE links > 1 OR order_id IN (SELECT order_id FROM nka_check_link)""",
        linked=_linked(asked, _LINES_BESIDE),
        weighed=_WEIGHED,
        ordered=_ORDERED,
    )


#: Lines of all posted documents that are for the orders of the requested documents.
_LINES_BESIDE = SQL(
    """SELECT line.id AS line_id, line.move_id, move.commercial_partner_id AS client_id
         FROM (SELECT rel.invoice_line_id AS line_id
                 FROM (SELECT DISTINCT order_id FROM nka_check_link) AS ordered
                 JOIN sale_order_line sold ON sold.order_id = ordered.order_id
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                UNION
               SELECT kept.line_ref
                 FROM nka_order_link kept
                WHERE kept.counts
                  AND kept.order_ref IN (SELECT order_id FROM nka_check_link)) AS found
         JOIN account_move_line line
           ON line.id = found.line_id AND line.display_type = 'product'
         JOIN account_move move
           ON move.id = line.move_id AND move.state = 'posted'
          AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')"""
)
#: Rows ``linked`` with their amounts in the currency of the order and of the company.
_WEIGHED = SQL(
    """SELECT linked.*, -line.balance AS balance, line.sequence, confirmed.lines,
              confirmed.lines IS NULL AS is_free,
              linked.sold_id = 0
                  OR COALESCE(confirmed.lines -> linked.sold_id::text = '[]', FALSE)
                  AS is_deposit,
              CASE WHEN line.currency_id = confirmed.currency_id THEN -line.amount_currency
                   ELSE -line.balance * COALESCE(confirmed.rate, 1) END AS amount
         FROM linked
         JOIN account_move_line line ON line.id = linked.line_id
         LEFT JOIN nka_order_confirmation confirmed
           ON confirmed.order_ref = linked.order_id"""
)
#: Amount ordered on the line of a row ``weighed``, or on all lines for a deposit.
_ORDERED = SQL(
    """COALESCE((SELECT ABS(SUM((part ->> 0)::numeric))
                  FROM jsonb_each(lines) AS own(sold, parts)
                 CROSS JOIN jsonb_array_elements(own.parts) AS part
                 WHERE (is_deposit OR own.sold = sold_id::text)
                   AND (part ->> 0)::numeric * amount > 0), 0)"""
)


# ---------------------------------------------------------------- orders
def _kept():
    """Return the amounts ordered by line, with the rank of their day in the order."""
    return SQL(
        """SELECT kept.*,
                  DENSE_RANK() OVER (PARTITION BY order_id ORDER BY since NULLS FIRST)
                      AS rank
             FROM (SELECT confirmed.order_ref AS order_id, own.sold::int AS sold_id,
                          part.ordinality AS number, (part.value ->> 0)::numeric AS amount,
                          (part.value ->> 1)::date AS since
                     FROM nka_order_confirmation confirmed
                    CROSS JOIN jsonb_each(confirmed.lines) AS own(sold, parts)
                    CROSS JOIN jsonb_array_elements(own.parts) WITH ORDINALITY AS part
                    WHERE confirmed.order_ref IN (SELECT order_id FROM nka_check_claim)
                  ) AS kept"""
    )


def _places():
    """Return the documents of each order in sequence.

    A credit note reverses a share of its invoice, and all its notes together at most
    the whole.
    """
    return SQL(
        """WITH document AS (
               SELECT claim.order_id, claim.move_id, MIN(claim.day) AS order_day,
                      SUM(claim.amount) AS amount, SUM(claim.balance) AS balance,
                      COUNT(*) FILTER (WHERE claim.amount != 0) AS lines,
                      MAX(ARRAY[claim.sequence, claim.line_id]) AS last_line
                 FROM nka_check_claim claim WHERE NOT claim.is_free
                GROUP BY claim.order_id, claim.move_id
           ), placed AS (
               SELECT document.*, COALESCE(move.invoice_date, move.date) AS own_day,
                      source.id AS source_id,
                      -move.amount_untaxed_signed / source.amount_untaxed_signed AS part,
                      ROW_NUMBER() OVER (
                          PARTITION BY document.order_id
                          ORDER BY GREATEST(COALESCE(move.invoice_date, move.date),
                                            COALESCE(source.invoice_date, source.date)),
                                   document.move_id) AS number
                 FROM document
                 JOIN account_move move ON move.id = document.move_id
                 LEFT JOIN account_move source
                   ON source.id = move.reversed_entry_id AND move.move_type = 'out_refund'
                  AND source.move_type IN ('out_invoice', 'out_receipt')
                  AND source.amount_untaxed_signed != 0
           ), noted AS (
               SELECT placed.*, given.number AS given_number,
                      SUM(GREATEST(placed.part, 0)) OVER (
                          PARTITION BY placed.order_id, given.number
                          ORDER BY placed.number) AS up_to
                 FROM placed
                 LEFT JOIN placed given
                   ON given.order_id = placed.order_id
                  AND given.move_id = placed.source_id AND given.source_id IS NULL
                  AND given.number < placed.number
           )
           SELECT noted.*, source_id IS NOT NULL AS is_note,
                  CASE WHEN given_number IS NOT NULL
                       THEN LEAST(up_to, 1) - LEAST(up_to - GREATEST(part, 0), 1)
                       ELSE 0 END AS share,
                  SUM(CASE WHEN source_id IS NULL THEN lines ELSE 0 END) OVER (
                      PARTITION BY order_id ORDER BY number) AS lines_so_far
             FROM noted"""
    )


def _event_lines():
    """Return the amount invoiced of each order line up to each document."""
    return SQL(
        """WITH amount AS (
               SELECT place.order_id, place.number, claim.sold_id, SUM(claim.amount) AS amount
                 FROM nka_check_place place
                 JOIN nka_check_claim claim
                   ON claim.order_id = place.order_id AND claim.move_id = place.move_id
                WHERE NOT place.is_note
                GROUP BY 1, 2, 3
           ), moved AS (
               SELECT * FROM amount
                UNION ALL
               SELECT note.order_id, note.number, amount.sold_id,
                      -note.share * amount.amount
                 FROM nka_check_place note
                 JOIN amount ON amount.order_id = note.order_id
                  AND amount.number = note.given_number
                WHERE note.is_note
           )
           SELECT place.order_id, place.number, moved.sold_id, SUM(moved.amount) AS amount
             FROM nka_check_place place
             JOIN moved ON moved.order_id = place.order_id
              AND moved.number <= place.number
            WHERE NOT place.is_note
            GROUP BY 1, 2, 3"""
    )


def _counted():
    """Return what was ordered by day and invoiced up to each document, by the lines.

    Each line counts up to what was ordered of it, and a day up to the total order value
    of that day.
    """
    return SQL(
        """WITH there AS (
               SELECT place.order_id, place.number, kept.sold_id, kept.rank,
                      kept.amount, kept.number AS part_number, billed.amount AS billed
                 FROM nka_check_place place
                 JOIN nka_check_kept kept ON kept.order_id = place.order_id
                  AND (kept.since IS NULL OR kept.since <= place.own_day)
                 LEFT JOIN nka_check_event_line billed
                   ON billed.order_id = place.order_id AND billed.number = place.number
                  AND billed.sold_id = kept.sold_id
                WHERE NOT place.is_note
           ), filled AS (
               SELECT there.*, SUM(ABS(amount)) OVER (
                          PARTITION BY order_id, number, sold_id, SIGN(amount)
                          ORDER BY part_number) AS up_to
                 FROM there
           ), daily AS (
               SELECT order_id, number, rank, SUM(amount) AS worth,
                      SUM(CASE WHEN billed * amount > 0
                               THEN SIGN(amount) * LEAST(ABS(amount), GREATEST(
                                        ABS(billed) - up_to + ABS(amount), 0))
                               ELSE 0 END) AS counted
                 FROM filled GROUP BY 1, 2, 3
           )
           SELECT order_id, number, rank, worth,
                  LEAST(GREATEST(counted, LEAST(worth, 0)), GREATEST(worth, 0)) AS counted
             FROM daily"""
    )


def _deposited():
    """Return the same with deposits, which fill what is left of the order by day."""
    return SQL(
        """WITH roomy AS (
               SELECT counted.*, GREATEST(worth - GREATEST(counted, 0), 0) AS room,
                      GREATEST(COALESCE(billed.amount, 0), 0) AS deposit
                 FROM nka_check_counted counted
                 LEFT JOIN nka_check_event_line billed
                   ON billed.order_id = counted.order_id AND billed.sold_id = 0
                  AND billed.number = counted.number
           )
           SELECT order_id, number, rank,
                  counted + LEAST(room, GREATEST(deposit + room - SUM(room) OVER (
                      PARTITION BY order_id, number ORDER BY rank), 0)) AS amount
             FROM roomy"""
    )


def _targets():
    """Return what should count by each day up to each document, the excess as rank 0.

    An excess within rounding belongs to the last day.
    """
    return SQL(
        """WITH whole AS (
               SELECT place.order_id, place.number, given.last,
                      COALESCE(billed.amount, 0) - COALESCE(given.amount, 0) AS excess,
                      place.lines_so_far
                      * POWER(10::numeric, -COALESCE(currency.decimal_places, 2)) AS rounding
                 FROM nka_check_place place
                 JOIN nka_order_confirmation confirmed
                   ON confirmed.order_ref = place.order_id
                 LEFT JOIN res_currency currency ON currency.id = confirmed.currency_id
                 LEFT JOIN (SELECT order_id, number, SUM(amount) AS amount
                              FROM nka_check_event_line GROUP BY 1, 2) AS billed
                   ON billed.order_id = place.order_id AND billed.number = place.number
                 LEFT JOIN (SELECT order_id, number, SUM(amount) AS amount,
                                   MAX(rank) FILTER (WHERE amount != 0) AS last
                              FROM nka_check_deposited GROUP BY 1, 2) AS given
                   ON given.order_id = place.order_id AND given.number = place.number
                WHERE NOT place.is_note
           ), judged AS (
               SELECT whole.*, last IS NOT NULL AND ABS(excess) <= rounding AS is_rounding
                 FROM whole
           )
           SELECT deposited.order_id, deposited.number, deposited.rank, deposited.amount
                  + CASE WHEN is_rounding AND rank = last THEN excess ELSE 0 END AS amount
             FROM nka_check_deposited deposited
             JOIN judged ON judged.order_id = deposited.order_id
              AND judged.number = deposited.number
            UNION ALL
           SELECT order_id, number, 0, CASE WHEN is_rounding THEN 0 ELSE excess END
             FROM judged"""
    )


def _aims():
    """Return the documents of orders for which one day isn't enough, with what
    should count up to each of them by rank.
    """
    return SQL(
        """SELECT place.order_id, place.number, place.move_id, place.is_note, place.share,
                  place.source_id, place.amount AS whole,
                  ARRAY(SELECT COALESCE(target.amount, 0)
                          FROM generate_series(0, odd.ranks) AS wanted
                          LEFT JOIN nka_check_target target
                            ON target.order_id = place.order_id AND target.rank = wanted
                           AND target.number = place.number
                         ORDER BY wanted) AS aim
             FROM (SELECT order_id, MAX(rank) AS ranks FROM nka_check_target
                    WHERE order_id IN (SELECT order_id FROM nka_check_link)
                    GROUP BY order_id
                   HAVING BOOL_OR(rank > 1 OR rank = 0 AND amount != 0)
                       OR order_id IN (SELECT order_id FROM nka_check_claim
                                        WHERE is_shared)) AS odd
             JOIN nka_check_place place ON place.order_id = odd.order_id"""
    )


def _courses():
    """Return the part of each document of such an order by day.

    Each document brings the total as close as it can to what should count.
    """
    return SQL(
        """WITH RECURSIVE course AS (
               SELECT DISTINCT order_id, 0::bigint AS number, NULL::int AS move_id,
                      array_fill(0::numeric, ARRAY[CARDINALITY(aim)]) AS given,
                      '{}'::jsonb AS taken, NULL::numeric[] AS parts
                 FROM nka_check_aim
                UNION ALL
               SELECT aim.order_id, aim.number, aim.move_id,
                      ARRAY(SELECT before + part
                              FROM unnest(course.given, own.parts)
                                   WITH ORDINALITY AS slots(before, part, slot)
                             ORDER BY slot),
                      course.taken || jsonb_build_object(aim.move_id, own.parts),
                      CASE WHEN NOT aim.is_note THEN own.parts END
                 FROM course
                 JOIN nka_check_aim aim
                   ON aim.order_id = course.order_id AND aim.number = course.number + 1
                CROSS JOIN LATERAL (%s) AS own
           )
           SELECT order_id, move_id, slot - 1 AS rank, part
             FROM course CROSS JOIN unnest(parts) WITH ORDINALITY AS slots(part, slot)
            WHERE parts IS NOT NULL AND (part != 0 OR slot = 1)""",
        _OWN_PARTS,
    )


#: ``parts`` of a row ``aim`` by rank: a credit note reverses what its invoice had; an
#: invoice has what is missing, in proportion if it can't cover all of it.
_OWN_PARTS = SQL(
    """SELECT ARRAY_AGG(CASE WHEN aim.is_note
                             THEN -aim.share * COALESCE((course.taken -> aim.source_id::text
                                      ->> (slot::int - 1))::numeric, 0)
                             WHEN lack * aim.whole > 0 THEN lack * aim.whole / lacks
                             ELSE 0 END ORDER BY slot) AS parts
         FROM (SELECT lacking.*, SUM(lack) FILTER (WHERE lack * aim.whole > 0) OVER ()
                          AS lacks
                 FROM (SELECT slot, ROUND(wanted - given, 10) AS lack
                         FROM unnest(aim.aim, course.given)
                              WITH ORDINALITY AS slots(wanted, given, slot)
                      ) AS lacking) AS summed"""
)


# ---------------------------------------------------------------- slices
def _slices(asked):
    """Return the parts of a document by order date, from its lines.

    Only orders of the document's own client count. Lines without an order count on the
    invoice date. Lines that total 0 are ignored; negative amounts are deducted from the
    others. A credit note reverses all parts of its invoice in proportion.
    """
    return SQL(
        """WITH %(parts)s, first AS (
               SELECT DISTINCT ON (line_id) line_id, move_id, day, order_id
                 FROM nka_check_link ORDER BY line_id, day, order_id
           ), piece AS (
               SELECT pattern.move_id, COALESCE(first.day, pattern.own_day) AS day,
                      first.order_id, -line.balance AS amount,
                      ARRAY[line.sequence, line.id] AS last_line
                 FROM (SELECT DISTINCT move_id, own_day FROM nka_check_pattern) AS pattern
                 JOIN account_move_line line
                   ON line.move_id = pattern.move_id AND line.display_type = 'product'
                 LEFT JOIN first ON first.line_id = line.id
                WHERE line.id NOT IN (SELECT line_id FROM divided_line)
                UNION ALL
               SELECT move_id, day, order_id, amount, last_line FROM divided
           ), summed AS (
               SELECT move_id, day, MIN(order_id) AS order_id, SUM(amount) AS amount,
                      MAX(last_line) AS last_line
                 FROM piece
                WHERE move_id IN (SELECT move_id FROM first)
                GROUP BY 1, 2
               HAVING ROUND(SUM(amount), 6) != 0
           ), netted AS (
               SELECT summed.*, SUM(amount) OVER whole AS net,
                      SUM(amount) FILTER (WHERE amount > 0) OVER whole AS above,
                      SUM(amount) FILTER (WHERE amount < 0) OVER whole AS below
                 FROM summed
               WINDOW whole AS (PARTITION BY move_id)
           ), weighed AS (
               SELECT pattern.id, netted.day, netted.order_id, netted.last_line,
                      pattern.ratio * CASE
                          WHEN above IS NULL OR below IS NULL THEN amount
                          WHEN net > 0 THEN amount * net / above
                          ELSE amount * net / below END AS amount
                 FROM nka_check_pattern pattern
                 JOIN netted ON netted.move_id = pattern.move_id
                WHERE above IS NULL OR below IS NULL OR SIGN(amount) = SIGN(ROUND(net, 6))
           ), sliced AS (
               SELECT id, day, order_id, amount, last_line FROM weighed
                UNION ALL
               SELECT id, basis_day, NULL, untaxed, NULL FROM nka_check_pattern
                WHERE id NOT IN (SELECT id FROM weighed)
           )
           SELECT id AS document_id, day AS order_day, order_id, amount,
                  ROW_NUMBER() OVER (PARTITION BY id ORDER BY last_line, day) AS number,
                  COUNT(*) OVER (PARTITION BY id) AS slices
             FROM sliced""",
        parts=_divided() if asked.keeps_orders else _undivided(),
    )


def _undivided():
    return SQL(
        """divided AS (SELECT NULL::int AS move_id, NULL::date AS day, NULL::int AS order_id,
                              NULL::numeric AS amount, NULL::int[] AS last_line
                        WHERE FALSE),
           divided_line AS (SELECT NULL::int AS line_id WHERE FALSE)"""
    )


def _divided():
    """Return documents' parts of such orders in company currency, with their lines."""
    return SQL(
        """divided AS (
               SELECT course.move_id,
                      CASE WHEN course.rank = 0 AND place.amount != 0 THEN place.own_day
                           ELSE COALESCE(since.day, place.order_day) END AS day,
                      course.order_id,
                      CASE WHEN place.amount = 0 THEN place.balance
                           ELSE place.balance * course.part / place.amount END AS amount,
                      place.last_line
                 FROM nka_check_course course
                 JOIN nka_check_place place
                   ON place.order_id = course.order_id AND place.move_id = course.move_id
                 LEFT JOIN (SELECT DISTINCT order_id, rank, since AS day
                              FROM nka_check_kept) AS since
                   ON since.order_id = course.order_id AND since.rank = course.rank
                WHERE course.part != 0 OR place.amount = 0
                UNION ALL
               SELECT move_id, day, order_id, balance, ARRAY[sequence, line_id]
                 FROM nka_check_claim
                WHERE is_shared AND is_free AND order_id IN (SELECT order_id FROM nka_check_link)
           ), divided_line AS (
               SELECT claim.line_id
                 FROM nka_check_claim claim
                 JOIN nka_check_course course
                   ON course.order_id = claim.order_id AND course.move_id = claim.move_id
                UNION
               SELECT line_id FROM nka_check_claim WHERE is_shared AND is_free
           )"""
    )
