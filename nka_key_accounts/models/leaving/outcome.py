"""What became of a client after a handover: the query.

- A row is one account of a handover that was carried out; handovers of credit only
  aren't changes of the manager.
- The twelve months **before** end with the day before the effective date, those
  **after** begin with it and end today if they aren't over.
- What is shown after is compared with the **same** days a year earlier, so three months
  are compared with three months.
- Revenue, orders and contact are those of room ``facts``; health is the average of the
  daily scores that are known. Days are those of the company's time zone.
"""

from odoo import SUPERUSER_ID
from odoo.tools import SQL

from ..facts import contacts, orders, sales

#: Months before and after a handover.
MONTHS = 12
KINDS = ("meeting", "call", "mail", "order", "document")

#: The periods by their last and first day, exclusive and inclusive, over row ``time``.
BEFORE = (SQL("time.since"), SQL("time.start"))
SAME = (SQL("time.since"), SQL("time.same"))
AFTER = (SQL("time.start"), SQL("time.until"))
PERIODS = {"before": BEFORE, "same": SAME, "after": AFTER}

_ORDERED = SQL("COALESCE(ROUND(SUM(%s), company.digits), 0)", orders.LINE_AMOUNT)
#: Amounts of lines for orders from before the handover, and for those since.
_EARLIER = SQL(
    "COALESCE(SUM(linked.amount) FILTER (WHERE linked.day <= time.start), 0)"
)
_NEW = SQL("COALESCE(SUM(linked.amount) FILTER (WHERE linked.day > time.start), 0)")


def rows_sql(accounts, now):
    """Return the rows of ``nka.handover.outcome`` as a query.

    :param accounts: nka.key.account, for its hooks
    :param datetime now: UTC
    """
    return SQL(
        """SELECT %(columns)s
             FROM %(pairs)s
        LEFT JOIN LATERAL (%(money)s) money ON TRUE
        LEFT JOIN LATERAL (%(contact)s) contact ON TRUE
        LEFT JOIN LATERAL (%(health)s) health ON TRUE
            WHERE handover.state = 'done' AND handover.scope = 'account'""",
        columns=_columns(),
        pairs=_pairs(now),
        money=_money(),
        contact=_contact(accounts, now),
        health=_HEALTH,
    )


def _pairs(now):
    """Return each account of each handover, with the bounds of its periods."""
    return SQL(
        """nka_handover handover
             JOIN nka_handover_nka_key_account_rel given
               ON given.nka_handover_id = handover.id
             JOIN nka_key_account account ON account.id = given.nka_key_account_id
             JOIN (%s) company ON company.id = account.company_id
       CROSS JOIN LATERAL (%s) time""",
        _COMPANIES,
        _times(now),
    )


_COMPANIES = SQL(
    """SELECT own.id, COALESCE(calendar.tz, 'UTC') AS zone,
              currency.decimal_places AS digits
         FROM res_company own
         JOIN res_currency currency ON currency.id = own.currency_id
    LEFT JOIN resource_calendar calendar ON calendar.id = own.resource_calendar_id"""
)


def _columns():
    """Return the columns; the id is one number for the pair of handover and account."""
    fixed = SQL(
        """((handover.id::bigint + account.id) * (handover.id + account.id + 1) / 2
            + account.id) AS id,
           handover.id AS handover_id, account.id AS key_account_id,
           account.company_id, account.supervisor_id, account.manager_id,
           handover.from_user_id, handover.to_user_id, handover.date,
           time.since + 1 AS date_since, time.same AS date_same, time.until AS date_until,
           time.months, time.is_complete, %s AS date_next,
           money.revenue_earlier, money.revenue_new,
           health.health_before, health.health_after,
           health.health_after - health.health_before AS health_change,
           health.health_before IS NOT NULL AS has_health_before,
           health.health_after IS NOT NULL AS has_health_after""",
        _NEXT,
    )
    compared = {
        "money": ("revenue", "ordered"),
        "contact": ("contact_days", "client_people", "our_people"),
    }
    figures = [
        SQL(
            """%(row)s.%(before)s, %(row)s.%(same)s, %(row)s.%(after)s,
               %(row)s.%(after)s - %(row)s.%(same)s AS %(change)s""",
            row=SQL.identifier(row),
            change=SQL.identifier(f"{name}_change"),
            **{period: SQL.identifier(f"{name}_{period}") for period in PERIODS},
        )
        for row, names in compared.items()
        for name in names
    ]
    kinds = [
        SQL.identifier("contact", f"{kind}_days_{period}")
        for kind in KINDS
        for period in ("before", "after")
    ]
    return SQL(", ").join([fixed, *figures, *kinds])


