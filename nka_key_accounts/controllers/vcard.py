from odoo import http
from odoo.addons.web.controllers.vcard import Partner
from odoo.http import request


class VCard(Partner):
    """One card is a courtesy among colleagues, a bundle of them is an export."""

    @http.route()
    def download_vcard(self, partner_ids=None, partner=None, **kwargs):
        """Count one card, refuse or record several."""
        ids = [int(each) for each in (partner_ids or "").split(",") if each.isdigit()]
        partners = request.env["res.partner"].browse(ids)
        if len(partners) > 1:
            partners._export_cards()
        return super().download_vcard(
            partner_ids=partner_ids, partner=partner, **kwargs
        )
