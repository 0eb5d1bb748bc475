"""What a person read, printed, exported, sent and redirected before they leave.

Two sources: the day totals of reading, which exist only if staff were informed, and the
audit trail. Figures stand out against the person's own habit. Those of colleagues with
the same role are shown beside them but decide nothing: a person whose work needs much
reading isn't conspicuous for it.

Nothing here affects pay.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from odoo.tools import SQL

from ..facts.calendars import zone_name

#: Days before the departure that are looked at, and the length of the densest run.
DAYS = 90
RUN = 3
#: Days of the habit that the person's own median is taken from, before those days.
HABIT_DAYS = 310
#: Recorded steps that never stand out, however few there were before.
FEWEST = 10

#: Kind -> columns of ``nka.reading.day`` that it adds up.
TOTALS = {
    "read": ("account_count", "contact_count", "document_count", "file_count"),
    "print": ("print_count",),
    "export": ("export_count",),
    "mail": ("mail_count",),
}
#: Kind -> kinds of audit events by the person that it counts.
EVENTS = {
    "export_event": ("export",),
    "file_sent": ("file_sent", "file_copied"),
    "redirect": (
        "contact",
        "leave",
        "merge",
        "lead_owner",
        "lead_account",
        "lead_archived",
        "lead_merged",
        "lead_deleted",
    ),
    "refused": ("refusal", "reading", "reading_unusual"),
}
KINDS = (*TOTALS, *EVENTS)
SHOWN_EVENTS = tuple(kind for kinds in EVENTS.values() for kind in kinds)


@dataclass(slots=True)
class Figure:
    """One kind of a person's figures in the days looked at.

    :param usual: what their own habit leads to expect in these days; None if too few
        days are known
    :param most: largest sum of :data:`RUN` days in a row, the first of which is
        ``most_from``
    """

    kind: str
    total: int = 0
    usual: float | None = None
    peers: float | None = None
    most: int = 0
    most_from: date | None = None
    usual_most: float | None = None
    ratio: float = 0.0
    days: dict = field(default_factory=dict)


def figures(env, user, peers, company, first, last, policy):
    """Return the figures of a person in days before their departure: two queries.

    :param res.users user: the person
    :param res.users peers: colleagues with the same role
    :param date first: first day looked at
    :param date last: last day
    :param policy: :class:`.reading.res_company.Policy` for the smallest baseline and
        the days that a baseline needs; None if no day totals are kept
    :rtype: list[Figure]
    """
    habit_from = first - timedelta(days=HABIT_DAYS)
    own = _own_days(env, user, company, habit_from, last)
    of_peers = _peers_totals(env, peers, company, first, last)
    found = []
    for kind in KINDS:
        if kind in TOTALS and not policy:
            continue
        days = own.get(kind, {})
        figure = Figure(kind, days={day: n for day, n in days.items() if day >= first})
        figure.total = sum(figure.days.values())
        figure.most, figure.most_from = _densest(figure.days)
        if peers:
            figure.peers = median(of_peers[kind].get(peer.id, 0) for peer in peers)
        before = {day: n for day, n in days.items() if day < first}
        if kind in TOTALS:
            _compare_totals(figure, before, own["read"], first, policy)
        else:
            _compare_events(figure, before, first)
        found.append(figure)
    return found


def _compare_totals(figure, before, worked, first, policy):
    """Compare with the median of the person's own days, for as many days as recorded.

    Days before those looked at are their habit. If those are too few, the habit is that
    of all days: what is unusual on few days doesn't move a median.
    """
    habit = list(before.values())
    if len(habit) < policy.min_days:
        habit += [figure.days.get(day, 0) for day in worked if day >= first]
    if len(habit) < policy.min_days:
        return
    usual = median(habit)
    floor = policy.floor if figure.kind == "read" else policy.floor / 3
    recorded = len([day for day in worked if day >= first])
    figure.usual = usual * recorded
    figure.usual_most = usual * RUN
    least = max(usual, floor)
    figure.ratio = max(
        figure.total / (least * recorded) if recorded else 0,
        figure.most / (least * RUN),
    )


def _compare_events(figure, before, first):
    """Compare with the person's own number in as many days before."""
    since = first - timedelta(days=DAYS)
    figure.usual = sum(number for day, number in before.items() if day >= since)
    figure.ratio = figure.total / max(figure.usual, FEWEST)


def _densest(days):
    """Return the largest sum of days in a row, and the first of them."""
    best = (0, None)
    for day in days:
        first = day - timedelta(days=RUN - 1)
        number = sum(days.get(first + timedelta(days=n), 0) for n in range(RUN))
        if number > best[0]:
            best = (number, first)
    return best


def _own_days(env, user, company, first, last):
    """Return the person's numbers by kind and day."""
    rows = env.execute_query(
        SQL(
            "SELECT kind, day, SUM(number)::integer FROM (%s) found GROUP BY 1, 2",
            _sql_days(company, user, first, last),
        )
    )
    found = defaultdict(dict)
    for kind, day, number in rows:
        found[kind][day] = number
    # All kinds of day totals are of the same days.
    days = {day for kind in TOTALS for day in found[kind]}
    for kind in TOTALS:
        found[kind] = {day: found[kind].get(day, 0) for day in sorted(days)}
    return found


def _peers_totals(env, peers, company, first, last):
    """Return the colleagues' numbers by kind and user id."""
    found = {kind: {} for kind in KINDS}
    if not peers:
        return found
    rows = env.execute_query(
        SQL(
            "SELECT kind, user_id, SUM(number)::integer FROM (%s) found GROUP BY 1, 2",
            _sql_days(company, peers, first, last),
        )
    )
    for kind, user_id, number in rows:
        found[kind][user_id] = number
    return found


def _sql_days(company, users, first, last):
    """Return rows of ``user_id``, ``day``, ``kind`` and ``number``."""
    totals = SQL(", ").join(
        SQL(
            "(%s, %s)",
            kind,
            SQL(" + ").join(SQL.identifier("total", column) for column in columns),
        )
        for kind, columns in TOTALS.items()
    )
    kinds = SQL(", ").join(
        SQL("(%s, %s)", kind, event)
        for kind, events in EVENTS.items()
        for event in events
    )
    day = SQL("(event.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone_name(company))
    return SQL(
        """SELECT total.user_id, total.day, sums.kind, sums.number
             FROM nka_reading_day total
       CROSS JOIN LATERAL (VALUES %(totals)s) AS sums (kind, number)
            WHERE total.user_id = ANY(%(users)s)
              AND total.day BETWEEN %(first)s AND %(last)s
        UNION ALL
           SELECT event.user_id, %(day)s, names.kind, 1
             FROM nka_audit_event event
             JOIN (VALUES %(kinds)s) AS names (kind, event) ON names.event = event.kind
            WHERE event.user_id = ANY(%(users)s)
              AND event.date >= %(first)s::date - 1 AND event.date < %(last)s::date + 2
              AND %(day)s BETWEEN %(first)s AND %(last)s""",
        totals=totals,
        kinds=kinds,
        day=day,
        users=users.ids,
        first=first,
        last=last,
    )
