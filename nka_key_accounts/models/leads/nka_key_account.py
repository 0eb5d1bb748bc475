from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccount(models.Model):
    """Link existing leads to a new account, and count the leads an account referred."""

    _inherit = "nka.key.account"

    referred_lead_count = fields.Integer(
        "Referred leads", compute="_compute_figures", aggregator="sum"
    )
    referred_won_amount = fields.Monetary(
        "Won by referral",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of won opportunities referred by this client.",
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        # Only the leads of these clients, so that other leads cost nothing.
        accounts.partner_id._leads_of_clients()._find_key_account()
        return accounts

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
        """Exclude negotiations that were not held: they are no contact."""
        return SQL(
            "(%s AND COALESCE(event.negotiation_outcome, '') != 'not_held')",
            super()._sql_held_meeting(),
        )

    # ------------------------------------------------------------ actions
    def action_open_referrals(self):
        """Open the leads this client referred, including lost and archived ones."""
        self.ensure_one()
        name = self.env._("Referred leads")
        return self._prepare_open(
            name,
            "crm.lead",
            [("referrer_id", "=", self.id)],
            context={
                "default_origin": "referral",
                "default_referrer_id": self.id,
                "active_test": False,
            },
        )
