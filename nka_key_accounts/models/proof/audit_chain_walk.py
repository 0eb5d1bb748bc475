"""Verification of an audit chain, with a description of its first broken link."""

from typing import NamedTuple

from odoo.tools import SQL, split_every

from ..trail.audit_chain import (
    CHAIN_VERSION,
    HASHED_COLUMNS,
    HASHED_FIELDS,
    link_digest,
)

BATCH = 5000
#: Number of events of a part of the chain, see ``nka.audit.part``.
PART = 5000
#: Number of parts that one query returns.
PARTS_AT_ONCE = 5
#: Events on both sides of a broken link to search for its original position.
NEIGHBOURHOOD = 1000
EVERY = SQL("TRUE")
#: Version of the formula by the prefix of a hash.
VERSIONS = {f"v{number}": number for number in range(1, CHAIN_VERSION + 1)}


class Link(NamedTuple):
    """One event of the chain."""

    seq: int
    previous: str
    digest: str
    values: dict

    def fits(self, seq):
        """Return whether the hash matches the content with number ``seq``."""
        version = self.version()
        if version is None:
            return False
        return link_digest(version, seq, self.previous, self.values) == self.digest

    def version(self):
        """Return the formula version named by the hash, or None for an unknown one."""
        return VERSIONS.get((self.digest or "").partition("$")[0])


class Break(NamedTuple):
    """The first break of a chain: event number and explanation."""

    seq: int
    message: str


def select_links(company_id, where=EVERY):
    """Return a query for the links in chain order, with dates formatted as hashed.

    Events that wait for their number aren't part of the chain yet.

    :param SQL where: additional condition
    :rtype: SQL
    """
    return SQL(
        """SELECT seq, previous_digest, digest, %s FROM nka_audit_event
            WHERE company_id = %s AND seq IS NOT NULL AND %s ORDER BY seq""",
        SQL(HASHED_COLUMNS),
        company_id,
        where,
    )


def link_of(row):
    """Return the :class:`Link` of a row of :func:`select_links`."""
    seq, previous, digest, *values = row
    return Link(seq, previous or "", digest, dict(zip(HASHED_FIELDS, values)))


def stream_links(cr, company_id, after=0):
    """Yield a company's links through a server-side cursor, in constant memory.

    :param int after: number of the event to begin after
    """
    query = select_links(company_id, SQL("seq > %s", after) if after else EVERY)
    cr.execute(SQL("DECLARE nka_audit_walk NO SCROLL CURSOR FOR %s", query))
    try:
        while True:
            cr.execute(SQL("FETCH FORWARD %s FROM nka_audit_walk", BATCH))
            rows = cr.fetchall()
            yield from map(link_of, rows)
            if len(rows) < BATCH:
                return
    finally:
        cr.execute("CLOSE nka_audit_walk")


def stream_parts(cr, company_id, numbers):
    """Yield the links of some parts of a company's chain, in order.

    The client receives several parts at once, but a tuple for each event only while it
    is verified.
    """
    for some in split_every(PARTS_AT_ONCE, numbers):
        stretches = [
            SQL(
                "(%s)",
                select_links(company_id, _stretch_of(number)),
            )
            for number in some
        ]
        links = SQL(" UNION ALL ").join(stretches)
        cr.execute(SQL("SELECT * FROM (%s) link ORDER BY seq", links))
        while rows := cr.fetchmany(NEIGHBOURHOOD):
            yield from map(link_of, rows)


def _stretch_of(number):
    """Return a condition for the links of a part; forged ones before 1 are in the first."""
    until = SQL("seq <= %s", number * PART)
    return SQL("%s AND seq > %s", until, (number - 1) * PART) if number > 1 else until


