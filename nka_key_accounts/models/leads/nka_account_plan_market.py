"""Measures of an account plan that come from deals and meetings."""

from odoo import api, fields, models
from odoo.tools import SQL


class AccountPlanObjectiveMarket(models.Model):
    _inherit = "nka.account.plan.objective"

    measure = fields.Selection(
        selection_add=[
            ("won_deals", "Deals won"),
            ("negotiations", "Negotiations held"),
            ("manual",),
        ],
        ondelete={"won_deals": "cascade", "negotiations": "cascade"},
    )

    @api.model
    def _sql_measures(self):
        return {
            **super()._sql_measures(),
            "won_deals": SQL(
                """(SELECT COUNT(*) FROM crm_lead lead
                     WHERE lead.key_account_id = account.id AND lead.won_status = 'won'
                       AND EXTRACT(YEAR FROM lead.date_closed) = asked.year)"""
            ),
            "negotiations": SQL(
                """(SELECT COUNT(DISTINCT event.id) FROM calendar_event event
                      LEFT JOIN crm_lead lead ON lead.id = event.opportunity_id
                      LEFT JOIN calendar_event_res_partner_rel rel
                        ON rel.calendar_event_id = event.id
                      LEFT JOIN res_partner party ON party.id = rel.res_partner_id
                     WHERE event.is_negotiation AND event.active
                       AND event.negotiation_outcome IS NOT NULL
                       AND event.negotiation_outcome != 'not_held'
                       AND event.stop <= %(now)s
                       AND event.start >= MAKE_DATE(asked.year, 1, 1)
                       AND event.start < MAKE_DATE(asked.year + 1, 1, 1)
                       AND CASE WHEN event.opportunity_id IS NULL
                                THEN party.commercial_partner_id = account.partner_id
                                ELSE lead.key_account_id = account.id END)""",
                now=fields.Datetime.now(),
            ),
        }
