"""Commitments, approved prices and discount limits of an account."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate, ormcache

from ..facts.companies import with_branches
from ..trail.opening import open_action

_lt = LazyTranslate(__name__)
#: Fields that a supervisor approves once for all quotations of the client.
CONTRACT = {"contract_pricelist_ids", "free_product_ids"}
#: Points that each overdue commitment takes off the score.
OVERDUE_COST = 25
#: Fields that decide whether an account limits discounts, and how.
LIMITING = {"state", "tier_id", "partner_id", "company_id"}


class KeyAccount(models.Model):
    _inherit = "nka.key.account"
    _audit_kinds = {"contract_prices": _lt("Approved client prices")}

    contract_pricelist_ids = fields.Many2many(
        "product.pricelist",
        "nka_key_account_pricelist_rel",
        "key_account_id",
        "pricelist_id",
        "Contract price lists",
        copy=False,
        help=(
            "Prices from these lists count as the client's own prices, not as a "
            "discount. A supervisor approves them; changing a list ends its "
            "approval."
        ),
    )
    free_product_ids = fields.Many2many(
        "product.product",
        "nka_key_account_free_product_rel",
        "key_account_id",
        "product_id",
        "Free of charge",
        copy=False,
        help=(
            "Products this client can receive free of charge. A supervisor approves "
            "them."
        ),
    )
    commitment_ids = fields.One2many("nka.commitment", "key_account_id", "Commitments")
    open_commitment_count = fields.Integer(
        "Open commitments", compute="_compute_figures", aggregator="sum"
    )
    overdue_commitment_count = fields.Integer(
        "Overdue commitments", compute="_compute_figures", aggregator="sum"
    )
    commitment_kept_rate = fields.Float(
        "Commitments kept (%)",
        compute="_compute_figures",
        aggregator="avg",
        digits=(5, 1),
        help=(
            "Share of kept commitments in all commitments kept or breached; 0 if "
            "there are none."
        ),
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        nothing = (self.env["product.pricelist"], self.env["product.product"])
        accounts._settle_contract(dict.fromkeys(accounts, nothing))
        return accounts

    def write(self, vals):
        before = {}
        if not vals.keys().isdisjoint(CONTRACT):
            before = {account: account._contract_records() for account in self}
        result = super().write(vals)
        if before:
            self._settle_contract(before)
        if not vals.keys().isdisjoint(LIMITING):
            self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------ contract prices
    def _contract_records(self):
        """Return the price lists and free products approved for this client.

        :rtype: tuple[product.pricelist, product.product]
        """
        account = self.sudo()
        return account.contract_pricelist_ids, account.free_product_ids

    def _settle_contract(self, before):
        """Check and log changes to the client's approved prices.

        Only additions need an approval.

        :param dict before: approved records by account, see :meth:`_contract_records`
        """
        after = {account: account._contract_records() for account in self}
        changed = self.filtered(lambda account: before[account] != after[account])
        if not changed:
            return
        changed.filtered(
            lambda account: any(
                new - old
                for new, old in zip(after[account], before[account], strict=True)
            )
        )._check_contract()
        self.env["nka.audit.event"]._record(
            changed,
            "contract_prices",
            old=lambda account: self._say_contract(before[account]),
            new=lambda account: self._say_contract(after[account]),
        )
        self.env.registry.clear_cache()

    @api.model
    def _say_contract(self, records):
        names = [record.display_name for approved in records for record in approved]
        return ", ".join(sorted(names))

    def _check_contract(self):
        """Check that a supervisor not paid for the account's sales approves prices.

        :raise AccessError: for other users
        :raise UserError: for a price list that is based on another one
        """
        assignments = self.env["nka.assignment"]
        for account in self.sudo():
            involved = self.env.user in assignments._involved(account)
            if involved or not self._may_supervise():
                raise AccessError(
                    self.env._(
                        "Only a supervisor who isn't involved in the account can "
                        "approve the client's own prices. Ask %s.",
                        assignments._name_uninvolved(account),
                    )
                )
            prices = self.env["product.pricelist.item"].sudo()
            following = prices.search(
                [
                    ("pricelist_id", "in", account.contract_pricelist_ids.ids),
                    ("base", "=", "pricelist"),
                ]
            )
            if following:
                raise UserError(
                    self.env._(
                        "“%s” is based on another price list, which could change "
                        "without this approval. Approve a list with its own prices.",
                        following[0].pricelist_id.display_name,
                    )
                )

    @api.model
    def _end_approval(self, pricelists):
        """Withdraw the approval of price lists changed by a user who can't approve.

        A supervisor gets a to-do to approve them again.
        """
        for account in self.sudo().search(
            [("contract_pricelist_ids", "in", pricelists.ids)]
        ):
            changed = account.contract_pricelist_ids & pricelists.sudo()
            account.contract_pricelist_ids -= changed
            reviewer = account._reviewer(account.manager_id)
            account.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=reviewer.id or self.env.uid,
                summary=self.env._("Approve a changed price list"),
                note=self.env._(
                    "%(person)s changed “%(lists)s”, so its prices count as discounts "
                    "until you approve them again.",
                    person=self.env.user.name,
                    lists=", ".join(changed.mapped("display_name")),
                ),
            )

    @api.model
    @ormcache()
    def _contracts(self):
        """Return the ids of approved price lists and free products by account.

        Accounts without any are excluded. The result is cached and needs no query.

        :rtype: dict[int, tuple[frozenset, frozenset]]
        """
        accounts = self.sudo().search(
            [
                ("state", "=", "key"),
                "|",
                ("contract_pricelist_ids", "!=", False),
                ("free_product_ids", "!=", False),
            ]
        )
        return {
            account.id: (
                frozenset(account.contract_pricelist_ids.ids),
                frozenset(account.free_product_ids.ids),
            )
            for account in accounts
        }

    # ------------------------------------------------------------ figures
    @api.model
    def _sql_commitments(self, alias, selected, condition):
        return SQL(
            """(SELECT %s FROM nka_commitment item
                 WHERE item.key_account_id = %s AND %s)""",
            selected,
            SQL.identifier(alias, "id"),
            condition,
        )

    @api.model
    def _sql_open_commitment_count(self, alias):
        return self._sql_commitments(alias, SQL("COUNT(*)"), SQL("item.state = 'open'"))

    @api.model
    def _sql_overdue_commitment_count(self, alias):
        today = fields.Date.context_today(self)
        overdue = SQL("item.state = 'open' AND item.promised_date < %s", today)
        return self._sql_commitments(alias, SQL("COUNT(*)"), overdue)

    @api.model
    def _sql_commitment_kept_rate(self, alias):
        return SQL("COALESCE(%s, 0)", self._sql_kept_rate(alias))

    @api.model
    def _sql_kept_rate(self, alias):
        """Return SQL for the kept rate in percent; NULL if nothing was closed."""
        return self._sql_commitments(
            alias,
            SQL("100.0 * AVG((item.state = 'kept')::int)"),
            SQL("item.state IN ('kept', 'breached')"),
        )

    # ------------------------------------------------------------ health
    @api.model
    def _health_contributors(self, alias):
        """Add kept commitments; accounts without commitments skip this factor."""
        score = self._sql_commitment_score(alias)
        return [
            *super()._health_contributors(alias),
            ("commitments", self.env._("Commitments on time"), score, 15),
        ]

    @api.model
    def _sql_commitment_score(self, alias):
        """Return SQL for the kept rate less :data:`OVERDUE_COST` per overdue one."""
        return SQL(
            """CASE WHEN %(rate)s IS NOT NULL OR %(overdue)s > 0
                    THEN GREATEST(0, COALESCE(%(rate)s, 100) - %(cost)s * %(overdue)s)
                     END""",
            rate=self._sql_kept_rate(alias),
            overdue=self._sql_overdue_commitment_count(alias),
            cost=OVERDUE_COST,
        )

    # ------------------------------------------------------------ actions
    def action_open_commitments(self):
        """Open the commitments of this client, the open ones first."""
        return self._open_of_account("nka_commitment_action", self.env._("Commitments"))

    def _open_of_account(self, action, title):
        """Open one of the addon's actions, limited to this account."""
        self.ensure_one()
        return open_action(
            self.env,
            action,
            name=f"{title}: {self.display_name}",
            domain=[("key_account_id", "=", self.id)],
            context={"default_key_account_id": self.id},
        )

    # ------------------------------------------------------------ business
    def _open_commitments(self, limit=None):
        return self.env["nka.commitment"].search(
            [("key_account_id", "=", self.id), ("state", "=", "open")], limit=limit
        )

    def _closed_commitment_count(self):
        """Return the number of commitments that the kept rate is based on."""
        return self.env["nka.commitment"].search_count(
            [("key_account_id", "=", self.id), ("state", "in", ("kept", "breached"))]
        )

    @api.model
    @ormcache()
    def _key_clients(self):
        """Return the ids of key accounts by client and company.

        Includes the branches of the account's company. The result is cached, so that
        records of other clients need no query.

        :rtype: dict[tuple[int, int], int]
        """
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch([("state", "=", "key")], ["partner_id", "company_id"])
        )
        covered = {company: with_branches(company) for company in accounts.company_id}
        return {
            (account.partner_id.id, company_id): account.id
            for account in accounts
            for company_id in covered[account.company_id]
        }

    @api.model
    @ormcache()
    def _discount_limits(self):
        """Return discount limits in percent by client and company, for key accounts.

        Accounts without a limit are excluded. The result is cached, so that quotations
        of other clients need no query.

        :rtype: dict[tuple[int, int], float]
        """
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("state", "=", "key"), ("tier_id.discount_limit", "<", 100)],
                ["partner_id", "company_id", "tier_id"],
            )
        )
        return {
            (account.partner_id.id, account.company_id.id): (
                account.tier_id.discount_limit
            )
            for account in accounts
        }
