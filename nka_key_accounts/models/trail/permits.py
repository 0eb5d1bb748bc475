"""Permission for exactly one write by the addon's own code.

It is stored outside the environment and never in a context: a context is passed on to
everything that a write triggers, so an automation or another addon's override would
have the same permission. A permit names the step, the model, the records and the
values, so code that runs before the permit is used can do nothing with it but that same
write.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_granted = ContextVar("nka_granted", default=())


class Permit:
    """One permission: a step on certain records with certain values."""

    __slots__ = ("cursor", "ids", "model", "rows", "step", "used")

    def __init__(self, step, records, rows):
        self.step = step
        self.cursor = records.env.cr
        self.model = records._name
        self.ids = frozenset(records._ids)
        # Copies, because Odoo's overrides add to the values they receive.
        self.rows = [dict(row) for row in rows]
        self.used = False

    def covers(self, step, records, rows, may_add=None, is_open=True):
        """Return whether this permission covers these records and values.

        :param str step: ``create``, ``write`` or ``unlink``
        :param records: the records of the call; empty for a create
        :param rows: the values of the call
        :param may_add: function of a field name that returns whether other overrides
            may have added that field; all granted values must then be present. Without
            it, the call can't contain anything that wasn't granted
        :param bool is_open: whether a used permission is ignored
        :rtype: bool
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
    """Return the latest permit granted for exactly this call, or None."""
    for permit in reversed(_granted.get()):
        if permit.covers(step, records, rows, may_add, is_open):
            return permit
    return None
