"""Whitespace: our own sales are read from invoices, by one query for all accounts; at
night from the sales history, except for the months at the limits of the period.

The twelve months end today, or on the day of the company's last invoice if that is
earlier: otherwise a month that isn't invoiced yet would look like a decline. Sales
without a product or category form a category without a name.
"""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..accounts.figure_sources import register_sources
from ..facts import sales
from ..history import history_sql

SUPPLIERS = [
    ("us", "Us"),
    ("competitor", "Competitor"),
    ("own", "The client (in-house)"),
    ("unknown", "Not known"),
]

register_sources("nka.whitespace.line")

YEAR = SQL("INTERVAL '12 months'")
HALF = SQL("INTERVAL '6 months'")

#: Sales by day. Each click reads them all from the invoices.
SOLD = """SELECT account.id AS account_id, account.company_id, template.categ_id,
                 move.invoice_date AS date, -line.balance AS amount
            FROM %s"""
#: The same from the sales history, for all accounts at once: months that are whole on
#: one side of each limit are read as one day. Rows of orders or of the previous year
#: alone are no sales.
MONTHS = SQL(
    """SELECT key_account_id, company_id, categ_id, month, SUM(invoiced_amount)
         FROM nka_sales_history WHERE invoice_count > 0 OR invoiced_amount != 0
        GROUP BY 1, 2, 3, 4"""
)

FILL = """
    WITH sold AS NOT MATERIALIZED (%(sold)s), booked AS (
        SELECT account_id, company_id, categ_id,
               SUM(amount) FILTER (WHERE date > %(day)s::date - %(year)s) AS spend,
               SUM(amount) FILTER (WHERE date > %(day)s::date - %(half)s) AS recent,
               SUM(amount) FILTER (WHERE date <= %(day)s::date - %(year)s) AS before
          FROM sold
         GROUP BY account_id, company_id, categ_id
    ), kept AS (
        INSERT INTO nka_whitespace_line (
               key_account_id, company_id, categ_id, supplier, from_invoices,
               spend, spend_recent, spend_before, date_filled, date_seen,
               create_uid, create_date, write_uid, write_date)
        SELECT account_id, company_id, categ_id, 'us', TRUE,
               COALESCE(spend, 0), COALESCE(recent, 0), COALESCE(before, 0),
               %(day)s, %(day)s,
               %(uid)s, %(now)s, %(uid)s, %(now)s
          FROM booked
            ON CONFLICT (key_account_id, COALESCE(categ_id, 0)) WHERE supplier = 'us'
            DO UPDATE SET spend = EXCLUDED.spend, spend_recent = EXCLUDED.spend_recent,
                          spend_before = EXCLUDED.spend_before,
                          date_filled = EXCLUDED.date_filled,
                          date_seen = EXCLUDED.date_seen,
                          write_uid = EXCLUDED.write_uid,
                          write_date = EXCLUDED.write_date
            WHERE (nka_whitespace_line.spend, nka_whitespace_line.spend_recent,
                   nka_whitespace_line.spend_before, nka_whitespace_line.date_filled)
                  IS DISTINCT FROM
                  (EXCLUDED.spend, EXCLUDED.spend_recent, EXCLUDED.spend_before,
                   EXCLUDED.date_filled)
    )
    UPDATE nka_whitespace_line line
       SET spend = 0, spend_recent = 0, spend_before = 0, date_filled = %(day)s,
           date_seen = %(day)s, write_uid = %(uid)s, write_date = %(now)s
     WHERE line.key_account_id = ANY(%(accounts)s) AND line.supplier = 'us'
       AND (line.spend, line.spend_recent, line.spend_before, line.date_filled)
           IS DISTINCT FROM (0, 0, 0, %(day)s)
       AND NOT EXISTS (SELECT 1 FROM booked
                        WHERE booked.account_id = line.key_account_id
                          AND booked.categ_id IS NOT DISTINCT FROM line.categ_id)
"""


