from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.opening import open_action
from ..trail.roles import ADMIN, MANAGER, SUPERVISOR

#: Who works with key accounts: pay officers don't.
ROLES = f"{MANAGER},{SUPERVISOR},{ADMIN}"


class CrmLead(models.Model):
    """The offer of a deal, who contributes to it, what is given, got and promised."""

    _inherit = "crm.lead"

    commitment_ids = fields.One2many(
        "nka.commitment", "lead_id", "Commitments", groups=ROLES
    )
    commitment_count = fields.Integer(
        compute="_compute_commitment_count", compute_sudo=True, groups=ROLES
    )
    has_untaken_terms = fields.Boolean(
        "Terms to take over",
        compute="_compute_has_untaken_terms",
        compute_sudo=True,
        groups=ROLES,
        help="A quotation was confirmed and its terms aren't commitments yet.",
    )
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
    def _compute_commitment_count(self):
        counts = dict(
            self.env["nka.commitment"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.commitment_count = counts.get(lead, 0)

    def _compute_has_untaken_terms(self):
        keyed = self.filtered("key_account_id")
        waiting = keyed._untaken_orders().opportunity_id if keyed else keyed
        for lead in self:
            lead.has_untaken_terms = lead in waiting

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
    def action_take_terms(self):
        """Propose the terms of the won quotations as commitments, to accept or drop.

        :return: the action that opens the commitments of the deal
        :raise UserError: when there is no confirmed quotation left
        """
        self.ensure_one()
        self.check_access("read")
        orders = self.sudo()._untaken_orders()
        if not self.key_account_id or not orders:
            raise UserError(
                self.env._(
                    "There are no terms to take over: a quotation of this deal has to "
                    "be confirmed first, and each is taken over once."
                )
            )
        self.env["nka.commitment"]._take_terms(self, orders)
        return self.action_open_commitments()

    def action_open_commitments(self):
        """Commitments of this deal."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_commitment_action",
            name=self.env._("Commitments: %s", self.name),
            domain=[("lead_id", "=", self.id)],
            context={
                "default_lead_id": self.id,
                "default_key_account_id": self.key_account_id.id,
            },
        )

    def action_open_contributions(self):
        """Contributions to this offer."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_offer_contribution_action",
            name=self.env._("Contributions: %s", self.name),
            domain=[("lead_id", "=", self.id)],
            context={"default_lead_id": self.id},
        )

    # ------------------------------------------------------------ business
    def _untaken_orders(self):
        """Confirmed orders of these deals that no commitment stands for.

        What another company of the database sold isn't this account's.

        :rtype: sale.order
        """
        orders = (
            self.env["sale.order"]
            .search([("opportunity_id", "in", self.ids), ("state", "=", "sale")])
            .filtered(
                lambda order: (
                    order.opportunity_id.key_account_id.company_id
                    in order.company_id.parent_ids
                )
            )
        )
        commitments = self.env["nka.commitment"].search_fetch(
            [("order_id", "in", orders.ids)], ["order_id"]
        )
        return orders - commitments.order_id

    def _runs_offer(self):
        """Whether the acting person runs this deal: who answers for its account now, its
        salesperson where there is no key account, and any supervisor.
        """
        self.ensure_one()
        lead = self.sudo()
        runs = lead.key_account_id.acting_user_ids or lead.user_id
        return self.env.user in runs or self.env.user.has_group(SUPERVISOR)

    def _merge_dependences(self, opportunities):
        """Commitments and the offer's parts stay with the deal that is left.

        Of the account: that decides, and a merge keeps it.
        """
        result = super()._merge_dependences(opportunities)
        for name in ("nka.commitment", "nka.offer.contribution", "nka.concession"):
            parts = self.env[name].sudo().search([("lead_id", "in", opportunities.ids)])
            parts._unlocked().write({"lead_id": self.id})
        return result

    # ------------------------------------------------------------ offer: merging
