from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column


class CrmLead(models.Model):
    """Leads and deals of key accounts: whose they are and where they came from.

    Where a lead came from is told in ``crm_lead_origin``, who may give it away in
    ``crm_lead_custody``, how it is made, converted and merged in
    ``crm_lead_paths``.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead", "nka.state.mixin"]

    _guarded_fields = (
        "key_account_id",
        "origin_state",
        "origin_claimed_by_id",
        "origin_decided_by_id",
        "origin_decision_date",
        "origin_note",
    )

    key_account_id = fields.Many2one(
        "nka.key.account",
        compute="_compute_key_account_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The account of the lead's client in the lead's company.",
    )
    key_account_state = fields.Selection(
        related="key_account_id.state",
        related_sudo=True,
        string="Status",
        tracking=False,
    )
    is_vip = fields.Boolean(
        "VIP lead",
        copy=False,
        tracking=True,
        help="A lead of key-account size, with or without a key account yet.",
    )

    def _auto_init(self):
        """Add the column empty: no lead has an account before there are accounts,
        and a running company with many leads shouldn't wait for that.
        """
        if not column_exists(self.env.cr, "crm_lead", "key_account_id"):
            create_column(self.env.cr, "crm_lead", "key_account_id", "int4")
        return super()._auto_init()

    # ------------------------------------------------------------ compute
    # Contacts that move to another client are followed by ``res.partner.write``:
    # a dependency on them would cost each write of a partner a search of leads.
    @api.depends("partner_id", "company_id", "user_id")
    def _compute_key_account_id(self):
        by_client = self._key_accounts_by_client()
        for lead in self:
            accounts = by_client.get(lead.partner_id.commercial_partner_id.id)
            lead.key_account_id = accounts and lead._choose_account(accounts)

    def _key_accounts_by_client(self):
        """Accounts of these leads' clients in all companies: at most one query.

        :rtype: dict[int, nka.key.account]
        """
        clients = self.partner_id.commercial_partner_id
        if not clients:
            return {}
        accounts = self.env["nka.key.account"].search_fetch(
            [("partner_id", "in", clients.ids)],
            ["partner_id", "company_id", "state", "manager_id"],
            order="id",
        )
        return accounts.grouped(lambda account: account.partner_id.id)

    def _choose_account(self, accounts):
        """The account in the lead's company; a lead without one goes by its owner's
        company, else by the oldest account. Who recomputes it never matters.
        """
        company = self.company_id or self.user_id.company_id
        mine = accounts.filtered(lambda account: account.company_id == company)
        return mine or (accounts[:1] if not self.company_id else mine)

    def _find_key_account(self):
        """Look for the account again, for something other than the lead changed."""
        self.env.add_to_compute(self._fields["key_account_id"], self)

    # ------------------------------------------------------------ actions
    def action_nominate_key_account(self):
        """Nominate the clients of these leads in the leads' company.

        :return: the action that opens the candidates
        :raise UserError: for leads without a client, or with nothing to nominate
        """
        clients = self.partner_id
        if not clients:
            raise UserError(
                self.env._(
                    "Set the customer of the lead first: a key account is a client, "
                    "and the lead names none yet."
                )
            )
        company = self.company_id[:1] or self.env.company
        return clients.with_company(company).action_nominate_key_account()

    def action_open_key_account(self):
        """Open the key account of the lead's client."""
        self.ensure_one()
        return self.key_account_id._action_open()

    def action_plan_negotiation(self):
        """Open the calendar to plan a negotiation about this deal."""
        action = self.action_schedule_meeting()
        action["context"]["default_is_negotiation"] = True
        return action

    # ------------------------------------------------------------ business
    def _of_key_accounts(self):
        """Those of these leads whose account is a key account now.

        Costs nothing for leads without an account.
        """
        return self.filtered(
            lambda lead: (
                lead.sudo().key_account_id and lead.sudo().key_account_id.state == "key"
            )
        )
