"""Terms of a won quotation as proposed commitments, on demand of the deal.

Nothing hangs on the confirmation of an order: the terms are read from confirmed
orders when somebody asks, so that other people's orders cost nothing more.
"""

from datetime import date, timedelta

from odoo import api, models

#: The days of a long month that a long one follows: no month's end lies further away.
LONG_MONTH = [date(2024, 7, day) for day in range(1, 32)]


class CommitmentTerms(models.Model):
    _inherit = "nka.commitment"

    @api.model
    def _take_terms(self, lead, orders):
        """Propose the terms of these confirmed orders of a deal.

        :param lead: the crm.lead of a key account
        :param orders: its sale.order records, as superuser
        :return: the proposed commitments
        """
        vals_list = [
            {**vals, **self._prepare_source(lead, order)}
            for order in orders
            for vals in self._prepare_terms(order)
        ]
        commitments = self.create(vals_list)
        agreed = commitments.filtered(lambda item: item.state == "open")
        agreed.sudo()._move_to("proposed")
        return commitments

    @api.model
    def _prepare_source(self, lead, order):
        return {
            "lead_id": lead.id,
            "key_account_id": lead.key_account_id.id,
            "order_id": order.id,
            "date_agreed": order.date_order.date(),
        }

    @api.model
    def _prepare_terms(self, order):
        """Price of each article, volume, delivery and payment of one order.

        :rtype: list[dict]
        """
        return [
            *(self._prepare_price(lines) for lines in self._priced_lines(order)),
            *self._prepare_volume(order),
            *self._prepare_delivery(order),
            *self._prepare_payment(order),
        ]

    @api.model
    def _priced_lines(self, order):
        """The lines that promise a price, by article: no sections, down payments,
        rebates or heads of a combination.

        :rtype: list[sale.order.line]
        """
        lines = order.order_line.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and not line.is_downpayment
                and line.product_type != "combo"
                and line.product_uom_qty > 0
                and line.price_unit >= 0
            )
        )
        return list(lines.grouped("product_id").values())

    @api.model
    def _prepare_price(self, lines):
        """The highest price of an article: the books can't tell which line of the order
        a delivery belongs to.
        """
        prices = {self._net_price(line) for line in lines}
        product, order = lines.product_id, lines.order_id
        return {
            "kind": "price",
            "text": self._describe_price(order, product, prices),
            "product_id": product.id,
            "promised_value": self._in_company_money(order, max(prices)),
        }

    @api.model
    def _describe_price(self, order, product, prices):
        words = {
            "product": product.name,
            "price": order.currency_id.format(max(prices)),
            "unit": product.uom_id.name,
        }
        if not max(prices):
            return self.env._("%(product)s free of charge", product=product.name)
        if len(prices) > 1:
            return self.env._("%(product)s at up to %(price)s a %(unit)s", **words)
        return self.env._("%(product)s at %(price)s a %(unit)s", **words)

    @api.model
    def _net_price(self, line):
        """Untaxed price of a line for the article's own unit, after its discount."""
        price = line.price_unit * (1 - line.discount / 100)
        if any(line.tax_ids.mapped("price_include")):
            price = line.price_subtotal / line.product_uom_qty
        return line.product_uom_id._compute_price(price, line.product_id.uom_id)

    @api.model
    def _prepare_volume(self, order):
        if order.amount_untaxed <= 0:
            return []
        return [
            {
                "kind": "volume",
                "text": self.env._(
                    "Buys for %s", order.currency_id.format(order.amount_untaxed)
                ),
                "promised_value": self._in_company_money(order, order.amount_untaxed),
            }
        ]

    @api.model
    def _prepare_delivery(self, order):
        if not order.commitment_date:
            return []
        day = order.commitment_date.date()
        return [
            {
                "kind": "delivery",
                "text": self.env._("Delivery of %s", order.name),
                "promised_date": day,
            }
        ]

    @api.model
    def _prepare_payment(self, order):
        term = order.payment_term_id
        if not term:
            return []
        days = self._longest_days(term)
        begin = max(filter(None, [order.date_order, order.commitment_date])).date()
        return [
            {
                "kind": "payment",
                "text": self.env._("Pays by “%s”", term.name),
                "promised_value": days,
                "promised_date": begin + timedelta(days=days),
            }
        ]

    @api.model
    def _longest_days(self, term):
        """Days the term grants at most: "end of the month" grants more on its first day.

        :rtype: int
        """
        return max(
            (
                (line._get_due_date(day) - day).days
                for line in term.line_ids
                for day in LONG_MONTH
            ),
            default=0,
        )

    @api.model
    def _in_company_money(self, order, amount):
        """By the rate of the order, not rounded: a price may have more digits."""
        return amount / (order.currency_rate or 1)
