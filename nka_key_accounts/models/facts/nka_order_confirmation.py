import json
from decimal import Decimal

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .orders import CONFIRMED, LOCAL_DAY, local_day

#: Whether a row ``sale`` has posted invoices: posting confirmed the order as it was.
_IS_INVOICED = SQL(
    """EXISTS (SELECT FROM sale_order_line sold
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line line ON line.id = rel.invoice_line_id
                  AND line.parent_state = 'posted'
                WHERE sold.order_id = sale.id)"""
)


#: Untaxed amount of a row ``line`` of an order ``sale`` in ``currency``. If users
#: overwrite the amount, no more counts than price and quantity give.
_WORTH = SQL(
    """CASE WHEN ABS(line.price_subtotal) <= ABS(%(gross)s) + currency.rounding
            THEN line.price_subtotal
            ELSE ROUND(COALESCE(%(gross)s, 0), currency.decimal_places) END""",
    gross=SQL(
        "line.product_uom_qty * line.price_unit * (1 - COALESCE(line.discount, 0) / 100)"
    ),
)
#: Whether a row ``line`` is a down payment, which belongs to the whole order.
_IS_DEPOSIT = SQL("line.is_downpayment AND COALESCE(line.product_uom_qty, 0) = 0")
#: Value of ``lines`` for the row ``sale``, from its current order lines.
_LINES = SQL(
    """COALESCE((
           SELECT jsonb_object_agg(line.id, CASE WHEN %s THEN '[]'::jsonb
                      ELSE jsonb_build_array(jsonb_build_array(
                               COALESCE(%s, 0), NULL)) END)
             FROM sale_order_line line
             JOIN res_currency currency ON currency.id = sale.currency_id
            WHERE line.order_id = sale.id AND line.display_type IS NULL), '{}')""",
    _IS_DEPOSIT,
    _WORTH,
)


def _rate_of(currency_id):
    """Return the currency rate on the day of the row ``sale``.

    Users can write the rate stored on the order.
    """
    return SQL(
        """COALESCE((
               SELECT rate.rate FROM res_currency_rate rate
                WHERE rate.currency_id = %(currency)s
                  AND (rate.company_id IS NULL OR rate.company_id = (
                           SELECT split_part(company.parent_path, '/', 1)::int
                             FROM res_company company WHERE company.id = sale.company_id))
                ORDER BY rate.company_id, rate.name <= %(day)s DESC,
                         CASE WHEN rate.name <= %(day)s THEN rate.name END DESC, rate.name
                LIMIT 1), 1)""",
        currency=currency_id,
        day=LOCAL_DAY,
    )


#: Units of order currency per unit of company currency.
_RATE = SQL(
    "%s / %s",
    _rate_of(SQL("sale.currency_id")),
    _rate_of(
        SQL(
            """(SELECT company.currency_id FROM res_company company
                 WHERE company.id = sale.company_id)"""
        )
    ),
)
#: Columns of a line from which ``lines`` is computed.
_LINE_FIELDS = (
    "price_subtotal",
    "price_unit",
    "product_uom_qty",
    "discount",
    "display_type",
    "is_downpayment",
    "order_id",
)


