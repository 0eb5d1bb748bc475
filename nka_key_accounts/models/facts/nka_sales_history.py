"""Snapshot of the sales to key accounts, and the query that fills it.

An invoice line counts in full once, shared among the owners of the account on its day;
before the first owner it has no manager. Each line counts again one year later as
"previous year", for the manager of that later day, so that both columns of a comparison
cover the same accounts and, in the running month, the same days. A client's first year
has no previous year: comparisons exclude it, so that it doesn't appear as growth.
"""

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR
from . import orders, sales

#: Ratios that can't be totaled, as (dividend, divisor, factor).
RATIOS = {
    "average_invoice": ("invoiced_amount", "invoice_count", 1),
    "average_order": ("ordered_amount", "order_count", 1),
    "margin_percent": ("margin", "costed_amount", 100),
}


class SalesHistory(models.Model):
    """Sales to key accounts by month, category and the manager at the time.

    A snapshot filled by a scheduled action, so that it opens at once however long the
    history is. Its title shows when it was updated. Users can't write it.
    """

    _name = "nka.sales.history"
    _description = "Sales history"
    _log_access = False
    _order = "month desc, invoiced_amount desc, id"
    _rec_name = "month"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        readonly=True,
        required=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    tier_id = fields.Many2one(related="key_account_id.tier_id")
    user_id = fields.Many2one(
        "res.users",
        "Manager at the time",
        readonly=True,
        index=True,
        ondelete="set null",
        help="Manager on the date of the invoice or order; empty if the account had no "
        "manager yet. For shared accounts, figures are split by share.",
    )
    categ_id = fields.Many2one(
        "product.category", "Product category", readonly=True, ondelete="set null"
    )
    month = fields.Date(readonly=True, required=True, index=True)
    invoiced_amount = fields.Monetary(
        "Invoiced", readonly=True, help="Untaxed, less credit notes."
    )
    invoiced_before = fields.Monetary(
        "Invoiced, previous year", readonly=True, help="Same period one year earlier."
    )
    comparable_amount = fields.Monetary(
        "Invoiced, comparable",
        readonly=True,
        help="Invoiced amount from the client's second year on, when there is a "
        "previous year to compare with.",
    )
    ordered_amount = fields.Monetary("Ordered", readonly=True)
    ordered_before = fields.Monetary("Ordered, previous year", readonly=True)
    invoice_count = fields.Float("Invoices", readonly=True, digits=(16, 2))
    order_count = fields.Float("Orders", readonly=True, digits=(16, 2))
    costed_amount = fields.Monetary(
        "Invoiced with known cost",
        readonly=True,
        help="Invoiced amount of products that have a cost. The margin is based on "
        "these products.",
    )
    margin = fields.Monetary(
        readonly=True,
        help="Based on the current cost of the products. Products without a cost are "
        "excluded.",
    )
    average_invoice = fields.Monetary(
        "Average invoice", compute="_compute_ratios", aggregator="avg"
    )
    average_order = fields.Monetary(
        "Average order", compute="_compute_ratios", aggregator="avg"
    )
    margin_percent = fields.Float(
        "Margin (%)", compute="_compute_ratios", aggregator="avg", digits=(16, 1)
    )
    growth = fields.Float(
        "Year on year (%)",
        compute="_compute_ratios",
        aggregator="avg",
        digits=(16, 1),
        help="Invoiced amount compared with the same period one year earlier. Excludes "
        "the client's first year and, where only that part of the period grew, the "
        "client. Empty for totals of more than twelve months, because the periods would "
        "overlap.",
    )

    # For the history of one account, from its form and account sheet.
    _account_idx = models.Index("(key_account_id, month)")

    # ------------------------------------------------------------ ratios
    @api.depends(
        "invoiced_amount",
        "invoiced_before",
        "comparable_amount",
        "ordered_amount",
        "invoice_count",
        "order_count",
        "margin",
        "costed_amount",
    )
    def _compute_ratios(self):
        for row in self:
            for name, (above, below, factor) in RATIOS.items():
                row[name] = row[below] and factor * row[above] / row[below]
            before = row.invoiced_before
            row.growth = before and 100 * (row.comparable_amount - before) / before

    @api.model
    def _sql_ratio(self, name, table):
        """Return the ratio of the totals instead of the average of ratios."""

        def total(fname):
            return SQL("SUM(%s)", SQL.identifier(table, fname))

        if name == "growth":
            return self._sql_growth(table)
        above, below, factor = RATIOS[name]
        return SQL(
            "COALESCE(%s * %s / NULLIF(%s, 0), 0)", factor, total(above), total(below)
        )

    @api.model
    def _sql_growth(self, table):
        """Return the change from the period one year earlier.

        If a client's second year begins within the period, the rest of its sales has
        nothing to compare with. Where only that part grew, so that the comparable part
        fell while the client's sales grew, the client is excluded.
        """

        def listed(fname):
            return SQL("ARRAY_AGG(%s)", SQL.identifier(table, fname))

        return SQL(
            """CASE WHEN MAX(%(month)s) < MIN(%(month)s) + INTERVAL '1 year' THEN (
                   SELECT 100 * (SUM(now) - SUM(before)) / NULLIF(SUM(before), 0)
                     FROM (SELECT SUM(comparable) AS now, SUM(before) AS before
                             FROM unnest(%(clients)s, %(invoiced)s, %(comparable)s,
                                         %(before)s)
                               AS row(client, invoiced, comparable, before)
                            GROUP BY client
                           HAVING NOT (SUM(comparable) < SUM(before)
                                       AND SUM(invoiced) > SUM(before))) AS whole) END""",
            month=SQL.identifier(table, "month"),
            clients=listed("key_account_id"),
            invoiced=listed("invoiced_amount"),
            comparable=listed("comparable_amount"),
            before=listed("invoiced_before"),
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg" and name in {*RATIOS, "growth"}:
            return self._sql_ratio(name, query.table)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------ refreshing
    @api.model
    def _cron_refresh(self):
        self._refresh(self.env["res.company"].sudo().search([]))

    @api.model
    def _refresh(self, companies):
        """Rebuild the history of companies with two queries, however long it is."""
        # Write the company first: the row lock makes a concurrent job wait, not
        # duplicate rows.
        companies.sudo().write({"nka_history_date": fields.Datetime.now()})
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM nka_sales_history WHERE company_id = ANY(%s)", [companies.ids]
        )
        self.env.cr.execute(insert_statement(companies.ids, fields.Date.today()))
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------ actions
    @api.model
    def action_refresh(self):
        """Rebuild the history of the selected companies and open it.

        Only supervisors and administrators rebuild it; other users see the last
        snapshot.

        :return: window action
        :raise AccessError: if the user can't read key accounts
        """
        self.env["nka.key.account"].check_access("read")
        if self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}"):
            self._refresh(self.env.companies)
        return self._action_open()

    @api.model
    def _action_open(self, account=None):
        """Return the action for the history, of one account if given, with its
        date in the title.
        """
        name = self._freshness(account)
        narrowed = {"display_name": name, "name": name}
        if account:
            narrowed["domain"] = [("key_account_id", "=", account.id)]
            narrowed["context"] = {"search_default_years": 1}
        return open_action(self.env, "nka_sales_history_action", **narrowed)

    @api.model
    def _freshness(self, account=None):
        company = account.company_id if account else self.env.company
        made = company.sudo().nka_history_date
        title = self.env._("Sales history")
        if account:
            title = f"{title}: {account.display_name}"
        if not made:
            return self.env._("%s (not available yet; updated tonight)", title)
        moment = format_datetime(self.env, made, dt_format="short")
        return self.env._("%(title)s (as of %(moment)s)", title=title, moment=moment)

    def action_open_invoices(self):
        """Open the invoices and credit notes of this row's account and month.

        :return: window action
        """
        self.ensure_one()
        account = self.key_account_id
        return account._prepare_open(
            self.env._("Invoices"),
            "account.move",
            sales.domain_of_month(account, self.month),
            context={"create": False},
        )


