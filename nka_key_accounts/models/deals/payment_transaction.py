from odoo import models


class PaymentTransaction(models.Model):
    """Keep payments for held quotations, but don't confirm these quotations."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        held = self.filtered(lambda payment: payment.sale_order_ids._nka_stopped())
        for order in held.sale_order_ids:
            order._nka_tell_paid()
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()
