from odoo import models


class PayslipJob(models.Model):
    """Lock a month again once its last background payslip is generated."""

    _inherit = "nka.payslip.job"

    def _finish(self):
        result = super()._finish()
        for job in self.sudo().filtered(lambda job: job.state == "done"):
            closes = job.statement_ids.close_id
            for close in closes.filtered(lambda row: row.state == "locked"):
                close._finish_slips()
        return result
