"""Competitors of an account, and the preparation sheet for client meetings."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..facts import contacts, orders, payments

#: Number of records of each kind that fit on the two pages of the preparation sheet.
PEOPLE = 6
DEALS = 5
ORDERS = 5
INVOICES = 5
COMMITMENTS = 6
PRESENCES = 4


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    competitor_presence_ids = fields.One2many(
        "nka.competitor.presence", "key_account_id", "Competitors"
    )
    open_competitor_count = fields.Integer(
        "Current competitors",
        compute="_compute_figures",
        aggregator="sum",
        help="Competitors at the account and in its open deals.",
    )

    # ------------------------------------------------------------ figures
    @api.model
    def _sql_open_competitor_count(self, alias):
        return self._sql_presences(alias, SQL("COUNT(DISTINCT met.competitor_id)"))

    @api.model
    def _sql_presences(self, alias, selected):
        """Select from the competitors at the account or in its open deals."""
        return SQL(
            """(SELECT %s FROM nka_competitor_presence met
             LEFT JOIN crm_lead deal ON deal.id = met.lead_id
                 WHERE met.key_account_id = %s
                   AND CASE WHEN met.lead_id IS NULL THEN met.account_outcome = 'open'
                            ELSE deal.won_status = 'pending' AND deal.active END)""",
            selected,
            SQL.identifier(alias, "id"),
        )

    # ------------------------------------------------------------ health
    @api.model
    def _health_contributors(self, alias):
        """Add competition; accounts without competitors skip this factor."""
        score = self._sql_competition_score(alias)
        return [
            *super()._health_contributors(alias),
            ("competition", self.env._("Competitors"), score, 10),
        ]

    @api.model
    def _sql_competition_score(self, alias):
        """Return SQL for the score by the worst threat: low 80, medium 50, high 10."""
        return self._sql_presences(
            alias,
            SQL(
                "MIN(CASE met.threat WHEN 'high' THEN 10 WHEN 'medium' THEN 50 ELSE 80 END)"
            ),
        )

    # ------------------------------------------------------------ actions
    def action_open_competitors(self):
        """Open the competitors at this client and in its deals."""
        return self._open_of_account(
            "nka_competitor_presence_action", self.env._("Competitors")
        )

    def action_print_preparation(self):
        """Print the preparation sheet for the next meeting."""
        return self.env.ref(
            "nka_key_accounts.nka_key_account_report_preparation"
        ).report_action(self)

    # ------------------------------------------------------------ preparation
    def _prepare_preparation(self):
        """Return the records of the sheet by section, as far as the user can read them.

        Orders and invoices are read as superuser, because users who can read the
        account need them for the meeting.

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
        """Return the stakeholders, those with the most influence first."""
        return self.stakeholder_ids.sorted(lambda one: (-int(one.influence), one.id))

    def _open_presences(self):
        """Return the current competitors, the greatest threat first."""
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
        """Return the last two meetings that took place, with their outcome."""
        return self.env["calendar.event"].search(
            [
                *contacts.domain_meetings(self),
                ("stop", "<=", fields.Datetime.now()),
                ("negotiation_outcome", "!=", "not_held"),
            ],
            order="start desc",
            limit=2,
        )
