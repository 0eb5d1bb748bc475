from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "exclusion": self.env._("Left out of a month"),
            "paid": self.env._("Paid"),
            "setting": self.env._("Setting"),
        }
