from odoo import api, models

from .nka_database import COPY


class PayslipJob(models.Model):
    """Generate no payslips in the background of a copy that nobody has confirmed."""

    _inherit = "nka.payslip.job"

    @api.model
    def _cron_make(self):
        if self.env["nka.database"]._look() == COPY:
            return None
        return super()._cron_make()
