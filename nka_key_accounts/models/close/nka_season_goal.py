from odoo import api, models


class SeasonGoal(models.Model):
    _inherit = "nka.season.goal"

    @api.model_create_multi
    def create(self, vals_list):
        ids = {vals.get("season_id") for vals in vals_list} - {None, False}
        self.env["nka.season"].browse(ids)._check_unpaid()
        return super().create(vals_list)
