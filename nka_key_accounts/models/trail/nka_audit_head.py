import logging
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.tools import SQL

from .audit_chain import CHAIN_VERSION, HASHED_COLUMNS, HASHED_FIELDS, link_digest
from .guards import guards_of

_logger = logging.getLogger(__name__)

#: Maximum number of events numbered in one transaction.
BATCH = 1000
#: Maximum number of such transactions after a commit; the scheduled job does the rest.
PASSES = 5
#: Events that wait longer for their number are reported as a problem.
PATIENCE = timedelta(minutes=15)
#: Base of the advisory lock keys; the company's id is added to it.
LOCK = int.from_bytes(b"nka", "big") << 32

#: A company without numbered events can be deleted together with its chain head.
HEAD_SQL = """
CREATE OR REPLACE FUNCTION nka_audit_head_forward() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.seq >= OLD.seq AND NEW.company_id = OLD.company_id THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.seq = 0 THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the head of the audit chain only moves forward: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS nka_audit_head_forward_only ON nka_audit_head;
CREATE TRIGGER nka_audit_head_forward_only
    BEFORE UPDATE OR DELETE ON nka_audit_head
    FOR EACH ROW EXECUTE FUNCTION nka_audit_head_forward();
DROP TRIGGER IF EXISTS nka_audit_head_no_truncate ON nka_audit_head;
CREATE TRIGGER nka_audit_head_no_truncate
    BEFORE TRUNCATE ON nka_audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION nka_audit_head_forward();
ALTER TABLE nka_audit_head ENABLE ALWAYS TRIGGER nka_audit_head_forward_only;
ALTER TABLE nka_audit_head ENABLE ALWAYS TRIGGER nka_audit_head_no_truncate;
"""


