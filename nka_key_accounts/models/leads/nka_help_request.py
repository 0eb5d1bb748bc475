from odoo import api, models


class HelpRequest(models.TransientModel):
    _inherit = "nka.help.request"

    @api.model
    def _subjects(self):
        return {**super()._subjects(), "crm.lead": "key_account_id"}
