from odoo import fields, models


class OrderCorrection(models.TransientModel):
    """Asks a supervisor for the right day of confirmation of orders, and why."""

    _name = "nka.order.correction"
    _inherit = ["nka.known.mixin"]
    _description = "Correction of a confirmation date"

    order_ids = fields.Many2many("sale.order", string="Orders", readonly=True)
    date = fields.Date("Confirmation date", required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Move the day; invoices of these orders are looked at again by the next build.

        :raise AccessError: for anybody but a supervisor
        """
        self.ensure_one()
        self.order_ids._nka_correct_day(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
