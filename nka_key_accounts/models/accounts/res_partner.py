from contextlib import nullcontext

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .asking import refusal
from .nka_key_account import STATES

#: Fields that move a contact to a client. The last one is computed, but Odoo accepts
#: writes to it.
MOVING_FIELDS = frozenset(
    ("parent_id", "is_company", "child_ids", "commercial_partner_id")
)

#: Columns of the account, by the contact fields used for grouping and sorting.
ACCOUNT_COLUMNS = {
    "key_account_state": "state",
    "key_account_manager_id": "manager_id",
    "key_account_tier_id": "tier_id",
}


class ResPartner(models.Model):
    """Key account status of a client in the current company.

    Everything is computed from ``nka.key.account``: the partner table gets no column,
    and writing a partner costs no more than without the addon. Only a supervisor can
    archive a key account; it can't be deleted or become a contact of another client.

    A contact that joins a key account brings its sales, and a user paid for them could
    have moved it. New people can be added and removed freely. Companies and contacts
    with documents of their own are moved by a supervisor only, and the move is logged.
    """

    _inherit = "res.partner"

    # Technical field for rules and searches from a client to its accounts.
    key_account_ids = fields.One2many(
        "nka.key.account", "partner_id", "Key accounts by company", copy=False
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        compute="_compute_key_account",
        search="_search_key_account_id",
        compute_sudo=True,
    )
    key_account_state = fields.Selection(
        STATES,
        "Key account status",
        compute="_compute_key_account",
        search="_search_key_account_state",
        compute_sudo=True,
    )
    key_account_manager_id = fields.Many2one(
        "res.users",
        "Key account manager",
        compute="_compute_key_account",
        search="_search_key_account_manager_id",
        compute_sudo=True,
    )
    key_account_tier_id = fields.Many2one(
        "nka.tier",
        "Account tier",
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
            ["partner_id", "company_id", "state", "manager_id", "tier_id"],
        )
        by_partner = {account.partner_id.id: account for account in accounts}
        for partner in self:
            account = by_partner.get(partner.commercial_partner_id.id, accounts[:0])
            partner.key_account_id = account
            partner.key_account_state = account.state
            partner.key_account_manager_id = account.manager_id
            partner.key_account_tier_id = account.tier_id

    def _field_to_sql(self, alias, field_expr, query=None):
        """Allow grouping and sorting contacts by fields that aren't stored."""
        column = ACCOUNT_COLUMNS.get(field_expr)
        if not column:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
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
        """Return the domain of partners whose client has a matching account.

        Only accounts that cover the current company count. A search for unset values
        also finds partners without an account.
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
        """Return the condition for accounts of the current company or its parents.

        A client is a key account in at most one of them.
        """
        return ("company_id", "in", self.env.company.sudo().parent_ids.ids)

    @api.model
    def _clients_domain(self, query, operator):
        return Domain("commercial_partner_id", operator, query.subselect("partner_id"))

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        brought = self.browse().concat(*map(self._brought_by, vals_list))
        if not brought:
            return super().create(vals_list)
        parents = self.sudo().browse(vals.get("parent_id") for vals in vals_list)
        every = brought.sudo() | parents.filtered("id")
        accounts = every.commercial_partner_id.key_account_ids
        with self.env.cr.savepoint() if accounts else nullcontext():
            before = brought._prepare_move(accounts)
            partners = super().create(vals_list)
            self._check_move(before)
        return partners

    def write(self, vals):
        if vals.keys().isdisjoint({"active", *MOVING_FIELDS}):
            return super().write(vals)
        followed = self._accounts_followed(vals)
        if not vals.get("active", True):
            self._check_archive_of_clients(followed)
        accounts = self._accounts_near(vals)
        # The savepoint undoes a refused move even if the caller catches the error.
        with self.env.cr.savepoint() if accounts else nullcontext():
            before = self._prepare_move(accounts)
            brought = self._brought_by(vals)._prepare_move(accounts)
            result = super().write(vals)
            if accounts:
                self.env["nka.client.join"]._check_clients_stay(
                    self.sudo().key_account_ids
                )
                self._settle_move(before)
                # These contacts are logged by their own writes, as whichever user Odoo
                # does them.
                self._check_move(brought)
        if followed:
            self._follow_activation(vals["active"])
        return result

    def _accounts_followed(self, vals):
        """Return the key accounts of contacts being archived or restored. One query."""
        if "active" not in vals:
            return self.env["nka.key.account"]
        return self.sudo().commercial_partner_id.key_account_ids

    def _accounts_near(self, vals):
        """Return the key accounts that a move of these contacts can concern. One query.

        These are accounts of the present clients and of the future one.
        """
        partners = self.sudo()
        if MOVING_FIELDS.isdisjoint(vals):
            return partners.env["nka.key.account"]
        parents = partners.browse(
            vals[name]
            for name in ("parent_id", "commercial_partner_id")
            if vals.get(name)
        )
        parents |= partners.parent_id
        partners |= self._brought_by(vals).sudo()
        return (partners | parents).commercial_partner_id.key_account_ids

    @api.model
    def _brought_by(self, vals):
        """Return the existing contacts that ``vals`` moves below another contact.

        Odoo writes them as the login user, who isn't always the acting user.
        """
        ids = set()
        for command in vals.get("child_ids") or ():
            if command[0] in (Command.LINK, Command.UPDATE):
                ids.add(command[1])
            elif command[0] == Command.SET:
                ids.update(command[2])
        return self.browse(sorted(ids))

    # ------------------------------------------------------------ joins and departures
    def _prepare_move(self, accounts):
        """Return where these contacts and all below them belong before a move.

        :param accounts: key accounts that the move can concern; mostly none
        :return: client, whether it is a company, client above it and the documents it
            has as part of its client, by contact
        :rtype: dict[res.partner, tuple]
        """
        if not accounts or not self:
            return {}
        partners = self.sudo().with_context(active_test=False)
        moved = partners.search([("id", "child_of", self.ids)])
        documents = moved._documents_of_clients()
        return {
            contact: (
                contact.commercial_partner_id,
                contact.is_company,
                contact._client_above(),
                documents.get(contact.id),
            )
            for contact in moved
        }

    def _client_above(self):
        """Return the client of the parent contact, or of a contact without one."""
        return (self.parent_id or self).commercial_partner_id

    def _check_move(self, before):
        """Check contacts that joined or left key accounts.

        :param dict before: see ``_prepare_move``
        :return: two dicts, for joining and leaving: key accounts and the other client,
            by contact
        :raise AccessError: if the current user can't decide on such a move
        """
        moved = self.browse(
            contact.id
            for contact, (client, _company, above, _documents) in before.items()
            if client != contact.commercial_partner_id
            or above != contact._client_above()
        )
        heavy = moved.sudo()._with_own_documents() if moved else moved
        joined = moved.sudo()._find_joined(before, heavy)
        left = (moved.sudo() & heavy)._find_left(before)
        for contact, (accounts, _other) in (*joined.items(), *left.items()):
            self.env["nka.client.join"]._check_may_move(contact, accounts)
        return joined, left

    def _find_joined(self, before, heavy):
        """Return the joined contacts that require a supervisor's decision.

        These are companies and contacts with documents of their own. Other people can
        join a key account freely.
        """
        return {
            contact: (accounts, before[contact][0])
            for contact in self
            if contact in heavy or contact.is_company or before[contact][1]
            if (
                accounts := (
                    contact._client_above() | contact.commercial_partner_id
                )._current_accounts()
            )
            and not contact._current_accounts()
        }

    def _find_left(self, before):
        """Return contacts that left a key account for another client or became one."""
        return {
            contact: (accounts, contact.commercial_partner_id)
            for contact in self
            if contact.commercial_partner_id != before[contact][0]
            if (accounts := before[contact][0]._current_accounts())
            and accounts.partner_id != contact
        }

    def _settle_move(self, before):
        """Check and log contacts that joined or left key accounts.

        Earlier purchases stay with the client they were made for.
        """
        joined, left = self._check_move(before)
        parts = {
            contact: accounts
            for contact, (accounts, _other) in joined.items()
            if accounts.partner_id == contact.commercial_partner_id
        }
        joins = self.env["nka.client.join"]
        if parts:
            joins._add(parts, self.browse().concat(*parts).sudo()._document_marks())
        for contact, (accounts, _other) in left.items():
            joins._add_leaving(contact, accounts)
            contact._keep_documents(*before[contact][::3])
        self._record_moves("join", joined)
        self._record_moves("leave", left)

    @api.model
    def _record_moves(self, kind, moves):
        """Log which contact came from or went to which client.

        :param str kind: ``join`` or ``leave``
        :param dict moves: key accounts and the other client, by contact
        """
        for contact, (accounts, other) in moves.items():
            self.env["nka.audit.event"]._record(
                accounts,
                kind,
                old=contact if kind == "leave" else other,
                new=other if kind == "leave" else contact,
            )

    def _current_accounts(self):
        """Return the key accounts and candidates of these clients in all companies."""
        return self.sudo().key_account_ids.filtered(
            lambda account: account.state in ("candidate", "key")
        )

    def _with_own_documents(self):
        """Hook: return those of these contacts that have documents of their own.

        :rtype: res.partner
        """
        return self.browse()

    def _own_documents(self):
        """Hook: return ids of invoices (``move``) and orders (``order``) by contact id.

        :rtype: dict[int, dict[str, list[int]]]
        """
        return {}

    def _document_marks(self):
        """Return the ids of the latest invoice and order, by contact id.

        :rtype: dict[int, tuple[int, int]]
        """
        return {
            contact_id: tuple(
                max(documents.get(kind, (0,))) for kind in ("move", "order")
            )
            for contact_id, documents in self._own_documents().items()
        }

    @api.model
    def _past_documents(self, joins):
        """Hook: return the documents excluded by rows of ``nka.client.join``, by row
        id.

        :rtype: dict[int, dict[str, list[int]]]
        """
        return {}

    def _documents_of_clients(self):
        """Hook: return the documents of these contacts that count for their clients
        now.

        :return: records by contact id
        :rtype: dict[int, BaseModel]
        """
        return {}

    def _keep_documents(self, client, documents):
        """Hook: keep documents with the client that the contact belonged to."""

    # ------------------------------------------------------------ archiving, deleting
    def _follow_activation(self, active):
        """Hook: called when contacts of key accounts are archived or restored."""

    @api.ondelete(at_uninstall=False)
    def _check_unlink_of_clients(self):
        """Refuse to delete clients with a history, with a message that says what to do.

        The foreign key would refuse as well. Contacts below a deleted contact leave the
        client, so the same rights apply to them as for a move.
        """
        accounts = self.sudo().commercial_partner_id.key_account_ids
        for account in accounts.filtered(lambda account: account.partner_id in self):
            raise UserError(
                self.env._(
                    "%s has a key account history, which can't be deleted. Archive the "
                    "contact instead.",
                    account.display_name,
                )
            )
        below = self.sudo().child_ids - self if accounts else self.browse()
        for contact in below and below._with_own_documents():
            clients = contact.commercial_partner_id._current_accounts()
            self.env["nka.client.join"]._check_may_move(contact, clients)

    def _check_archive_of_clients(self, accounts):
        current = accounts.filtered(
            lambda account: (
                account.state in ("candidate", "key") and account.partner_id in self
            )
        )
        if current and not current._may_supervise():
            message = self.env._(
                "%(client)s is a key account or candidate, so only a supervisor can "
                "archive it. Ask %(people)s.",
                client=current[0].display_name,
                people=current[0]._name_supervisors(),
            )
            raise refusal(message, current[0].partner_id, current[0], decides=True)

    # ------------------------------------------------------------ actions
    def action_nominate_key_account(self):
        """Nominate the clients of these contacts in the current company.

        :return: the action that opens the candidates
        :raise UserError: if all of them are key accounts or candidates already
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
                    "%s is already a key account or candidate.",
                    ", ".join(clients.mapped("display_name")),
                )
            )

    def action_open_key_account(self):
        """Open the key account of this contact's client."""
        self.ensure_one()
        return self.key_account_id._action_open()
