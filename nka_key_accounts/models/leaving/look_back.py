"""What a person read, printed, exported, sent and redirected before they leave.

Two sources: the counted reads, which exist only if staff were informed, and the audit
trail. Figures stand out against the person's own habit. Those of colleagues with the
same role are shown beside them but decide nothing: a person whose work needs much
reading isn't conspicuous for it.

Nothing here affects pay.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from odoo.tools import SQL

from ..facts.calendars import zone_name

#: Days before the departure that are looked at, and the length of the densest run.
DAYS = 90
RUN = 3
#: Days of the habit that the person's own medians are taken from, before those days.
HABIT_DAYS = 310
#: Steps that never stand out, however few there were before.
FEWEST = 10

#: Kind -> counted kinds of reading that it adds up.
TOTALS = {
    "read": ("account", "contact", "document", "file"),
    "print": ("print",),
    "export": ("export",),
    "mail": ("mail",),
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
    :param most: sum of the :data:`RUN` days in a row that are farthest above the habit,
        the first of which is ``most_from``
    :param ratio: how many times the usual, in these days or in that run
    """

    kind: str
    total: int = 0
    usual: float | None = None
    peers: float | None = None
    most: int = 0
    most_from: date | None = None
    usual_most: float | None = None
    ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Habit:
    """A person's usual number of a kind on each weekday; None with too few days."""

    by_weekday: dict
    of_all: float | None
    floor: float

    def on(self, day):
        """Return the usual number of a day."""
        return self.by_weekday.get(day.isoweekday(), self.of_all)

    def least(self, day):
        """Return the number that a day is compared with, at least the smallest."""
        return max(self.on(day) or 0, self.floor)


def figures(user, peers, company, first, last, policy):
    """Return the figures of a person in days before their departure.

    The number of queries depends neither on that of days nor on that of colleagues.

    :param res.users user: the person
    :param res.users peers: colleagues with the same role
    :param date first: first day looked at
    :param date last: last day
    :param policy: :class:`.reading.res_company.Policy` for the smallest baseline and
        the days that a baseline needs; None if no day totals are kept
    :rtype: list[Figure]
    """
    since = first - timedelta(days=HABIT_DAYS)
    return [
        *_read(user, peers, (since, first, last), policy),
        *_logged(user, peers, company, first, last),
    ]


# ---------------------------------------------------------------- counted reads
def _read(user, peers, days, policy):
    """Return the figures from the counted reads."""
    if not policy:
        return []
    since, first, last = days
    totals = user.env["nka.reading.day"].sudo()
    own = totals._rows_between(user, since, last).get(user.id, ())
    others = totals._rows_between(peers, first, last) if peers else {}
    found = []
    for kind, counted in TOTALS.items():
        numbers = {row[0]: _sum(row, counted) for row in own}
        figure = _compare(kind, numbers, first, policy)
        sums = [
            sum(_sum(row, counted) for row in others.get(peer.id, ())) for peer in peers
        ]
        figure.peers = median(sums) if sums else None
        found.append(figure)
    return found


def _sum(row, counted):
    return sum(row[1][kind] for kind in counted)


def _compare(kind, numbers, first, policy):
    """Compare a person's numbers with their own habit on the same weekdays.

    The habit is that of the days before. If those are too few, it is that of all days:
    what is unusual on few days doesn't move a median.
    """
    seen = {day: number for day, number in numbers.items() if day >= first}
    before = {day: number for day, number in numbers.items() if day < first}
    known = before if len(before) >= policy.min_days else numbers
    floor = policy.floor if kind == "read" else policy.floor / 3
    habit = _habit(known, policy.min_days, floor)
    figure = Figure(kind, total=sum(seen.values()))
    runs = _runs(seen)
    if habit.of_all is None:
        figure.most, figure.most_from = max(
            ((number, start) for start, number in runs.items()), default=(0, None)
        )
        return figure
    figure.usual = sum(habit.on(day) for day in seen)
    whole = figure.total / max(sum(map(habit.least, seen)), 1)
    figure.ratio, figure.most, figure.most_from = max(
        (number / sum(map(habit.least, _run(start))), number, start)
        for start, number in {first: 0, **runs}.items()
    )
    if figure.most:
        figure.usual_most = sum(habit.on(day) for day in _run(figure.most_from))
    else:
        figure.most_from = None
    figure.ratio = max(figure.ratio, whole)
    return figure


def _habit(numbers, min_days, floor):
    by_weekday = defaultdict(list)
    for day, number in numbers.items():
        by_weekday[day.isoweekday()].append(number)
    medians = {
        weekday: median(known)
        for weekday, known in by_weekday.items()
        if len(known) >= min_days
    }
    of_all = median(numbers.values()) if len(numbers) >= min_days else None
    return Habit(medians, of_all, floor)


def _run(start):
    return [start + timedelta(days=number) for number in range(RUN)]


def _runs(numbers):
    """Return the sums of days in a row by their first day."""
    starts = {day - timedelta(days=back) for day in numbers for back in range(RUN)}
    return {start: sum(numbers.get(day, 0) for day in _run(start)) for start in starts}


# ---------------------------------------------------------------- audit trail
def _logged(user, peers, company, first, last):
    """Return the figures from the audit trail.

    Compared with the person's own number in as many days before.
    """
    earlier = first - timedelta(days=(last - first).days + 1)
    own = _events(user.env, user, company, earlier, last)[user.id]
    others = _events(user.env, peers, company, first, last)
    found = []
    for kind in EVENTS:
        days = own[kind]
        seen = {day: number for day, number in days.items() if day >= first}
        figure = Figure(kind, total=sum(seen.values()))
        figure.usual = sum(days.values()) - figure.total
        figure.most, figure.most_from = max(
            ((number, start) for start, number in _runs(seen).items()),
            default=(0, None),
        )
        if peers:
            figure.peers = median(sum(others[peer.id][kind].values()) for peer in peers)
        figure.ratio = figure.total / max(figure.usual, FEWEST)
        found.append(figure)
    return found


def _events(env, users, company, first, last):
    """Return the numbers of audit events by user id, kind and day."""
    found = defaultdict(lambda: {kind: {} for kind in EVENTS})
    if not users:
        return found
    kinds = SQL(", ").join(
        SQL("(%s, %s)", kind, event)
        for kind, events in EVENTS.items()
        for event in events
    )
    zone = zone_name(company)
    day = SQL("(event.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone)
    rows = env.execute_query(
        SQL(
            """SELECT event.user_id, names.kind, %(day)s, COUNT(*)
                 FROM nka_audit_event event
                 JOIN (VALUES %(kinds)s) AS names (kind, event)
                   ON names.event = event.kind
                WHERE event.user_id = ANY(%(users)s)
                  AND event.date >= %(first)s::date - 1
                  AND event.date < %(last)s::date + 2
                  AND %(day)s BETWEEN %(first)s AND %(last)s
                GROUP BY 1, 2, 3""",
            day=day,
            kinds=kinds,
            users=users.ids,
            first=first,
            last=last,
        )
    )
    for user_id, kind, on, number in rows:
        found[user_id][kind][on] = number
    return found
