from odoo import api, models


class SeasonGoal(models.Model):
    _inherit = "nka.season.goal"

    @api.model_create_multi
    def create(self, vals_list):
        self._named_in(vals_list, "season_id")._check_unpaid()
        return super().create(vals_list)
