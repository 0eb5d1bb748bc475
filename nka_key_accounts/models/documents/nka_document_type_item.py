from odoo import fields, models


class DocumentTypeItem(models.Model):
    """An item that a reviewer checks."""

    _name = "nka.document.type.item"
    _description = "Checklist item of a document type"
    _order = "sequence, id"

    type_id = fields.Many2one(
        "nka.document.type", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("What to check", required=True, translate=True)
    sequence = fields.Integer(default=10)
    is_required = fields.Boolean(
        "Required",
        default=True,
        help=(
            "This item must be checked before a document selected for "
            "sampling can be approved."
        ),
    )
