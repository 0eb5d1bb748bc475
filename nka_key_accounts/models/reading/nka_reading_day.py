from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from ..control.nka_reading import TAKEN_KINDS
from ..facts.calendars import zone_name
from ..trail.frozen_rows import frozen
from ..trail.opening import open_page
from .look_back import DayRead, LookBack

#: Kinds that count as reading, and the column of each kind.
READ_KINDS = ("account", "contact", "document", "print", "file")
COLUMNS = {kind: f"{kind}_count" for kind in (*READ_KINDS, *TAKEN_KINDS)}

#: Fewest colleagues with whom a person without a baseline can be compared.
PEERS = 3
#: How long after midnight reads of the day before may still be committed.
LATE = timedelta(hours=2)

#: Rule of :func:`.frozen` that protects rows of a person's day until the company's
#: retention has passed.
KEPT_RULE = """(before->>'day')::date > CURRENT_DATE - COALESCE(
    (SELECT nka_reading_days FROM res_company
      WHERE id = (before->>'company_id')::integer), 400)"""


class ReadingDay(models.Model):
    """What a person with a key account role read, printed, exported and sent in a day.

    A scheduled action adds up the reads of days that are over; nothing is written while
    people work. Rows are kept only if staff were informed, are never changed, and are
    deleted only when the company's retention has passed.
    """

    _name = "nka.reading.day"
    _inherit = ["nka.append.only.mixin"]
    _description = "Day total of reading"
    _log_access = False
    _order = "day desc, read_count desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Person", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    day = fields.Date(required=True, readonly=True)
    account_count = fields.Integer("Account records", required=True, readonly=True)
    contact_count = fields.Integer("Contacts", required=True, readonly=True)
    document_count = fields.Integer("Documents", required=True, readonly=True)
    print_count = fields.Integer("Prints", required=True, readonly=True)
    file_count = fields.Integer("Files", required=True, readonly=True)
    export_count = fields.Integer("Exported records", required=True, readonly=True)
    mail_count = fields.Integer("Emails sent with files", required=True, readonly=True)
    read_count = fields.Integer(
        "Records read",
        required=True,
        readonly=True,
        help="Account records, contacts, documents, prints and files.",
    )
    taken_count = fields.Integer(
        "Exported or sent",
        required=True,
        readonly=True,
        help="Exported records and emails sent with files.",
    )
    baseline = fields.Float(
        "Own baseline",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median of the person's records read on the same weekday in the weeks before.",
    )
    ratio = fields.Float(
        "Times the baseline",
        digits=(16, 1),
        readonly=True,
        aggregator="max",
        help="Records read, divided by the baseline. Lower baselines are raised to the "
        "smallest one of the settings.",
    )
    notice = fields.Text(
        related="company_id.nka_reading_notice", string="Notice to staff"
    )
    informed_on = fields.Date(related="company_id.nka_reading_informed_on")

    # Used at every counted read, for the baseline.
    _person_unique = models.UniqueIndex(
        "(user_id, day)", "A person has only one day total of reading for each day."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *frozen(self._table, KEPT_RULE)]

    # ------------------------------------------------------------ compute
    @api.depends("user_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.user_id.name}, {format_date(self.env, row.day)}"

    # ------------------------------------------------------------ CRUD
    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Day totals of reading are added up by the system. They can't be entered, "
                "changed or deleted, and are removed when the retention period ends."
            )
        )

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_days(self):
        """Open the day totals; as long as there are none, with the notice to staff."""
        action = open_page(self.env, "nka_reading_day_action", "nka_reading_day_open")
        companies = self.env.user.sudo().company_ids.filtered("nka_reading_kept")
        for company in companies:
            action["help"] += Markup("<h4>%s</h4><p>%s</p>") % (
                self.env._(
                    "How %(company)s informed its staff on %(day)s",
                    company=company.name,
                    day=format_date(self.env, company.nka_reading_informed_on),
                ),
                company.nka_reading_notice,
            )
        return action

    # ------------------------------------------------------------ keeping
    @api.model
    def _cron_keep(self):
        """Add up the days that are over and delete those whose retention has passed."""
        self._keep()
        self._forget()

    @api.model
    def _keep(self):
        """Add up the reads of the days that are over, for people who were informed.

        :return: number of new rows
        :rtype: int
        """
        homes = self._homes()
        if not homes:
            return 0
        self.env["res.company"].flush_model()
        self.env["res.users"].flush_model(["company_ids"])
        over = {company: self._over_before(company) for company in homes.values()}
        people = [(user.id, home.id, over[home]) for user, home in homes.items()]
        rows = self.env.execute_query(
            SQL(
                """WITH person (id, company_id, today) AS (VALUES %(people)s),
                 total AS (
                   SELECT person.id AS user_id, person.company_id, reading.day,
                          %(sums)s,
                          %(read)s AS read_count, %(taken)s AS taken_count
                     FROM nka_reading reading
                     JOIN person ON person.id = reading.user_id
                    WHERE reading.day < person.today
                      AND %(informed)s
                      AND NOT EXISTS (
                          SELECT FROM nka_reading_day kept
                           WHERE kept.user_id = person.id AND kept.day = reading.day)
                    GROUP BY person.id, person.company_id, reading.day)
                   INSERT INTO nka_reading_day
                          (user_id, company_id, day, %(columns)s, read_count,
                           taken_count, baseline, ratio)
                   SELECT total.*, past.usual,
                          CASE WHEN past.usual IS NOT NULL THEN read_count
                               / GREATEST(past.usual, company.nka_reading_floor) END
                     FROM total
                     JOIN res_company company ON company.id = total.company_id
               CROSS JOIN LATERAL (
                          SELECT %(usual)s AS usual FROM nka_reading_day past
                           WHERE past.user_id = total.user_id AND past.day < total.day
                          ) past
                    ORDER BY total.day, total.user_id
              ON CONFLICT DO NOTHING RETURNING id""",
                people=SQL(", ").join(
                    SQL("(%s, %s, %s::date)", *row) for row in people
                ),
                sums=SQL(", ").join(self._sql_sum([kind]) for kind in COLUMNS),
                read=self._sql_sum(READ_KINDS),
                taken=self._sql_sum(TAKEN_KINDS),
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS.values())),
                informed=self._sql_informed(SQL("person.id"), SQL("reading.day")),
                usual=self._sql_usual(
                    "read_count",
                    SQL("total.day"),
                    SQL("company.nka_reading_weeks"),
                    SQL("company.nka_reading_min_days"),
                ),
            )
        )
        return len(rows)

    @api.model
    def _sql_informed(self, user, day):
        """Return the condition that a user was informed when they read on a day."""
        return SQL(
            """EXISTS (
                   SELECT FROM res_company_users_rel works
                     JOIN res_company company ON company.id = works.cid
                    WHERE works.user_id = %s
                      AND company.nka_reading_kept
                      AND company.nka_reading_informed_on <= %s)""",
            user,
            day,
        )

    @api.model
    def _homes(self):
        """Return the company that decides about each person whose reads are stored.

        :rtype: dict[res.users, res.company]
        """
        rows = self.env.execute_query(SQL("SELECT DISTINCT user_id FROM nka_reading"))
        people = self.env["res.users"].sudo().browse(number for [number] in rows)
        return {user: user._nka_home_company() for user in people}

    @api.model
    def _over_before(self, company):
        """Return the first day that isn't over yet where a company works.

        Requests that began before midnight may commit a little later, and a day is
        added up only once.
        """
        zone = ZoneInfo(zone_name(company))
        return (datetime.now(zone) - LATE).date()

    @api.model
    def _today_in(self, company):
        """Return today's date where a company works."""
        return fields.Date.context_today(self.with_context(tz=zone_name(company)))

    @api.model
    def _sql_sum(self, kinds):
        return SQL(
            "COALESCE(SUM(reading.count) FILTER (WHERE COALESCE(reading.kind, 'account') "
            "IN %s), 0)",
            tuple(kinds),
        )

    @api.model
    def _forget(self):
        """Delete the rows whose retention has passed."""
        self.env["res.company"].flush_model(["nka_reading_days"])
        self.env["nka.reading.alert"]._forget()
        self.env.execute_query(
            SQL(
                """DELETE FROM nka_reading_day old USING res_company company
                    WHERE %s RETURNING old.id""",
                self._sql_passed(),
            )
        )

    @api.model
    def _sql_passed(self):
        """Return the condition that the retention of ``old`` has passed in ``company``."""
        return SQL(
            """company.id = old.company_id
               AND old.day <= CURRENT_DATE - company.nka_reading_days"""
        )

    # ------------------------------------------------------------ baseline
    @api.model
    def _sql_usual(self, name, day, weeks, min_days, before=None):
        """Return the median of a column of ``past``, of the weekday of ``day``.

        With too few days of that weekday in these weeks it is the median of all their
        days. After a long leave these are too few as well; then it is the median of all
        days kept. NULL if that is too few too.

        :param SQL day: the day whose weekday counts
        :param SQL before: end of the weeks, exclusive; ``day`` by default
        """
        recent = SQL("past.day >= %s - 7 * %s", before or day, weeks)
        same = SQL(
            "%s AND EXTRACT(isodow FROM past.day) = EXTRACT(isodow FROM %s)",
            recent,
            day,
        )
        middle = SQL(
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)",
            SQL.identifier("past", name),
        )
        return SQL(
            """CASE WHEN COUNT(past.id) FILTER (WHERE %(same)s) >= %(needed)s
                    THEN %(middle)s FILTER (WHERE %(same)s)
                    WHEN COUNT(past.id) FILTER (WHERE %(recent)s) >= %(needed)s
                    THEN %(middle)s FILTER (WHERE %(recent)s)
                    WHEN COUNT(past.id) >= %(needed)s THEN %(middle)s END""",
            same=same,
            recent=recent,
            needed=min_days,
            middle=middle,
        )

    @api.model
    def _baselines(self, users, day, policy, names=("read_count", "taken_count")):
        """Return the usual totals of people on the weekday of a day, with one query.

        :param res.users users: people
        :param date day: the baseline covers the weeks before it
        :param Policy policy: number of weeks, and of days that a baseline needs
        :param names: columns of this model
        :return: median by column and user id; None if the days are too few
        :rtype: dict[int, dict[str, float or None]]
        """
        medians = (
            self._sql_usual(name, SQL("%s::date", day), policy.weeks, policy.min_days)
            for name in names
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT person.id, %(medians)s
                     FROM unnest(%(users)s::integer[]) AS person (id)
                LEFT JOIN nka_reading_day past
                       ON past.user_id = person.id AND past.day < %(day)s
                    GROUP BY person.id""",
                medians=SQL(", ").join(medians),
                users=users.ids,
                day=day,
            )
        )
        return {number: dict(zip(names, found, strict=True)) for number, *found in rows}

    @api.model
    def _peers_usual(self, users, day, policy, names=("read_count", "taken_count")):
        """Return the usual totals of several people together, on the weekday of a day.

        :return: median by column; None if fewer than three of them have enough days
        :rtype: dict[str, float or None]
        """
        each = self._baselines(users, day, policy, names)
        usual = {}
        for name in names:
            numbers = [
                found[name] for found in each.values() if found[name] is not None
            ]
            usual[name] = median(numbers) if len(numbers) >= PEERS else None
        return usual

    # ------------------------------------------------------------ look back
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
