"""What to know before a meeting with a client, for the preparation sheet."""

from odoo import fields, models

DEALS = 8
ORDERS = 5
INVOICES = 8
COMMITMENTS = 10


class KeyAccountPreparation(models.Model):
    _inherit = "nka.key.account"

    def _prepare_preparation(self):
        """Records of the sheet by section, as the reader of the account may see them.

        Orders and invoices are the client's own; who may read the account needs
        them for the meeting, so they are read as superuser.

        :rtype: dict[str, models.BaseModel]
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "people": self.stakeholder_ids.sorted(
                lambda one: (-int(one.influence), one.id)
            ),
            "deals": self._open_deals(),
            "commitments": self._open_commitments(),
            "presences": self.competitor_presence_ids.filtered(
                lambda met: met.outcome == "open"
            ),
            "orders": self._last_orders(),
            "invoices": self._overdue_invoices(),
            "meetings": self._last_meetings(),
        }

    def _open_deals(self):
        return self.env["crm.lead"].search(
            [("key_account_id", "=", self.id), ("won_status", "=", "pending")],
            order="expected_revenue desc",
            limit=DEALS,
        )

    def _open_commitments(self):
        return self.env["nka.commitment"].search(
            [("key_account_id", "=", self.id), ("state", "=", "open")],
            limit=COMMITMENTS,
        )

    def _last_orders(self):
        return (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "sale"),
                ],
                order="date_order desc",
                limit=ORDERS,
            )
        )

    def _overdue_invoices(self):
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("invoice_date_due", "<", fields.Date.context_today(self)),
                ],
                order="invoice_date_due",
                limit=INVOICES,
            )
        )

    def _last_meetings(self):
        """The two last ones that took place, with what came of them."""
        return self.env["calendar.event"].search(
            [
                ("partner_ids.commercial_partner_id", "=", self.partner_id.id),
                ("stop", "<=", fields.Datetime.now()),
                ("negotiation_outcome", "!=", "not_held"),
            ],
            order="start desc",
            limit=2,
        )
