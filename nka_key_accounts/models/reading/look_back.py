"""What people read between two days, beside their own habit and their colleagues'."""

from collections import defaultdict
from statistics import median
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from .nka_reading_day import COLUMNS, READ_KINDS, TAKEN_KINDS


class DayRead(NamedTuple):
    day: object
    #: Number of records by kind.
    counts: dict
    read: int
    taken: int
    #: Own median of this weekday before the period; None with too few days.
    usual_read: float | None
    usual_taken: float | None


class LookBack(NamedTuple):
    """Totals of a person between two days.

    ``usual_*`` is the sum of the days' own medians, ``peers_*`` the median of the
    totals of others with the same role in the same days; None if there is none.
    """

    days: list
    read: int
    taken: int
    usual_read: float | None
    usual_taken: float | None
    peers_read: float | None
    peers_taken: float | None
    #: Number of others compared with.
    peers: int


class ReadingDay(models.Model):
    _inherit = "nka.reading.day"

    @api.model
    def _look_back(self, users, first, last):
        """Return what people read, exported and sent between two days, both included.

        Days not added up yet are included, today as well. The habit is that of before
        the period, so that the period doesn't raise it. The number of queries doesn't
        depend on that of people and days.

        :param res.users users: the people
        :rtype: dict[int, LookBack]
        """
        peers = {user: user._nka_reading_peers() for user in users}
        everybody = users.union(*peers.values())
        rows = self._rows_between(everybody, first, last)
        totals = {
            user.id: (
                sum(read for _day, _counts, read, _taken in rows[user.id]),
                sum(taken for _day, _counts, _read, taken in rows[user.id]),
            )
            for user in everybody
            if rows.get(user.id)
        }
        habits = self._habits_before(users, first)
        found = {}
        for user in users:
            days = [
                DayRead(*row, *habits.get((user.id, row[0].isoweekday()), (None, None)))
                for row in rows.get(user.id, ())
            ]
            others = [totals[peer.id] for peer in peers[user] if peer.id in totals]
            found[user.id] = LookBack(
                days,
                *totals.get(user.id, (0, 0)),
                self._sum_known(day.usual_read for day in days),
                self._sum_known(day.usual_taken for day in days),
                median(read for read, _taken in others) if others else None,
                median(taken for _read, taken in others) if others else None,
                len(others),
            )
        return found

    @api.model
    def _sum_known(self, numbers):
        known = [number for number in numbers if number is not None]
        return sum(known) if known else None

    @api.model
    def _rows_between(self, users, first, last):
        """Return the days of people with their numbers, those kept and those to be kept.

        :return: by user id: lists of day, numbers by kind, records read and taken
        """
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS.values()))
        sums = SQL(", ").join(self._sql_sum([kind]) for kind in COLUMNS)
        self.env["res.company"].flush_model()
        self.env["res.users"].flush_model(["company_ids"])
        found = self.env.execute_query(
            SQL(
                """SELECT user_id, day, %(columns)s FROM nka_reading_day
                    WHERE user_id = ANY(%(users)s) AND day BETWEEN %(first)s AND %(last)s
                UNION ALL
                   SELECT reading.user_id, reading.day, %(sums)s FROM nka_reading reading
                    WHERE reading.user_id = ANY(%(users)s)
                      AND reading.day BETWEEN %(first)s AND %(last)s
                      AND %(informed)s
                      AND NOT EXISTS (
                          SELECT FROM nka_reading_day kept
                           WHERE kept.user_id = reading.user_id
                             AND kept.day = reading.day)
                    GROUP BY reading.user_id, reading.day
                    ORDER BY 1, 2""",
                columns=columns,
                sums=sums,
                users=users.ids,
                first=first,
                last=last,
                informed=self._sql_informed(SQL("reading.user_id"), SQL("reading.day")),
            )
        )
        rows = defaultdict(list)
        for user_id, day, *numbers in found:
            counts = dict(zip(COLUMNS, numbers, strict=True))
            read = sum(counts[kind] for kind in READ_KINDS)
            taken = sum(counts[kind] for kind in TAKEN_KINDS)
            rows[user_id].append((day, counts, read, taken))
        return rows

    @api.model
    def _habits_before(self, users, first):
        """Return the medians of each weekday before a day.

        :return: medians of records read and taken, by user id and ISO weekday
        :rtype: dict[tuple, tuple]
        """
        habits = {}
        by_policy = defaultdict(users.browse)
        for user in users:
            policy = user.sudo().company_ids._nka_reading_policy(first, is_kept=False)
            by_policy[policy.weeks, policy.min_days] |= user
        for (weeks, min_days), people in by_policy.items():
            usual = (
                self._sql_usual(
                    name,
                    SQL("weekday.day::date"),
                    weeks,
                    min_days,
                    before=SQL("%s::date", first),
                )
                for name in ("read_count", "taken_count")
            )
            rows = self.env.execute_query(
                SQL(
                    """SELECT person.id, EXTRACT(isodow FROM weekday.day)::integer, %(usual)s
                         FROM unnest(%(users)s::integer[]) AS person (id)
                   CROSS JOIN generate_series(%(first)s::date, %(first)s::date + 6,
                                              interval '1 day') AS weekday (day)
                         JOIN nka_reading_day past
                           ON past.user_id = person.id AND past.day < %(first)s
                        GROUP BY person.id, weekday.day""",
                    usual=SQL(", ").join(usual),
                    users=people.ids,
                    first=first,
                )
            )
            habits |= {(user_id, day): tuple(found) for user_id, day, *found in rows}
        return habits