class AuditHead(models.Model):
    """Newest event of a company's audit chain, and the code that extends the chain.

    As in transparency logs, events are appended first and sequenced afterwards.
    Concurrent transactions insert events without a number. After each commit, a short
    separate transaction assigns numbers and hashes to the waiting events; a scheduled
    job does so where that failed. Only one such transaction runs at a time, and it
    must see everything committed before it: a number read from an older snapshot would
    fork the chain.

    Events are numbered by id, so events of one transaction keep their order. Those of
    one record do too, because a user who changes a record after another user starts
    after that user's commit.
    """

    _name = "nka.audit.head"
    _description = "Audit chain"
    _log_access = False
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    seq = fields.Integer(required=True, default=0)
    digest = fields.Char("Hash", required=True, default="")
    waiting = fields.Integer(
        "Not numbered yet",
        compute="_compute_waiting",
        help="Number of events that aren't part of the chain yet.",
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company can have only one audit chain."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *guards_of(HEAD_SQL)]

    # ------------------------------------------------------------ compute
    def _compute_waiting(self):
        events = self.env["nka.audit.event"].sudo()
        domain = [("company_id", "in", self.company_id.ids), ("seq", "=", False)]
        counts = dict(events._read_group(domain, ["company_id"], ["__count"]))
        for head in self:
            head.waiting = counts.get(head.company_id, 0)

    # ------------------------------------------------------------ beginning
    @api.model
    def _begin(self, companies):
        """Create the chains of new companies; a head missing later is reported."""
        self.sudo().create([{"company_id": company.id} for company in companies])

    @api.model
    def _begin_missing(self):
        """Create the chains of companies that existed before the addon was installed.

        If a company has numbered events but no head, the head was deleted and isn't
        created again, so that the deletion stays visible.
        """
        self.env.cr.execute(
            """INSERT INTO nka_audit_head (company_id, seq, digest)
               SELECT id, 0, '' FROM res_company company
                WHERE NOT EXISTS (SELECT FROM nka_audit_event
                                   WHERE company_id = company.id AND seq IS NOT NULL)
               ON CONFLICT DO NOTHING"""
        )

    # ------------------------------------------------------------ waiting events
    @api.model
    def _count_waiting(self, company, since=None):
        """Return the number of a company's events that wait for their number.

        :param datetime since: count only events that have waited since then or longer
        :rtype: int
        """
        overdue = SQL("AND date <= %s", since) if since else SQL()
        ((count,),) = self.env.execute_query(
            SQL(
                """SELECT COUNT(*) FROM nka_audit_event
                    WHERE company_id = %s AND seq IS NULL %s""",
                company.id,
                overdue,
            )
        )
        return count

    @api.model
    def _count_overdue(self, company):
        """Return the number of a company's events that have waited too long."""
        return self._count_waiting(company, since=fields.Datetime.now() - PATIENCE)

    @api.model
    def _count_stuck(self, company):
        """Return the number of overdue events as a new transaction sees it.

        The count is current even if the caller's snapshot is older.
        """
        with self._apart() as heads:
            return heads._count_overdue(company)

    # ------------------------------------------------------------ sequencing
    @api.model
    def _sequence_committed(self, company_ids):
        """Number the events that were just committed.

        Runs only a few batches to keep the user's request short and logs errors instead
        of raising them, since the user's changes are committed. The scheduled job
        numbers what remains.
        """
        if modules.module.current_test:
            return  # tests never commit
        try:
            for company_id in sorted(company_ids):
                self._sequence(self.env["res.company"].browse(company_id), PASSES)
        except Exception:
            _logger.warning(
                "Events of the audit trail wait for their numbers; the job "
                "“number the audit trail” gives them.",
                exc_info=True,
            )

    @api.model
    def _cron_sequence(self):
        """Scheduled job: number events that no commit hook did, e.g. after a crash."""
        self._sequence_all()

    @api.model
    def _sequence_all(self):
        """Number all waiting events of all companies now."""
        with self._apart() as heads:
            companies = heads._companies_waiting()
        for company in companies.with_env(self.env):
            try:
                self._sequence(company)
            except Exception:
                # An error in one company must not stop the others.
                _logger.exception(
                    "Events of company %s can't be numbered in the audit trail",
                    company.id,
                )

    @api.model
    def _sequence(self, company, passes=None):
        """Number a company's waiting events in batches.

        Returns at once if another process holds the lock. That process checks for new
        events after releasing it, so no event committed in between is missed.

        :param int passes: maximum number of batches; no limit if None
        """
        with self._apart() as heads:
            while passes is None or passes:
                passes = passes and passes - 1
                if not heads._lock(company) or not heads._number(company):
                    return
                heads._renew()
                if company not in heads._companies_waiting(company):
                    return

    @contextmanager
    def _apart(self):
        """Yield this model in a separate transaction.

        Tests never commit, so there it yields the model in the test's transaction.
        """
        if modules.module.current_test:
            yield self.sudo()
            self.env["nka.audit.event"].invalidate_model(flush=False)
            self.invalidate_model(flush=False)
            return
        with self.env.registry.cursor() as cr:
            heads = api.Environment(cr, SUPERUSER_ID, {})[self._name]
            heads._renew()
            yield heads

    @api.model
    def _renew(self):
        """Commit and start a transaction that sees concurrent commits.

        Odoo's cursors use one snapshot, which their first query takes. The query for
        the advisory lock would take it before the lock is acquired, so this transaction
        uses READ COMMITTED. It times out soon if another session has locked the tables.
        Its commit is asynchronous: numbers lost in a crash are assigned again, and the
        events themselves were committed before.
        """
        if modules.module.current_test:
            return
        # This cursor is used only by the numbering.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.cr.execute(
            """SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
               SET LOCAL lock_timeout = '2s';
               SET LOCAL synchronous_commit = off"""
        )

    @api.model
    def _companies_waiting(self, companies=None):
        """Return companies with waiting events, among ``companies`` if given."""
        among = SQL("AND id IN %s", companies._ids) if companies else SQL()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM res_company company
                    WHERE EXISTS (SELECT FROM nka_audit_event
                                   WHERE company_id = company.id AND seq IS NULL)
                          %s
                    ORDER BY id""",
                among,
            )
        )
        return self.env["res.company"].browse([company_id for (company_id,) in rows])

    @api.model
    def _lock(self, company):
        """Try to lock the numbering of a company's events for this transaction.

        :return: whether the lock was acquired
        :rtype: bool
        """
        ((is_mine,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", LOCK + company.id)
        )
        return is_mine

    @api.model
    def _number(self, company):
        """Assign numbers to the next batch of waiting events, in this transaction.

        :return: number of events; also 0 if the chain can't be extended
        :rtype: int
        """
        waiting = self.env.execute_query(
            SQL(
                """SELECT id, %s FROM nka_audit_event
                    WHERE company_id = %s AND seq IS NULL
                      AND previous_digest IS NULL AND digest IS NULL
                    ORDER BY id LIMIT %s""",
                SQL(HASHED_COLUMNS),
                company.id,
                BATCH,
            )
        )
        end = self._end_of(company) if waiting else None
        if not end:
            return 0
        links = self._prepare_links(waiting, *end)
        self._write_links(links)
        self._advance(company, links)
        return len(links)

    @api.model
    def _end_of(self, company):
        """Return number and hash of the last event; None for an invalid chain end.

        If the head is missing or events have higher numbers than the head, the chain
        was tampered with. Extending it would hide that, so the events keep waiting,
        which is reported as a problem.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT head.seq, head.digest, (
                          SELECT event.seq FROM nka_audit_event event
                           WHERE event.company_id = %(company)s AND event.seq IS NOT NULL
                           ORDER BY event.seq DESC LIMIT 1)
                     FROM nka_audit_head head WHERE head.company_id = %(company)s""",
                company=company.id,
            )
        )
        if not rows:
            _logger.error(
                "The head of the audit trail of company %s is missing: its events "
                "can't be numbered. Verify the trail.",
                company.id,
            )
            return None
        ((seq, digest, last),) = rows
        if (last or 0) > seq:
            _logger.error(
                "The audit trail of company %s has event %s behind its head, %s: "
                "further events can't be numbered. Verify the trail.",
                company.id,
                last,
                seq,
            )
            return None
        return seq, digest

    @api.model
    def _prepare_links(self, waiting, seq, previous):
        """Return (id, number, previous hash, hash) of events after ``seq``."""
        links = []
        for event_id, *values in waiting:
            seq += 1
            values = dict(zip(HASHED_FIELDS, values, strict=True))
            digest = link_digest(CHAIN_VERSION, seq, previous, values)
            links.append((event_id, seq, previous, digest))
            previous = digest
        return links

    @api.model
    def _write_links(self, links):
        self.env.cr.execute(
            SQL(
                """UPDATE nka_audit_event event
                      SET seq = link.seq, previous_digest = link.previous,
                          digest = link.digest
                     FROM (VALUES %s) AS link (id, seq, previous, digest)
                    WHERE event.id = link.id""",
                SQL(", ").join(links),
            )
        )

    @api.model
    def _advance(self, company, links):
        _event_id, seq, _previous, digest = links[-1]
        self.env.cr.execute(
            SQL(
                """UPDATE nka_audit_head SET seq = %s, digest = %s
                    WHERE company_id = %s""",
                seq,
                digest,
                company.id,
            )
        )
