from odoo import api, models


class MailComposeMessage(models.TransientModel):
    """Subject and recipients that a composer fills in tell of its record."""

    _inherit = "mail.compose.message"

    @api.model_create_multi
    def create(self, vals_list):
        composers = super().create(vals_list)
        composers._check_may_read_records()
        return composers

    def write(self, vals):
        result = super().write(vals)
        self._check_may_read_records()
        return result

    def _check_may_read_records(self):
        if self.env.su:
            return
        for composer in self:
            model = composer.model or ""
            if model == "crm.lead" or model.startswith("nka."):
                records = self.env[model].browse(composer._evaluate_res_ids())
                records.check_access("read")
