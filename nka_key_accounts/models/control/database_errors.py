"""What the database refuses, in a sentence for the person who met it.

Odoo tells violated constraints in words. What else the database raises reaches people as
it is: after five tries at the same rows, where a value is too large, when the server is
being restarted.
"""

import logging

import psycopg2
from psycopg2.errors import (
    DeadlockDetected,
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
NO_DATABASE = _lt(
    "The database can't be reached right now. Try again in a moment; anything not "
    "saved has to be entered again."
)
REFUSED = _lt(
    "The database rejected this. Nothing was changed. Tell your administrator the "
    "time: the server log shows the reason."
)

#: Errors of the database, the particular ones first, and what is said of them.
SENTENCES = (
    ((SerializationFailure, DeadlockDetected, LockNotAvailable), BUSY),
    ((QueryCanceled,), TOO_LONG),
    ((psycopg2.DataError,), NO_VALUE),
    ((psycopg2.OperationalError, psycopg2.InterfaceError), NO_DATABASE),
    ((psycopg2.Error,), REFUSED),
)


def in_words(error, env):
    """The error a person is told instead of the database's own.

    :param Exception error: whatever ended a request
    :param env: environment whose language is spoken
    :return: the same error, or a ``UserError`` that stands for one of the database
    """
    for kinds, sentence in SENTENCES:
        if isinstance(error, kinds):
            _logger.warning("Told in words: %s", error, exc_info=error)
            told = UserError(env._(sentence))  # pylint: disable=translation-contains-variable
            told.__cause__ = error
            return told
    return error
