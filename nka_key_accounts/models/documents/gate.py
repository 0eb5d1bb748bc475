"""Data and error classes of the approval gate."""

from typing import NamedTuple

from odoo.exceptions import RedirectWarning, UserError


class GateClosed(UserError, RedirectWarning):
    """A deal lacks a requirement of a stage.

    Code, imports and RPC clients get a UserError; the web client treats it as a
    RedirectWarning and shows a button that opens what is missing.
    """

    def __init__(self, message, action, button_text):
        Exception.__init__(self, message, action, button_text, None)


# Odoo's RedirectWarning isn't a UserError: imports and batches would show a traceback
# instead of the message. The web client selects the dialog by this class name alone.
GateClosed.__name__ = "RedirectWarning"
GateClosed.__module__ = "odoo.exceptions"


class Standing(NamedTuple):
    """State of a deal before a write."""

    is_gated: bool
    is_active: bool
    stage: object
    account: object


class Missing(NamedTuple):
    """Requirements of a stage that a deal doesn't meet."""

    types: object
    others: list

    def words(self):
        """Return the names of all missing requirements."""
        return [*self.types.mapped("name"), *self.others]

    def __bool__(self):
        return bool(self.types or self.others)
