from odoo import fields, models

from .nka_manager_start import WAYS


class ManagerStartOfferLine(models.TransientModel):
    _name = "nka.manager.start.offer.line"
    _description = "Existing manager to record"
    _order = "id"
    _rec_name = "employee_id"

    offer_id = fields.Many2one(
        "nka.manager.start.offer", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one("hr.employee", "Manager", required=True)
    way = fields.Selection(WAYS, "How they came")
    date_start = fields.Date("Start date")
