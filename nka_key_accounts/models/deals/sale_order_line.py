from odoo import api, models

from .sale_order import GIVEN_STATES, PRICE_FIELDS


class SaleOrderLine(models.Model):
    """Keep the prices of sent or confirmed lines within the limit, and take them over
    as promised terms.
    """

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._nka_check_orders()
        return lines

    def write(self, vals):
        priced = self
        if vals.keys().isdisjoint(PRICE_FIELDS):
            # A larger delivered quantity gives more away only on lines with a rebate.
            priced = self.filtered(lambda line: line.price_unit < 0)
            if "qty_delivered" not in vals or not priced:
                return super().write(vals)
        given = priced.filtered(lambda line: line.state in GIVEN_STATES)
        with given.order_id._nka_kept():
            result = super().write(vals)
            priced._nka_check_orders()
        return result

    def _nka_check_orders(self):
        given = self.filtered(lambda line: line.state in GIVEN_STATES)
        if given:
            given.order_id._nka_check_discount()

    def _nka_list_and_net(self):
        """Return the untaxed amounts of the line at list price and net.

        Each line is compared by its unit price, even if its quantity is entered later.
        A combo is compared as a whole, on its parent line. Down payments without a
        quantity, such as Odoo's own, give no discount.

        :return: two amounts in the order's currency and the discount as a fraction, or
            None for lines without a list price, such as sections
        :rtype: tuple[float, float, float] | None
        """
        self.ensure_one()
        if self.display_type or self.combo_item_id:
            return None
        quantity = self._nka_quantity()
        if self.is_downpayment and not quantity:
            return None
        net = self._nka_untaxed_price()
        if not net and self.product_id.id in self.order_id._nka_contract()[1]:
            return None
        if net * quantity < 0:
            return 0.0, net * quantity, 0.0
        listed = self._nka_list_price() if self.product_id else 0.0
        if listed <= 0:
            return None
        return listed * quantity, net * quantity, 1 - net / listed

    def _nka_quantity(self):
        """Return the ordered or, if larger, delivered quantity; below 0 for returns."""
        if self.product_uom_qty < 0:
            return self.product_uom_qty
        return max(self.product_uom_qty, self.qty_delivered)

    def _nka_untaxed_price(self):
        """Return the net price per unit of the line; for a combo that of all parts."""
        if self.product_type != "combo":
            part = self.order_id._nka_untaxed_part(self.tax_ids)
            return self.price_unit * (1 - self.discount / 100) * part
        items = self._nka_combo_items()
        amount = sum(item._nka_untaxed_price() * item.product_uom_qty for item in items)
        return amount / (self.product_uom_qty or 1)

    def _nka_combo_items(self):
        return self.order_id.order_line.filtered(
            lambda line: line.combo_item_id and line._get_linked_line() == self
        )

    def _nka_list_price(self):
        """Return the product's untaxed list price for this unit and these attributes.

        The price is in the order's currency. Price lists count as discounts, because
        the salesperson selects them, unless a supervisor approved the list for the
        client.
        """
        order = self.order_id
        product = self.product_id.with_context(**self._get_product_price_context())
        prices = product._price_compute(
            "list_price",
            uom=self.product_uom_id,
            currency=order.currency_id,
            company=self.company_id,
            date=self._get_order_date(),
        )
        prices[product.id] = self._nka_contract_price(prices[product.id])
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        price = product._get_tax_included_unit_price_from_price(
            prices[product.id],
            product_taxes=taxes,
            fiscal_position=order.fiscal_position_id,
        )
        return price * order._nka_untaxed_part(order.fiscal_position_id.map_tax(taxes))

    def _nka_contract_price(self, price):
        """Return the price of the order's price list if it is approved and lower."""
        order = self.order_id
        if order.pricelist_id.id not in order._nka_contract()[0]:
            return price
        contract = order.pricelist_id._get_product_price(
            self.product_id.with_context(**self._get_product_price_context()),
            self._nka_quantity() or 1.0,
            currency=order.currency_id,
            uom=self.product_uom_id,
            date=self._get_order_date(),
        )
        return min(price, contract)

    # ------------------------------------------------------------ promised prices
    def _nka_prepare_price(self):
        """Return the promised price of these lines of one product: the highest of them,
        because accounting can't tell which order line was delivered.

        :rtype: dict
        """
        prices = {line._nka_net_price() for line in self}
        highest, product, order = max(prices), self.product_id, self.order_id
        words = {
            "product": product.name,
            "price": order.currency_id.format(highest),
            "unit": product.uom_id.name,
        }
        if not highest:
            text = self.env._("%(product)s free of charge", product=product.name)
        elif len(prices) > 1:
            text = self.env._("%(product)s at up to %(price)s / %(unit)s", **words)
        else:
            text = self.env._("%(product)s at %(price)s / %(unit)s", **words)
        return {
            "kind": "price",
            "text": text,
            "product_id": product.id,
            "promised_value": order._nka_in_company_money(highest),
        }

    def _nka_net_price(self):
        """Return the untaxed price per unit of the product, after the discount."""
        self.ensure_one()
        price = self.price_unit * (1 - self.discount / 100)
        if any(self.tax_ids.mapped("price_include")):
            price = self.price_subtotal / self.product_uom_qty
        return self.product_uom_id._compute_price(price, self.product_id.uom_id)
