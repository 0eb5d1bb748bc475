from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, SUPERVISOR

_lt = LazyTranslate(__name__)

WINDOW = timedelta(hours=1)
#: For users who aren't blocked, exceeding the limit is logged once in this period.
TOLD_WINDOW = timedelta(days=1)
KEPT = timedelta(days=7)


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

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    date = fields.Datetime(required=True)
    count = fields.Integer(required=True)

    # Used at every counted read to total the user's reads of the last hour.
    _person_idx = models.Index("(user_id, date) INCLUDE (count)")

    #: Groups that work with accounts and deals; they are blocked at the limit.
    _stopped_groups = (MANAGER, SUPERVISOR, ADMIN, DIRECTOR)

    @api.model
    def _count(self, number):
        """Add records to those that the current user has read, with one query.

        Above the company's limit, users with a key account role are blocked. Other
        users are only logged, because an accountant or a program that synchronizes
        contacts may read thousands of them per hour for their work.

        :param int number: number of key account records in one response
        :raise AccessError: when the user is blocked
        """
        if not number or self._is_silent() or not self._is_counted():
            return
        limit = self.env.company.sudo().nka_read_limit
        total = self._add(number)
        if limit and total > limit:
            if self._is_stopped():
                self._refuse(total, limit)
            self._tell(total, limit)

    @api.model
    def _is_counted(self):
        """Return whether the current user's reads are counted.

        Those of all internal users are, since key account contacts are in the address
        book of all. So are those of an administrator who switched to the superuser.
        Scheduled actions, the mail server and portal users aren't counted.
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
    def _add(self, number):
        now = fields.Datetime.now()
        self.env.cr.execute(
            """WITH fresh AS (
                    INSERT INTO nka_reading (user_id, date, count)
                         VALUES (%(user)s, %(now)s, %(number)s))
               SELECT COALESCE(SUM(count), 0) + %(number)s FROM nka_reading
                WHERE user_id = %(user)s AND date > %(since)s""",
            {
                "user": self.env.uid,
                "now": now,
                "number": number,
                "since": now - WINDOW,
            },
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _is_stopped(self):
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(",".join(self._stopped_groups))

    @api.model
    def _tell(self, total, limit):
        """Log that a user who isn't blocked has exceeded the limit."""
        if not self._is_known(TOLD_WINDOW):
            events = self.env["nka.audit.event"]
            entry = events._prepare_entry(
                self.env.user,
                "reading",
                new=total,
                old=limit,
                note=self.env._("Not blocked: the user has no key account role"),
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

        One event per user and period is enough.

        :param timedelta window: length of the period until now
        """
        events = self.env["nka.audit.event"].sudo()
        return events.search_count(
            [
                ("kind", "=", "reading"),
                ("user_id", "=", self.env.uid),
                ("date", ">", fields.Datetime.now() - window),
            ],
            limit=1,
        )

    @api.autovacuum
    def _gc_readings(self):
        self.env.cr.execute(
            "DELETE FROM nka_reading WHERE date < %s", [fields.Datetime.now() - KEPT]
        )
