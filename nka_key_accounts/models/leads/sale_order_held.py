"""A quotation that waits for a supervisor's word reaches the client by no way."""

from odoo import models

from .sale_order import GIVEN_STATES


class SaleOrderHeld(models.Model):
    _inherit = "sale.order"

    def _nka_held(self):
        """Those of these orders that give too much and aren't agreed with the client.

        :rtype: sale.order
        """
        return self._nka_limited().filtered(
            lambda order: (
                order.state != "sale"
                and order._nka_state(order._nka_discount_facts()) in ("needed", "asked")
            )
        )

    def _nka_check_leaving(self):
        """Refuse to print what the client hasn't got and mustn't get yet.

        :raise UserError: naming the quotation, its discount and the limit
        """
        self.filtered(
            lambda order: order.state not in GIVEN_STATES
        )._nka_check_discount()

    def action_preview_sale_order(self):
        """The page of the client opens when he may see it."""
        self._nka_check_leaving()
        return super().action_preview_sale_order()

    # ------------------------------------------------------------ portal
    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._nka_held()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._nka_held()

    def _nka_tell_paid(self):
        """Somebody has to decide about a quotation that was paid while it is held."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self._nka_account().supervisor_id.id or self.user_id.id,
            summary=self.env._("Paid, but its discount isn't approved"),
            note=self.env._(
                "The client has paid this quotation. Confirm it once the discount is "
                "approved, or agree with him on other terms."
            ),
        )
