from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

THREATS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]
OUTCOMES = [("open", "Open"), ("won", "We won"), ("lost", "Lost")]
WON_STATUS = {"pending": "open", "won": "won", "lost": "lost"}


class CompetitorPresence(models.Model):
    """A competitor at an account or in a deal.

    In a deal, the outcome is that of the deal and isn't stored again; at an account,
    users enter it.
    """

    _name = "nka.competitor.presence"
    _description = "Competitor presence"
    _inherit = ["nka.deal.item.mixin", "nka.read.mixin"]
    _order = "is_incumbent desc, id"
    _check_company_auto = True

    competitor_id = fields.Many2one(
        "nka.competitor",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        compute="_compute_key_account_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    lead_id = fields.Many2one(
        "crm.lead",
        "Deal",
        index="btree_not_null",
        ondelete="cascade",
        domain="['|', ('key_account_id', '=', key_account_id), "
        "('key_account_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        required=True,
        index=True,
    )
    categ_id = fields.Many2one(
        "product.category",
        "Product category",
        ondelete="set null",
        help="What they supply or offer.",
    )
    threat = fields.Selection(
        THREATS,
        required=True,
        default="medium",
    )
    is_incumbent = fields.Boolean(
        "Incumbent", help="They currently supply this to the client."
    )
    is_winner = fields.Boolean(
        "Won by this competitor", copy=False, help="This competitor won the deal."
    )
    account_outcome = fields.Selection(
        OUTCOMES, "Outcome at the account", default="open", copy=False
    )
    outcome = fields.Selection(
        OUTCOMES,
        compute="_compute_outcome",
        inverse="_inverse_outcome",
        search="_search_outcome",
        help=(
            "Outcome of the deal; without a deal, what happened with this competitor "
            "at the account."
        ),
    )
    offer = fields.Char("Their offer")
    note = fields.Text()

    _somewhere = models.Constraint(
        "CHECK(key_account_id IS NOT NULL OR lead_id IS NOT NULL)",
        "Select the account or the deal where the competitor was met.",
    )
    _lead_unique = models.UniqueIndex(
        "(competitor_id, lead_id) WHERE lead_id IS NOT NULL",
        "This competitor is already recorded on the deal.",
    )
    _account_unique = models.UniqueIndex(
        "(competitor_id, key_account_id) WHERE lead_id IS NULL",
        "This competitor is already recorded at the account.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("competitor_id.name", "key_account_id", "lead_id")
    def _compute_display_name(self):
        for presence in self.sudo():
            where = presence.lead_id.name or presence.key_account_id.display_name
            presence.display_name = f"{presence.competitor_id.name}: {where or ''}"

    @api.depends("key_account_id", "lead_id")
    def _compute_company_id(self):
        for presence in self.sudo():
            presence.company_id = (
                presence.key_account_id.company_id
                or presence.lead_id.company_id
                or self.env.company
            )

    @api.depends("lead_id.won_status", "account_outcome")
    def _compute_outcome(self):
        for presence in self:
            lead = presence.sudo().lead_id
            if lead:
                presence.outcome = WON_STATUS.get(lead.won_status, "open")
            else:
                presence.outcome = presence.account_outcome or "open"

    def _inverse_outcome(self):
        for presence in self:
            if not presence.lead_id:
                presence.account_outcome = presence.outcome
            elif presence.outcome != WON_STATUS.get(presence.sudo().lead_id.won_status):
                raise UserError(
                    self.env._(
                        "The outcome against %s follows the deal. Mark the deal as "
                        "won or lost.",
                        presence.competitor_id.name,
                    )
                )

    @api.model
    def _search_outcome(self, operator, value):
        if operator != "in":
            return NotImplemented
        statuses = [
            status for status, outcome in WON_STATUS.items() if outcome in value
        ]
        at_account = Domain("lead_id", "=", False) & Domain(
            "account_outcome", "in", list(value)
        )
        in_deal = Domain("lead_id", "!=", False) & Domain(
            "lead_id",
            "any!",
            [("won_status", "in", statuses), ("active", "in", (True, False))],
        )
        return at_account | in_deal

    # ------------------------------------------------------------ business
    @api.model
    def _note_winner(self, leads, competitor):
        """Record the competitor as winner of these deals, replacing earlier winners.

        :param leads: deals of key accounts that are being lost
        :param competitor: nka.competitor
        """
        presences = self.search([("lead_id", "in", leads.ids)])
        presences.filtered("is_winner").write({"is_winner": False})
        known = presences.filtered(lambda item: item.competitor_id == competitor)
        known.write({"is_winner": True})
        self.create(
            [
                {"competitor_id": competitor.id, "lead_id": lead.id, "is_winner": True}
                for lead in leads - known.lead_id
            ]
        )
