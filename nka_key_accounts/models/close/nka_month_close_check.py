from odoo import fields, models

from .nka_month_close_rule import CODES


class MonthCloseCheck(models.Model):
    """What an item of the checklist found in a month."""

    _name = "nka.month.close.check"
    _description = "Checked item of a month"
    _log_access = False
    _order = "close_id, sequence, id"
    _rec_name = "code"

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="close_id.company_id")
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(CODES, "Item", required=True, readonly=True)
    severity = fields.Selection(
        [("block", "Blocks"), ("warn", "Warns")], required=True, readonly=True
    )
    count = fields.Integer(readonly=True)
    result = fields.Selection(
        [("ok", "In order"), ("warn", "Look at it"), ("block", "To be settled")],
        readonly=True,
    )
    res_model = fields.Char(readonly=True)
    res_ids = fields.Json(readonly=True)
