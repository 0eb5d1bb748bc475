from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError


class QuotationPortal(CustomerPortal):
    """Block the portal page of quotations that need a discount approval, with or
    without an access token.
    """

    def _document_check_access(self, model_name, document_id, access_token=None):
        record = super()._document_check_access(model_name, document_id, access_token)
        if record._name == "sale.order" and record.state not in ("sent", "sale"):
            if record.sudo()._nka_held():
                raise AccessError(
                    record.env._(
                        "This quotation isn't available yet. Please contact your "
                        "account manager."
                    )
                )
        return record
