"""How much of a client's relationship each of our people holds: the queries.

The evidence is that of ``facts.contacts`` (meetings, mails, calls, orders, documents that
were approved), and decisions in the audit trail (approvals). So a name typed in as
"covered by" is a proposal and counts for nothing.

- A **unit** is one person, kind and day: ten mails of a day are one unit. It counts by
  its last moment.
- A unit weighs :data:`WEIGHTS`, and twice as much if a decision maker took part.
- The **strength** of a person is the sum over twelve months, their **share** the part of
  the account's total strength. Approvals are work for a client without contact: they
  add to the strength, but nobody is in touch because of them.
- The twelve months of the running month end now, those of a complete one with its last
  day, in the time zone of the company.
- People whose login is archived aren't in the running month. In earlier ones they are
  until the month of their last contact with any client of the company.
- Shares and amounts are rounded so that they add up to 100 and to the revenue.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID
from odoo.tools import SQL

from ..facts import calendars, contacts

#: Weight of a day with contact of a kind.
WEIGHTS = {"meeting": 5, "call": 3, "mail": 1, "order": 3, "document": 2, "approval": 1}
#: Factor of a day on which a contact who decides took part.
DECIDER = 2
#: Kinds that show no contact with the client.
INDIRECT = ("approval",)
#: Complete months before the running one, so that it can be compared over a year.
MONTHS = 12
STATES = ("candidate", "key")
#: All accounts.
EVERY = SQL("TRUE")
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Twelve months of a company; moments are UTC, ``since`` is exclusive.

    :param date month: first day of the month that the figures are for
    :param datetime begin: when that month begins
    :param date day_since: day before the first one
    """

    company_id: int
    month: date
    zone: str
    begin: datetime
    since: datetime
    until: datetime
    day_since: date
    day_until: date
    is_current: bool
    is_year_ago: bool


def periods_of(company, now):
    """Return the running month of a company and those before it, newest first.

    :param res.company company: company of the accounts
    :param datetime now: UTC
    :rtype: list[Period]
    """
    zone = calendars.zone_name(company)
    today = calendars.local_day(company, now)
    month = today.replace(day=1)
    year = relativedelta(months=contacts.MONTHS)
    begin, _end = calendars.bounds(company, month, month)
    found = [
        Period(
            company.id,
            month,
            zone,
            begin,
            now - year,
            now,
            today - year,
            today,
            True,
            False,
        )
    ]
    for back in range(1, MONTHS + 1):
        first = month - relativedelta(months=back)
        last = first + relativedelta(months=1, days=-1)
        start = first + relativedelta(months=1) - year
        since, until = calendars.bounds(company, start, last)
        begin, _end = calendars.bounds(company, first, first)
        found.append(
            Period(
                company.id,
                first,
                zone,
                begin,
                since - INSTANT,
                until - INSTANT,
                start - timedelta(days=1),
                last,
                False,
                back == MONTHS,
            )
        )
    return found


def rows_sql(accounts, periods, now, only=EVERY):
    """Return the rows of ``nka.dependency`` as a query, for any number of accounts.

    :param accounts: nka.key.account, for its hooks
    :param periods: of one or several companies
    :param datetime now: later contact doesn't count yet
    :param SQL only: further condition on the row ``account``
    """
    start = min(period.since for period in periods)
    return SQL(
        """WITH period (company_id, month, zone, begin, since, until, day_since,
                       day_until, is_current, is_year_ago) AS (VALUES %(periods)s),
           contact AS MATERIALIZED (%(contacts)s),
           unit AS MATERIALIZED (%(units)s),
           held AS MATERIALIZED (%(held)s),
           sold AS MATERIALIZED (%(sold)s),
           known AS MATERIALIZED (%(known)s)
           %(compared)s""",
        periods=SQL(", ").join(map(_values, periods)),
        contacts=contacts_sql(accounts, start, now, only),
        units=_UNITS,
        held=_HELD,
        sold=_sold(accounts, periods, only),
        known=_KNOWN,
        compared=_COMPARED,
    )


