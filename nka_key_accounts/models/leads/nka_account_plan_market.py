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
                """(SELECT COUNT(*) FROM calendar_event event
                     WHERE event.id IN (
                           SELECT talk.id FROM crm_lead lead
                             JOIN calendar_event talk ON talk.opportunity_id = lead.id
                            WHERE lead.key_account_id = account.id
                            UNION
                           SELECT talk.id FROM res_partner party
                             JOIN calendar_event_res_partner_rel rel
                               ON rel.res_partner_id = party.id
                             JOIN calendar_event talk ON talk.id = rel.calendar_event_id
                              AND talk.opportunity_id IS NULL
                            WHERE party.commercial_partner_id = account.partner_id)
                       AND event.is_negotiation AND event.active
                       AND event.negotiation_outcome IS NOT NULL
                       AND event.negotiation_outcome != 'not_held'
                       AND event.stop <= %(now)s
                       AND event.start >= MAKE_DATE(asked.year, 1, 1)
                       AND event.start < MAKE_DATE(asked.year + 1, 1, 1))""",
                now=fields.Datetime.now(),
            ),
        }
