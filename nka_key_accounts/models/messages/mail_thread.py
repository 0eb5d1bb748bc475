from odoo import api, models
from odoo.exceptions import AccessError

from .leaving import leaving


class MailThread(models.AbstractModel):
    """Mails are taken in by the server: one made up by its reader would speak for anybody,
    on any day, and prove meetings that nobody held.
    """

    _inherit = "mail.thread"

    # ------------------------------------------------------------ CRUD
    def unlink(self):
        with leaving(self):
            return super().unlink()

    # ------------------------------------------------------------ incoming mail
    @api.model
    def message_process(self, *args, **kwargs):
        """Take in a mail as Odoo does.

        :raise AccessError: for whoever doesn't administer the server
        """
        self._check_takes_in_mail()
        return super().message_process(*args, **kwargs)

    @api.model
    def message_route(self, *args, **kwargs):
        """Find where a mail belongs; it answers senders on the way.

        :raise AccessError: for whoever doesn't administer the server
        """
        self._check_takes_in_mail()
        return super().message_route(*args, **kwargs)

    @api.model
    def message_new(self, *args, **kwargs):
        """Make a record of a mail.

        :raise AccessError: for whoever doesn't administer the server
        """
        self._check_takes_in_mail()
        return super().message_new(*args, **kwargs)

    def message_update(self, *args, **kwargs):
        """Add a mail to its record.

        :raise AccessError: for whoever doesn't administer the server
        """
        self._check_takes_in_mail()
        return super().message_update(*args, **kwargs)

    @api.model
    def _check_takes_in_mail(self):
        """Mail gateways log in as an administrator, and jobs are the server itself."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        raise AccessError(
            self.env._(
                "Only the mail server can submit incoming email. Send your message to "
                "the record's email address instead."
            )
        )