def _sold(accounts, periods, only):
    """Return the revenue of each account and month that anybody has a share in: the
    difference of two running totals, because periods overlap.

    The FULL JOIN keeps the planner, which expects one row, from adding up the revenue
    again for each; its rows without a month aren't used.
    """
    days = {day for one in periods for day in (one.day_since, one.day_until)}
    bounds = sorted(day + DAY for day in days)
    return SQL(
        """SELECT pair.account_id, pair.month, pair.digits,
                  COALESCE(upto[width_bucket(pair.day_until, %(bounds)s::date[])], 0)
                      - COALESCE(upto[width_bucket(pair.day_since, %(bounds)s::date[])], 0)
                      AS revenue
             FROM (SELECT DISTINCT held.account_id, held.month, held.day_since,
                          held.day_until, currency.decimal_places AS digits
                     FROM held
                     JOIN res_company company ON company.id = held.company_id
                     JOIN res_currency currency ON currency.id = company.currency_id) pair
        FULL JOIN (SELECT account_id, ARRAY_AGG(upto ORDER BY span) AS upto
                     FROM (SELECT account_id, span,
                                  SUM(SUM(amount)) OVER (PARTITION BY account_id
                                                         ORDER BY span) AS upto
                             FROM (SELECT account_id, amount,
                                          width_bucket(day, %(bounds)s::date[]) AS span
                                     FROM (%(sold)s) part
                                    UNION ALL
                                   SELECT account.id, 0, span
                                     FROM nka_key_account account
                                    CROSS JOIN generate_series(1, %(spans)s) span) every
                            GROUP BY account_id, span) running
                    GROUP BY account_id) total
               ON total.account_id = pair.account_id""",
        bounds=bounds,
        spans=len(bounds) - 1,
        sold=accounts._sql_revenue(bounds, only),
    )


def contacts_sql(accounts, start, now, only):
    """Return all contact of our people with the clients, as a query.

    Columns: account_id, kind, user_id, partner_id, moment, decides (whether the contact
    is a decision maker).
    """
    sources = [
        *contacts.kinds_sql(accounts, "account", start),
        ("approval", _approvals(start)),
    ]
    return SQL(
        """SELECT account.id AS account_id, source.kind, source.user_id,
                  source.partner_id, source.moment,
                  person.id IS NOT NULL AS decides
             FROM nka_key_account account
       CROSS JOIN LATERAL (%(sources)s) source
             JOIN res_users ours ON ours.id = source.user_id AND NOT ours.share
              AND ours.id != %(system)s
        LEFT JOIN nka_stakeholder person ON person.key_account_id = account.id
              AND person.partner_id = source.partner_id AND person.active
              AND person.role = 'decision_maker'
            WHERE account.state IN %(states)s AND source.moment <= %(now)s
              AND %(only)s""",
        sources=SQL(" UNION ALL ").join(
            SQL(
                """SELECT %s AS kind, each.user_id, each.partner_id::integer,
                          each.moment
                     FROM (%s) each (user_id, partner_id, moment)""",
                kind,
                query,
            )
            for kind, query in sources
        ),
        system=SUPERUSER_ID,
        states=STATES,
        now=now,
        only=only,
    )


def _approvals(start):
    """Return the decisions about the client's records, from the audit trail."""
    return SQL(
        """SELECT event.user_id, NULL::integer, event.date FROM nka_audit_event event
            WHERE event.key_account_ref = account.id AND event.key_account_ref > 0
              AND event.kind = 'state' AND event.new = 'approved'
              AND event.date > %s""",
        start,
    )


def weight_sql(kind, decides):
    """Return the weight of a unit as an expression over its kind."""
    cases = SQL(" ").join(
        SQL("WHEN %s THEN %s", name, weight) for name, weight in WEIGHTS.items()
    )
    return SQL(
        "(CASE %s %s END * CASE WHEN %s THEN %s ELSE 1 END)",
        kind,
        cases,
        decides,
        DECIDER,
    )


def _values(period):
    return SQL(
        """(%s, %s::date, %s, %s::timestamp, %s::timestamp, %s::timestamp, %s::date,
            %s::date, %s, %s)""",
        *vars(period).values(),
    )


def _days(kind):
    return SQL("(COUNT(*) FILTER (WHERE unit.kind = %s))::integer", kind)


_UNITS = SQL(
    """SELECT part.*, %s AS weight,
              MAX(last) OVER (PARTITION BY company_id, user_id) AS seen
         FROM (
       SELECT contact.account_id, account.company_id, contact.user_id, contact.kind,
              (contact.moment AT TIME ZONE 'UTC' AT TIME ZONE zone.zone)::date AS day,
              BOOL_OR(contact.decides) AS decides, MAX(contact.moment) AS last
         FROM contact
         JOIN nka_key_account account ON account.id = contact.account_id
         JOIN (SELECT DISTINCT company_id, zone FROM period) zone
           ON zone.company_id = account.company_id
        GROUP BY 1, 2, 3, 4, 5) part""",
    weight_sql(SQL("part.kind"), SQL("part.decides")),
)

_HELD = SQL(
    """SELECT unit.account_id, period.company_id, unit.user_id, period.month,
              period.is_current, period.is_year_ago, period.day_since, period.day_until,
              %(meetings)s AS meetings, %(calls)s AS calls, %(mails)s AS mails,
              %(orders)s AS orders, %(documents)s AS documents,
              %(approvals)s AS approvals,
              SUM(unit.weight)::integer AS strength,
              COALESCE(SUM(unit.weight) FILTER (WHERE unit.decides), 0)::integer
                  AS decider_strength,
              MAX(unit.last) FILTER (WHERE %(direct)s) AS last_contact,
              BOOL_OR(%(direct)s) AS in_touch
         FROM unit
         JOIN period ON period.company_id = unit.company_id
          AND unit.last > period.since AND unit.last <= period.until
         JOIN res_users ours ON ours.id = unit.user_id
        WHERE ours.active OR NOT period.is_current AND unit.seen >= period.begin
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8""",
    meetings=_days("meeting"),
    calls=_days("call"),
    mails=_days("mail"),
    orders=_days("order"),
    documents=_days("document"),
    approvals=_days("approval"),
    direct=SQL("unit.kind NOT IN %s", INDIRECT),
)

