from odoo import models

from .contents import digest_of, values_of


class StateMixin(models.AbstractModel):
    """Hash the content of records that determine pay at every step.

    Their models list the fields in ``_content_fields``.
    """

    _inherit = "nka.state.mixin"

    #: Fields covered by the hash of every step.
    _content_fields = ()

    def _content(self):
        """Hook: return the content of each record as plain JSON, by record id.

        Used for the integrity hash of a locked month and for the audit trail.

        :rtype: dict[int, list]
        """
        names = self._content_fields
        return {record.id: values_of(record, names) for record in self.sudo()}

    def _event_digest(self):
        if self._content_fields:
            return digest_of(self._content()[self.id])
        return super()._event_digest()
