from odoo import models

from .contents import digest_of, values_of


class StateMixin(models.AbstractModel):
    """What pays says in ``_content_fields`` what that is: every step keeps its digest."""

    _inherit = "nka.state.mixin"

    #: Fields that the digest of every step covers.
    _content_fields = ()

    def _content(self):
        """Hook: what each record says, as plain JSON by id; for seals and the trail."""
        names = self._content_fields
        return {record.id: values_of(record, names) for record in self.sudo()}

    def _event_digest(self):
        if self._content_fields:
            return digest_of(self._content()[self.id])
        return super()._event_digest()
