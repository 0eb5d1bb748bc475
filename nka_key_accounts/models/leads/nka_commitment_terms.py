"""Terms of a won quotation as proposed commitments, on demand of the deal.

Nothing hangs on the confirmation of an order: the terms are read from confirmed
orders when somebody asks, so that other people's orders cost nothing more.
"""

from datetime import timedelta

from odoo import api, models


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
        """Price of each line, volume, delivery and payment of one order.

        :rtype: list[dict]
        """
        lines = order.order_line.filtered(
            lambda line: line.product_id and not line.display_type
        )
        return [
            *(self._prepare_price(line) for line in lines),
            self._prepare_volume(order),
            *self._prepare_delivery(order),
            *self._prepare_payment(order),
        ]

    @api.model
    def _prepare_price(self, line):
        price = line.price_unit * (1 - line.discount / 100)
        order = line.order_id
        return {
            "kind": "price",
            "text": self.env._(
                "%(product)s at %(price)s a %(unit)s",
                product=line.product_id.name,
                price=order.currency_id.format(price),
                unit=line.product_uom_id.name,
            ),
            "product_id": line.product_id.id,
            "promised_value": self._in_company_money(order, price),
        }

    @api.model
    def _prepare_volume(self, order):
        return {
            "kind": "volume",
            "text": self.env._(
                "Buys for %s", order.currency_id.format(order.amount_untaxed)
            ),
            "promised_value": self._in_company_money(order, order.amount_untaxed),
        }

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
        days = max(term.line_ids.mapped("nb_days"), default=0)
        return [
            {
                "kind": "payment",
                "text": self.env._("Pays by “%s”", term.name),
                "promised_value": days,
                "promised_date": order.date_order.date() + timedelta(days=days),
            }
        ]

    @api.model
    def _in_company_money(self, order, amount):
        return order.currency_id._convert(
            amount, order.company_id.currency_id, order.company_id, order.date_order
        )
