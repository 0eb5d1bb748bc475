from odoo import fields, models


class OrderCorrection(models.TransientModel):
    """Wizard for supervisors to correct the confirmation date of orders."""

    _name = "nka.order.correction"
    _inherit = ["nka.known.mixin"]
    _description = "Correction of a confirmation date"

    order_ids = fields.Many2many("sale.order", string="Orders", readonly=True)
    date = fields.Date("Confirmation date", required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Correct the date. The next build processes the orders' invoices again.

        :return: action that closes the wizard
        :raise AccessError: if the user isn't a supervisor
        """
        self.ensure_one()
        self.order_ids._nka_correct_day(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
