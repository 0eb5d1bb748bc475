from odoo import models


class IrRule(models.Model):
    """Explain refused access to key account records and name the users to ask."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        # Models whose records can belong to key accounts define this hook.
        explain = getattr(records, "_explain_refusal", None)
        own = explain and explain(operation)
        return own or super()._make_access_error(operation, records)