class Walk:
    """Verification of the chain of one company.

    :param env: environment used for queries and translations
    :param int company_id: company whose chain is verified
    :param int after: number of the event to begin after
    :param str digest: hash of that event
    """

    def __init__(self, env, company_id, after=0, digest=""):
        self.env = env
        self.company_id = company_id
        self.count, self.digest = after, digest
        #: Hash of the last event of each part that was verified, by number of the part.
        self.ends = {}

    def first_break(self):
        """Verify the chain from the first link to the head.

        :rtype: Break or None
        """
        links = stream_links(self.env.cr, self.company_id, self.count)
        return self.first_break_of(links) or self._check_head()

    def first_break_of(self, links):
        """Verify the next links only, without the head.

        :rtype: Break or None
        """
        for link in links:
            if broken := self._check(link):
                return broken
            self.count, self.digest = link.seq, link.digest
            if link.seq % PART == 0:
                self.ends[link.seq // PART] = link.digest
        return None

    def _check(self, link):
        if link.seq != self.count + 1:
            return self._missing(link.seq)
        if link.previous != self.digest or not link.fits(link.seq):
            return Break(link.seq, self._explain(link))
        return None

    def _missing(self, found):
        if found <= self.count:
            return Break(found, self.env._("Event %s appears twice.", found))
        return Break(
            self.count + 1,
            self.env._(
                "Event %(first)s is missing: after %(last)s comes %(found)s.",
                first=self.count + 1,
                last=self.count,
                found=found,
            ),
        )

    def _explain(self, link):
        """Describe the most likely cause of a broken link."""
        place = self._true_place(link)
        if place is None:
            return self.env._(
                "Event %(seq)s was edited: its content doesn't match its hash.",
                seq=link.seq,
            )
        if place == link.seq:
            return self.env._(
                "Event %(before)s was replaced or inserted: event %(seq)s doesn't "
                "follow from it.",
                before=link.seq - 1,
                seq=link.seq,
            )
        return self._explain_place(link, place)

    def _explain_place(self, link, place):
        other = self._link_at(place)
        if other and other.fits(link.seq):
            return self.env._(
                "Events %(one)s and %(two)s were swapped.", one=link.seq, two=place
            )
        if place < link.seq:
            return self.env._(
                "Event %(before)s was inserted: event %(seq)s originally had number "
                "%(place)s.",
                before=link.seq - 1,
                seq=link.seq,
                place=place,
            )
        return self.env._(
            "Events before %(seq)s were removed: it originally had number %(place)s.",
            seq=link.seq,
            place=place,
        )

    @staticmethod
    def _true_place(link):
        nearby = range(max(1, link.seq - NEIGHBOURHOOD), link.seq + NEIGHBOURHOOD)
        places = sorted(nearby, key=lambda seq: abs(seq - link.seq))
        return next(filter(link.fits, places), None)

    def _link_at(self, seq):
        self.env.cr.execute(select_links(self.company_id, SQL("seq = %s", seq)))
        row = self.env.cr.fetchone()
        return link_of(row) if row else None

    def _check_head(self):
        self.env.cr.execute(
            SQL(
                "SELECT seq, digest FROM nka_audit_head WHERE company_id = %s",
                self.company_id,
            )
        )
        head = self.env.cr.fetchone()
        if not head:
            return self._headless()
        seq, digest = head
        if seq > self.count:
            message = self.env._(
                "The end of the chain was cut: events %(first)s to %(last)s are missing.",
                first=self.count + 1,
                last=seq,
            )
            return Break(self.count + 1, message)
        if (seq, digest) != (self.count, self.digest):
            message = self.env._(
                "The last event on record is %(head)s, but the chain ends with "
                "%(last)s: an event was added after it, or the record of the last "
                "event was changed.",
                head=seq,
                last=self.count,
            )
            return Break(self.count, message)
        return None

    def _headless(self):
        """Report a missing head: it is created with the company and can't be deleted
        while there are numbered events.
        """
        return Break(
            self.count,
            self.env._(
                "The record of the last event is missing (event %s or later). It was "
                "deleted, so it can't be shown whether events after it were removed.",
                self.count,
            ),
        )
