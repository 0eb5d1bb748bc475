from odoo import fields, models
from odoo.tools import SQL

from .nka_competitor_presence import THREATS


class CompetitorAnalysis(models.Model):
    """Deals with a competitor and their outcome, read from a query and not stored."""

    _name = "nka.competitor.analysis"
    _description = "Wins and losses by competitor"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "competitor_id"

    competitor_id = fields.Many2one("nka.competitor", readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    lead_id = fields.Many2one("crm.lead", "Deal", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    categ_id = fields.Many2one("product.category", "Product category", readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", "Lost reason", readonly=True)
    date = fields.Date(
        readonly=True,
        help=(
            "Date the deal was closed or, if still open, the "
            "date this competitor was first met."
        ),
    )
    threat = fields.Selection(THREATS, readonly=True)
    is_incumbent = fields.Boolean("Incumbent", readonly=True)
    outcome = fields.Selection(
        [
            ("open", "Open"),
            ("won", "We won"),
            ("lost_to_him", "Lost to them"),
            ("lost", "Lost, but not to them"),
        ],
        readonly=True,
    )
    open_count = fields.Integer("Open deals", readonly=True)
    won_count = fields.Integer("Won deals", readonly=True)
    lost_count = fields.Integer("Lost to them", readonly=True)
    open_value = fields.Monetary("Open value", readonly=True)
    won_value = fields.Monetary("Value won", readonly=True)
    lost_value = fields.Monetary("Value lost", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT met.*,
                      (outcome = 'open')::int AS open_count,
                      (outcome = 'won')::int AS won_count,
                      (outcome = 'lost_to_him')::int AS lost_count,
                      CASE WHEN outcome = 'open' THEN amount END AS open_value,
                      CASE WHEN outcome = 'won' THEN amount END AS won_value,
                      CASE WHEN outcome = 'lost_to_him' THEN amount END AS lost_value
                 FROM (SELECT presence.id, presence.competitor_id,
                              presence.key_account_id, presence.lead_id,
                              presence.company_id, presence.categ_id, presence.threat,
                              presence.is_incumbent, lead.user_id, lead.lost_reason_id,
                              lead.expected_revenue AS amount,
                              CASE WHEN lead.won_status = 'pending'
                                   THEN presence.create_date
                                   ELSE COALESCE(lead.date_closed, lead.write_date)
                                    END::date AS date,
                              CASE WHEN lead.won_status = 'won' THEN 'won'
                                   WHEN lead.won_status = 'pending' THEN 'open'
                                   WHEN presence.is_winner THEN 'lost_to_him'
                                   ELSE 'lost' END AS outcome
                         FROM nka_competitor_presence presence
                         JOIN crm_lead lead ON lead.id = presence.lead_id) met"""
        )