#: Day of the next handover of the account.
_NEXT = SQL(
    """(SELECT MIN(later.date) FROM nka_handover later
          JOIN nka_handover_nka_key_account_rel again
            ON again.nka_handover_id = later.id
         WHERE again.nka_key_account_id = account.id AND later.state = 'done'
           AND later.scope = 'account'
           AND (later.date, later.id) > (handover.date, handover.id))"""
)


def _times(now):
    """Return the bounds of the periods; ``since`` and ``start`` are exclusive."""
    return SQL(
        """SELECT day.since, day.start, day.zone,
                  LEAST(day.today, day.last) AS until,
                  day.today >= day.last AS is_complete,
                  CASE WHEN day.today >= day.last THEN day.start
                       ELSE LEAST((day.today - interval '1 year')::date, day.start)
                       END AS same,
                  (SELECT COUNT(*) FROM generate_series(1, %(months)s) number
                    WHERE handover.date + number * interval '1 month'
                          <= day.today + 1)::integer AS months
             FROM (SELECT (handover.date - interval '1 year')::date - 1 AS since,
                          handover.date - 1 AS start,
                          (handover.date + interval '1 year')::date - 1 AS last,
                          company.zone,
                          (%(now)s::timestamp AT TIME ZONE 'UTC'
                           AT TIME ZONE company.zone)::date AS today) day""",
        months=MONTHS,
        now=now,
    )


def _money():
    """Return revenue and orders; OFFSET keeps each column from being read twice."""
    columns = []
    for name, (since, until) in PERIODS.items():
        revenue = sales.revenue_sql("account", since, until)
        ordered = orders.ordered_sql(since, until, _ORDERED)
        columns += [
            SQL("%s AS %s", revenue, SQL.identifier(f"revenue_{name}")),
            SQL("%s AS %s", ordered, SQL.identifier(f"ordered_{name}")),
        ]
    columns += [
        SQL("%s AS revenue_earlier", _by_order(_EARLIER)),
        SQL("%s AS revenue_new", _by_order(_NEW)),
    ]
    return SQL("SELECT %s OFFSET 0", SQL(", ").join(columns))


def _by_order(selected):
    company = SQL("handover.company_id")
    return sales.revenue_by_order_sql("account", *AFTER, company, selected)


# ---------------------------------------------------------------- contact
def _contact(accounts, now):
    columns = []
    for period, (since, until) in PERIODS.items():
        within = SQL("seen.day > %s AND seen.day <= %s", since, until)
        columns += [
            _distinct("day", f"contact_days_{period}", within),
            _distinct("partner_id", f"client_people_{period}", within),
            _distinct("user_id", f"our_people_{period}", within),
        ]
        if period != "same":
            columns += [
                _distinct(
                    "day",
                    f"{kind}_days_{period}",
                    SQL("%s AND seen.kind = %s", within, kind),
                )
                for kind in KINDS
            ]
    return SQL(
        """SELECT %s FROM (%s) seen""",
        SQL(", ").join(columns),
        _seen(accounts, now),
    )


def _distinct(column, name, condition):
    return SQL(
        "(COUNT(DISTINCT seen.%s) FILTER (WHERE %s))::integer AS %s",
        SQL.identifier(column),
        condition,
        SQL.identifier(name),
    )


def _seen(accounts, now):
    """Return contact of our people with the client, with its day."""
    start = SQL(
        """(((time.since + 1)::timestamp AT TIME ZONE time.zone AT TIME ZONE 'UTC')
            - interval '1 microsecond')"""
    )
    sources = [
        SQL(
            """SELECT %s AS kind, each.user_id, each.partner_id::integer, each.moment
                 FROM (%s) each (user_id, partner_id, moment)""",
            kind,
            query,
        )
        for kind, query in contacts.kinds_sql(accounts, "account", start)
    ]
    return SQL(
        """SELECT source.kind, source.user_id, ours.partner_id AS our_partner_id,
                  source.partner_id, source.moment,
                  (source.moment AT TIME ZONE 'UTC' AT TIME ZONE time.zone)::date AS day
             FROM (%(sources)s) source
             JOIN res_users ours ON ours.id = source.user_id AND NOT ours.share
              AND ours.id != %(system)s
            WHERE source.moment <= %(now)s""",
        sources=SQL(" UNION ALL ").join(sources),
        system=SUPERUSER_ID,
        now=now,
    )


