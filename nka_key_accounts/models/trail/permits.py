"""Permission for one write that our own code is about to do, and for no other.

It is kept beside the environment, never in a context: a context goes along to
whatever a write sets off, so an automation or another addon's override would act with
the permission of the write that woke it. A permit names the step, the model, the
records and the values. Whoever is woken before it is used can therefore do nothing
with it but the very thing it was given for.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_granted = ContextVar("nka_granted", default=())


class Permit:
    """One permission: which step, on which records, with which values."""

    __slots__ = ("cursor", "ids", "model", "rows", "step", "used")

    def __init__(self, step, records, rows):
        self.step = step
        self.cursor = records.env.cr
        self.model = records._name
        self.ids = frozenset(records._ids)
        # Copies: Odoo's own overrides add to the values they are given.
        self.rows = [dict(row) for row in rows]
        self.used = False

    def covers(self, step, records, rows, may_add=None, is_open=True):
        """Whether this permission is for these records and values.

        :param bool is_open: whether one that has been used up is none
        :param may_add: says of a field's name whether it may have been filled in on
            the way, all that was granted being there; without it nothing may be
            there but what was granted
        """
        return (
            not (is_open and self.used)
            and step == self.step
            and records._name == self.model
            and records.env.cr is self.cursor
            and self.ids.issuperset(records._ids)
            and len(rows) == len(self.rows)
            and all(
                _is_alike(row, given, may_add)
                for row, given in zip(rows, self.rows, strict=True)
            )
        )


def _is_alike(row, given, may_add):
    if may_add is None:
        return _is_part(row, given)
    return _is_part(given, row) and all(map(may_add, row.keys() - given.keys()))


def _is_part(part, whole):
    return all(name in whole and whole[name] == part[name] for name in part)


@contextmanager
def granted(step, records, rows=()):
    """Grant a step on ``records`` with ``rows`` of values while the block runs."""
    permit = Permit(step, records, rows)
    token = _granted.set((*_granted.get(), permit))
    try:
        yield
    finally:
        _granted.reset(token)


def find_permit(step, records, rows=(), may_add=None, is_open=True):
    """The permit that was granted for exactly this, or None."""
    for permit in reversed(_granted.get()):
        if permit.covers(step, records, rows, may_add, is_open):
            return permit
    return None
