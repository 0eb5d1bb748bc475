from odoo import fields, models
from odoo.tools import SQL, format_amount

#: Number of similar accounts that have to buy a category before it is suggested.
MIN_BUYERS = 2
#: Minimum decline in percent that is reported.
MIN_FALL = 20
#: Factor that combines the ids of account and category, so that ids are reproducible.
ID_SPACE = 1_000_000

#: Similar accounts have the same tier or industry. They are counted by profile
#: (company, tier, industry), so that the cost doesn't grow with the square of the
#: accounts.
SUGGESTIONS = """
    WITH current AS (
        SELECT account.id, account.company_id, account.state,
               account.tier_id, party.industry_id
          FROM nka_key_account account
          JOIN res_partner party ON party.id = account.partner_id
         WHERE account.state IN ('candidate', 'key')
    ), profile AS (
        SELECT company_id, tier_id, industry_id,
               COUNT(*) FILTER (WHERE state = 'key') AS members
          FROM current GROUP BY company_id, tier_id, industry_id
    ), total AS (
        SELECT key_account_id, SUM(spend) AS spend
          FROM nka_whitespace_line WHERE supplier = 'us' AND spend > 0
         GROUP BY key_account_id
    ), bought AS (
        SELECT one.company_id, one.tier_id, one.industry_id, line.categ_id,
               COUNT(*) AS buyers, SUM(line.spend) AS spend, SUM(total.spend) AS whole
          FROM current one
          JOIN total ON total.key_account_id = one.id
          JOIN nka_whitespace_line line ON line.key_account_id = one.id
           AND line.supplier = 'us' AND line.spend > 0 AND line.categ_id IS NOT NULL
         WHERE one.state = 'key'
         GROUP BY one.company_id, one.tier_id, one.industry_id, line.categ_id
    ), similar_buyers AS (
        SELECT mine.company_id, mine.tier_id, mine.industry_id, bought.categ_id,
               SUM(bought.buyers) AS buyers, SUM(bought.spend) AS spend,
               SUM(bought.whole) AS whole
          FROM profile mine
          JOIN bought ON bought.company_id = mine.company_id
           AND (bought.tier_id = mine.tier_id OR bought.industry_id = mine.industry_id)
         GROUP BY mine.company_id, mine.tier_id, mine.industry_id, bought.categ_id
        HAVING SUM(bought.buyers) >= %(min_buyers)s
    ), similar_accounts AS (
        SELECT mine.company_id, mine.tier_id, mine.industry_id,
               SUM(other.members) AS members
          FROM profile mine
          JOIN profile other ON other.company_id = mine.company_id
           AND (other.tier_id = mine.tier_id OR other.industry_id = mine.industry_id)
         GROUP BY mine.company_id, mine.tier_id, mine.industry_id
    ), elsewhere AS (
        SELECT key_account_id, categ_id, SUM(spend) AS spend
          FROM nka_whitespace_line WHERE supplier != 'us'
         GROUP BY key_account_id, categ_id
    )
    SELECT (one.id::bigint * %(space)s + similar_buyers.categ_id) * 2 AS id,
           'gap' AS kind, one.id AS key_account_id, one.company_id,
           similar_buyers.categ_id, similar_buyers.buyers::int AS buyer_count,
           (similar_accounts.members - (one.state = 'key')::int)::int AS similar_count,
           ROUND(similar_buyers.spend / similar_buyers.buyers, 2) AS average_spend,
           elsewhere.spend AS spend_elsewhere,
           NULL::numeric AS spend_recent, NULL::numeric AS spend_before,
           NULL::numeric AS change,
           COALESCE(NULLIF(elsewhere.spend, 0),
                    ROUND(LEAST(similar_buyers.spend / similar_buyers.buyers,
                                similar_buyers.spend / similar_buyers.whole * total.spend),
                          2)) AS potential
      FROM current one
      JOIN similar_buyers
        ON similar_buyers.company_id = one.company_id
       AND similar_buyers.tier_id IS NOT DISTINCT FROM one.tier_id
       AND similar_buyers.industry_id IS NOT DISTINCT FROM one.industry_id
      JOIN similar_accounts
        ON similar_accounts.company_id = one.company_id
       AND similar_accounts.tier_id IS NOT DISTINCT FROM one.tier_id
       AND similar_accounts.industry_id IS NOT DISTINCT FROM one.industry_id
      LEFT JOIN total ON total.key_account_id = one.id
      LEFT JOIN elsewhere ON elsewhere.key_account_id = one.id
       AND elsewhere.categ_id = similar_buyers.categ_id
     WHERE NOT EXISTS (
           SELECT 1 FROM nka_whitespace_line line
            WHERE line.key_account_id = one.id AND line.supplier = 'us'
              AND line.categ_id = similar_buyers.categ_id AND line.spend > 0)
     UNION ALL
    SELECT (one.id::bigint * %(space)s + COALESCE(line.categ_id, 0)) * 2 + 1,
           'falling', one.id, one.company_id, line.categ_id, NULL, NULL, NULL, NULL,
           line.spend_recent, line.spend_before,
           ROUND(100 * (line.spend_recent - line.spend_before) / line.spend_before, 1),
           line.spend_before - line.spend_recent
      FROM current one
      JOIN nka_whitespace_line line ON line.key_account_id = one.id
       AND line.supplier = 'us' AND line.spend_before > 0
       AND line.spend_recent <= line.spend_before * (100 - %(min_fall)s) / 100
"""