class WhitespaceLine(models.Model):
    """Yearly spend of a client on a product category, by supplier.

    Our own part comes from the invoices; users record the rest. Together they give our
    share of wallet.
    """

    _name = "nka.whitespace.line"
    _description = "Whitespace line"
    _inherit = ["nka.guard.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _order = "spend desc, id"
    _check_company_auto = True
    _guarded_fields = (
        "from_invoices",
        "spend_recent",
        "spend_before",
        "date_filled",
    )

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    tier_id = fields.Many2one(related="key_account_id.tier_id", string="Account tier")
    categ_id = fields.Many2one(
        "product.category",
        "Product category",
        index=True,
        ondelete="restrict",
        help="Empty for our sales without a product or category.",
    )
    supplier = fields.Selection(
        SUPPLIERS,
        required=True,
        default="unknown",
        index=True,
        group_expand=True,
    )
    competitor_id = fields.Many2one(
        "nka.competitor",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The supplier they buy it from.",
    )
    spend = fields.Monetary(
        "Yearly spend",
        help="Untaxed amount over 12 months. 0 if only the supplier is known.",
    )
    spend_recent = fields.Monetary(
        "Last 6 months",
        readonly=True,
        copy=False,
        help="Invoiced by us in the last 6 months of the period.",
    )
    spend_before = fields.Monetary("Same months last year", readonly=True, copy=False)
    from_invoices = fields.Boolean("From our invoices", readonly=True, copy=False)
    date_filled = fields.Date(
        "As of",
        readonly=True,
        copy=False,
        help="Last day of the 12 months that the invoiced amounts cover.",
    )
    source = fields.Char(help="Who said it, or where it was published.")
    date_seen = fields.Date("Seen on", default=fields.Date.context_today, copy=False)

    _ours_unique = models.UniqueIndex(
        "(key_account_id, COALESCE(categ_id, 0)) WHERE supplier = 'us'",
        "Our own sales in this category are already listed; they come from the "
        "invoices.",
    )
    _categ_named = models.Constraint(
        "CHECK(categ_id IS NOT NULL OR supplier = 'us')",
        "Select the product category that the client buys elsewhere.",
    )
    _spend_positive = models.Constraint(
        "CHECK(spend >= 0 OR supplier = 'us')", "Yearly spend can't be negative."
    )

    _other_unique = models.UniqueIndex(
        "(key_account_id, categ_id, supplier, COALESCE(competitor_id, 0)) "
        "WHERE supplier != 'us'",
        "This supplier is already recorded for the client and the category.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("categ_id.display_name", "supplier", "key_account_id")
    def _compute_display_name(self):
        suppliers = dict(self._fields["supplier"]._description_selection(self.env))
        for line in self:
            line.display_name = self.env._(
                "%(client)s: %(category)s, %(supplier)s",
                client=line.sudo().key_account_id.display_name or "",
                category=line.categ_id.name or "",
                supplier=suppliers.get(line.supplier, ""),
            )

    # ------------------------------------------------------------ constraints
    @api.constrains("supplier", "from_invoices")
    def _check_ours(self):
        """Refuse to enter our own sales by hand: they come from the invoices."""
        for line in self:
            if (line.supplier == "us") != line.from_invoices:
                raise ValidationError(
                    self.env._(
                        "What we supply is read from the invoices. Record here what "
                        "the client buys from others or makes in-house."
                    )
                )

    @api.constrains("spend", "supplier", "categ_id", "key_account_id")
    def _check_by_hand(self):
        for line in self:
            if line.from_invoices:
                raise UserError(
                    self.env._(
                        "“%s” is updated from the invoices. Record what the client "
                        "buys elsewhere on a separate line.",
                        line.display_name,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_by_hand()

    @api.constrains("supplier", "competitor_id")
    def _check_competitor(self):
        for line in self:
            if line.competitor_id and line.supplier != "competitor":
                raise ValidationError(
                    self.env._(
                        "%s supplies this category, so set the supplier to "
                        "“Competitor”.",
                        line.competitor_id.name,
                    )
                )

    # ------------------------------------------------------------ onchange
    @api.onchange("competitor_id")
    def _onchange_competitor_id(self):
        if self.competitor_id:
            self.supplier = "competitor"

    @api.onchange("supplier")
    def _onchange_supplier(self):
        if self.supplier != "competitor":
            self.competitor_id = False

    # ------------------------------------------------------------ actions
    def action_open_invoices(self):
        """Open the invoice lines behind our own sales.

        :return: the action; it shows only lines that the user has access to
        :raise AccessError: if the user can't read this line
        """
        self.ensure_one()
        self.check_access("read")
        day = self.date_filled or fields.Date.context_today(self)
        return self.key_account_id._action_invoice_lines(self.categ_id, day)

    @api.model
    def action_refresh(self):
        """Update our own sales of the user's accounts from the invoices.

        :return: the action that reloads the screen
        """
        accounts = self.env["nka.key.account"]
        account_id = self.env.context.get("default_key_account_id")
        own = accounts.search(
            [("id", "=", account_id)]
            if isinstance(account_id, int)
            else [("state", "in", ("candidate", "key"))]
        )
        self._fill(own)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # ------------------------------------------------------------ filling from the invoices
    @api.model
    def _fill(self, accounts):
        """Update our own sales of these accounts from the invoices, with two queries.

        Data that users entered isn't changed.

        :param accounts: nka.key.account
        """
        self.env.flush_all()
        for day, group in self._by_day(accounts).items():
            self._fill_until(day, group, self._sold(day, group))
        self.env.invalidate_all(flush=False)

    @api.model
    def _cron_fill(self):
        """Update our own sales of all current accounts whose period has moved on."""
        self.env["nka.sales.history"]._refresh(self.env["res.company"].search([]))

    @api.model
    def _follow(self, companies, changed):
        """Update our own sales after a refresh of the sales history.

        Reads the months at the limits of the period from the invoices and all others
        from the history.

        :param companies: res.company
        :param changed: ids of the accounts whose sales changed; others are updated if
            the period has moved on
        """
        accounts = self.env["nka.key.account"].sudo()
        current = accounts.search(
            [("company_id", "in", companies.ids), ("state", "in", ("candidate", "key"))]
        )
        for day, group in self._by_day(current).items():
            due = accounts.browse(
                {*changed, *self._outdated(group, day)} & {*group.ids}
            )
            if due:
                self._fill_until(day, due, self._sold_by_history(day, due))
        self.env.invalidate_all(flush=False)

    @api.model
    def _by_day(self, accounts):
        """Return accounts by the last day of their period."""
        if not accounts:
            return {}
        today = fields.Date.context_today(self)
        companies = accounts.company_id
        days = self.env.execute_query(
            SQL(
                "SELECT id, LEAST(%s, %s) FROM res_company WHERE id = ANY(%s)",
                today,
                sales.last_day_sql(SQL("res_company.id"), today),
                companies.ids,
            )
        )
        days = dict(days)
        return accounts.grouped(lambda account: days[account.company_id.id])

    @api.model
    def _outdated(self, accounts, day):
        """Return the ids of those of the accounts that aren't filled until a day.

        An account without sales is, if any other one is.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id
                     FROM nka_key_account account
                LEFT JOIN (SELECT key_account_id, BOOL_AND(date_filled = %(day)s) AS is_filled
                             FROM nka_whitespace_line
                            WHERE supplier = 'us' AND key_account_id = ANY(%(accounts)s)
                            GROUP BY key_account_id) line
                       ON line.key_account_id = account.id
                    WHERE account.id = ANY(%(accounts)s)
                      AND NOT COALESCE(line.is_filled, EXISTS (
                              SELECT FROM nka_whitespace_line any_line
                               WHERE any_line.supplier = 'us'
                                 AND any_line.date_filled = %(day)s
                                 AND any_line.key_account_id = ANY(%(accounts)s)))""",
                accounts=accounts.ids,
                day=day,
            )
        )
        return [account_id for (account_id,) in rows]

    @api.model
    def _sold(self, day, accounts):
        return SQL(
            "%s WHERE %s",
            SQL(SOLD, sales.SOLD_LINES),
            self._is_in_period(day, accounts),
        )

    @api.model
    def _is_in_period(self, day, accounts):
        return SQL(
            """account.id = ANY(%(accounts)s)
               AND move.invoice_date > %(day)s::date - %(year)s - %(half)s
               AND move.invoice_date <= %(day)s""",
            accounts=accounts.ids,
            day=day,
            year=YEAR,
            half=HALF,
        )

    @api.model
    def _sold_by_history(self, day, accounts):
        """Return sales by day; creates a table of the invoices at the limits."""
        edges = sorted(
            {
                (day - relativedelta(months=months)).replace(day=1)
                for months in (0, 6, 12, 18)
            }
        )
        found = history_sql.table(
            "found",
            SQL(
                """SELECT account.id AS key_account_id, FALSE AS is_order,
                          move.id AS document_id
                     FROM %s WHERE %s AND %s""",
                sales.DOCUMENTS,
                self._is_in_period(day, accounts),
                history_sql.within(
                    SQL("move.invoice_date"), history_sql.month_spans(edges)
                ),
            ),
        )
        self.env.cr.execute(history_sql.by_hash(found))
        return SQL(
            """%(sold)s
               UNION ALL
               SELECT * FROM (%(months)s) history
                WHERE key_account_id = ANY(%(accounts)s)
                  AND month > %(first)s AND month < %(day)s
                  AND NOT month = ANY(%(edges)s)""",
            sold=SQL(SOLD, sales.lines_sql(history_sql.FOUND_MOVES)),
            months=MONTHS,
            accounts=accounts.ids,
            first=edges[0],
            day=day,
            edges=edges,
        )

    @api.model
    def _fill_until(self, day, accounts, sold):
        step = SQL(
            FILL,
            sold=sold,
            accounts=accounts.ids,
            day=day,
            year=YEAR,
            half=HALF,
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )
        self.env.cr.execute(history_sql.by_index([step]))
