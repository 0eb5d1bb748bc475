from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .nka_key_account import STATES


class ResPartner(models.Model):
    """Key-account status of a client in the current company.

    Everything is computed from ``nka.key.account``: the partner table of a running
    company gets no column, and writing a partner costs nothing more than before. A key
    client is archived by a supervisor only, and neither deleted nor reparented.
    """

    _inherit = "res.partner"

    # Technical, for rules and searches that follow a client to its accounts.
    key_account_ids = fields.One2many(
        "nka.key.account", "partner_id", "Key accounts by company", copy=False
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        compute="_compute_key_account",
        search="_search_key_account_id",
        compute_sudo=True,
    )
    key_account_state = fields.Selection(
        STATES,
        compute="_compute_key_account",
        search="_search_key_account_state",
        compute_sudo=True,
    )
    key_account_manager_id = fields.Many2one(
        "res.users",
        compute="_compute_key_account",
        search="_search_key_account_manager_id",
        compute_sudo=True,
    )
    key_account_tier_id = fields.Many2one(
        "nka.tier",
        compute="_compute_key_account",
        search="_search_key_account_tier_id",
        compute_sudo=True,
    )

    # ------------------------------------------------------------ compute
    @api.depends(
        "commercial_partner_id.key_account_ids.state",
        "commercial_partner_id.key_account_ids.manager_id",
        "commercial_partner_id.key_account_ids.tier_id",
    )
    @api.depends_context("company")
    def _compute_key_account(self):
        accounts = self.env["nka.key.account"].search_fetch(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                self._domain_covering(),
            ],
            ["partner_id", "state", "manager_id", "tier_id"],
        )
        by_partner = {account.partner_id.id: account for account in accounts}
        for partner in self:
            account = by_partner.get(partner.commercial_partner_id.id, accounts[:0])
            partner.key_account_id = account
            partner.key_account_state = account.state
            partner.key_account_manager_id = account.manager_id
            partner.key_account_tier_id = account.tier_id

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let contacts be grouped and sorted by fields that aren't stored."""
        columns = {
            "key_account_state": "state",
            "key_account_manager_id": "manager_id",
            "key_account_tier_id": "tier_id",
        }
        if field_expr not in columns:
            return super()._field_to_sql(alias, field_expr, query)
        column = columns[field_expr]
        self.env["nka.key.account"].flush_model(["partner_id", "company_id", column])
        return SQL(
            """(SELECT %s FROM nka_key_account account
                 WHERE account.partner_id = %s AND account.company_id = ANY(%s)
                 LIMIT 1)""",
            SQL.identifier("account", column),
            SQL.identifier(alias, "commercial_partner_id"),
            self.env.company.sudo().parent_ids.ids,
        )

    # ------------------------------------------------------------ search
    def _search_key_account_id(self, operator, value):
        return self._search_by_account("id", operator, value)

    def _search_key_account_state(self, operator, value):
        return self._search_by_account("state", operator, value)

    def _search_key_account_manager_id(self, operator, value):
        return self._search_by_account("manager_id", operator, value)

    def _search_key_account_tier_id(self, operator, value):
        return self._search_by_account("tier_id", operator, value)

    @api.model
    def _search_by_account(self, fname, operator, value):
        """Partners whose client has an account in the current company where
        ``fname operator value`` holds; "unset" also finds those without account.
        """
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        accounts = self.env["nka.key.account"].sudo()
        domain = Domain([self._domain_covering()])
        result = Domain.FALSE
        if operator == "in" and False in value:
            filled = accounts._search(domain & Domain(fname, "!=", False))
            result = self._clients_domain(filled, "not in")
            value = [item for item in value if item is not False]
        found = accounts._search(domain & Domain(fname, operator, value))
        return result | self._clients_domain(found, "in")

    @api.model
    def _domain_covering(self):
        """Condition on accounts: of the current company, or of those it is a branch of.

        A client is a key account in one of them at most.
        """
        return ("company_id", "in", self.env.company.sudo().parent_ids.ids)

    @api.model
    def _clients_domain(self, query, operator):
        return Domain("commercial_partner_id", operator, query.subselect("partner_id"))

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if vals.keys().isdisjoint({"active", "parent_id", "is_company"}):
            return super().write(vals)
        followed = self._accounts_followed(vals)
        if not vals.get("active", True):
            self._check_archive_of_clients(followed)
        accounts = self._accounts_near(vals)
        result = super().write(vals)
        if accounts:
            self.sudo().key_account_ids._check_clients_stay()
        if followed:
            self._follow_activation(vals["active"])
        return result

    def _accounts_followed(self, vals):
        """Key accounts whose client or people come or go with this write: one query."""
        if "active" not in vals:
            return self.env["nka.key.account"]
        return self.sudo().commercial_partner_id.key_account_ids

    def _accounts_near(self, vals):
        """Key accounts that a move of these contacts may concern: one query.

        Of the clients they belong to, and of the one they are about to belong to.
        """
        partners = self.sudo()
        if {"parent_id", "is_company"}.isdisjoint(vals):
            return partners.env["nka.key.account"]
        parents = partners.browse(vals.get("parent_id") or []) | partners.parent_id
        return (partners | parents).commercial_partner_id.key_account_ids

    def _follow_activation(self, active):
        """Hook: contacts of key accounts were archived, or brought back."""

    @api.ondelete(at_uninstall=False)
    def _check_unlink_of_clients(self):
        """The foreign key would refuse as well; this one says what to do."""
        for account in self.sudo().key_account_ids:
            raise UserError(
                self.env._(
                    "%s has a history as a key account, and history stays. Archive "
                    "the contact instead.",
                    account.display_name,
                )
            )

    def _check_archive_of_clients(self, accounts):
        current = accounts.filtered(
            lambda account: (
                account.state in ("candidate", "key") and account.partner_id in self
            )
        )
        if current and not current._may_supervise():
            raise AccessError(
                self.env._(
                    "%s is a key account or a candidate, so a supervisor archives it. "
                    "Ask yours; nothing was changed.",
                    current[0].display_name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_nominate_key_account(self):
        """Nominate the clients of these contacts in the current company.

        :return: the action that opens the candidates
        :raise UserError: when all of them are key accounts or candidates already
        """
        accounts = self.env["nka.key.account"]
        clients = self.commercial_partner_id
        known = accounts.sudo().search(
            [("partner_id", "in", clients.ids), self._domain_covering()]
        )
        self._check_nominable(clients, known)
        again = known.filtered(lambda account: account.state in ("declined", "former"))
        fresh = accounts.create(
            [{"partner_id": client.id} for client in clients - known.partner_id]
        )
        nominated = fresh | again.with_env(self.env)
        nominated.action_nominate()
        return nominated._action_open()

    @api.model
    def _check_nominable(self, clients, known):
        current = known.filtered(lambda account: account.state in ("candidate", "key"))
        if clients and clients <= current.partner_id:
            raise UserError(
                self.env._(
                    "Nothing to nominate: %s is a key account or a candidate already.",
                    ", ".join(clients.mapped("display_name")),
                )
            )

    def action_open_key_account(self):
        """Open the key account of this contact's client."""
        self.ensure_one()
        return self.key_account_id._action_open()
