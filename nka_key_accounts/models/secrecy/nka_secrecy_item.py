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
        self.check_access("create")
        self._check_target(vals_list)
        items = super().create(vals_list)
        items.regime_id._add_maker()
        return items

    def write(self, vals):
        # First, since the refusal of the next check names the regime.
        self.check_access("write")
        self._check_editable()
        self._check_target([vals])
        result = super().write(vals)
        self.regime_id._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()
        self.regime_id._add_maker()

    # ------------------------------------------------------------ checks
    @api.model
    def _check_target(self, vals_list):
        """Refuse regimes in which items are to be put, before the database does.

        The database's message is for programmers.
        """
        default = self.env.context.get("default_regime_id")
        numbers = {vals.get("regime_id", default) for vals in vals_list} - {None, False}
        regimes = self.env["nka.secrecy.regime"].browse(numbers).exists()
        regimes._filtered_access("read")._check_editable()

    def _check_editable(self):
        for regime in self.sudo().regime_id:
            if regime.state != "draft":
                raise UserError(regime._say_frozen())