# ---------------------------------------------------------------- query
#: Lines of invoices and credit notes. The cost is the product's present cost; lines
#: without one have no margin.
_INVOICED = SQL(
    """SELECT account.id AS key_account_id, account.company_id,
              template.categ_id, move.invoice_date AS date, 'i' || move.id AS document,
              -line.balance AS invoiced, 0.0 AS ordered,
              (NOT %(is_note)s)::int AS invoices, 0 AS orders,
              CASE WHEN cost.price > 0 THEN -line.balance ELSE 0 END AS costed,
              CASE WHEN cost.price > 0 THEN -line.balance - cost.price
                        * line.quantity * COALESCE(unit.factor, 1)
                        / COALESCE(NULLIF(usual.factor, 0), 1)
                        * CASE WHEN %(is_note)s THEN -1 ELSE 1 END
                   ELSE 0 END AS margin
         FROM %(lines)s
    LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
    LEFT JOIN uom_uom usual ON usual.id = template.uom_id
    LEFT JOIN LATERAL (SELECT COALESCE(
                           product.standard_price ->> move.company_id::text,
                           product.standard_price ->> account.company_id::text
                       )::numeric AS price) cost
           ON TRUE""",
    is_note=sales.IS_CREDIT_NOTE,
    lines=sales.SOLD_LINES,
)

