from odoo.addons.portal.controllers.mail import MailController as PortalMail
from odoo.http import request


class MailController(PortalMail):
    """Open the deal from links in mentions and activities even without access.

    The error there explains who can open the deal; Odoo would redirect to the inbox
    without a message.
    """

    @classmethod
    def _redirect_to_record(cls, model, res_id, access_token=None, **kwargs):
        if model == "crm.lead" and request.session.uid and res_id:
            lead = request.env["crm.lead"].browse(int(res_id)).exists()
            if lead and not lead.has_access("read") and lead._explain_refusal("read"):
                return request.redirect(f"/odoo/crm.lead/{lead.id}")
        return super()._redirect_to_record(
            model, res_id, access_token=access_token, **kwargs
        )
