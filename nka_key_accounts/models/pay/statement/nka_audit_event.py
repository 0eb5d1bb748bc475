from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    # ------------------------------------------------------------ selection
    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "end": self.env._("End of an agreement"),
            "decision": self.env._("Decision on a goal"),
            "dispute": self.env._("Dispute"),
            "correction": self.env._("Correction of pay"),
        }