class OrderConfirmation(models.Model):
    """Day, customer and lines of an order at confirmation, whatever is written later.

    Odoo lets every salesperson change the order date of a confirmed order, but credits
    depend on it. So it is recorded: for orders of key accounts at their confirmation,
    for others when their client becomes a key account or a user changes the date or the
    customer. There is one row per order; changes are logged in the audit trail of the
    order.

    An order counts on its day with what was confirmed then. Later increases of a line
    count on the day of the increase. The highest amount of a line stays recorded, so
    lowering and raising it again changes nothing.
    """

    _name = "nka.order.confirmation"
    _description = "Order confirmation record"
    _log_access = False
    _rec_name = "order_ref"

    # No foreign key: an invoice keeps what it was for when its order is deleted.
    order_ref = fields.Integer("Order ID", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date("Order date", required=True, readonly=True)
    moment = fields.Datetime("Confirmed on", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, ondelete="set null"
    )
    seller_id = fields.Many2one(
        "res.users", "Salesperson at confirmation", readonly=True, ondelete="set null"
    )
    former_days = fields.Json(
        "Dates for other clients",
        readonly=True,
        help="First confirmation date for each previous client of the order.",
    )

    lines = fields.Json(
        "Lines as confirmed",
        readonly=True,
        help="By line ID: untaxed amounts in the currency of the order at "
        "confirmation, each with the date on which it was added. Without a date, "
        "the order date applies. Deposit lines have none.",
    )
    is_raised = fields.Boolean("Increased after confirmation", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="restrict")
    rate = fields.Float("Currency rate", readonly=True, digits=0)

    _order_unique = models.Constraint(
        "UNIQUE(order_ref)", "An order can have only one confirmation date."
    )
    # Merging contacts searches all references to them.
    _partner_idx = models.Index("(partner_id)")

    def init(self):
        """Fill in the lines of confirmations recorded before lines were stored."""
        result = super().init()
        self.env.cr.execute(
            SQL(
                """UPDATE nka_order_confirmation confirmation
                      SET lines = %s, currency_id = sale.currency_id,
                          rate = %s
                     FROM sale_order sale
                    WHERE sale.id = confirmation.order_ref AND confirmation.lines IS NULL""",
                _LINES,
                _RATE,
            )
        )
        return result

    # ------------------------------------------------------------ business
    @api.model
    def _days(self, orders):
        """Return the recorded days of orders by order id: one query.

        :param orders: sale.order
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
        """Record the day of orders that were just confirmed.

        :param orders: sale.order
        :return: ids of orders that had a day already, which is unchanged
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
        """Return day and moment of a confirmation that happens now.

        Only the superuser, for imports and migrations, sets another one by the order
        date.
        """
        now = fields.Datetime.now()
        moment = order.date_order if self.env.uid == SUPERUSER_ID else now
        return local_day(order.company_id, moment or now), moment or now

    @api.model
    def _insert(self, rows):
        if not rows:
            return set()
        self.env["sale.order"].flush_model(
            ["currency_id", "company_id", "date_order", "user_id"]
        )
        self.env["sale.order.line"].flush_model(_LINE_FIELDS)
        self.env["res.currency.rate"].flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_order_confirmation
                       (order_ref, partner_id, company_id, date, moment, user_id,
                        seller_id, lines, currency_id, rate)
                   SELECT sale.id, added.partner_id, added.company_id, added.date,
                          added.moment, added.user_id, sale.user_id, %s,
                          sale.currency_id, %s
                     FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[],
                                 %s::timestamp[], %s::int[])
                       AS added(order_ref, partner_id, company_id, date, moment, user_id)
                     JOIN sale_order sale ON sale.id = added.order_ref
                   ON CONFLICT (order_ref) DO NOTHING RETURNING order_ref""",
                _LINES,
                _RATE,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        return {order_id for (order_id,) in self.env.cr.fetchall()}

    @api.model
    def _change_clients(self, orders):
        """Assign orders that were cancelled and confirmed again to their new client.

        They count from now on, or from the day they were first confirmed for that
        client. Orders with posted invoices are unchanged: an invoice keeps what it was
        for.

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
        """Record the current values of orders that have no confirmation yet: one query.

        :param SQL condition: condition on the row ``sale``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_order_confirmation
                       (order_ref, partner_id, company_id, date, moment, seller_id,
                        lines, currency_id, rate)
                   SELECT sale.id, sale.partner_id, sale.company_id, %(day)s,
                          sale.date_order, sale.user_id, %(lines)s, sale.currency_id,
                          %(rate)s
                     FROM sale_order sale
                LEFT JOIN %(confirmed)s
                    WHERE confirmation.id IS NULL AND %(condition)s
                      AND sale.date_order IS NOT NULL
                      AND (sale.state = 'sale'
                           OR sale.state = 'cancel' AND %(is_invoiced)s)
                   ON CONFLICT (order_ref) DO NOTHING""",
                day=LOCAL_DAY,
                lines=_LINES,
                rate=_RATE,
                confirmed=CONFIRMED,
                condition=condition,
                is_invoiced=_IS_INVOICED,
            )
        )

    # ------------------------------------------------------------ lines
    @api.model
    def _keep_lines(self, line_ids):
        """Record by how much lines of confirmed orders were increased.

        Takes a single query if no order has a recorded confirmation. Changes by the
        superuser, for imports and migrations, count on the order's own day.

        :param line_ids: ids of sale.order.line, flushed to the database
        """
        self.env.cr.execute(
            SQL(
                """SELECT confirmation.id, sale.company_id, line.id,
                          confirmation.lines -> line.id::text, %(is_deposit)s,
                          COALESCE(%(worth)s, 0)
                          * CASE WHEN confirmation.currency_id = sale.currency_id THEN 1
                                 ELSE COALESCE(confirmation.rate, 1)
                                      / COALESCE(NULLIF(sale.currency_rate, 0), 1) END
                     FROM sale_order_line line
                     JOIN sale_order sale ON sale.id = line.order_id
                     JOIN nka_order_confirmation confirmation
                       ON confirmation.order_ref = sale.id
                      AND confirmation.lines IS NOT NULL
                     JOIN res_currency currency ON currency.id = sale.currency_id
                    WHERE line.id = ANY(%(ids)s) AND line.display_type IS NULL
                      AND sale.state = 'sale'""",
                is_deposit=_IS_DEPOSIT,
                worth=_WORTH,
                ids=list(line_ids),
            )
        )
        changes = {}
        for (
            row_id,
            company_id,
            line_id,
            kept,
            is_deposit,
            worth,
        ) in self.env.cr.fetchall():
            day = self._raised_on(company_id)
            found = _raised(kept, is_deposit, Decimal(str(worth)), day)
            if found is not None:
                changes.setdefault(row_id, {})[str(line_id)] = found
        if changes:
            self._write_lines(changes)

    @api.model
    def _raised_on(self, company_id):
        if self.env.uid == SUPERUSER_ID:
            return None
        company = self.env["res.company"].browse(company_id)
        return str(local_day(company, fields.Datetime.now()))

    @api.model
    def _write_lines(self, changes):
        self.env.cr.execute(
            """UPDATE nka_order_confirmation confirmation
                  SET lines = confirmation.lines || raised.lines,
                      is_raised = COALESCE(confirmation.is_raised, FALSE)
                                  OR raised.is_raised
                 FROM unnest(%s::int[], %s::jsonb[], %s::bool[])
                   AS raised(id, lines, is_raised)
                WHERE raised.id = confirmation.id""",
            [
                list(changes),
                [json.dumps(lines) for lines in changes.values()],
                [any(map(_is_raised, lines.values())) for lines in changes.values()],
            ],
        )
        self.invalidate_model(["lines", "is_raised"])

    @api.model
    def _keep_of_orders(self, orders):
        """Record day and customer of orders before they change."""
        self._keep(SQL("sale.id = ANY(%s)", orders.ids))

    @api.model
    def _keep_of_accounts(self, accounts=None):
        """Record the days of orders of key accounts' clients, by default of all."""
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
    def _fold(self, orders):
        """Let all increases of orders count on the order's own day.

        :return: ids of the orders with increases
        """
        self.env.cr.execute(
            """UPDATE nka_order_confirmation confirmation
                  SET lines = (
                          SELECT jsonb_object_agg(line.key, (
                                     SELECT COALESCE(jsonb_agg(
                                                jsonb_build_array(part.value -> 0, NULL)
                                                ORDER BY part.ordinality), '[]')
                                       FROM jsonb_array_elements(line.value)
                                            WITH ORDINALITY AS part))
                            FROM jsonb_each(confirmation.lines) AS line)
                WHERE order_ref = ANY(%s) AND is_raised
            RETURNING order_ref""",
            [orders.ids],
        )
        self.invalidate_model(["lines"])
        return {order_id for (order_id,) in self.env.cr.fetchall()}

    @api.model
    def _move(self, days, raised=()):
        """Change the recorded days of orders.

        :param dict days: new day by order id
        :param raised: ids of orders that count as moved even if their day is unchanged
        :return: previous days of the orders that moved, by order id
        """
        before = self._days(self.env["sale.order"].browse(days))
        moved = {
            order_id: day
            for order_id, day in days.items()
            if order_id in before and (before[order_id] != day or order_id in raised)
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


def _raised(kept, is_deposit, worth, day):
    """Return the new record of a line of which ``worth`` is the amount now.

    :param kept: ``[[amount, day], ...]`` so far, None for a new line
    :param bool is_deposit: whether the line is a down payment
    :param Decimal worth: untaxed, in the currency of the record
    :param day: day of the change; None for the order's own
    :return: the new list, or None if nothing changes
    """
    if kept is None:
        return [] if is_deposit else [[float(worth), day if worth else None]]
    amounts = [Decimal(str(amount)) for amount, _day in kept]
    rise = abs(worth) - abs(sum(part for part in amounts if part * worth > 0))
    if not kept or round(rise, 6) <= 0:
        return None
    if (
        day is None
        and len(kept) == 1
        and kept[0][1] is None
        and amounts[0] * worth >= 0
    ):
        return [[float(worth), None]]
    return [*kept, [float(rise.copy_sign(worth)), day]]


def _is_raised(parts):
    """Return whether a line has more than one amount, or one of a later day."""
    return len(parts) > 1 or any(day for _amount, day in parts)
