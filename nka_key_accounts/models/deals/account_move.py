from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, float_round

from ..facts.companies import is_covered_sql
from .sale_order import PERCENT_DIGITS


class AccountMove(models.Model):
    """Limit discounts on invoices, and find journal entries by their account team.

    The account team is computed for record rules and not stored. An invoice can't give
    a key account a larger discount than the client's limit or, if higher, its orders.
    """

    _inherit = "account.move"

    key_account_user_ids = fields.Many2many(
        "res.users",
        string="Key account manager and deputy",
        compute="_compute_key_account_user_ids",
        search="_search_key_account_user_ids",
        compute_sudo=True,
        help=(
            "From the client's key account in the company of the entry or one of its "
            "parent companies."
        ),
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
        """Search with one lookup in the unique index of the accounts per entry."""
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

    # ------------------------------------------------------------ discount limit
    def _post(self, soft=True):
        self._nka_check_prices()
        return super()._post(soft)

    def _nka_check_prices(self):
        """Check that no invoice gives a larger discount than the limit and its orders.

        :raise UserError: with the discounts of the invoice and the order, and the limit
        """
        limits = self.env["nka.key.account"]._discount_limits()
        for move in self if limits else ():
            limit = move._nka_limit(limits)
            orders = (
                limit is not None
                and move.move_type == "out_invoice"
                and move.sudo().invoice_line_ids.sale_line_ids.order_id
            )
            if not orders:
                continue
            ordered = max(order._nka_discount_facts().discount for order in orders)
            given = move.sudo()._nka_discount()
            if float_compare(given, max(limit, ordered), PERCENT_DIGITS) > 0:
                raise UserError(
                    self.env._(
                        "This invoice has a discount of %(given)s %%. Its order "
                        "%(order)s has %(ordered)s %%, and the limit for this client "
                        "is %(limit)s %%. Use the prices of the order, or change them "
                        "on the order, where %(person)s can approve a larger "
                        "discount. No invoice was posted.",
                        given=given,
                        order=orders[0].name,
                        ordered=ordered,
                        limit=limit,
                        person=orders[0]._nka_discount_reviewer(),
                    )
                )

    def _nka_limit(self, limits):
        """Return the client's limit in percent, or None.

        The limit of the invoice's company or one of its parents applies.
        """
        client = self.commercial_partner_id.id
        keys = [(client, company.id) for company in self.company_id.parent_ids]
        return next((limits[key] for key in keys if key in limits), None)

    def _nka_discount(self):
        """Return the largest discount of a line or of the whole invoice, in percent.

        Compared with the list prices of the ordered products. Rebates count only as far
        as they weren't on the order.
        """
        rows = [row for line in self.invoice_line_ids if (row := line._nka_priced())]
        listed = sum(list_amount for list_amount, _net in rows)
        net = sum(amount for _list, amount in rows)
        parts = [1 - amount / full for full, amount in rows if full > 0]
        if listed > 0:
            parts.append(1 - net / listed)
        return float_round(100 * max([0, *parts]), precision_digits=PERCENT_DIGITS)
