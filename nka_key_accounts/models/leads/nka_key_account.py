"""What to know before a meeting with a client, for the preparation sheet."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..facts import contacts, orders, payments

#: So many of each fit on the two pages of the sheet.
PEOPLE = 6
DEALS = 5
ORDERS = 5
INVOICES = 5
COMMITMENTS = 6
PRESENCES = 4


class KeyAccount(models.Model):
    """Leads that were there before the account follow it."""

    _inherit = "nka.key.account"

    referred_lead_count = fields.Integer(
        "Referred leads", compute="_compute_figures", aggregator="sum"
    )
    referred_won_amount = fields.Monetary(
        "Won by referral",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of the won opportunities this client referred.",
    )

    # ------------------------------------------------------------ figures
    @api.model
    def _sql_referred_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.referrer_id = %s)",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_referred_won_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.referrer_id = %s AND lead.won_status = 'won')""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_held_meeting(self):
        """A negotiation that was cancelled or missed is no contact."""
        return SQL(
            "(%s AND COALESCE(event.negotiation_outcome, '') != 'not_held')",
            super()._sql_held_meeting(),
        )

    def action_open_referrals(self):
        """Leads this client referred to us, and what came of them."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Referred leads"),
            "crm.lead",
            [("referrer_id", "=", self.id)],
            context={
                "default_origin": "referral",
                "default_referrer_id": self.id,
                "active_test": False,
            },
        )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._adopt_leads()
        return accounts

    def _adopt_leads(self):
        """Let the leads of these clients, and only those, find their account."""
        self.partner_id._leads_of_clients()._find_key_account()

    # ============================================================ preparation
    # What to know before a meeting with a client, for the preparation sheet.

    def _prepare_preparation(self):
        """Records of the sheet by section, as the reader of the account may see them.

        Orders and invoices are the client's own; who may read the account needs
        them for the meeting, so they are read as superuser.

        :rtype: dict[str, models.BaseModel | int | date]
        """
        self.ensure_one()
        self.check_access("read")
        people = self._known_people()
        return {
            "day": fields.Date.context_today(self),
            "people": people[:PEOPLE],
            "people_left": max(len(people) - PEOPLE, 0),
            "deals": self._open_deals(DEALS),
            "commitments": self._open_commitments(COMMITMENTS),
            "closed_count": self._closed_commitment_count(),
            "presences": self._open_presences()[:PRESENCES],
            "orders": self._last_orders(),
            "invoices": self._overdue_invoices(INVOICES),
            "meetings": self._last_meetings(),
        }

    def _known_people(self):
        """Those with most influence first."""
        return self.stakeholder_ids.sorted(lambda one: (-int(one.influence), one.id))

    def _open_presences(self):
        """Whom we meet there now, the most dangerous first."""
        threats = {"high": 0, "medium": 1, "low": 2}
        return self.competitor_presence_ids.filtered(
            lambda met: met.outcome == "open"
        ).sorted(lambda met: (threats.get(met.threat, 3), met.id))

    def _open_deals(self, limit=None):
        return self.env["crm.lead"].search(
            [("key_account_id", "=", self.id), ("won_status", "=", "pending")],
            order="expected_revenue desc",
            limit=limit,
        )

    def _closed_commitment_count(self):
        """How many the kept rate speaks of."""
        return self.env["nka.commitment"].search_count(
            [("key_account_id", "=", self.id), ("state", "in", ("kept", "breached"))]
        )

    def _open_commitments(self, limit=None):
        return self.env["nka.commitment"].search(
            [("key_account_id", "=", self.id), ("state", "=", "open")],
            limit=limit,
        )

    def _last_orders(self):
        return (
            self.env["sale.order"]
            .sudo()
            .search(
                orders.domain(self.company_id, self.partner_id),
                order="date_order desc",
                limit=ORDERS,
            )
        )

    def _overdue_invoices(self, limit=None):
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    *payments.domain_unpaid(self.company_id, self.partner_id),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("invoice_date_due", "<", fields.Date.context_today(self)),
                ],
                order="invoice_date_due",
                limit=limit,
            )
        )

    def _last_meetings(self):
        """The two last ones that took place, with what came of them."""
        return self.env["calendar.event"].search(
            [
                *contacts.domain_meetings(self),
                ("stop", "<=", fields.Datetime.now()),
                ("negotiation_outcome", "!=", "not_held"),
            ],
            order="start desc",
            limit=2,
        )
