from odoo import api, models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    @api.model
    def _prepare_candidate_vals(self, vals):
        """Let accounts nominated before the first closed month be owned from the date of
        the setup page.
        """
        prepared = super()._prepare_candidate_vals(vals)
        if "date_start" in prepared:
            return prepared
        company = self.env["res.company"].browse(prepared.get("company_id"))
        setup = self.env["nka.setup"]._before_first_lock(company or self.env.company)
        return {**prepared, "date_start": setup.ownership_date}
