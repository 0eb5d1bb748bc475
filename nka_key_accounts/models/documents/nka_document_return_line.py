from odoo import fields, models


class DocumentReturnLine(models.TransientModel):
    """One finding of a return."""

    _name = "nka.document.return.line"
    _inherit = ["nka.known.mixin"]
    _description = "Finding of a return"

    wizard_id = fields.Many2one(
        "nka.document.return", required=True, ondelete="cascade"
    )
    text = fields.Text("Finding", required=True)
    item = fields.Char("Checklist item")
    deadline = fields.Date("Answer by")
