"""What invoices, payments and orders say about a commitment. People decide."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

#: A price is the same up to a rounding of the invoice line.
PRICE_TOLERANCE = 0.005


class CommitmentFacts(models.Model):
    _inherit = "nka.commitment"

    fact_value = fields.Float(
        "By the books",
        compute="_compute_facts",
        compute_sudo=True,
        digits="Product Price",
    )
    fact_verdict = fields.Selection(
        [("met", "Kept so far"), ("running", "Under way"), ("broken", "Not kept")],
        "The books say",
        compute="_compute_facts",
        compute_sudo=True,
        help="From posted invoices, their payments and the order; empty where they "
        "say nothing.",
    )
    fact_note = fields.Char(
        "Where it is from", compute="_compute_facts", compute_sudo=True
    )

    # ------------------------------------------------------------ compute
    @api.depends("kind", "promised_value", "promised_date", "order_id", "product_id")
    @api.depends("order_id.state")
    @api.depends_context("tz", "lang")
    def _compute_facts(self):
        """One statement for each kind of commitment among these records."""
        facts = self._read_facts()
        today = fields.Date.context_today(self)
        for commitment in self:
            value, count = facts.get(commitment._origin.id) or (0.0, 0)
            if commitment.order_id.state == "cancel":
                value, count = 0.0, 0
            commitment.fact_value = value
            commitment.fact_verdict = commitment._judge(value, count, today)
            commitment.fact_note = commitment._fact_words(count)

    def _read_facts(self):
        """The figure of the books and over how many records it goes.

        :rtype: dict[int, tuple[float, int]]
        """
        self.env.flush_all()
        by_kind = defaultdict(list)
        for commitment in self._origin:
            by_kind[commitment.kind].append(commitment.id)
        facts = {}
        for kind, ids in by_kind.items():
            statement = getattr(self, f"_sql_{kind}_facts", None)
            if statement and ids:
                rows = self.env.execute_query(statement(ids))
                facts.update({row[0]: (float(row[1] or 0), row[2]) for row in rows})
        return facts

    def _judge(self, value, count, today):
        """Compare the books with the promise; False where there is nothing to say."""
        self.ensure_one()
        if not count:
            return False
        if self.kind == "price":
            over = value > self.promised_value + PRICE_TOLERANCE
            return "broken" if over else "met"
        if self.kind == "payment":
            return "broken" if value > self.promised_value else "met"
        goal = 100.0 if self.kind == "delivery" else self.promised_value
        if value >= goal:
            return "met"
        late = self.promised_date and self.promised_date < today
        return "broken" if late else "running"

    def _fact_words(self, count):
        if self.order_id.state == "cancel":
            return self.env._("%s was cancelled, nothing follows", self.order_id.name)
        if not count:
            return False
        if self.kind == "delivery":
            return self.env._("Part of the ordered quantity delivered, in percent")
        words = {
            "price": self.env._("Highest price on %s invoice lines", count),
            "volume": self.env._("Sum of %s invoices and credit notes", count),
            "payment": self.env._("Longest days to pay of %s invoices", count),
        }
        return words.get(self.kind)

    @api.model
    def _broken_by_facts(self):
        """Ids of open commitments the books speak against."""
        return (
            self.search(
                [("state", "=", "open"), ("kind", "in", ("price", "volume", "payment"))]
            )
            .filtered(lambda item: item.fact_verdict == "broken")
            .ids
        )

    # ------------------------------------------------------------ statements
    @api.model
    def _sql_moves(self, ids):
        """Posted invoices of each commitment: of its order, else of its client since
        the day it was agreed.
        """
        return SQL(
            """SELECT DISTINCT item.id AS item, line.move_id AS move
                 FROM nka_commitment item
                 JOIN sale_order_line sold ON sold.order_id = item.order_id
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line line ON line.id = rel.invoice_line_id
                WHERE item.id = ANY(%(ids)s) AND line.parent_state = 'posted'
               UNION
               SELECT item.id, move.id
                 FROM nka_commitment item
                 JOIN res_partner party
                   ON party.commercial_partner_id = item.partner_id
                 JOIN account_move move
                   ON move.partner_id = party.id AND move.company_id = item.company_id
                WHERE item.id = ANY(%(ids)s) AND item.order_id IS NULL
                  AND move.state = 'posted'
                  AND move.move_type IN ('out_invoice', 'out_refund')
                  AND move.invoice_date >= item.date_agreed""",
            ids=ids,
        )

    @api.model
    def _sql_booked(self):
        """What a line comes to in company currency: at the rate of the order the promise
        stands in, so that a rate that moved since isn't taken for a broken promise.
        """
        return SQL(
            """(CASE WHEN line.currency_id = ordered.currency_id
                     THEN line.amount_currency
                          / COALESCE(NULLIF(ordered.currency_rate, 0), 1)
                     ELSE line.balance END)"""
        )

    @api.model
    def _sql_price_facts(self, ids):
        """The highest price for the article's own unit; an invoice that was taken back
        as a whole asked for nothing.
        """
        return SQL(
            """WITH source AS (%s)
               SELECT item.id,
                      MAX(ABS(%s) / (line.quantity * COALESCE(unit.factor, 1)
                                     / COALESCE(NULLIF(usual.factor, 0), 1))),
                      COUNT(*)
                 FROM source
                 JOIN nka_commitment item ON item.id = source.item
                 JOIN account_move move ON move.id = source.move
                  AND move.move_type = 'out_invoice'
                  AND move.payment_state IS DISTINCT FROM 'reversed'
                 JOIN account_move_line line ON line.move_id = move.id
                  AND line.product_id = item.product_id
                 JOIN product_product product ON product.id = line.product_id
                 JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
            LEFT JOIN uom_uom usual ON usual.id = template.uom_id
            LEFT JOIN sale_order ordered ON ordered.id = item.order_id
                WHERE line.display_type = 'product' AND line.quantity > 0
                GROUP BY item.id""",
            self._sql_moves(ids),
            self._sql_booked(),
        )

    @api.model
    def _sql_volume_facts(self, ids):
        return SQL(
            """WITH source AS (%s)
               SELECT item.id,
                      SUM(CASE WHEN item.value_unit = 'quantity'
                               THEN line.quantity * SIGN(move.amount_untaxed_signed)
                               ELSE -%s END),
                      COUNT(DISTINCT move.id)
                 FROM source
                 JOIN nka_commitment item ON item.id = source.item
                 JOIN account_move move ON move.id = source.move
                 JOIN account_move_line line ON line.move_id = move.id
            LEFT JOIN sale_order ordered ON ordered.id = item.order_id
                WHERE line.display_type = 'product'
                  AND (item.product_id IS NULL OR line.product_id = item.product_id)
                  AND (item.promised_date IS NULL
                       OR move.invoice_date <= item.promised_date)
                GROUP BY item.id""",
            self._sql_moves(ids),
            self._sql_booked(),
        )

    @api.model
    def _sql_payment_facts(self, ids):
        """Days from the invoice to its last payment; unpaid ones count until today, those
        taken back as a whole not at all.
        """
        return SQL(
            """WITH source AS (%(source)s), term AS (
                    SELECT source.item, move.id, move.invoice_date,
                           BOOL_AND(line.reconciled) AS settled,
                           MAX(part.max_date) AS paid_on
                      FROM source
                      JOIN account_move move ON move.id = source.move
                       AND move.move_type = 'out_invoice'
                       AND move.payment_state IS DISTINCT FROM 'reversed'
                      JOIN account_move_line line ON line.move_id = move.id
                       AND line.display_type = 'payment_term'
                 LEFT JOIN account_partial_reconcile part
                        ON part.debit_move_id = line.id
                     GROUP BY source.item, move.id)
               SELECT item, MAX(CASE WHEN settled THEN COALESCE(paid_on, invoice_date)
                                     ELSE GREATEST(%(today)s, invoice_date) END
                                - invoice_date), COUNT(*)
                 FROM term GROUP BY item""",
            source=self._sql_moves(ids),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _sql_delivery_facts(self, ids):
        """Of the goods, where the order has any: a rebate or a service on it never
        arrives.
        """
        return SQL(
            """WITH sold AS (
                    SELECT item.id AS item, line.qty_delivered, line.product_uom_qty,
                           template.type = 'consu' AS is_goods,
                           BOOL_OR(template.type = 'consu')
                               OVER (PARTITION BY item.id) AS has_goods
                      FROM nka_commitment item
                      JOIN sale_order_line line ON line.order_id = item.order_id
                 LEFT JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     WHERE item.id = ANY(%s) AND line.display_type IS NULL
                       AND line.price_unit >= 0)
               SELECT item,
                      100.0 * SUM(LEAST(qty_delivered, product_uom_qty))
                            / NULLIF(SUM(product_uom_qty), 0),
                      COUNT(*)
                 FROM sold WHERE is_goods OR has_goods IS NOT TRUE
                GROUP BY item""",
            ids,
        )
