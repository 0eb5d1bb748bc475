from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.frozen_rows import frozen_children

ITEM_FIELDS = ("regime_id", "sequence", "name", "detail")


class SecrecyItem(models.Model):
    """One kind of information that a regime protects."""

    _name = "nka.secrecy.item"
    _description = "Protected information"
    _inherit = ["nka.company.mixin"]
    _order = "regime_id, sequence, id"
    _company_fields = ("regime_id",)

    regime_id = fields.Many2one(
        "nka.secrecy.regime", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="regime_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char("Information", required=True)
    detail = fields.Char("What it includes, where it is kept")

    @api.model
    def _guards(self):
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                ITEM_FIELDS,
                "nka_secrecy_regime",
                "regime_id",
                ["submitted", "in_force", "superseded"],
            ),
        ]

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._check_editable()
        items.regime_id._add_maker()
        return items

    def write(self, vals):
        # First, since the refusal of the next check names the regime.
        self.check_access("write")
        self._check_editable()
        result = super().write(vals)
        self._check_editable()
        self.regime_id._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()
        self.regime_id._add_maker()

    # ------------------------------------------------------------ checks
    def _check_editable(self):
        for regime in self.sudo().regime_id:
            if regime.state != "draft":
                raise UserError(regime._say_frozen())
