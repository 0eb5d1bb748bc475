from odoo import fields, models
from odoo.tools import SQL

#: What a change of these asks of the deals that are in the stage.
GATE_FIELDS = {"nka_document_type_ids", "requires_qualification", "is_won"}


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

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        """Deals that are in the stage already stay there, and are listed."""
        if vals.keys().isdisjoint(GATE_FIELDS):
            return super().write(vals)
        condition = SQL("lead.stage_id = ANY(%s)", list(self._ids))
        cause = self.env._("The stage requires something else now")
        with self.env["crm.lead"]._watching_gates(condition, cause):
            return super().write(vals)
