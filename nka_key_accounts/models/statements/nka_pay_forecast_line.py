from odoo import fields, models

from ..trail.opening import open_records


class PayForecastLine(models.TransientModel):
    """An invoice, an order or a goal that the running month may still bring."""

    _name = "nka.pay.forecast.line"
    _description = "Pay forecast line"
    _order = "id"

    forecast_id = fields.Many2one("nka.pay.forecast", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="forecast_id.currency_id")
    kind = fields.Selection(
        [
            ("unpaid", "Unpaid invoice"),
            ("order", "Won, not invoiced yet"),
            ("goal", "Season goal"),
        ],
        readonly=True,
    )
    name = fields.Char(readonly=True)
    date = fields.Date("Expected on", readonly=True)
    amount = fields.Monetary("Credit when paid", readonly=True)
    progress = fields.Float("Progress (%)", readonly=True)
    res_model = fields.Char("Source model", readonly=True)
    res_id = fields.Integer("Source record ID", readonly=True)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the invoice, the order or the goal, with the reader's own rights."""
        self.ensure_one()
        self.check_access("read")
        return open_records(self.env[self.res_model].browse(self.res_id), self.name)
