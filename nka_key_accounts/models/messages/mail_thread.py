from odoo import api, models
from odoo.exceptions import AccessError

from ..trail.confined import is_confined
from .leaving import leaving


class MailThread(models.AbstractModel):
    """Accept incoming emails only from the server and administrators.

    A forged email could have any author and date, and would be evidence of meetings
    that never took place.
    """

    _inherit = "mail.thread"

    # ------------------------------------------------------------ CRUD
    def unlink(self):
        with leaving(self):
            return super().unlink()

    # ------------------------------------------------------------ incoming mail
    @api.model
    def message_process(self, *args, **kwargs):
        """Process an incoming email as Odoo does.

        :raise AccessError: for users who aren't system administrators
        """
        self._check_takes_in_mail()
        return super().message_process(*args, **kwargs)

    @api.model
    def message_route(self, *args, **kwargs):
        """Find the records that an email belongs to; can reply to its sender.

        :raise AccessError: for users who aren't system administrators
        """
        self._check_takes_in_mail()
        return super().message_route(*args, **kwargs)

    @api.model
    def message_new(self, *args, **kwargs):
        """Create a record from an email.

        :raise AccessError: for users who aren't system administrators
        """
        self._check_takes_in_mail()
        return super().message_new(*args, **kwargs)

    def message_update(self, *args, **kwargs):
        """Add an email to its record.

        :raise AccessError: for users who aren't system administrators
        """
        self._check_takes_in_mail()
        return super().message_update(*args, **kwargs)

    # ------------------------------------------------------------ directors
    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Refuse directors: messages sent to followers are read without being counted.

        :raise AccessError: for directors who can't write the records
        """
        if not self.env.su and self._is_only_read():
            self.check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Require write access for messages and activities of directors.

        Other roles may post on what they read; a director only reads.
        """
        found = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "create" and self._is_only_read():
            return dict.fromkeys(found, "write")
        return found

    def _is_only_read(self):
        """Return whether these are key account data and the user a director."""
        if not self.env["nka.read.mixin"]._only_reads():
            return False
        return is_confined(self._name) or bool(
            hasattr(self, "_key_records") and self.sudo()._key_records()
        )

    @api.model
    def _check_takes_in_mail(self):
        """Allow superuser mode (scheduled jobs) and administrators (mail gateways)."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        raise AccessError(
            self.env._(
                "Only the mail server can submit incoming email. Send your message to "
                "the record's email address instead."
            )
        )
