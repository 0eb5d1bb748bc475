from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

#: Fields that decide the amount of a line.
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
        """Protect what posted invoices were for, and record increases of lines.

        Only changes of order links by the superuser take effect, see
        ``nka.order.link``; for increases see ``nka.order.confirmation``.
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
        """Record all changes that reach the database, including computed amounts."""
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
        """Flush lines of confirmed orders at once.

        Later it would be unknown who increased them, and on which day.
        """
        if any(line.order_id.state == "sale" for line in self.sudo()):
            self.flush_recordset(["price_subtotal", "order_id"])

    def _nka_check_links(self, vals):
        """Raise if a user without write access to invoice lines links them to an order.

        The link decides who is credited, and the user who creates the invoice confirms
        it. Odoo itself never writes it from the order, and checks no access rights
        there.
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
