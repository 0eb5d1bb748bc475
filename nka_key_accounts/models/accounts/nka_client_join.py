from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClientJoin(models.Model):
    """Record of when a contact joined or left a key account.

    Odoo moves a contact's documents to its new client, but earlier purchases aren't the
    client's sales. A row with a contact excludes its documents dated before the day,
    and those of the day that existed already. A merge deletes the contact, so each
    document gets its own row. Rows are created only by the move or merge, see
    ``res.partner``.
    """

    _name = "nka.client.join"
    _description = "Contact that joined a key account"
    _inherit = ["nka.guard.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"
    _guarded_fields = (
        "key_account_id",
        "partner_id",
        "date",
        "date_left",
        "user_id",
        "move_mark",
        "order_mark",
        "move_ref",
        "order_ref",
    )

    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="cascade"
    )
    date = fields.Date(
        "Part of the client since",
        help=(
            "Purchases of the contact before this date don't count as the client's "
            "sales."
        ),
    )
    date_left = fields.Date(
        "Part of the client until",
        help=(
            "Purchases of the contact while it belonged to the client still count as "
            "the client's sales."
        ),
    )
    user_id = fields.Many2one("res.users", "Decided by", required=True)
    # References without foreign keys: deleting a document costs no query on this table.
    move_mark = fields.Integer(
        "Latest invoice", help="Latest invoice of the contact on that date."
    )
    order_mark = fields.Integer(
        "Latest order", help="Latest order of the contact on that date."
    )
    move_ref = fields.Integer("Excluded invoice")
    order_ref = fields.Integer("Excluded order")

    _move_idx = models.Index("(move_ref) WHERE move_ref > 0")
    _order_idx = models.Index("(order_ref) WHERE order_ref > 0")

    # ------------------------------------------------------------ checks
    @api.model
    def _check_clients_stay(self, accounts):
        """Refuse to move a client with its own history below another client."""
        for account in accounts.sudo():
            client = account.partner_id.commercial_partner_id
            if account.partner_id != client:
                raise UserError(
                    self.env._(
                        "%(account)s has its own key account history, so it can't "
                        "become a contact of %(client)s. Keep it as a separate "
                        "company.",
                        account=account.display_name,
                        client=client.display_name,
                    )
                )

    @api.model
    def _check_may_move(self, contact, accounts):
        """Enforce segregation of duties when a contact joins or leaves a client.

        Its sales move with it, so users who are paid for them can't decide on the move.

        :raise AccessError: unless the current user is a supervisor who isn't involved
            in the accounts
        """
        assignments = self.env["nka.assignment"]
        decides = self.env["nka.key.account"]._may_supervise()
        for account in accounts.sudo():
            if not decides or self.env.user in assignments._involved(account):
                raise AccessError(
                    self.env._(
                        "%(contact)s is a company or has its own orders, invoices, "
                        "payments or leads, and %(client)s is a key account. Only a "
                        "supervisor who doesn't manage it, doesn't cover for its "
                        "manager and has never been credited for it can move such a "
                        "contact. Ask %(people)s.",
                        contact=contact.display_name,
                        client=account.display_name,
                        people=assignments._name_uninvolved(account),
                    )
                )

    # ------------------------------------------------------------ business
    @api.model
    def _add(self, accounts_by_partner, marks):
        """Record that these contacts belong to the clients from today on.

        :param dict accounts_by_partner: key accounts by the contact that joined
        :param dict marks: ids of the latest invoice and order, by contact id
        """
        today = fields.Date.context_today(self)
        rows = []
        for partner, accounts in accounts_by_partner.items():
            move_mark, order_mark = marks.get(partner.id, (0, 0))
            rows += [
                {
                    "key_account_id": account.id,
                    "partner_id": partner.id,
                    "date": today,
                    "user_id": self.env.uid,
                    "move_mark": move_mark,
                    "order_mark": order_mark,
                }
                for account in accounts
            ]
        return self.sudo()._unlocked().create(rows)

    @api.model
    def _forget_joining(self, survivor):
        """Delete what was recorded when a merge gave the survivor a parent: the row would
        exclude documents of the merged contact that were the client's all along.
        """
        rows = self.sudo().search(
            [("partner_id", "in", survivor.ids), ("date", "!=", False)]
        )
        rows._unlocked().unlink()

    @api.model
    def _add_leaving(self, contact, accounts):
        """Record that a contact stopped belonging to the clients today."""
        today = fields.Date.context_today(self)
        domain = [("partner_id", "=", contact.id), ("date_left", "=", False)]
        rows = self.sudo().search([*domain, ("key_account_id", "in", accounts.ids)])
        rows._unlocked().write({"date_left": today})
        return (
            self.sudo()
            ._unlocked()
            .create(
                [
                    {
                        "key_account_id": account.id,
                        "partner_id": contact.id,
                        "date_left": today,
                        "user_id": self.env.uid,
                    }
                    for account in accounts - rows.key_account_id
                ]
            )
        )

    @api.model
    def _add_documents(self, account, documents):
        """Exclude documents individually, because their contact no longer exists.

        :param account: one nka.key.account
        :param dict documents: ids of invoices as ``move``, of orders as ``order``
        """
        rows = [
            {
                "key_account_id": account.id,
                "date": fields.Date.context_today(self),
                "user_id": self.env.uid,
                f"{kind}_ref": number,
            }
            for kind, numbers in documents.items()
            for number in numbers
        ]
        return self.sudo()._unlocked().create(rows)
