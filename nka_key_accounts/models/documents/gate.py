"""What the gate of a stage says of a deal, and how it refuses."""

from typing import NamedTuple

from odoo.exceptions import RedirectWarning, UserError


class GateClosed(UserError, RedirectWarning):
    """A deal misses something for its next stage.

    A UserError to code, imports and other clients; the browser shows it as a
    RedirectWarning, with a button that leads to what is missing.
    """

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)


# Odoo's own RedirectWarning is no UserError: imports and batches would show a traceback
# instead of words. The web client chooses the dialog with the button by this name alone.
GateClosed.__name__ = "RedirectWarning"
GateClosed.__module__ = "odoo.exceptions"


class Standing(NamedTuple):
    """Where a deal stood before a write."""

    is_gated: bool
    is_active: bool
    stage: object
    account: object


class Missing(NamedTuple):
    """What a deal misses for a stage."""

    types: object
    others: list

    def words(self):
        """Everything that is missing, in words."""
        return [*self.types.mapped("name"), *self.others]

    def __bool__(self):
        return bool(self.types or self.others)
