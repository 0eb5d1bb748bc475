"""A snapshot of what key accounts bought, and the one statement that fills it.

An invoice line counts in full once, shared among those who owned the account on its
day; what was sold before anybody owned it has no manager. Each line counts a second
time one year later as "the year before", for the manager of that later day, so that
both columns of a comparison cover the same accounts and, in the running month, of
the same days. What a client bought in the first year has no year before: it is left out
of comparisons instead of passing for growth.
"""

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR
from . import orders, sales

#: Ratios that can't be summed: what is divided by what.
RATIOS = {
    "average_invoice": ("invoiced_amount", "invoice_count", 1),
    "average_order": ("ordered_amount", "order_count", 1),
    "margin_percent": ("margin", "costed_amount", 100),
}


class SalesHistory(models.Model):
    """What key accounts bought, by month, category and the manager of that time.

    A snapshot made by a job, so that it opens at once however long the history is;
    it always says how fresh it is. Nobody writes it.
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
        help="Invoiced amount compared with the same period one year earlier, from the "
        "client's second year on. Empty for totals of more than twelve months, "
        "because the periods would overlap.",
    )

    # One account's own history, from its form and sheet.
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
        """The ratio of the sums, never the average of ratios."""

        def total(fname):
            return SQL("SUM(%s)", SQL.identifier(table, fname))

        if name == "growth":
            month = SQL.identifier(table, "month")
            return SQL(
                """CASE WHEN MAX(%(month)s) < MIN(%(month)s) + INTERVAL '1 year'
                        THEN 100 * (%(now)s - %(before)s) / NULLIF(%(before)s, 0) END""",
                month=month,
                before=total("invoiced_before"),
                now=total("comparable_amount"),
            )
        above, below, factor = RATIOS[name]
        return SQL(
            "COALESCE(%s * %s / NULLIF(%s, 0), 0)", factor, total(above), total(below)
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
        """Rebuild the history of companies: two statements however long it is."""
        # The row of the company first: a second job waits for it instead of doubling.
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
        """Rebuild the history of the chosen companies and show it.

        Readers of all accounts may ask for it; others see what the job made.
        """
        self.env["nka.key.account"].check_access("read")
        if self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}"):
            self._refresh(self.env.companies)
        return self._action_open()

    @api.model
    def _action_open(self, account=None):
        """The history with its date in the title; of one account, if given."""
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
        """Open the invoices and credit notes behind a row's account and month."""
        self.ensure_one()
        account = self.key_account_id
        return account._prepare_open(
            self.env._("Invoices"),
            "account.move",
            sales.domain_of_month(account, self.month),
            context={"create": False},
        )


# ---------------------------------------------------------------- statement
#: Lines of sales and credit notes. The cost is today's cost of the product: a line
#: without one has no margin.
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
    """Fill the empty history of companies; every figure of it is made here.

    :param tuple companies: ids of companies
    :param date today: what lies later, as the year before of days to come, is left out
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
    """``day``: what was invoiced and ordered of a category on a day.

    An invoice or order with lines of several categories counts as a part in each of them, so
    that any sum over categories counts it once.
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
    """``fact``: each day for its own month, and as the year before of a year later;
    ``begun``: since when a client has a year before.
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
