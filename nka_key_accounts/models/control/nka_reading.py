from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.tools import LazyTranslate

from ..trail.roles import ADMIN, MANAGER, SUPERVISOR

_lt = LazyTranslate(__name__)

WINDOW = timedelta(hours=1)
#: Whoever isn't stopped is told of once in this time.
TOLD_WINDOW = timedelta(days=1)
KEPT = timedelta(days=7)


class Reading(models.Model):
    """How many records of key accounts a person read at once, and when.

    Rows are added and never updated: a screen reads from several requests at a
    time, and a counter updated by all of them would make them wait for each other.
    """

    _name = "nka.reading"
    _description = "Reads of key account data"
    _audit_kinds = {"reading": _lt("Read limit exceeded")}
    _log_access = False
    _order = "id desc"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    date = fields.Datetime(required=True)
    count = fields.Integer(required=True)

    # Asked at every counted read: what this person read in the last hour.
    _person_idx = models.Index("(user_id, date) INCLUDE (count)")

    #: Who sees accounts and deals as such, and is stopped at the limit.
    _stopped_groups = (MANAGER, SUPERVISOR, ADMIN)

    @api.model
    def _count(self, number):
        """Add to what the acting person read; beyond the company's limit, refuse those who
        look after key accounts and tell of everybody else.

        Colleagues without such a role meet no wall: an accountant, or a program that
        synchronises contacts, reads thousands of them in an hour for their work.

        One query.

        :param int number: records of key accounts in one answer
        :raise AccessError: when the hour's limit is used up
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
        """Whether what the acting person reads counts.

        Everybody who logs in as an employee does: contacts of key accounts stand in the
        address book of all. So does an administrator who became the superuser; jobs, the
        mail server, and clients in the portal don't.
        """
        if self.env.uid == SUPERUSER_ID:
            return self._is_superuser_session()
        return bool(self.env.user) and self.env.user._is_internal()

    @api.model
    def _is_silent(self):
        """Whether the server reads for itself here, and not for whoever asks."""
        return self.env.su and not (
            self.env.uid == SUPERUSER_ID and self._is_superuser_session()
        )

    @api.model
    def _is_superuser_session(self):
        """Whether somebody logged in works with the superuser's id."""
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
        """Keep that somebody reads on beyond the limit."""
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
        """One event for a person and time is enough.

        :param timedelta window: that time
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
