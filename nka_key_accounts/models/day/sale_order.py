from odoo import api, fields, models

from ..trail.roles import MANAGER, SUPERVISOR
from . import bonus_preview


class SaleOrder(models.Model):
    _inherit = "sale.order"

    nka_bonus_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the bonus"
    )
    nka_bonus_preview = fields.Monetary(
        "Bonus when paid",
        compute="_compute_nka_bonus_preview",
        currency_field="nka_bonus_currency_id",
        groups=f"{MANAGER},{SUPERVISOR}",
        help="What this order adds to the bonus of the client's owner once it is "
        "invoiced and paid in full: their share of the amount without tax, at the rate "
        "tier of their credits this half-year. Visible to them and their supervisors.",
    )
    nka_bonus_preview_note = fields.Char(
        "About the bonus",
        compute="_compute_nka_bonus_preview",
        groups=f"{MANAGER},{SUPERVISOR}",
    )

    # ------------------------------------------------------------ compute
    @api.depends(
        "order_line.price_subtotal", "partner_id", "company_id", "currency_id", "state"
    )
    @api.depends_context("uid", "lang")
    def _compute_nka_bonus_preview(self):
        self.nka_bonus_preview, self.nka_bonus_preview_note = 0.0, False
        clients = self.env["nka.key.account"]._client_ids()
        previews = bonus_preview.Previews(self.env)
        for order in self:
            client = order.sudo().partner_id.commercial_partner_id._origin
            if client.id in clients:
                order._nka_preview_bonus(previews, client)

    def _nka_preview_bonus(self, previews, client):
        account = self.env["nka.key.account"]._of_client(client, self.company_id)
        found = account and previews.of(account, self._nka_sold(account.company_id))
        if found:
            self.nka_bonus_preview = float(found.amount)
            self.nka_bonus_preview_note = found.note

    def _nka_sold(self, company):
        """Return what this order sells, for the preview of the bonus.

        :param company: res.company of the key account
        :rtype: bonus_preview.Sold
        """
        today = fields.Date.context_today(self)
        sold = bonus_preview.sold_by_orders(self, company, today)
        sold = sold._replace(deals=self.sudo().opportunity_id)
        if self.state == "cancel" and not sold.total:
            return sold._replace(
                problem=self.env._("The order is cancelled, so nothing is credited.")
            )
        return sold
