from odoo import api, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    """Name the people to ask when a user can't access the files of a deal."""

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

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not result:
            return result
        files, error = result
        return files, lambda: files._explain_refusal(operation) or error()

    def _explain_refusal(self, operation):
        deals = self.sudo().filtered(lambda file: file.res_model == "crm.lead")
        numbers = deals.mapped("res_id")
        closed = self.env["crm.lead"].browse(numbers).exists()
        return closed and closed._explain_refusal(operation)
