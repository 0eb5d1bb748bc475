"""Restrict Odoo's wizards to key account deals that the user can read."""

from odoo import models


class QuotationPartner(models.TransientModel):
    """Create quotations only for deals that the user can read."""

    _name = "crm.quotation.partner"
    _inherit = ["crm.quotation.partner", "nka.known.mixin"]


class LeadToOpportunity(models.TransientModel):
    """Convert only leads that the user can read."""

    _name = "crm.lead2opportunity.partner"
    _inherit = ["crm.lead2opportunity.partner", "nka.known.mixin"]
