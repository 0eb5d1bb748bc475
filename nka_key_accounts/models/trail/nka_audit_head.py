import logging
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.tools import SQL

from .audit_chain import CHAIN_VERSION, HASHED_COLUMNS, HASHED_FIELDS, link_digest
from .guards import guards_of

_logger = logging.getLogger(__name__)

#: Events that one transaction numbers at most.
BATCH = 1000
#: How many such transactions follow a commit at most; the job does the rest.
PASSES = 5
#: An event that waits longer for its number is an alarm.
PATIENCE = timedelta(minutes=15)
#: Advisory locks have numbers; a company's is this one and the company's id.
LOCK = int.from_bytes(b"nka", "big") << 32

#: A company without a link may be deleted, and its head with it.
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
    """Last link of a company's audit chain, and who lengthens the chain.

    Transparency logs do it this way: append first, sequence afterwards. Events are
    inserted without a number, by transactions that know nothing of each other. After
    each commit, and by a job where that failed, a short transaction of its own gives
    what waits its numbers and digests. One at a time does so, and it must see all that
    was committed before it: a number read from an older snapshot forks the chain.

    Events are numbered by their ids, so the events of one transaction keep their
    order, and those of one record too: whoever changes a record after somebody else
    begins after the other's commit.
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
        """Begin the chains of new companies: from then on a missing head is an alarm."""
        self.sudo().create([{"company_id": company.id} for company in companies])

    @api.model
    def _begin_missing(self):
        """Begin the chains of companies that were there before the addon.

        Where there are links, a missing head was taken away: it isn't made anew.
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
        """Number of a company's events that wait for their number.

        :param datetime since: only those that have waited since then or longer
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
        """Number of a company's events that have waited too long for their number."""
        return self._count_waiting(company, since=fields.Datetime.now() - PATIENCE)

    @api.model
    def _count_stuck(self, company):
        """Likewise, as it stands now, whatever the snapshot of whoever asks shows."""
        with self._apart() as heads:
            return heads._count_overdue(company)

    # ------------------------------------------------------------ sequencing
    @api.model
    def _sequence_committed(self, company_ids):
        """Number what was just committed; the job does what fails here.

        Whoever acted isn't kept waiting for more than a few batches, nor told of an
        error: what they did is done.
        """
        if modules.module.current_test:
            return  # nothing of a test is ever committed
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
        """Every few minutes: number what no hook numbered, e.g. of a killed server."""
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
                # One company's trouble is no reason to leave the others waiting.
                _logger.exception(
                    "Events of company %s can't be numbered in the audit trail",
                    company.id,
                )

    @api.model
    def _sequence(self, company, passes=None):
        """Number a company's waiting events, batch by batch.

        Where another process is at it, it is left to that one: it looks again after
        it has let the lock go, so that nothing committed in between is forgotten.

        :param int passes: how many batches at most
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
        """Heads in transactions of their own.

        The one transaction of a test is never committed: there it is done in place.
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
        """Commit, and begin a transaction that sees what others commit meanwhile.

        Odoo's cursors read from one snapshot, which the first statement takes. Asking
        for the lock takes it before there is a lock, so this transaction reads anew
        with each statement. It gives up soon where somebody holds the tables. Its
        commit needn't reach the disk at once: numbers that a crash takes back are
        given again, while the events themselves were committed before.
        """
        if modules.module.current_test:
            return
        # A cursor of its own, which nobody else works with.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.cr.execute(
            """SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
               SET LOCAL lock_timeout = '2s';
               SET LOCAL synchronous_commit = off"""
        )

    @api.model
    def _companies_waiting(self, companies=None):
        """Those of ``companies``, or of all, that have waiting events."""
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
        """Become the one who numbers a company's events, until the transaction ends.

        :return: whether nobody else is at it
        :rtype: bool
        """
        ((is_mine,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", LOCK + company.id)
        )
        return is_mine

    @api.model
    def _number(self, company):
        """Give the next waiting events their places, in this transaction.

        :return: how many; 0 too where the chain can't be lengthened
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
        """Number and digest of the last link; None where there is no sound end.

        Without its head, or with links behind it, the chain was tampered with. A link
        put there would cover that up, so the events wait, which becomes an alarm.
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
        """Places of events behind the link ``seq``: id, number, digest before, digest."""
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