class GrowthSuggestion(models.Model):
    """Suggestion to sell more to a client, with the figures behind it.

    Read from the whitespace lines and as current as they are; nothing is stored.
    """

    _name = "nka.growth.suggestion"
    _inherit = ["nka.read.mixin"]
    _description = "Growth suggestion"
    _auto = False
    _order = "potential desc, id"
    _rec_name = "categ_id"
    # Flushed before the query reads them.
    _depends = {
        "nka.key.account": ["company_id", "partner_id", "state", "tier_id"],
        "nka.whitespace.line": [
            "categ_id",
            "key_account_id",
            "spend",
            "spend_before",
            "spend_recent",
            "supplier",
        ],
        "res.partner": ["industry_id"],
    }

    kind = fields.Selection(
        [("gap", "Bought by similar clients"), ("falling", "Declining volume")],
        "Reason",
        readonly=True,
    )
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    manager_id = fields.Many2one(related="key_account_id.manager_id")
    categ_id = fields.Many2one("product.category", "Product category", readonly=True)
    buyer_count = fields.Integer("Buyers", readonly=True, aggregator=False)
    similar_count = fields.Integer(
        "Similar accounts",
        readonly=True,
        aggregator=False,
        help="Key accounts of the same tier or industry.",
    )
    average_spend = fields.Monetary("Their average spend", readonly=True)
    spend_elsewhere = fields.Monetary("Bought elsewhere", readonly=True)
    spend_recent = fields.Monetary("Last 6 months", readonly=True)
    spend_before = fields.Monetary("Same months last year", readonly=True)
    change = fields.Float("Change (%)", readonly=True, aggregator=False, digits=(6, 1))
    potential = fields.Monetary(
        readonly=True,
        help=(
            "What the client buys elsewhere. If unknown: the category's share of what "
            "similar clients buy from us, applied to what this client buys from us. For "
            "declining volume: the decrease compared with the same months last year."
        ),
    )
    reason = fields.Char("Explanation", compute="_compute_reason")

    @property
    def _table_query(self):
        return SQL(
            SUGGESTIONS, min_buyers=MIN_BUYERS, min_fall=MIN_FALL, space=ID_SPACE
        )

    # ------------------------------------------------------------ compute
    def _compute_reason(self):
        for one in self:
            one.reason = one._reason_gap() if one.kind == "gap" else one._reason_fall()

    def _reason_gap(self):
        return self.env._(
            "%(buyers)s of %(similar)s similar accounts buy this category, spending "
            "%(average)s a year on average",
            buyers=self.buyer_count,
            similar=self.similar_count,
            average=format_amount(self.env, self.average_spend, self.currency_id),
        )

    def _reason_fall(self):
        return self.env._(
            "%(recent)s in the last 6 months, %(before)s in the same months last year "
            "(%(change)s %%)",
            recent=format_amount(self.env, self.spend_recent, self.currency_id),
            before=format_amount(self.env, self.spend_before, self.currency_id),
            change=round(self.change),
        )

    def _as_action(self):
        """Return the suggestion as the name of a plan action."""
        category = self.categ_id.name or self.env._("uncategorized products")
        if self.kind == "gap":
            return self.env._("Offer %(category)s", category=category)
        return self.env._(
            "Find out why sales of %(category)s are declining", category=category
        )

    # ------------------------------------------------------------ actions
    def action_open_invoices(self):
        """Open the invoice lines behind the figures.

        For a decline these are lines of the client itself, for a gap those of similar
        accounts, as far as the user has access to them.
        """
        self.ensure_one()
        accounts = self.key_account_id
        if self.kind == "gap":
            accounts = self._similar_accounts()
        day = self._filled_until()
        return accounts._action_invoice_lines(self.categ_id, day)

    def _similar_accounts(self):
        """Return the similar accounts that the user has access to."""
        account = self.key_account_id
        alike = fields.Domain("tier_id", "=", account.tier_id.id or 0)
        industry = account.sudo().partner_id.industry_id
        if industry:
            alike |= fields.Domain("partner_id.industry_id", "=", industry.id)
        return account.search(
            alike
            & fields.Domain("state", "=", "key")
            & fields.Domain("company_id", "=", self.company_id.id)
            & fields.Domain("id", "!=", account.id)
        )

    def _filled_until(self):
        line = self.env["nka.whitespace.line"].search(
            [("company_id", "=", self.company_id.id), ("date_filled", "!=", False)],
            order="date_filled desc",
            limit=1,
        )
        return line.date_filled or fields.Date.context_today(self)

    def action_make_lead(self):
        """Open the form of a new opportunity with the client for this category."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self._as_action(),
            "res_model": "crm.lead",
            "view_mode": "form",
            "context": {
                "default_type": "opportunity",
                "default_name": self._as_action(),
                "default_partner_id": self.key_account_id.sudo().partner_id.id,
                "default_expected_revenue": self.potential,
                "default_origin": "inherited",
            },
        }
