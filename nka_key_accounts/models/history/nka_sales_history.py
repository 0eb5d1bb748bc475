"""Snapshot of the sales to key accounts; ``history_sql`` has the queries that fill it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime

from ..facts import sales
from ..trail.opening import open_action
from ..trail.roles import ADMIN, SUPERVISOR
from . import history_sql

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
    def _refresh(self, companies, is_whole=False):
        """Bring the history of companies up to date.

        Reads only what changed since the last refresh (``nka.sales.touched``), days
        that have passed, and a part of the accounts in turn. The first refresh, and the
        first one after an update, rebuild everything.

        :param companies: res.company
        :param bool is_whole: rebuild everything
        """
        before = {company: company.nka_history_date for company in companies.sudo()}
        self.env.flush_all()
        # Write the company first: the row lock makes a concurrent job wait, not
        # duplicate rows. It isn't a setting, so nothing follows from the change.
        self.env.cr.execute(
            "UPDATE res_company SET nka_history_date = %s WHERE id = ANY(%s)",
            [fields.Datetime.now(), companies.ids],
        )
        companies.invalidate_recordset(["nka_history_date"], flush=False)
        touched = self.env["nka.sales.touched"]
        changed, whole = touched._changed_companies(companies)
        today = fields.Date.today()
        for last, group in companies.grouped(
            lambda company: (
                not (is_whole or company in whole)
                and before[company]
                and before[company].date()
            )
        ).items():
            if not last or last > today:
                self._rebuild(group, today)
            elif last < today or group & changed:
                self._catch_up(group, last, today)
        touched._settle(companies)
        self.invalidate_model(flush=False)

    @api.model
    def _rebuild(self, companies, today):
        """Rebuild the history of companies with two queries, however long it is."""
        self.env.cr.execute(
            "DELETE FROM nka_sales_history WHERE company_id = ANY(%s)", [companies.ids]
        )
        self.env.cr.execute(history_sql.insert_statement(companies.ids, today))

    @api.model
    def _catch_up(self, companies, last, today):
        """Rebuild the months of accounts that changed, and add the days that passed.

        :param date last: day of the last refresh
        :param date today: later days are excluded
        """
        days = history_sql.Days(last, today)
        products = self.env["nka.sales.touched"]._changed_products(companies)
        self._run(history_sql.stale_steps(companies.ids, products, days))
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT month FROM nka_history_due ORDER BY month")
        )
        spans = [*days.spans(), *history_sql.month_spans([month for (month,) in rows])]
        self._run(
            [
                *history_sql.found_steps(companies.ids, days, spans),
                *history_sql.catch_up_steps(companies.ids, days),
            ]
        )

    @api.model
    def _run(self, steps):
        self.env.cr.execute(history_sql.by_index(steps))

    # ------------------------------------------------------------ actions
    @api.model
    def action_refresh(self):
        """Bring the history of the selected companies up to date and open it.

        Only supervisors and administrators do so; other users see the last snapshot.

        :return: window action
        :raise AccessError: if the user can't read key accounts
        """
        self.env["nka.key.account"].check_access("read")
        if self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}"):
            self._refresh(self.env.companies)
        return self._action_open()

    @api.model
    def action_rebuild(self):
        """Rebuild the history of the selected companies and open it.

        Not necessary unless records were changed in the database itself.

        :return: window action
        :raise AccessError: if the user isn't an administrator of key accounts
        """
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._(
                    "Only an administrator of key accounts can rebuild the sales "
                    "history. Use Refresh to update what changed, or ask an "
                    "administrator."
                )
            )
        self._refresh(self.env.companies, is_whole=True)
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
