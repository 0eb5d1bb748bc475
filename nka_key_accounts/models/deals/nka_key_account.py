"""Commitments and competitors of an account: counts, health, ways in."""

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

#: Each overdue commitment costs so much of the score.
OVERDUE_COST = 25
#: Fields that decide whether an account limits discounts, and how.
LIMITING = {"state", "tier_id", "partner_id", "company_id"}


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    commitment_ids = fields.One2many("nka.commitment", "key_account_id", "Commitments")
    competitor_presence_ids = fields.One2many(
        "nka.competitor.presence", "key_account_id", "Competitors"
    )
    open_commitment_count = fields.Integer(
        "Open commitments", compute="_compute_figures", aggregator="sum"
    )
    overdue_commitment_count = fields.Integer(
        "Overdue commitments", compute="_compute_figures", aggregator="sum"
    )
    commitment_kept_rate = fields.Float(
        "Commitments kept (%)",
        compute="_compute_figures",
        aggregator="avg",
        digits=(5, 1),
        help="Kept commitments as part of those kept or breached; 0 without any.",
    )
    open_competitor_count = fields.Integer(
        "Competitors now",
        compute="_compute_figures",
        aggregator="sum",
        help="Competitors met here and in the open deals.",
    )

    # ------------------------------------------------------------ market: figures
    @api.model
    def _sql_commitments(self, alias, selected, condition):
        return SQL(
            """(SELECT %s FROM nka_commitment item
                 WHERE item.key_account_id = %s AND %s)""",
            selected,
            SQL.identifier(alias, "id"),
            condition,
        )

    @api.model
    def _sql_open_commitment_count(self, alias):
        return self._sql_commitments(alias, SQL("COUNT(*)"), SQL("item.state = 'open'"))

    @api.model
    def _sql_overdue_commitment_count(self, alias):
        return self._sql_commitments(
            alias,
            SQL("COUNT(*)"),
            SQL(
                "item.state = 'open' AND item.promised_date < %s",
                fields.Date.context_today(self),
            ),
        )

    @api.model
    def _sql_commitment_kept_rate(self, alias):
        return SQL("COALESCE(%s, 0)", self._sql_kept_rate(alias))

    @api.model
    def _sql_kept_rate(self, alias):
        """NULL as long as nothing was closed."""
        return self._sql_commitments(
            alias,
            SQL("100.0 * AVG((item.state = 'kept')::int)"),
            SQL("item.state IN ('kept', 'breached')"),
        )

    @api.model
    def _sql_presences(self, alias, selected):
        """Competitors at the account or in its open deals."""
        return SQL(
            """(SELECT %s FROM nka_competitor_presence met
             LEFT JOIN crm_lead deal ON deal.id = met.lead_id
                 WHERE met.key_account_id = %s
                   AND CASE WHEN met.lead_id IS NULL THEN met.account_outcome = 'open'
                            ELSE deal.won_status = 'pending' AND deal.active END)""",
            selected,
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_open_competitor_count(self, alias):
        return self._sql_presences(alias, SQL("COUNT(DISTINCT met.competitor_id)"))

    # ------------------------------------------------------------ market: health
    @api.model
    def _health_contributors(self, alias):
        """Nothing promised and nobody met leaves these two out."""
        return [
            *super()._health_contributors(alias),
            (
                "commitments",
                self.env._("Commitments kept"),
                self._sql_commitment_score(alias),
                15,
            ),
            (
                "competition",
                self.env._("Competitors"),
                self._sql_competition_score(alias),
                10,
            ),
        ]

    @api.model
    def _sql_commitment_score(self, alias):
        """The kept rate, less a quarter for each that is overdue."""
        return SQL(
            """CASE WHEN %(rate)s IS NOT NULL OR %(overdue)s > 0
                    THEN GREATEST(0, COALESCE(%(rate)s, 100) - %(cost)s * %(overdue)s)
                     END""",
            rate=self._sql_kept_rate(alias),
            overdue=self._sql_overdue_commitment_count(alias),
            cost=OVERDUE_COST,
        )

    @api.model
    def _sql_competition_score(self, alias):
        """By the worst threat that is open: low 80, medium 50, high 10."""
        return self._sql_presences(
            alias,
            SQL(
                "MIN(CASE met.threat WHEN 'high' THEN 10 WHEN 'medium' THEN 50 ELSE 80 END)"
            ),
        )

    # ------------------------------------------------------------ market: actions
    def action_open_commitments(self):
        """Commitments of this client, the open ones first."""
        return self._open_of_account("nka_commitment_action", self.env._("Commitments"))

    def action_open_competitors(self):
        """Competitors met at this client and in its deals."""
        return self._open_of_account(
            "nka_competitor_presence_action", self.env._("Competitors")
        )

    def _open_of_account(self, action, title):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                f"nka_key_accounts.{action}"
            ),
            "name": f"{title}: {self.display_name}",
            "domain": [("key_account_id", "=", self.id)],
            "context": {"default_key_account_id": self.id},
        }

    def action_print_preparation(self):
        """Print what to know before the next meeting."""
        return self.env.ref(
            "nka_key_accounts.nka_key_account_report_preparation"
        ).report_action(self)

    # ============================================================ offer
    # Limits of discounts, known without a query: key accounts are few.

    @api.model
    @ormcache()
    def _discount_limits(self):
        """Limits in percent by client and company, of key accounts that have one.

        :rtype: dict[tuple[int, int], float]
        """
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("state", "=", "key"), ("tier_id.discount_limit", "<", 100)],
                ["partner_id", "company_id", "tier_id"],
            )
        )
        return {
            (account.partner_id.id, account.company_id.id): (
                account.tier_id.discount_limit
            )
            for account in accounts
        }

    # ------------------------------------------------------------ offer: CRUD
    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(LIMITING):
            self.env.registry.clear_cache()
        return result
