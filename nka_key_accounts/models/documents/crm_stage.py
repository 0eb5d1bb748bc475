from odoo import fields, models


class CrmStage(models.Model):
    """A stage may be a gate for the deals of key accounts."""

    _inherit = "crm.stage"

    nka_document_type_ids = fields.Many2many(
        "nka.document.type",
        "nka_document_type_stage_rel",
        "stage_id",
        "type_id",
        "Required documents",
        help="A deal of a key account, or a VIP lead, enters this stage with an "
        "approved document of each of these types only.",
    )
    requires_qualification = fields.Boolean(
        "Approved qualification required",
        help="A deal of a key account enters this stage only while the account has an "
        "approved qualification.",
    )
