from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain


class MailMessage(models.Model):
    """Count the conversations about key accounts that a user reads.

    A conversation counts once in a response, however many messages of it are shown.
    Messages can be exported as Odoo allows; they are no records of key accounts.
    """

    _name = "mail.message"
    _inherit = ["mail.message", "nka.read.mixin"]

    def _key_records(self):
        return self.browse()

    @api.model
    def _key_domain(self):
        return Domain("model", "=like", "nka.%")

    def _reading_size(self):
        """Return how many records of key accounts these messages belong to."""
        places = defaultdict(set)
        for message in self.sudo():
            if message.model in self.env and message.res_id:
                places[message.model].add(message.res_id)
        return sum(
            len(self.env[model].sudo().browse(ids).exists()._key_records())
            for model, ids in places.items()
            if hasattr(self.env[model], "_key_records")
        )

    @api.model
    def _message_fetch(self, domain, **options):
        """Count the conversations that Odoo's pages show."""
        found = super()._message_fetch(domain, **options)
        if self._is_reading():
            found["messages"]._count_reading()
        return found
