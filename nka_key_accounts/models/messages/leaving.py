"""Messages that go along with what they are about, rather than being taken back.

Odoo deletes the messages of a record before the record itself, and a mail that has been
sent takes its message along. Noted beside the environment: a key in a context could be
sent by a client.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import models

_leaving = ContextVar("nka_messages_leaving", default=())


def is_leaving(message):
    """Whether a message is deleted with its record, or its mail, right now."""
    places = {(message._name, message.id), (message.model, message.res_id)}
    return any(not places.isdisjoint(group) for group in _leaving.get())


@contextmanager
def leaving(records):
    """Let messages go while the block deletes what they belong to.

    :param records: the records themselves, or the messages of mails
    """
    group = {(records._name, number) for number in records.ids}
    token = _leaving.set((*_leaving.get(), group))
    try:
        yield
    finally:
        _leaving.reset(token)


class MailMail(models.Model):
    """A mail that is deleted once it was sent takes its message along."""

    _inherit = "mail.mail"

    def unlink(self):
        # Written in one transaction with its message; others were there before.
        own = self.sudo().filtered(
            lambda mail: mail.create_date == mail.mail_message_id.create_date
        )
        with leaving(own.mail_message_id):
            return super().unlink()