# ---------------------------------------------------------------- health
#: Each score counts from its day to the day before the next one.
_HEALTH = SQL(
    """SELECT SUM(held.health * held.before)::numeric / NULLIF(SUM(held.before), 0)
                  AS health_before,
              SUM(held.health * held.after)::numeric / NULLIF(SUM(held.after), 0)
                  AS health_after
         FROM (SELECT score.health,
                      GREATEST(LEAST(score.next, time.start + 1)
                               - GREATEST(score.date, time.since + 1), 0) AS before,
                      GREATEST(LEAST(score.next, time.until + 1)
                               - GREATEST(score.date, time.start + 1), 0) AS after
                 FROM (SELECT past.health, past.date,
                              COALESCE(LEAD(past.date) OVER (ORDER BY past.date),
                                       time.until + 1) AS next
                         FROM nka_health_history past
                        WHERE past.key_account_id = account.id
                          AND past.date <= time.until) score) held"""
)


# ---------------------------------------------------------------- behind a figure
def _records(accounts, kind):
    """Return the join to the records ``record`` that are contact ``seen`` of a kind.

    Contact has no id of a record, because it is of several kinds; it is found again by
    its people and its moment. Meetings entered late count when they were entered, and
    orders at any moment of their day.
    """
    if kind == "meeting":
        entered = accounts.env["calendar.event"]._negotiation_terms()["fixed_date"]
        return SQL(
            """(SELECT event.id, event.start, %s AS entered
                  FROM calendar_event event) record
                ON seen.moment IN (record.start, record.entered)
              JOIN calendar_attendee seat ON seat.event_id = record.id
               AND seat.partner_id = seen.our_partner_id
              JOIN calendar_event_res_partner_rel guest
                ON guest.calendar_event_id = record.id
               AND guest.res_partner_id = seen.partner_id""",
            entered,
        )
    return _RECORDS[kind]


_RECORDS = {
    "call": SQL(
        """mail_message record ON record.date = seen.moment
            AND record.author_id = seen.our_partner_id
            AND record.mail_activity_type_id IS NOT NULL"""
    ),
    "mail": SQL(
        """mail_message record ON record.date = seen.moment
            AND record.author_id IN (seen.our_partner_id, seen.partner_id)"""
    ),
    "order": SQL(
        """(SELECT sale.id, sale.partner_id, sale.create_uid, %s AS day
              FROM sale_order sale LEFT JOIN %s WHERE sale.state = 'sale') record
            ON record.partner_id = seen.partner_id
           AND record.create_uid IN (seen.user_id, %s)
           AND ABS(record.day - seen.day) <= 1""",
        orders.ORDER_DAY,
        orders.CONFIRMED,
        SUPERUSER_ID,
    ),
    "document": SQL(
        """nka_document record ON record.submit_date = seen.moment
            AND record.submitted_by_id = seen.user_id
            AND record.key_account_id = account.id"""
    ),
}


def contact_ids_sql(row, kind, period, now):
    """Return the ids of the meetings, messages, orders or documents of a kind.

    :param row: nka.handover.outcome
    :param str kind: one of ``KINDS``
    :param str period: one of ``PERIODS``
    """
    return SQL(
        """SELECT DISTINCT record.id FROM %(pairs)s
       CROSS JOIN LATERAL (%(seen)s) seen
             JOIN %(records)s
            WHERE %(is_row)s AND seen.kind = %(kind)s
              AND seen.day > %(since)s AND seen.day <= %(until)s""",
        pairs=_pairs(now),
        seen=_seen(row.key_account_id, now),
        records=_records(row.key_account_id, kind),
        is_row=_is_row(row),
        kind=kind,
        since=PERIODS[period][0],
        until=PERIODS[period][1],
    )


def order_ids_sql(row, period, now):
    """Return the ids of the confirmed orders of a period, as one array."""
    ids = orders.ordered_sql(*PERIODS[period], SQL("ARRAY_AGG(DISTINCT sale.id)"))
    return SQL("SELECT %s FROM %s WHERE %s", ids, _pairs(now), _is_row(row))


def line_ids_sql(row, now):
    """Return two arrays of invoice lines since the handover: those for orders from
    before it, and those for new ones.
    """
    arrays = [
        _by_order(SQL("ARRAY_AGG(linked.id) FILTER (WHERE %s)", condition))
        for condition in (
            SQL("linked.day <= time.start"),
            SQL("linked.day > time.start"),
        )
    ]
    return SQL(
        "SELECT %s FROM %s WHERE %s",
        SQL(", ").join(arrays),
        _pairs(now),
        _is_row(row),
    )


def _is_row(row):
    return SQL(
        "handover.id = %s AND account.id = %s",
        row.handover_id.id,
        row.key_account_id.id,
    )