#: Lines of confirmed orders.
_ORDERED = SQL(
    """SELECT account.id, account.company_id, template.categ_id,
              %s, 'o' || sale.id, 0.0, %s, 0, 1, 0, 0
         FROM %s
        WHERE %s""",
    orders.ORDER_DAY,
    orders.LINE_AMOUNT,
    orders.ORDERED_LINES,
    orders.IS_OWN_ORDER,
)


def insert_statement(companies, today):
    """Return the INSERT that fills the empty history of companies.

    :param companies: ids of companies
    :param date today: later days, such as the previous year of days to come, are
        excluded
    """
    return SQL(
        """WITH %s, %s
           INSERT INTO nka_sales_history (
                  key_account_id, company_id, categ_id, user_id, month,
                  invoiced_amount, ordered_amount, invoice_count, order_count,
                  costed_amount, margin, invoiced_before, ordered_before,
                  comparable_amount)
           SELECT fact.key_account_id, fact.company_id, fact.categ_id, owner.user_id,
                  date_trunc('month', fact.date)::date,
                  SUM(invoiced * portion), SUM(ordered * portion),
                  SUM(invoices * portion), SUM(orders * portion),
                  SUM(costed * portion), SUM(margin * portion),
                  SUM(invoiced_before * portion), SUM(ordered_before * portion),
                  COALESCE(SUM(invoiced * portion)
                           FILTER (WHERE fact.date >= begun.second_year), 0)
             FROM fact
        LEFT JOIN begun ON begun.key_account_id = fact.key_account_id
        LEFT JOIN nka_assignment owner
               ON owner.key_account_id = fact.key_account_id
              AND owner.date_from <= fact.date
              AND (owner.date_to IS NULL OR owner.date_to >= fact.date)
       CROSS JOIN LATERAL (SELECT COALESCE(owner.share::numeric, 100) / 100 AS portion) part
         GROUP BY 1, 2, 3, 4, 5""",
        _day_ctes(companies, today),
        _fact_ctes(today),
    )


def _day_ctes(companies, today):
    """Return the CTEs up to ``day``: invoiced and ordered amounts by category and day.

    An invoice or order with several categories counts as a fraction in each, so that
    totals over categories count it once.
    """
    return SQL(
        """line AS MATERIALIZED (
                SELECT * FROM (%(invoiced)s UNION ALL %(ordered)s) every
                 WHERE company_id IN %(companies)s AND date <= %(today)s
           ), document AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date, document,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       MAX(invoices) AS invoices, MAX(orders) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin,
                       COUNT(*) OVER (PARTITION BY document) AS parts
                  FROM line GROUP BY key_account_id, company_id, categ_id, date, document
           ), day AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       SUM(invoices::numeric / parts) AS invoices,
                       SUM(orders::numeric / parts) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin
                  FROM document GROUP BY key_account_id, company_id, categ_id, date
           )""",
        invoiced=_INVOICED,
        ordered=_ORDERED,
        companies=tuple(companies),
        today=today,
    )


def _fact_ctes(today):
    """Return the CTEs ``fact`` (each day for its own month, and again one year
    later as previous year) and ``begun`` (since when a client has a previous
    year).
    """
    return SQL(
        """begun AS (
                SELECT key_account_id,
                       date_trunc('month', MIN(date)) + interval '1 year' AS second_year
                  FROM day WHERE invoices > 0 GROUP BY key_account_id
           ), fact AS (
                SELECT key_account_id, company_id, categ_id, date, invoiced,
                       ordered, invoices, orders, costed, margin,
                       0.0 AS invoiced_before, 0.0 AS ordered_before
                  FROM day
             UNION ALL
                SELECT key_account_id, company_id, categ_id,
                       (date + interval '1 year')::date,
                       0, 0, 0, 0, 0, 0, invoiced, ordered
                  FROM day WHERE date + interval '1 year' <= %(today)s
           )""",
        today=today,
    )