#: Rounded from the running total, so that the parts add up to the whole.
_KNOWN = SQL(
    """SELECT part.*, upto = strength AS is_first, sold.revenue AS account_revenue,
              ROUND(100.0 * upto / total, 2)
                  - ROUND(100.0 * (upto - strength) / total, 2) AS share,
              ROUND(sold.revenue * upto / total, sold.digits)
                  - ROUND(sold.revenue * (upto - strength) / total, sold.digits)
                  AS revenue
         FROM (SELECT held.*,
                      SUM(strength) OVER (PARTITION BY account_id, month) AS total,
                      SUM(strength) OVER (PARTITION BY account_id, month
                                          ORDER BY strength DESC, user_id) AS upto
                 FROM held) part
         JOIN sold ON sold.account_id = part.account_id AND sold.month = part.month"""
)

#: The running month beside the same month a year ago, unless no contact with the client
#: was recorded then. Whoever had a share then and has none now stays in it with nothing,
#: so that changes add up. Windows, because the planner takes the parts above for a few
#: rows and would compare each row with all others.
_COMPARED = SQL(
    """SELECT account_id, company_id, user_id, month, is_current, strength,
              decider_strength, meetings, calls, mails, orders, documents, approvals,
              last_contact, in_touch, share, account_revenue, revenue,
              CASE WHEN is_compared THEN past_share END,
              CASE WHEN is_compared THEN past_revenue END,
              CASE WHEN is_compared THEN share - past_share END,
              CASE WHEN is_compared THEN revenue - past_revenue END, is_compared
         FROM (SELECT known.*, is_current AND BOOL_OR(is_year_ago) OVER of_account
                          AS is_compared,
                      COALESCE(MAX(share) FILTER (WHERE is_year_ago) OVER of_person, 0)
                          AS past_share,
                      COALESCE(SUM(revenue) FILTER (WHERE is_year_ago) OVER of_person, 0)
                          AS past_revenue
                 FROM known
               WINDOW of_account AS (PARTITION BY account_id),
                      of_person AS (PARTITION BY account_id, user_id)) row
    UNION ALL
       SELECT gone.account_id, gone.company_id, gone.user_id, period.month, TRUE,
              0, 0, 0, 0, 0, 0, 0, 0, NULL, FALSE, 0,
              COALESCE(gone.revenue_now, 0), 0, gone.share, gone.revenue, -gone.share,
              -gone.revenue, TRUE
         FROM (SELECT known.*,
                      BOOL_OR(is_current) OVER of_person AS is_there,
                      SUM(account_revenue)
                          FILTER (WHERE is_current AND is_first) OVER of_account
                          AS revenue_now
                 FROM known
               WINDOW of_account AS (PARTITION BY account_id),
                      of_person AS (PARTITION BY account_id, user_id)) gone
         JOIN period ON period.company_id = gone.company_id AND period.is_current
        WHERE gone.is_year_ago AND NOT gone.is_there"""
)


def pairs_sql(accounts, company, now):
    """Return who of ours knows whom of theirs, in the twelve months until now.

    Columns: account, user, contact (0 if none is named), strength, last moment, days.

    :param accounts: nka.key.account
    :param res.company company: company of these accounts
    """
    since = now - relativedelta(months=contacts.MONTHS)
    return SQL(
        """WITH contact AS MATERIALIZED (%(contacts)s), unit AS (
               SELECT account_id, user_id, partner_id, kind,
                      (moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
                      BOOL_OR(decides) AS decides, MAX(moment) AS last
                 FROM contact WHERE kind NOT IN %(indirect)s
                GROUP BY 1, 2, 3, 4, 5)
           SELECT unit.account_id, unit.user_id, COALESCE(unit.partner_id, 0),
                  SUM(%(weight)s)::integer, MAX(unit.last), COUNT(DISTINCT unit.day)
             FROM unit JOIN res_users ours ON ours.id = unit.user_id AND ours.active
            GROUP BY 1, 2, 3""",
        contacts=contacts_sql(
            accounts, since, now, SQL("account.id = ANY(%s)", accounts.ids)
        ),
        zone=calendars.zone_name(company),
        indirect=INDIRECT,
        weight=weight_sql(SQL("unit.kind"), SQL("unit.decides")),
    )
