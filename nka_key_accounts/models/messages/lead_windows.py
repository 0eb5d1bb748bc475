"""Odoo's windows about a deal name deals of key accounts to their readers only."""

from odoo import models


class QuotationPartner(models.TransientModel):
    """A quotation is made for a deal that its maker reads."""

    _name = "crm.quotation.partner"
    _inherit = ["crm.quotation.partner", "nka.known.mixin"]


class LeadToOpportunity(models.TransientModel):
    """A lead is converted by whoever reads it."""

    _name = "crm.lead2opportunity.partner"
    _inherit = ["crm.lead2opportunity.partner", "nka.known.mixin"]
