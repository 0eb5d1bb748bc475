from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .orders import CONFIRMED, LOCAL_DAY, local_day

#: Whether a row ``sale`` was invoiced: whoever posted that stands behind what it was.
_IS_INVOICED = SQL(
    """EXISTS (SELECT FROM sale_order_line sold
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line line ON line.id = rel.invoice_line_id
                  AND line.parent_state = 'posted'
                WHERE sold.order_id = sale.id)"""
)


class OrderConfirmation(models.Model):
    """The day an order was confirmed, and for whom: kept, whatever is written later.

    Odoo lets every salesperson change the order date of a confirmed order, and credits
    follow from that day. So it is kept here: of orders of key accounts when they are
    confirmed, of others when they become a key account's or somebody changes the date or
    the customer. One row an order; what moves it is in the audit trail of the order.
    """

    _name = "nka.order.confirmation"
    _description = "Confirmation of an order"
    _log_access = False
    _rec_name = "order_ref"

    # No foreign key: an invoice stays what it was for when its order is deleted.
    order_ref = fields.Integer("Order id", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date("Day of the order", required=True, readonly=True)
    moment = fields.Datetime("Confirmed on", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, ondelete="set null"
    )
    former_days = fields.Json(
        "Days for other clients",
        readonly=True,
        help="The first confirmation for each client the order was for before.",
    )

    _order_unique = models.Constraint(
        "UNIQUE(order_ref)", "An order has one day of confirmation."
    )
    # Merging contacts looks for everything that names them.
    _partner_idx = models.Index("(partner_id)")

    # ------------------------------------------------------------ business
    @api.model
    def _days(self, orders):
        """Days kept of some orders, by order id: one query.

        :rtype: dict[int, date]
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT order_ref, date FROM nka_order_confirmation WHERE order_ref = ANY(%s)",
                orders.ids,
            )
        )
        return dict(rows)

    @api.model
    def _add(self, orders):
        """Keep the day of orders that were just confirmed.

        :return: ids of those that had a day already, which stays
        """
        added = self._insert(
            [
                (
                    order.id,
                    order.partner_id.id,
                    order.company_id.id,
                    *self._moment_of(order),
                    self.env.uid,
                )
                for order in orders
            ]
        )
        return set(orders.ids) - added

    @api.model
    def _moment_of(self, order):
        """Day and moment of a confirmation that happens now.

        Only the superuser, who imports and migrates, says otherwise by the order date.
        """
        now = fields.Datetime.now()
        moment = order.date_order if self.env.uid == SUPERUSER_ID else now
        return local_day(order.company_id, moment or now), moment or now

    @api.model
    def _insert(self, rows):
        if not rows:
            return set()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_order_confirmation
                       (order_ref, partner_id, company_id, date, moment, user_id)
                   VALUES %s ON CONFLICT (order_ref) DO NOTHING RETURNING order_ref""",
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        return {order_id for (order_id,) in self.env.cr.fetchall()}

    @api.model
    def _change_clients(self, orders):
        """Orders that were cancelled are confirmed for another client now: they count for
        that client from now on, or from the day they were first confirmed for it.

        Not those that were invoiced: an invoice stays what it was for.

        :return: ids of the orders whose client changed
        """
        orders.flush_recordset(["partner_id", "company_id", "state"])
        days = [self._moment_of(order) for order in orders]
        self.env.cr.execute(
            SQL(
                """UPDATE nka_order_confirmation confirmation
                      SET former_days = COALESCE(confirmation.former_days, '{}')
                              || jsonb_build_object(was.commercial_partner_id::text,
                                                    confirmation.date),
                          date = COALESCE((confirmation.former_days
                                   ->> party.commercial_partner_id::text)::date, now.date),
                          moment = now.moment, user_id = %(user)s,
                          partner_id = sale.partner_id, company_id = sale.company_id
                     FROM sale_order sale
                     JOIN res_partner party ON party.id = sale.partner_id
                     JOIN unnest(%(orders)s::int[], %(days)s::date[],
                                 %(moments)s::timestamp[]) AS now(order_id, date, moment)
                       ON now.order_id = sale.id, res_partner was
                    WHERE sale.id = confirmation.order_ref
                      AND was.id = confirmation.partner_id
                      AND was.commercial_partner_id != party.commercial_partner_id
                      AND NOT %(is_invoiced)s
                RETURNING confirmation.order_ref""",
                user=self.env.uid,
                orders=orders.ids,
                days=[day for day, _moment in days],
                moments=[moment for _day, moment in days],
                is_invoiced=_IS_INVOICED,
            )
        )
        self.invalidate_model()
        return {order_id for (order_id,) in self.env.cr.fetchall()}

    @api.model
    def _keep(self, condition):
        """Keep what orders say now, of those that have no day yet: one statement.

        :param SQL condition: which rows ``sale``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_order_confirmation
                       (order_ref, partner_id, company_id, date, moment)
                   SELECT sale.id, sale.partner_id, sale.company_id, %(day)s,
                          sale.date_order
                     FROM sale_order sale
                LEFT JOIN %(confirmed)s
                    WHERE confirmation.id IS NULL AND %(condition)s
                      AND sale.date_order IS NOT NULL
                      AND (sale.state = 'sale'
                           OR sale.state = 'cancel' AND %(is_invoiced)s)
                   ON CONFLICT (order_ref) DO NOTHING""",
                day=LOCAL_DAY,
                confirmed=CONFIRMED,
                condition=condition,
                is_invoiced=_IS_INVOICED,
            )
        )

    @api.model
    def _keep_of_orders(self, orders):
        """Keep the days of these orders, and whom they are for, before somebody changes
        that.
        """
        self._keep(SQL("sale.id = ANY(%s)", orders.ids))

    @api.model
    def _keep_of_accounts(self, accounts=None):
        """Keep the days of the orders of key accounts' clients, of all without ``accounts``."""
        chosen = SQL("TRUE")
        if accounts is not None:
            chosen = SQL("account.id = ANY(%s)", accounts.ids)
        self._keep(
            SQL(
                """sale.partner_id IN (
                       SELECT party.id FROM nka_key_account account
                         JOIN res_partner party
                           ON party.commercial_partner_id = account.partner_id
                        WHERE %s)""",
                chosen,
            )
        )

    @api.model
    def _move(self, days):
        """Give orders other days.

        :param dict days: day by order id
        :return: the days before, of those whose day moved
        """
        before = self._days(self.env["sale.order"].browse(days))
        moved = {
            order_id: day
            for order_id, day in days.items()
            if order_id in before and before[order_id] != day
        }
        if moved:
            self.env.cr.execute(
                """UPDATE nka_order_confirmation confirmation SET date = moved.date
                     FROM unnest(%s::int[], %s::date[]) AS moved(order_ref, date)
                    WHERE confirmation.order_ref = moved.order_ref""",
                [list(moved), list(moved.values())],
            )
            self.invalidate_model()
        return {order_id: before[order_id] for order_id in moved}
