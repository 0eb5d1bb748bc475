from odoo import models
from odoo.exceptions import UserError

from ..trail.roles import SUPERVISOR


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # ------------------------------------------------------------ checks
    def _nka_check_same_deal(self, lead_id):
        """Refuse to move orders of key accounts to another deal once they have been
        confirmed, if a plan binds the bonus to the documents of the deal.

        Otherwise, a manager could move an order to a deal whose documents are approved,
        also by cancelling it, moving the quotation and confirming it again.

        :param int lead_id: the new deal, or False
        :raise UserError: unless the user is a supervisor
        """
        moved = self.filtered(lambda row: row.opportunity_id.id != lead_id)
        if not moved or self.env.su or self.env.user.has_group(SUPERVISOR):
            return
        bound = self.env["nka.pay.plan.version"].sudo()
        if not bound.search_count(
            [("release_document_type_ids", "!=", False), ("state", "=", "approved")],
            limit=1,
        ):
            return
        confirmed = self.env["nka.order.confirmation"].sudo()
        confirmed = confirmed.search([("order_ref", "in", moved.ids)])
        ids = {row.order_ref for row in confirmed}
        clients = self.env["nka.key.account"]._client_ids()
        for order in moved.filtered(lambda row: row.state == "sale" or row.id in ids):
            if order.sudo().partner_id.commercial_partner_id.id in clients:
                raise UserError(
                    self.env._(
                        "%s was confirmed, and bonus depends on the documents of its "
                        "deal. Ask a supervisor to change the deal.",
                        order.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if "opportunity_id" in vals:
            self._nka_check_same_deal(vals["opportunity_id"])
        return super().write(vals)
