"""Which competitor has what we don't supply."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class WhitespaceMarket(models.Model):
    _inherit = "nka.whitespace.line"

    competitor_id = fields.Many2one(
        "nka.competitor",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The one he buys it from.",
    )

    _other_unique = models.UniqueIndex(
        "(key_account_id, categ_id, supplier, COALESCE(competitor_id, 0)) "
        "WHERE supplier != 'us'",
        "This is noted for the client and the category already.",
    )

    @api.constrains("supplier", "competitor_id")
    def _check_competitor(self):
        for line in self:
            if line.competitor_id and line.supplier != "competitor":
                raise ValidationError(
                    self.env._(
                        "%s supplies it, so choose “Competitor” as the supplier.",
                        line.competitor_id.name,
                    )
                )

    @api.onchange("competitor_id")
    def _onchange_competitor_id(self):
        if self.competitor_id:
            self.supplier = "competitor"

    @api.onchange("supplier")
    def _onchange_supplier(self):
        if self.supplier != "competitor":
            self.competitor_id = False
