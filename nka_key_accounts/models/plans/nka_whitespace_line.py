"""Whitespace: our own sales are read from invoices, by one query for all accounts.

The twelve months end today, or on the day of the company's last invoice if that is
earlier: otherwise a month that isn't invoiced yet would look like a decline. Sales
without a product or category form a category without a name.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..accounts.figure_sources import register_sources
from ..facts import sales

SUPPLIERS = [
    ("us", "Us"),
    ("competitor", "Competitor"),
    ("own", "The client (in-house)"),
    ("unknown", "Not known"),
]

register_sources("nka.whitespace.line")

YEAR = SQL("INTERVAL '12 months'")
HALF = SQL("INTERVAL '6 months'")

FILL = """
    WITH span AS (
        SELECT account.company_id,
               LEAST(%(today)s, %(last_day)s) AS day
          FROM nka_key_account account
         WHERE account.id = ANY(%(accounts)s)
         GROUP BY account.company_id
    ), booked AS (
        SELECT account.id AS account_id, account.company_id,
               template.categ_id, span.day,
               SUM(-line.balance) FILTER (WHERE move.invoice_date > span.day - %(year)s)
                   AS spend,
               SUM(-line.balance) FILTER (WHERE move.invoice_date > span.day - %(half)s)
                   AS recent,
               SUM(-line.balance) FILTER (
                   WHERE move.invoice_date > span.day - %(year)s - %(half)s
                     AND move.invoice_date <= span.day - %(year)s) AS before
          FROM %(sold_lines)s
          JOIN span ON span.company_id = account.company_id
         WHERE account.id = ANY(%(accounts)s)
           AND move.invoice_date > span.day - %(year)s - %(half)s
           AND move.invoice_date <= span.day
         GROUP BY account.id, account.company_id, template.categ_id, span.day
    ), kept AS (
        INSERT INTO nka_whitespace_line (
               key_account_id, company_id, categ_id, supplier, from_invoices,
               spend, spend_recent, spend_before, date_filled, date_seen,
               create_uid, create_date, write_uid, write_date)
        SELECT account_id, company_id, categ_id, 'us', TRUE,
               COALESCE(spend, 0), COALESCE(recent, 0), COALESCE(before, 0), day, day,
               %(uid)s, %(now)s, %(uid)s, %(now)s
          FROM booked
            ON CONFLICT (key_account_id, COALESCE(categ_id, 0)) WHERE supplier = 'us'
            DO UPDATE SET spend = EXCLUDED.spend, spend_recent = EXCLUDED.spend_recent,
                          spend_before = EXCLUDED.spend_before,
                          date_filled = EXCLUDED.date_filled,
                          date_seen = EXCLUDED.date_seen,
                          write_uid = EXCLUDED.write_uid,
                          write_date = EXCLUDED.write_date
        RETURNING key_account_id, categ_id
    )
    UPDATE nka_whitespace_line line
       SET spend = 0, spend_recent = 0, spend_before = 0, date_filled = span.day,
           date_seen = span.day, write_uid = %(uid)s, write_date = %(now)s
      FROM span
     WHERE span.company_id = line.company_id
       AND line.key_account_id = ANY(%(accounts)s) AND line.supplier = 'us'
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
        """Update our own sales of these accounts from the invoices. One query.

        Data that users entered isn't changed.

        :param accounts: nka.key.account
        """
        if not accounts:
            return
        self.env.flush_all()
        today = fields.Date.context_today(self)
        self.env.cr.execute(
            SQL(
                FILL,
                accounts=accounts.ids,
                today=today,
                last_day=sales.last_day_sql(SQL("account.company_id"), today),
                sold_lines=sales.SOLD_LINES,
                year=YEAR,
                half=HALF,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.env.invalidate_all(flush=False)

    @api.model
    def _cron_fill(self):
        """Update our own sales of all current accounts from the invoices."""
        self._fill(
            self.env["nka.key.account"].search([("state", "in", ("candidate", "key"))])
        )
