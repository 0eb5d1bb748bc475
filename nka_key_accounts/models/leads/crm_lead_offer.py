from odoo import api, fields, models

from ..trail.roles import SUPERVISOR
from .crm_lead_market import ROLES


class CrmLeadOffer(models.Model):
    """The individual offer of a deal: who contributes what, what is given and got."""

    _inherit = "crm.lead"

    contribution_ids = fields.One2many(
        "nka.offer.contribution", "lead_id", "Contributions", groups=ROLES
    )
    concession_ids = fields.One2many(
        "nka.concession", "lead_id", "Give and get", groups=ROLES
    )
    contribution_state = fields.Char(
        "Contributions in", compute="_compute_offer", compute_sudo=True, groups=ROLES
    )
    overdue_contribution_count = fields.Integer(
        "Overdue contributions",
        compute="_compute_offer",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_cost = fields.Monetary(
        "We give",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_gain = fields.Monetary(
        "We get",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
    )
    concession_balance = fields.Monetary(
        "Balance",
        currency_field="company_currency",
        compute="_compute_concessions",
        compute_sudo=True,
        groups=ROLES,
        help="What we get less what we give; dropped concessions don't count.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("contribution_ids.state", "contribution_ids.date_due")
    @api.depends_context("lang", "tz")
    def _compute_offer(self):
        """Of so many asked so many accepted: one query for all deals."""
        items = self.env["nka.offer.contribution"].search_fetch(
            [("lead_id", "in", self.ids), ("state", "!=", "withdrawn")],
            ["lead_id", "state", "date_due"],
        )
        by_lead = items.grouped("lead_id")
        for lead in self:
            asked = by_lead.get(lead._origin, items.browse())
            taken = asked.filtered(lambda item: item.state == "accepted")
            lead.contribution_state = asked and f"{len(taken)}/{len(asked)}"
            lead.overdue_contribution_count = len(asked.filtered("is_overdue"))

    @api.depends("concession_ids.cost", "concession_ids.gain_value")
    @api.depends("concession_ids.state")
    def _compute_concessions(self):
        """Sums over the lines on the screen, saved or not."""
        for lead in self:
            counted = lead.concession_ids.filtered(lambda item: item.state != "dropped")
            lead.concession_cost = sum(counted.mapped("cost"))
            lead.concession_gain = sum(counted.mapped("gain_value"))
            lead.concession_balance = lead.concession_gain - lead.concession_cost

    # ------------------------------------------------------------ actions
    def action_open_contributions(self):
        """Contributions to this offer."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "nka_key_accounts.nka_offer_contribution_action"
            ),
            "name": self.env._("Contributions: %s", self.name),
            "domain": [("lead_id", "=", self.id)],
            "context": {"default_lead_id": self.id},
        }

    # ------------------------------------------------------------ business
    def _runs_offer(self):
        """Whether the acting person runs this deal: who answers for its account now, its
        salesperson where there is no key account, and any supervisor.
        """
        self.ensure_one()
        lead = self.sudo()
        runs = lead.key_account_id.acting_user_ids or lead.user_id
        return self.env.user in runs or self.env.user.has_group(SUPERVISOR)

    # ------------------------------------------------------------ merging
    def _merge_dependences(self, opportunities):
        """The offer's parts stay with the deal that is left."""
        result = super()._merge_dependences(opportunities)
        for name in ("nka.offer.contribution", "nka.concession"):
            parts = self.env[name].sudo().search([("lead_id", "in", opportunities.ids)])
            parts._unlocked().write({"lead_id": self.id})
        return result
