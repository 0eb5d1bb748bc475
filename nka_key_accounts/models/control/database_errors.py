"""Readable messages for database errors.

Odoo converts violated constraints. Users see other database errors unchanged: after
five retries on the same rows, when a value is too large, while the server restarts.
"""

import logging

import psycopg2
from psycopg2.errors import (
    DeadlockDetected,
    DiskFull,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
)

from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

BUSY = _lt(
    "Another user is changing the same records right now. Nothing was changed. Try "
    "again in a moment."
)
TOO_LONG = _lt(
    "The search or calculation took too long and was stopped. Nothing was changed. "
    "Narrow it down and try again."
)
NO_VALUE = _lt(
    "A number, date or text is too large or has the wrong format for its field. Nothing "
    "was changed. Check what you entered and try again."
)
NO_ROOM = _lt(
    "The database server has no room left. Nothing was changed. Ask an administrator to "
    "make room, then try again."
)
NO_DATABASE = _lt(
    "The database can't be reached right now. Try again in a moment; anything not "
    "saved has to be entered again."
)
REFUSED = _lt(
    "The database rejected this. Nothing was changed. Tell your administrator the "
    "time: the server log shows the reason."
)

#: Database errors, most specific first, with their message.
SENTENCES = (
    ((SerializationFailure, DeadlockDetected, LockNotAvailable), BUSY),
    ((QueryCanceled,), TOO_LONG),
    ((psycopg2.DataError,), NO_VALUE),
    ((DiskFull,), NO_ROOM),
    ((psycopg2.OperationalError, psycopg2.InterfaceError), NO_DATABASE),
    ((psycopg2.Error,), REFUSED),
)


def in_words(error, env):
    """Return the error to show to a user instead of a database error.

    :param Exception error: error that ended a request
    :param env: environment with the user's language
    :return: a ``UserError`` that replaces a database error; other errors unchanged
    """
    for kinds, sentence in SENTENCES:
        if isinstance(error, kinds):
            _logger.warning("Told in words: %s", error, exc_info=error)
            told = UserError(env._(sentence))  # pylint: disable=translation-contains-variable
            told.__cause__ = error
            return told
    return error
