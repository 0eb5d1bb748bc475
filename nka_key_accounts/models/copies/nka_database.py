import logging
from typing import NamedTuple

from psycopg2 import OperationalError
from psycopg2.pool import PoolError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, format_datetime

from ..trail.opening import open_records
from ..trail.roles import ADMIN
from .identity import IN_PART, KEPT, WHOLE, Identity

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

PRODUCTION, COPY, TEST = "production", "copy", "test"
#: Columns that keep an identity, in its order.
IDENTITY = Identity._fields


class Standing(NamedTuple):
    """What this database is now, and what was kept of it."""

    #: ``production``, ``copy`` or ``test``; None while nothing is kept.
    state: str | None
    #: Whether this isn't in the audit trail yet.
    is_new: bool = False
    kept: Identity | None = None
    current: Identity | None = None


class Database(models.Model):
    """What this database knows of itself: production system, copy or test system.

    The identity is kept from the first locked month or the first signed checkpoint on,
    whichever comes first: until then no pay was decided and nothing was signed that a
    copy could repeat, and databases that are made from templates don't have to explain
    themselves. A database whose identity is another one is a copy. It holds its emails
    and closes no month until an administrator says which it is.
    """

    _name = "nka.database"
    _description = "Database"
    _inherit = ["nka.guard.mixin"]
    _rec_name = "name"
    _log_access = False
    _guarded_fields = (
        "state",
        *IDENTITY,
        "original",
        "recognized_date",
        "last_event_date",
        "decided_by_id",
        "decided_date",
        "reason",
    )
    _audit_kinds = {
        "copy": _lt("Restored copy recognized"),
        "database": _lt("What the database is"),
        "server": _lt("Database continued by another server"),
    }
    _audit_words = {"database": "state"}
    _reason_actions = {
        "action_confirm_production": _lt("Why is this the production system?"),
        "action_confirm_test": _lt("Why is this a test system?"),
    }

    state = fields.Selection(
        [
            (PRODUCTION, "Production system"),
            (COPY, "Copy, not confirmed"),
            (TEST, "Test system"),
        ],
        "This database is",
        required=True,
        default=PRODUCTION,
        readonly=True,
    )
    name = fields.Char(required=True, readonly=True)
    system = fields.Char("Database server", readonly=True)
    number = fields.Char("Database number", readonly=True)
    uuid = fields.Char("Odoo's identifier", readonly=True)
    timeline = fields.Integer("Server timeline", readonly=True)
    original = fields.Char("Copy of", readonly=True)
    recognized_date = fields.Datetime("Recognized on", readonly=True)
    last_event_date = fields.Datetime(
        "Last event before",
        readonly=True,
        help="Date of the last event of the audit trail when the copy was recognized: "
        "what happened in the original afterwards isn't in this database.",
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_date = fields.Datetime("Decided on", readonly=True)
    reason = fields.Text(readonly=True)
    mail_count = fields.Integer("Waiting emails", compute="_compute_mail_count")
    notice = fields.Char("Copy or test system", compute="_compute_notice")

    _single = models.UniqueIndex("((TRUE))", "There is only one database.")

    # ------------------------------------------------------------ compute
    def _compute_mail_count(self):
        waiting = [("state", "=", "outgoing")]
        self.mail_count = self.env["mail.mail"].sudo().search_count(waiting)

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_notice(self):
        for database in self:
            database.notice = database._notice_of(database.state)

    @api.model
    def _notice(self):
        """Return a sentence for pages if this is a copy or a test system.

        :rtype: str or False
        """
        return self._notice_of(self._look())

    @api.model
    def _notice_of(self, state):
        if state == COPY:
            return self.env._(
                "This database is a copy. Emails wait and no month can be closed until "
                "an administrator confirms whether it is the production system."
            )
        if state == TEST:
            return self.env._("This is a test system. Emails wait and aren't sent.")
        return False

    # ------------------------------------------------------------ looking
    @api.model
    def _look(self):
        """Return what this database is; a copy that is new is put on record.

        Two short queries, one while nothing is kept. Nothing is remembered between
        calls, because a database can be replaced under a running server.

        :return: ``production``, ``copy``, ``test``, or None while nothing is kept
        """
        standing = self._standing()
        if standing.is_new:
            self._recognize_apart()
        return standing.state

    @api.model
    def _standing(self):
        rows = self.env.execute_query(KEPT)
        if not rows:
            return Standing(None)
        ((_id, state, *kept, is_open, is_neutralized, is_replica),) = rows
        kept, current = Identity(*kept), self._current(is_open)
        if current.is_copied(kept):
            new = TEST if is_neutralized else COPY
            return Standing(new, not is_replica, kept, current)
        if is_neutralized and state != TEST:
            return Standing(TEST, not is_replica, kept, current)
        is_turned = current.has_turned(kept) and not is_replica
        return Standing(state, is_turned, kept, current)

    @api.model
    def _current(self, is_open):
        """Return the identity of the database that this transaction is connected to.

        :param bool is_open: whether the functions of the server can be called
        """
        (row,) = self.env.execute_query(WHOLE if is_open else IN_PART)
        return Identity(*row)

    @api.model
    def _recognize_apart(self):
        """Record what this database is in a transaction of its own, so that it
        survives the refusal that follows. A failure doesn't lift that refusal.
        """
        try:
            with self.env["nka.audit.head"]._apart() as heads:
                heads.env[self._name]._recognize()
        except (OperationalError, PoolError):
            _logger.warning("A copied database isn't on record yet", exc_info=True)
        self.env[self._name].invalidate_model(flush=False)

    @api.model
    def _recognize(self):
        """Keep the identity of a copy and record it, once among all processes.

        Waits for another process that does so, and then finds nothing to do.
        """
        self.env.cr.execute("SELECT FROM nka_database FOR UPDATE")
        standing = self._standing()
        if standing.is_new:
            database = self.search([])
            database.invalidate_recordset()
            database._turn_into(standing)

    def _turn_into(self, standing):
        """Keep what this database is now, and record it with what was kept before."""
        kept, current, last = standing.kept, standing.current, self._last_event_date()
        vals = {"state": standing.state, **current._asdict()}
        kind, old, new = "server", kept.text(), current.text()
        if current.is_copied(kept):
            kind = "copy"
            vals |= self._prepare_copy(kept, last)
        elif standing.state != self.state:
            kind, old, new = "database", self.state, standing.state
        note = self._recognition_note(kind, standing.state, last)
        self._set(vals)
        self._record(kind, current, old=old, new=new, note=note)
        _logger.warning("Database %s: %s", current.name, note)

    @api.model
    def _prepare_copy(self, kept, last):
        return {
            "original": kept.name,
            "recognized_date": fields.Datetime.now(),
            "last_event_date": last,
            "decided_by_id": False,
            "decided_date": False,
            "reason": False,
        }

    @api.model
    def _recognition_note(self, kind, state, last):
        """Return what the event says beside both identities."""
        note = self.env._("Last event before: %s.", last or "-")
        if kind == "server":
            return note
        if state == TEST:
            return f"{note} " + self.env._("A test system, because it was neutralized.")
        return f"{note} " + self.env._(
            "Emails wait and no month is closed until it is confirmed."
        )

    @api.model
    def _last_event_date(self):
        [(last,)] = self.env.execute_query(
            SQL("SELECT date FROM nka_audit_event ORDER BY id DESC LIMIT 1")
        ) or [(None,)]
        return last

    # ------------------------------------------------------------ keeping
    @api.model
    def _keep(self):
        """Keep the identity of this database, if none is kept yet."""
        if self._look():
            return
        current = self._current(self._may_ask())
        state = TEST if self._is_neutralized() else PRODUCTION
        names = ["state", *IDENTITY]
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO nka_database (%s) VALUES %s
                       ON CONFLICT DO NOTHING RETURNING id""",
                SQL(", ").join(map(SQL.identifier, names)),
                (state, *current),
            )
        )
        if rows:
            [(database_id,)] = rows
            database = self.sudo().browse(database_id)
            database._record("database", current, new=state)

    @api.model
    def _keep_if_needed(self):
        """Keep the identity of a database that has something to protect already."""
        closes = self.env["nka.month.close"].sudo()
        is_used = closes.search_count([("state", "=", "locked")], limit=1)
        if is_used or self.env["nka.audit.seal"].sudo().search_count([], limit=1):
            self._keep()

    @api.model
    def _may_ask(self):
        """Return whether the database user can read the identity of the server."""
        ((may,),) = self.env.execute_query(
            SQL(
                """SELECT has_function_privilege('pg_control_system()', 'execute')
                      AND has_function_privilege('pg_control_checkpoint()', 'execute')"""
            )
        )
        return may

    @api.model
    def _is_neutralized(self):
        found = self.env["ir.config_parameter"].sudo()
        value = found.get_param("database.is_neutralized")
        return str(value).lower() in ("true", "t", "1")

    def _set(self, vals):
        """Write guarded values at once, because :meth:`_look` reads them by SQL."""
        self._unlocked().write(vals)
        self.flush_recordset()

    def _record(self, kind, identity, **values):
        """Append an event to the audit trail of each company that has one."""
        events = self.sudo().env["nka.audit.event"]
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM res_company company
                    WHERE EXISTS (SELECT FROM nka_audit_event
                                   WHERE company_id = company.id)
                    ORDER BY id"""
            )
        )
        companies = self.env["res.company"].browse(id_ for (id_,) in rows)
        digest = identity.digest(self.state)
        for company in companies:
            trail = events.with_company(company)
            trail._record(self, kind, digest=digest, **values)

    # ------------------------------------------------------------ checks
    @api.model
    def _check_confirmed(self):
        """Refuse in a copy that nobody has confirmed.

        :raise UserError: says who can confirm it, and where
        """
        if self._look() == COPY:
            raise UserError(
                self.env._(
                    "This database is a copy, so a month can't be closed or paid here "
                    "yet. Ask an administrator to confirm under Control ‣ Audit ‣ "
                    "Database whether it is the production system."
                )
            )

    @api.model
    def _may_decide(self):
        """Return whether the user is an administrator of Odoo or of key accounts.

        Asks the user, not the superuser who may act for them.
        """
        user = self.env.user
        return user.has_group("base.group_system") or user.has_group(ADMIN)

    def _check_decider(self):
        if not self._may_decide():
            raise AccessError(
                self.env._(
                    "Only an administrator of Odoo or of key accounts can confirm what "
                    "this database is. Ask one of them."
                )
            )

    def _check_stopping(self):
        """Leave a production system to Odoo's administrators: all emails would wait."""
        is_stopping = self.state == PRODUCTION
        if is_stopping and not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "This is the production system, and a test system sends no emails. "
                    "Only an administrator of Odoo can change that. Ask one of them."
                )
            )

    def _check_undecided(self, state):
        if self.state == state:
            raise UserError(
                self.env._(
                    "This database is already confirmed: %s.",
                    dict(self._fields["state"]._description_selection(self.env))[state],
                )
            )
        if state == PRODUCTION and self._is_neutralized():
            raise UserError(
                self.env._(
                    "This database was neutralized: its jobs and mail servers are "
                    "switched off, so it can't be the production system. Restore the "
                    "backup again without neutralizing it."
                )
            )

    # ------------------------------------------------------------ actions
    def action_confirm_production(self, reason=None):
        """Confirm that this copy is the production system now; asks why.

        Waiting emails are sent by the mail queue, and months can be closed.

        :param str reason: why; without one, a dialog asks for it
        :return: the dialog, or True
        :raise AccessError: for other people than administrators
        :raise UserError: in a neutralized database
        """
        return self._decide(PRODUCTION, "action_confirm_production", reason)

    def action_confirm_test(self, reason=None):
        """Confirm that this database is a test system; asks why.

        Months can be closed for practice; emails wait.

        :param str reason: why; without one, a dialog asks for it
        :return: the dialog, or True
        :raise AccessError: for other people than administrators; in a production system,
            than those of Odoo
        """
        return self._decide(TEST, "action_confirm_test", reason)

    def _decide(self, state, action, reason):
        self.ensure_one()
        self.check_access("read")
        self._check_decider()
        self._look()
        self._check_undecided(state)
        self._check_stopping()
        if not reason:
            return self.env["nka.reason.wizard"]._ask(self, action)
        old, current = self.state, self._current(self._may_ask())
        self.sudo()._set(
            {
                "state": state,
                **current._asdict(),
                "decided_by_id": self.env.uid,
                "decided_date": fields.Datetime.now(),
                "reason": reason,
            }
        )
        self._record("database", current, old=old, new=state, note=reason)
        return True

    @api.model
    def action_open(self):
        """Open what this database knows of itself.

        :raise UserError: while nothing is kept
        """
        self.check_access("read")
        if not self._look():
            raise UserError(
                self.env._(
                    "There is nothing to confirm yet. The identity of this database is "
                    "recorded with the first signed checkpoint or the first locked month."
                )
            )
        return open_records(self.search([]), self.env._("Database"))

    def action_open_trail(self):
        """Open the audit events about this database."""
        self.check_access("read")
        return self.env["nka.audit.event"]._action_of(self)

    # ------------------------------------------------------------ business
    def _told(self):
        """Return a sentence for a verification, with the original and the day."""
        self.ensure_one()
        words = {
            "original": self.original,
            "day": format_datetime(self.env, self.recognized_date),
            "last": format_datetime(self.env, self.last_event_date),
        }
        if self.state == TEST and not self.original:
            return self.env._("This database is a test system.")
        if self.state == TEST:
            return self.env._(
                "This database is a test system, a copy of “%(original)s” recognized on "
                "%(day)s. Last event before: %(last)s.",
                **words,
            )
        return self.env._(
            "This database is a restored copy of “%(original)s”, recognized on %(day)s "
            "and not confirmed yet. Last event before: %(last)s.",
            **words,
        )
