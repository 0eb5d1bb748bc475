"""Tracks which messages are being deleted together with their record or email.

Odoo deletes the messages of a record before the record itself, and the message of an
email after sending. These deletions are allowed, unlike the deletion of single
messages. They are tracked outside the environment, because clients can send context
keys.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import models

_leaving = ContextVar("nka_messages_leaving", default=())


def is_leaving(message):
    """Return whether a message is being deleted with its record or email."""
    places = {(message._name, message.id), (message.model, message.res_id)}
    return any(not places.isdisjoint(group) for group in _leaving.get())


@contextmanager
def leaving(records):
    """Allow messages to be deleted while the block deletes what they belong to.

    :param records: the records, or the messages of emails
    """
    group = {(records._name, number) for number in records.ids}
    token = _leaving.set((*_leaving.get(), group))
    try:
        yield
    finally:
        _leaving.reset(token)


class MailMail(models.Model):
    """Allow the deletion of a message together with its email."""

    _inherit = "mail.mail"

    def unlink(self):
        # Only messages of the same transaction; others existed before.
        own = self.sudo().filtered(
            lambda mail: mail.create_date == mail.mail_message_id.create_date
        )
        with leaving(own.mail_message_id):
            return super().unlink()
