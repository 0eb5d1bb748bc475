from odoo import models


class IrRule(models.Model):
    """A record of a key account is refused in words, with whom to ask."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        # A hook of models whose records may be key accounts'.
        explain = getattr(records, "_explain_refusal", None)
        own = explain and explain(operation)
        return own or super()._make_access_error(operation, records)
