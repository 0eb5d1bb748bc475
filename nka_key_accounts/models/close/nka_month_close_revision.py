from odoo import fields, models


class MonthCloseRevision(models.Model):
    """A sealed state of a month, kept for ever."""

    _name = "nka.month.close.revision"
    _description = "Sealed revision of a month"
    _order = "close_id desc, number desc"
    _rec_name = "number"

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="close_id.company_id")
    number = fields.Integer("Revision", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    sealed = fields.Json(readonly=True)
