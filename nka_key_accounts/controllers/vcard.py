from odoo import http
from odoo.addons.web.controllers.vcard import Partner
from odoo.http import request


class VCard(Partner):
    """Treat the download of several vCards as an export and that of one as a read."""

    @http.route()
    def download_vcard(self, partner_ids=None, partner=None, **kwargs):
        """Check and record downloads of more than one vCard."""
        ids = [int(each) for each in (partner_ids or "").split(",") if each.isdigit()]
        partners = request.env["res.partner"].browse(ids)
        if len(partners) > 1:
            partners._export_cards()
        return super().download_vcard(
            partner_ids=partner_ids, partner=partner, **kwargs
        )
