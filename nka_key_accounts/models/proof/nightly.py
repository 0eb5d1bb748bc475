"""What a nightly verification covers: what is new, and a part of what was verified.

The chain goes on after the last part that is both verified and signed. Of the parts
before, those verified longest ago come next, and as many others are drawn at random, so
that nobody knows which.
"""

from itertools import groupby
from math import ceil
from typing import NamedTuple

from odoo import fields
from odoo.modules import Manifest

from .audit_chain_walk import PART, Walk, stream_parts
from .nka_audit_part import DRAW, LONGEST, Part
from .scope import GROUPS, Scope, changed_since, with_absent

#: Why a verification covered everything.
ASKED, FIRST, FOUND, CONTRADICTED = "asked", "first", "found", "contradicted"


def program_version():
    """Return the version of the program, with which a verification was made."""
    return Manifest.for_addon("nka_key_accounts").version


class Night(NamedTuple):
    """What a nightly verification covers.

    :param list before: the parts of the chain that it begins after
    :param list drawn: those of them that it verifies again
    :param Scope scope: the records that it compares
    """

    before: list[Part]
    drawn: list[Part]
    scope: Scope

    def walk(self, env, company):
        """Verify these parts, then the chain after them.

        :return: the walk to the end of the chain, hashes of the verified parts by
            number, and whether nothing was found
        :rtype: tuple[Walk, dict[int, str], bool]
        """
        ends = {}
        links = stream_parts(env.cr, company.id, [part.number for part in self.drawn])
        # Odoo's groupby would keep all events in memory.
        parts = groupby(  # pylint: disable=bad-builtin-groupby
            links, lambda link: max(1, -(-link.seq // PART))
        )
        for number, own in parts:
            walk = self._walk_after(env, company, number - 1)
            if walk.first_break_of(own):
                return walk, ends, False
            ends |= walk.ends
        walk = self._walk_after(env, company, len(self.before))
        is_intact = not walk.first_break()
        is_complete = ends == {part.number: part.digest for part in self.drawn}
        return walk, ends | walk.ends, is_intact and is_complete

    def _walk_after(self, env, company, number):
        digest = self.before[number - 1].digest if number else ""
        return Walk(env, company.id, number * PART, digest)


def plan(env, company, kept):
    """Return what the verification of this night covers.

    :param dict kept: parts verified before, as ``_kept`` of ``nka.audit.part`` returns
        them
    :param res.company company: company of the audit trail
    :return: the :class:`Night`, or why everything has to be verified
    :rtype: Night or str
    """
    last = (
        env["nka.audit.verification"]
        .sudo()
        .search([("company_id", "=", company.id)], limit=1)
    )
    if last and not last.is_whole:
        return FOUND
    if last.program != program_version() or not _is_complete(kept):
        return FIRST
    signed = env["nka.audit.seal"]._last_signed(company)
    before = kept["events"][: signed // PART]
    groups = tuple(part.number for part in draw(kept["records"]))
    # Of the parts alone: they are signed, and the result of the night before isn't.
    changed = changed_since(env, company, len(kept["events"]) * PART)
    latest = max(part.date for parts in kept.values() for part in parts)
    moment = fields.Datetime.to_datetime(latest)
    scope = with_absent(Scope(changed, moment, groups), env, company)
    return Night(before, draw(before), scope)


def _is_complete(kept):
    events, records = (
        [part.number for part in kept[kind]] for kind in ("events", "records")
    )
    return events == [*range(1, len(events) + 1)] and records == [*range(GROUPS)]


def draw(parts):
    """Return the parts to verify again: the oldest ones, and others at random.

    The oldest are as many as it takes to have each of them within ``LONGEST``, or more
    if nights were missed. As many others are drawn, so that the cost is about the same
    every night.

    :param list[Part] parts: parts that were verified before
    :rtype: list[Part]
    """
    quota = ceil(len(parts) / LONGEST.days)
    latest = fields.Datetime.to_string(fields.Datetime.now() - LONGEST)
    by_age = sorted(DRAW.sample(parts, len(parts)), key=lambda part: part.date)
    overdue = sum(part.date <= latest for part in by_age)
    rest = by_age[max(quota, overdue) :]
    drawn = by_age[: max(quota, overdue)] + DRAW.sample(rest, min(quota, len(rest)))
    return sorted(drawn, key=lambda part: part.number)
