from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    @api.model
    def _kind_labels(self):
        return {
            **super()._kind_labels(),
            "plan_action_done": self.env._("Action of a plan done"),
            "plan_action_reopened": self.env._("Action of a plan opened again"),
        }
