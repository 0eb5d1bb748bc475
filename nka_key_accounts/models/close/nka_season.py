from odoo import api, models
from odoo.exceptions import UserError

DAYS = {"date_start", "date_end", "company_id"}


class Season(models.Model):
    """Protect the dates and goals of a season paid in a locked month."""

    _inherit = "nka.season"

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not DAYS.isdisjoint(vals):
            self._check_unpaid()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink_unpaid(self):
        self._check_unpaid()

    # ------------------------------------------------------------ checks
    def _check_unpaid(self):
        closes = self.env["nka.month.close"].sudo()
        for season in self.sudo():
            if closes._locked_on(season.company_id, season.date_end):
                raise UserError(
                    self.env._(
                        "%s has been paid in a locked month, so it can't be changed. "
                        "Adjust the next season instead.",
                        season.display_name,
                    )
                )
