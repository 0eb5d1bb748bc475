from odoo import api, models

DECIDED = ("approved", "refused")


class AuditVerification(models.Model):
    """Discounts that a supervisor decided on: they let orders be confirmed."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_contents(
                company,
                self.env["nka.discount.request"],
                DECIDED,
                [(state, "reviewer_id", "date_decided") for state in DECIDED],
                self.env._("Decisions on discounts, against their hash"),
                self.env._("Requests"),
            ),
        ]
