from odoo import fields, models

from ..trail.opening import open_records


class PayForecastLine(models.TransientModel):
    """Invoice, order or goal that can still contribute to the current month."""

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
    bonus = fields.Monetary(
        "Bonus when paid",
        readonly=True,
        help="What this credit alone would add to the bonus.",
    )
    is_late = fields.Boolean("Long overdue", readonly=True)
    is_held = fields.Boolean("Waits for documents", readonly=True)
    progress = fields.Float("Progress (%)", readonly=True)
    res_model = fields.Char("Source model", readonly=True)
    res_id = fields.Integer("Source record ID", readonly=True)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the invoice, order or goal with the user's own access rights.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        return open_records(self.env[self.res_model].browse(self.res_id), self.name)
