from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "entry": self.env._("Journal entry"),
            "mail": self.env._("Statement by e-mail"),
        }
