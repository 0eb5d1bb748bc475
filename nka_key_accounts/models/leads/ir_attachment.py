from odoo import api, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        try:
            return super().create(vals_list)
        except AccessError:
            numbers = [
                vals.get("res_id")
                for vals in vals_list
                if vals.get("res_model") == "crm.lead"
            ]
            deals = self.env["crm.lead"].browse(number for number in numbers if number)
            closed = deals.exists() - deals.exists()._filtered_access("write")
            if own := closed._explain_refusal("write"):
                raise own from None
            raise
