from datetime import timedelta

from odoo import api, fields, models

from ..trail.opening import open_action

REVIEW_ACTIVITY = "nka_key_accounts.mail_activity_type_review_competitor"


class Competitor(models.Model):
    """Profile of a competitor.

    All managers share one profile and add what they learn, such as prices and plans.
    """

    _name = "nka.competitor"
    _description = "Competitor"
    _inherit = ["nka.reminder.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(required=True, index="trigram", tracking=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        index="btree_not_null",
        ondelete="set null",
        domain="[('is_company', '=', True)]",
        help="Link to their contact record, if they have one.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to share the profile with all companies.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Maintained by",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        help="Receives a reminder when the review is overdue.",
    )
    website = fields.Char()
    strengths = fields.Text()
    weaknesses = fields.Text()
    opportunities = fields.Text(help="Opportunities we can use.")
    threats = fields.Text(help="Threats this competitor poses to us.")
    how_to_win = fields.Text(
        "How we win",
        help=("Points to make in meetings when they are the competing supplier."),
    )
    price_position = fields.Selection(
        [
            ("1", "Much lower than ours"),
            ("2", "Lower than ours"),
            ("3", "Similar to ours"),
            ("4", "Higher than ours"),
            ("5", "Much higher than ours"),
        ],
        "Price position",
        tracking=True,
    )
    offering_ids = fields.One2many(
        "nka.competitor.offering", "competitor_id", "Offerings"
    )
    presence_ids = fields.One2many(
        "nka.competitor.presence", "competitor_id", "Accounts and deals"
    )
    last_review_date = fields.Date(
        "Last review", default=fields.Date.context_today, copy=False, tracking=True
    )
    review_days = fields.Integer(
        "Review every (days)",
        default=180,
        required=True,
        help="A reminder is created when the last review is older than this.",
    )
    review_date = fields.Date(
        "Review due", compute="_compute_review_date", store=True, index=True
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    open_count = fields.Integer("Open deals", compute="_compute_figures")
    won_count = fields.Integer("Won against them", compute="_compute_figures")
    lost_count = fields.Integer("Lost to them", compute="_compute_figures")
    won_value = fields.Monetary("Value won", compute="_compute_figures")
    lost_value = fields.Monetary("Value lost", compute="_compute_figures")
    win_rate = fields.Float(
        "Win rate (%)",
        compute="_compute_figures",
        digits=(5, 1),
        help=(
            "Deals won against this competitor as a share of all deals won against or "
            "lost to them."
        ),
    )

    _review_days_positive = models.Constraint(
        "CHECK(review_days > 0)", "Enter a review interval of at least 1 day."
    )
    # Most profiles are shared, and UNIQUE treats two empty companies as different.
    _card_unique = models.UniqueIndex(
        "(lower(name), COALESCE(company_id, 0))",
        "A profile of this competitor already exists. Update that profile instead.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("last_review_date", "review_days")
    def _compute_review_date(self):
        for competitor in self:
            last = competitor.last_review_date
            competitor.review_date = last and last + timedelta(
                days=competitor.review_days
            )

    @api.depends(
        "presence_ids.lead_id.won_status",
        "presence_ids.lead_id.expected_revenue",
        "presence_ids.is_winner",
    )
    @api.depends_context("allowed_company_ids", "company")
    def _compute_figures(self):
        """Compute wins and losses in the user's companies, with one query.

        Reads as superuser: the totals include deals that the user can't open.
        """
        totals = self._read_totals()
        for competitor in self:
            row = totals.get(competitor._origin.id, (0, 0, 0, 0.0, 0.0))
            opened, won, lost, won_value, lost_value = row
            competitor.currency_id = self.env.company.currency_id
            competitor.open_count = opened
            competitor.won_count = won
            competitor.lost_count = lost
            competitor.won_value = won_value
            competitor.lost_value = lost_value
            decided = won + lost
            competitor.win_rate = 100.0 * won / decided if decided else 0.0

    def _read_totals(self):
        rows = (
            self.env["nka.competitor.analysis"]
            .sudo()
            ._read_group(
                [
                    ("competitor_id", "in", self.ids),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["competitor_id"],
                [
                    "open_count:sum",
                    "won_count:sum",
                    "lost_count:sum",
                    # Amounts are converted from each company's currency.
                    "won_value:sum_currency",
                    "lost_value:sum_currency",
                ],
            )
        )
        return {competitor.id: totals for competitor, *totals in rows}

    # ------------------------------------------------------------ actions
    def action_review(self):
        """Record that the profile was reviewed today, and close the reminder."""
        self.check_access("write")
        self.write({"last_review_date": fields.Date.context_today(self)})
        self.sudo().activity_unlink([REVIEW_ACTIVITY])
        return True

    def action_print_battlecard(self):
        """Print the battlecard for a meeting."""
        return self.env.ref(
            "nka_key_accounts.nka_competitor_report_battlecard"
        ).report_action(self)

    def action_open_presences(self):
        """Open the accounts and deals with this competitor that the user can read."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_competitor_presence_action",
            domain=[("competitor_id", "=", self.id)],
            context={"default_competitor_id": self.id},
        )

    # ------------------------------------------------------------ business
    @api.model
    def _cron_remind_reviews(self):
        """Create an activity for the maintainer of each profile with a due review."""
        today = fields.Date.context_today(self)
        old = self.search([("review_date", "<=", today), ("user_id.active", "=", True)])
        old._raise_activities(
            REVIEW_ACTIVITY, {card.id: card.user_id.id for card in old}
        )

    def _latest_offerings(self, limit=8):
        """Return the offerings and prices seen last, for the battlecard."""
        return self.offering_ids.sorted("date_seen", reverse=True)[:limit]
