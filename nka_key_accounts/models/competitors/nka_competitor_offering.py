from odoo import fields, models


class CompetitorOffering(models.Model):
    """An offering of a competitor, with its price, source and date."""

    _name = "nka.competitor.offering"
    _description = "Competitor offering"
    _order = "date_seen desc, id desc"
    _check_company_auto = True

    competitor_id = fields.Many2one(
        "nka.competitor", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="competitor_id.company_id", store=True)
    name = fields.Char("Offering", required=True)
    categ_id = fields.Many2one(
        "product.category", "Product category", ondelete="set null"
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    price = fields.Monetary("Price seen")
    unit = fields.Char("Price unit", help="Piece, metric ton, month…")
    source = fields.Char(required=True, help="Who said it, or where it was published.")
    date_seen = fields.Date(
        "Seen on", required=True, default=fields.Date.context_today, index=True
    )
    note = fields.Char()
