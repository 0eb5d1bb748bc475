from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _nka_priced(self):
        """Return the untaxed amount of the line at list price, and as invoiced.

        :return: two amounts in the invoice's currency, or None if no price is compared
        :rtype: tuple[float, float] | None
        """
        self.ensure_one()
        ordered = self.sale_line_ids[:1]
        if self.display_type != "product" or ordered.is_downpayment:
            return None
        part = self.env["sale.order"]._nka_untaxed_part(self.tax_ids)
        price = self.price_unit * (1 - self.discount / 100) * part
        net = price * self.quantity
        if net < 0:
            # Rebates on the order already count in the discount of the order.
            agreed = ordered and self._nka_money_of(
                ordered, ordered._nka_untaxed_price() * ordered._nka_quantity()
            )
            return 0.0, min(net - min(agreed or 0.0, 0.0), 0.0)
        if not ordered or self.quantity <= 0:
            return None
        # The parts of a combo have no list price of their own.
        full = (
            ordered._nka_untaxed_price()
            if ordered.combo_item_id
            else ordered._nka_list_price()
        )
        full = ordered.product_uom_id._compute_price(full, self.product_uom_id)
        return self._nka_money_of(ordered, full) * self.quantity, net

    def _nka_money_of(self, ordered, amount):
        """Convert an amount of an order line to the invoice's currency.

        Uses the rate of the order date.
        """
        return ordered.currency_id._convert(
            amount,
            self.currency_id,
            self.company_id,
            ordered.order_id.nka_order_day or ordered.order_id.date_order.date(),
            round=False,
        )
