from odoo import models
from odoo.fields import Domain


class Handover(models.Model):
    """Transfer qualifications with their account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        return {
            **super()._owned_domains(accounts),
            "nka.qualification": Domain("key_account_id", "in", accounts.ids),
        }
