from odoo import models


class ManagerStartItem(models.Model):
    _inherit = "nka.manager.start.item"
    _depends = {
        "hr.applicant": ["employee_id"],
        "nka.applicant.claim": ["applicant_id", "checked_on", "state"],
    }
