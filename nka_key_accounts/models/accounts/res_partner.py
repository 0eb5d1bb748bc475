from contextlib import nullcontext

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .asking import refusal
from .nka_key_account import STATES

#: By which a contact comes to a client. The last one is computed, and yet Odoo lets clients
#: write over it.
MOVING_FIELDS = frozenset(
    ("parent_id", "is_company", "child_ids", "commercial_partner_id")
)

#: Columns of the account by the fields that contacts are grouped and sorted by.
ACCOUNT_COLUMNS = {
    "key_account_state": "state",
    "key_account_manager_id": "manager_id",
    "key_account_tier_id": "tier_id",
}


class ResPartner(models.Model):
    """Key-account status of a client in the current company.

    Everything is computed from ``nka.key.account``: the partner table of a running
    company gets no column, and writing a partner costs nothing more than before. A key
    client is archived by a supervisor only, and neither deleted nor reparented.

    A contact that comes to a key client brings its sales along, and who is paid for them
    could have put it there. New people come and go freely; a company, or a contact with
    documents of its own, is moved by a supervisor, on record.
    """

    _inherit = "res.partner"

    # Technical, for rules and searches that follow a client to its accounts.
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
        """Let contacts be grouped and sorted by fields that aren't stored."""
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
        # A refusal takes the move back, even from a caller who goes on after it.
        with self.env.cr.savepoint() if accounts else nullcontext():
            before = self._prepare_move(accounts)
            brought = self._brought_by(vals)._prepare_move(accounts)
            result = super().write(vals)
            if accounts:
                self.env["nka.client.join"]._check_clients_stay(
                    self.sudo().key_account_ids
                )
                self._settle_move(before)
                # Recorded by their own writes, in whoever's name Odoo did them.
                self._check_move(brought)
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
        """Contacts that come here by the values of another one.

        Odoo writes them in the name of the login, which isn't always who acts.
        """
        ids = set()
        for command in vals.get("child_ids") or ():
            if command[0] in (Command.LINK, Command.UPDATE):
                ids.add(command[1])
            elif command[0] == Command.SET:
                ids.update(command[2])
        return self.browse(sorted(ids))

    # ------------------------------------------------------------ joining a client
    def _prepare_move(self, accounts):
        """Where these contacts and all below them belong before a move.

        :param accounts: key accounts that it may concern; mostly none
        :return: client, whether it is a company, what it stands under and the documents
            it has as part of its client, by contact
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
        """The client a contact, or a company below a client, stands under."""
        return (self.parent_id or self).commercial_partner_id

    def _check_move(self, before):
        """Refuse that contacts came to key clients or left them, unless a supervisor
        moves them.

        :param dict before: see ``_prepare_move``
        :return: key accounts and the other client by contact: who joined, who left
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
        """New people come to a key client freely; companies, and contacts with documents
        of their own, don't.
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
        """Contacts of key clients that went to other ones, or became clients themselves."""
        return {
            contact: (accounts, contact.commercial_partner_id)
            for contact in self
            if contact.commercial_partner_id != before[contact][0]
            if (accounts := before[contact][0]._current_accounts())
            and accounts.partner_id != contact
        }

    def _settle_move(self, before):
        """Refuse or record that contacts came to key clients or left them.

        What was bought stays where it was.
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
        """Keep who came from or went to which client.

        :param dict moves: key accounts and the other client by contact
        """
        for contact, (accounts, other) in moves.items():
            self.env["nka.audit.event"]._record(
                accounts,
                kind,
                old=contact if kind == "leave" else other,
                new=other if kind == "leave" else contact,
            )

    def _current_accounts(self):
        """Key accounts and candidates of these clients in all companies."""
        return self.sudo().key_account_ids.filtered(
            lambda account: account.state in ("candidate", "key")
        )

    def _with_own_documents(self):
        """Hook: those of these contacts that have documents of their own.

        :rtype: res.partner
        """
        return self.browse()

    def _own_documents(self):
        """Hook: ids of the invoices, as ``move``, and orders, as ``order``, by contact id.

        :rtype: dict[int, dict[str, list[int]]]
        """
        return {}

    def _document_marks(self):
        """Latest invoice and latest order of each contact.

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
        """Hook: documents that rows of ``nka.client.join`` keep out, by row id.

        :rtype: dict[int, dict[str, list[int]]]
        """
        return {}

    def _documents_of_clients(self):
        """Hook: documents of these contacts that count for their clients now.

        :return: records by contact id
        :rtype: dict[int, BaseModel]
        """
        return {}

    def _keep_documents(self, client, documents):
        """Hook: leave documents with the client that the contact was part of."""

    # ------------------------------------------------------------ archiving, deleting
    def _follow_activation(self, active):
        """Hook: contacts of key accounts were archived, or brought back."""

    @api.ondelete(at_uninstall=False)
    def _check_unlink_of_clients(self):
        """The foreign key would refuse as well; this one says what to do.

        Deleting a contact sets those below it free, which is leaving the client.
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
                    "%s is already a key account or candidate.",
                    ", ".join(clients.mapped("display_name")),
                )
            )

    def action_open_key_account(self):
        """Open the key account of this contact's client."""
        self.ensure_one()
        return self.key_account_id._action_open()
