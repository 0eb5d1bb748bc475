from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from psycopg2 import OperationalError
from psycopg2.errors import ReadOnlySqlTransaction
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.tools import SQL, LazyTranslate

from ..facts.calendars import zone_name
from ..trail.frozen_rows import frozen
from ..trail.roles import ADMIN, DIRECTOR, MANAGER, ROLES, SUPERVISOR

_lt = LazyTranslate(__name__)

WINDOW = timedelta(hours=1)
#: For users who aren't blocked, exceeding the limit is logged once in this period.
TOLD_WINDOW = timedelta(days=1)
KEPT = timedelta(days=7)

#: Kinds that take data out and aren't reading: they are never refused for their number.
TAKEN_KINDS = ("export", "mail")


class Reading(models.Model):
    """Number of key account records that a user read at one time.

    Rows are only inserted. A page sends several requests at a time, and these would
    wait for each other if all of them updated one counter.
    """

    _name = "nka.reading"
    _description = "Reads of key account data"
    _audit_kinds = {"reading": _lt("Read limit exceeded")}
    _log_access = False
    _order = "id desc"

    user_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    date = fields.Datetime(required=True)
    day = fields.Date(help="Day of the person's company.")
    kind = fields.Selection(
        [
            ("account", "Account records"),
            ("contact", "Contacts"),
            ("document", "Documents"),
            ("print", "Prints"),
            ("file", "Files"),
            ("export", "Exported records"),
            ("mail", "Emails sent with files"),
        ],
        default="account",
    )
    count = fields.Integer(required=True)

    # Used at every counted read to total the user's reads of the last hour.
    _person_idx = models.Index("(user_id, date) INCLUDE (kind, count)")
    # Used at every counted read, and at night, to total a person's day by kind.
    _day_idx = models.Index("(day, user_id) INCLUDE (kind, count)")

    #: Groups that work with accounts and deals; they are blocked at the limit.
    _stopped_groups = (MANAGER, SUPERVISOR, ADMIN, DIRECTOR)

    @api.model
    def _guards(self):
        """Keep the rows until :meth:`_gc_readings` may delete them."""
        days = KEPT.days
        rule = f"""(before->>'date')::timestamp
                   > (now() AT TIME ZONE 'UTC') - interval '{days} days'"""
        return [*super()._guards(), *frozen(self._table, rule)]

    # ------------------------------------------------------------ counting
    @api.model
    def _count(self, number, kind="account"):
        """Add records to those that the current user has read.

        :param int number: number of key account records in one response
        :param str kind: what the records count as
        :raise AccessError: when the user is blocked
        """
        self._count_kinds({kind: number})

    @api.model
    def _count_kinds(self, numbers):
        """Add records of several kinds to those that the current user has read.

        Above the company's limit, users who work with accounts and deals are blocked.
        Payroll officers are only logged. Users without a role aren't counted: their
        work with the address book doesn't need a writable cursor.

        :param dict numbers: number of records by kind
        :raise AccessError: when the user is blocked
        """
        numbers = {kind: number for kind, number in numbers.items() if number}
        if not numbers or self._is_silent() or not self._is_counted():
            return
        if not self.env.cr.readonly:
            numbers = self._without_counted(numbers)
            if not numbers:
                return
        if self.env.cr.readonly:
            self._check_total(numbers, *self._count_apart(numbers))
        else:
            self._check_total(numbers, self._add(numbers), self._stand(numbers))
            self._check_after_commit(numbers)

    @api.model
    def _count_apart(self, numbers):
        """Count on the primary, while the request reads from a replica.

        Committed at once: a read that is refused then counts as well. If the primary
        gives no connection, Odoo repeats the request with a cursor that can write, so
        the read neither fails for that nor stays uncounted.

        :return: the arguments of :meth:`_check_total`
        :raise ReadOnlySqlTransaction: if the primary gives no connection
        """
        try:
            with self._writable() as readings:
                readings._add(numbers)
                readings.env.cr.commit()
                self._note_counted(numbers)
                # Asked after the commit, to see what other requests have committed.
                return readings._total(), readings._stand(numbers)
        except (OperationalError, PoolError) as error:
            raise ReadOnlySqlTransaction(f"Reads can't be counted: {error}") from error

    @api.model
    def _check_total(self, numbers, total, standing):
        """Refuse the read, or tell others about it, if the person has read too much.

        :param dict numbers: number of records by kind
        :param int total: records read within an hour
        :param standing: result of :meth:`_stand`
        :raise AccessError: when the user is blocked
        """
        limit = self._limit()
        if limit and total > limit and not numbers.keys() <= set(TAKEN_KINDS):
            if self._is_stopped():
                self._refuse(total, limit)
            self._tell(total, limit)
        self._judge(numbers, standing)

    @api.model
    def _check_after_commit(self, numbers):
        """Check again after the commit, with what other requests read meanwhile.

        Requests at the same time don't see each other's records. The answer hasn't left
        the server then, so it can still be refused.
        """
        hooks = self.env.cr.postcommit
        if counted := hooks.data.get("nka_reading"):
            counted.update(numbers)
            return
        counted = hooks.data["nka_reading"] = Counter(numbers)
        # An error would skip later hooks, so the check puts itself behind them.
        hooks.add(lambda: hooks.add(lambda: self._check_committed(counted)))

    def _check_committed(self, numbers):
        self.env.cr.postcommit.data["nka_is_committed"] = True
        self._check_total(numbers, self._total(), self._stand(numbers))

    @api.model
    def _stand(self, numbers):
        """Hook: return what :meth:`_judge` needs to know from the database."""
        return

    @api.model
    def _judge(self, numbers, standing):
        """Hook: refuse the read, or tell others about it.

        :param dict numbers: number of records by kind
        :param standing: result of :meth:`_stand`
        :raise AccessError: when the user is blocked
        """

    @api.model
    def _note(self, records, kind=None):
        """Hook: keep which records the current user has read, printed or exported.

        Called after they were counted, so not for a read that is refused.

        :param records: records of one model
        :param str kind: what they count as; that of their model by default
        """

    @api.model
    def _note_counted(self, numbers):
        """Note what this request has counted with a cursor of its own."""
        if request:
            done = request.__dict__.setdefault("nka_counted", Counter())
            done.update(numbers)

    @api.model
    def _without_counted(self, numbers):
        """Return what is still to be counted of a request that is repeated.

        A request that writes after all, such as a print that keeps its PDF, is repeated
        by Odoo with a cursor that can write.

        :param dict numbers: number of records by kind
        :rtype: dict
        """
        done = request.__dict__.get("nka_counted") if request else None
        if not done:
            return numbers
        left = Counter(numbers) - done
        done -= Counter(numbers)
        return dict(left)

    @api.model
    @contextmanager
    def _writable(self):
        """Give this model with a cursor that can write.

        Reads run on the read-only cursor of a replica if there is one. Its transaction
        is ended first, as it would otherwise stay open while the primary is written to.
        After a commit no one would commit what is written with the same cursor.
        """
        if not self._is_apart():
            yield self
            return
        if self.env.cr.readonly:
            self.env.cr.rollback()
        with self.env.registry.cursor() as cr:
            yield self.with_env(self.env(cr=cr))

    @api.model
    def _is_apart(self):
        """Return whether only a cursor of its own can write what is counted and told."""
        cr = self.env.cr
        return cr.readonly or cr.postcommit.data.get("nka_is_committed")

    @api.model
    def _is_counted(self):
        """Return whether the current user's reads are counted.

        Those of users with a key account role are, and those of an administrator who
        switched to the superuser. Colleagues see of a key account what they need for
        their work; their exports are checked and logged, see :meth:`_is_watched`.

        :rtype: bool
        """
        if self.env.uid == SUPERUSER_ID:
            return self._is_superuser_session()
        user = self.env.user
        return bool(user) and user.has_groups(",".join(ROLES))

    @api.model
    def _is_watched(self):
        """Return whether exports and prints of the current user are checked and logged.

        Those of all internal users are, since key account contacts are in the address
        book of all. Scheduled actions, the mail server and portal users aren't.

        :rtype: bool
        """
        if self.env.uid == SUPERUSER_ID:
            return self._is_superuser_session()
        return bool(self.env.user) and self.env.user._is_internal()

    @api.model
    def _is_silent(self):
        """Return whether the server reads for itself rather than for a user."""
        return self.env.su and not (
            self.env.uid == SUPERUSER_ID and self._is_superuser_session()
        )

    @api.model
    def _is_superuser_session(self):
        """Return whether a logged-in user works as the superuser."""
        return bool(request) and request.session.uid == SUPERUSER_ID

    @api.model
    def _add(self, numbers):
        """Count records with one query.

        :param dict numbers: number of records by kind
        :return: records that the user has read within an hour, without those exported
        :rtype: int
        """
        now, day = fields.Datetime.now(), self._today()
        read = sum(n for kind, n in numbers.items() if kind not in TAKEN_KINDS)
        rows = [(self.env.uid, now, day, kind, n) for kind, n in numbers.items()]
        [[total]] = self.env.execute_query(
            SQL(
                """WITH fresh AS (
                        INSERT INTO nka_reading (user_id, date, day, kind, count)
                             VALUES %s)
                   %s""",
                SQL(", ").join(rows),
                self._select_total(now),
            )
        )
        return total + read

    @api.model
    def _total(self):
        """Return how many records the user has read within an hour, without those
        exported.

        :rtype: int
        """
        [[total]] = self.env.execute_query(self._select_total(fields.Datetime.now()))
        return total

    @api.model
    def _select_total(self, now):
        return SQL(
            """SELECT COALESCE(SUM(count), 0) FROM nka_reading
                WHERE user_id = %s AND date > %s AND COALESCE(kind, '') NOT IN %s""",
            self.env.uid,
            now - WINDOW,
            TAKEN_KINDS,
        )

    @api.model
    def _today(self):
        """Return today's date where the current user's company works.

        :rtype: date
        """
        zone = zone_name(self.env.user._nka_home_company())
        return fields.Date.context_today(self.with_context(tz=zone))

    @api.model
    def _limit(self):
        """Return the smallest hourly limit of the user's companies, 0 if none has any.

        Their current company doesn't decide it: they choose that one themselves.

        :rtype: int
        """
        companies = self.env.user.sudo().company_ids | self.env.company.sudo()
        return min(filter(None, companies.mapped("nka_read_limit")), default=0)

    @api.model
    def _is_stopped(self):
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(",".join(self._stopped_groups))

    @api.model
    def _tell(self, total, limit):
        """Log that a user who isn't blocked has exceeded the limit."""
        if not self._is_known(TOLD_WINDOW):
            with self._writable() as readings:
                events = readings.env["nka.audit.event"]
                entry = events._prepare_entry(
                    readings.env.user,
                    "reading",
                    new=total,
                    old=limit,
                    note=self.env._("Not blocked: payroll officers aren't stopped"),
                )
                events._append([entry])

    @api.model
    def _refuse(self, total, limit):
        if not self._is_known(WINDOW):
            self.env["nka.audit.event"]._append_refusal(
                self.env.user, "reading", new=total, old=limit
            )
        raise AccessError(
            self.env._(
                "You have reached the limit of %s key account records per hour. "
                "Reading is blocked for the rest of the hour and your supervisors are "
                "informed. Ask them if you need a higher limit.",
                limit,
            )
        )

    @api.model
    def _is_known(self, window):
        """Return whether the user's reading was logged already in this period.

        One event per user and period is enough. The primary is asked: a replica can
        lack the event for a moment.

        :param timedelta window: length of the period until now
        """
        with self._writable() as readings:
            return (
                readings.env["nka.audit.event"]
                .sudo()
                .search_count(
                    [
                        ("kind", "=", "reading"),
                        ("user_id", "=", self.env.uid),
                        ("date", ">", fields.Datetime.now() - window),
                    ],
                    limit=1,
                )
            )

    @api.autovacuum
    def _gc_readings(self):
        self.env.cr.execute(
            "DELETE FROM nka_reading WHERE date < %s", [fields.Datetime.now() - KEPT]
        )
