from odoo import fields, models

CODES = [
    ("exception", "Everybody is calculated"),
    ("agreement", "Everybody has an accepted agreement"),
]


class MonthCloseRule(models.Model):
    """How much an item of the checklist weighs."""

    _name = "nka.month.close.rule"
    _description = "Item of the checklist"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Selection(CODES, required=True, readonly=True)
    sequence = fields.Integer()
    severity = fields.Selection(
        [("block", "Blocks"), ("warn", "Warns")], required=True, default="block"
    )
