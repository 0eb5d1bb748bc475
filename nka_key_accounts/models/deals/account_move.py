from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..facts.companies import is_covered_sql


class AccountMove(models.Model):
    """Who looks after the client of an invoice: for access rules, stored nowhere."""

    _inherit = "account.move"

    key_account_user_ids = fields.Many2many(
        "res.users",
        string="Key account manager and deputy",
        compute="_compute_key_account_user_ids",
        search="_search_key_account_user_ids",
        compute_sudo=True,
        help="Of the client's key account in the company of the entry or its parents.",
    )

    @api.depends("commercial_partner_id", "company_id")
    def _compute_key_account_user_ids(self):
        accounts = self.env["nka.key.account"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("state", "=", "key"),
            ]
        )
        by_owner = {
            (account.partner_id, account.company_id): account for account in accounts
        }
        for move in self:
            client = move.commercial_partner_id
            covering = [(client, company) for company in move.company_id.parent_ids]
            account = next((by_owner[key] for key in covering if key in by_owner), None)
            users = account and account.manager_id | account.deputy_id
            move.key_account_user_ids = users or False

    @api.model
    def _search_key_account_user_ids(self, operator, value):
        """One lookup by the unique index of the accounts for each entry."""
        if operator != "in":
            return NotImplemented
        users = tuple(user_id for user_id in value if user_id) or (0,)
        return Domain.custom(
            to_sql=lambda model, alias, query: model._sql_looked_after(alias, users)
        )

    @api.model
    def _sql_looked_after(self, alias, users):
        watched = ["partner_id", "company_id", "state", "manager_id", "deputy_id"]
        self.env["nka.key.account"].flush_model(watched)
        return SQL(
            """EXISTS (SELECT 1 FROM nka_key_account account
                        WHERE account.partner_id = %(client)s
                          AND %(is_covered)s
                          AND account.state = 'key'
                          AND (account.manager_id IN %(users)s
                               OR account.deputy_id IN %(users)s))""",
            client=SQL.identifier(alias, "commercial_partner_id"),
            is_covered=is_covered_sql(
                SQL.identifier(alias, "company_id"), SQL("account.company_id")
            ),
            users=users,
        )
