from odoo import fields, models


class PayWhatIfLine(models.TransientModel):
    """Pay at one level of attainment."""

    _name = "nka.pay.what.if.line"
    _description = "What-if scenario"
    _order = "level"

    what_if_id = fields.Many2one(
        "nka.pay.what.if", "What-if calculator", ondelete="cascade"
    )
    currency_id = fields.Many2one(related="what_if_id.currency_id")
    level = fields.Float("Quota and goal attainment (%)", digits=(5, 0))
    fixed_amount = fields.Monetary("Fixed pay")
    soft_amount = fields.Monetary("Goal pay")
    bonus_amount = fields.Monetary("Bonus")
    loyalty_amount = fields.Monetary(
        "Held in the first year",
        help="Part of the bonus that is held until twelve months of employment are "
        "complete.",
    )
    total_amount = fields.Monetary("Total per month")
    balance = fields.Monetary("Draw balance")
