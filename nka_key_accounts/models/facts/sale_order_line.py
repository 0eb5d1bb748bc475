from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

#: Whatever changes what a line is worth.
_PRICED = frozenset({"price_subtotal", "order_id", "is_downpayment", "display_type"})


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._nka_check_links(vals)
        lines = super().create(vals_list)
        added = lines.filtered(lambda line: line.order_id.state == "sale")
        if added:
            added.flush_recordset()
            self.env["nka.order.confirmation"]._keep_lines(added.ids)
        return lines

    def write(self, vals):
        """What a posted invoice was for changes by the superuser only, see
        ``nka.order.link``; what is confirmed is kept, see ``nka.order.confirmation``.
        """
        self._nka_check_links(vals)
        if vals.keys().isdisjoint({"invoice_lines", "order_id"}):
            result = super().write(vals)
            self._nka_flush_worth()
            return result
        links = self.env["nka.order.link"]
        links._flush_links()
        orders = self.order_id
        result = super().write(vals)
        self._nka_flush_worth()
        if self.env.uid == SUPERUSER_ID:
            self.flush_recordset(["order_id"])
            links._confirm_orders(orders | self.order_id)
        return result

    def _write_multi(self, vals_list):
        """Whatever reaches the database is kept, computed amounts included."""
        result = super()._write_multi(vals_list)
        if not all(_PRICED.isdisjoint(vals) for vals in vals_list):
            changed = [
                line.id
                for line, vals in zip(self, vals_list, strict=True)
                if not _PRICED.isdisjoint(vals)
            ]
            self.env["nka.order.confirmation"]._keep_lines(changed)
        return result

    def _nka_flush_worth(self):
        """Lines of confirmed orders are kept at once: by whom and on which day they were
        raised couldn't be found out later.
        """
        if any(line.order_id.state == "sale" for line in self.sudo()):
            self.flush_recordset(["price_subtotal", "order_id"])

    def _nka_check_links(self, vals):
        """Which order an invoice line is for decides who is credited: whoever makes the
        invoice says so. Odoo never writes it from the order, and asks no rights for it.
        """
        lines = self.env["account.move.line"]
        if vals.get("invoice_lines") and not lines.has_access("write"):
            raise AccessError(
                self.env._(
                    "Invoice lines are linked to an order only when they are created "
                    "from it. Use Create Invoice on the order, or ask accounting to "
                    "correct the invoice."
                )
            )
