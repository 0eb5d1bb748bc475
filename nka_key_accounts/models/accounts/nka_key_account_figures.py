"""What an account is worth and how it stands, read from the records at once.

Each figure is one SQL expression over the account's row. The same expression
serves the form, sorting, grouping sums, graph and pivot, so they can't disagree,
nothing is stored and other people's invoices, leads and mails pay nothing for it.
"""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

TRAILING_MONTHS = 12


class KeyAccountFigures(models.Model):
    _inherit = "nka.key.account"

    trailing_revenue = fields.Monetary(
        compute="_compute_figures",
        aggregator="sum",
        help="Untaxed posted invoices less credit notes of the last twelve months.",
    )
    overdue_amount = fields.Monetary(
        compute="_compute_figures",
        aggregator="sum",
        help="Open receivables past their due date, less open credits.",
    )
    pipeline_amount = fields.Monetary(
        "Open pipeline",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of the opportunities neither won nor lost.",
    )
    open_lead_count = fields.Integer(
        "Open leads", compute="_compute_figures", aggregator="sum"
    )
    referred_lead_count = fields.Integer(
        "Referred leads", compute="_compute_figures", aggregator="sum"
    )
    referred_won_amount = fields.Monetary(
        "Won by referral",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of the won opportunities this client referred.",
    )

    # ------------------------------------------------------------ compute
    @api.model
    def _figure_names(self):
        """Hook: fields computed by ``_sql_<field>`` methods."""
        return [
            "trailing_revenue",
            "overdue_amount",
            "pipeline_amount",
            "open_lead_count",
            "referred_lead_count",
            "referred_won_amount",
        ]

    # What lies outside the account is forgotten by ``nka.figure.source``.
    @api.depends("state", "cadence_days", "date_start", "tier_id", "deputy_id", "note")
    @api.depends_context("uid", "tz")
    def _compute_figures(self):
        """Fill all figures of these accounts with one statement."""
        names = self._figure_names()
        rows = self._read_figures(names) if self.ids else {}
        for account in self:
            values = rows.get(account._origin.id) or dict.fromkeys(names, False)
            account.update(values)

    def _read_figures(self, names):
        """Read figures as superuser: they are sums over records the reader of the
        account may not open one by one.

        :rtype: dict[int, dict]
        """
        self.env.flush_all()
        columns = [
            SQL("%s AS %s", self._figure_sql(name, "account"), SQL.identifier(name))
            for name in names
        ]
        self.env.cr.execute(
            SQL(
                "SELECT account.id, %s FROM nka_key_account account WHERE id IN %s",
                SQL(", ").join(columns),
                tuple(self.ids),
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let the figures be sorted, summed and grouped though not stored."""
        if field_expr in self._figure_names():
            self.env.flush_all()
            return self._figure_sql(field_expr, alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_figure(self, name, operator, value):
        self.env.flush_all()
        if operator == "in":
            return self._search_figure_in(name, value)
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        compare = SQL(operator)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s %s", model._figure_sql(name, alias), compare, value
            )
        )

    @api.model
    def _search_figure_in(self, name, values):
        dates = tuple(value for value in values if value) or (None,)
        unset = any(not value for value in values)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(figure)s IN %(dates)s OR (%(unset)s AND %(figure)s IS NULL))",
                figure=model._figure_sql(name, alias),
                dates=dates,
                unset=unset,
            )
        )

    # ------------------------------------------------------------ expressions
    @api.model
    def _figure_sql(self, name, alias):
        """SQL expression of one figure over the account row called ``alias``."""
        return getattr(self, f"_sql_{name}")(alias)

    @api.model
    def _forget_figures(self):
        """Drop figures read earlier in this transaction: their records changed."""
        self.invalidate_model(self._figure_names(), flush=False)

    @api.model
    def _sql_trailing_revenue(self, alias):
        today = fields.Date.context_today(self)
        return self._sql_revenue(alias, self._trailing_since(), today)

    @api.model
    def _sql_earlier_revenue(self, alias):
        """Of the twelve months before the last twelve."""
        since = self._trailing_since()
        before = since - relativedelta(months=TRAILING_MONTHS)
        return self._sql_revenue(alias, before, since)

    @api.model
    def _sql_revenue(self, alias, since, until):
        return SQL(
            """(SELECT COALESCE(SUM(move.amount_untaxed_signed), 0)
                  FROM res_partner party
                  JOIN account_move move ON move.partner_id = party.id
                 WHERE party.commercial_partner_id = %(partner)s
                   AND move.company_id = %(company)s
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND move.state = 'posted'
                   AND move.invoice_date > %(since)s
                   AND move.invoice_date <= %(until)s)""",
            since=since,
            until=until,
            **self._sql_owner(alias),
        )

    @api.model
    def _trailing_since(self):
        today = fields.Date.context_today(self)
        return today - relativedelta(months=TRAILING_MONTHS)

    @api.model
    def _sql_overdue_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(line.amount_residual), 0)
                  FROM account_move_line line
                  JOIN account_account receivable
                    ON receivable.id = line.account_id
                   AND receivable.account_type = 'asset_receivable'
                 WHERE line.partner_id = %(partner)s
                   AND line.company_id = %(company)s
                   AND line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.date_maturity < %(today)s)""",
            today=fields.Date.context_today(self),
            **self._sql_owner(alias),
        )

    @api.model
    def _sql_pipeline_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.key_account_id = %s AND %s)""",
            SQL.identifier(alias, "id"),
            self._sql_open_lead(),
        )

    @api.model
    def _sql_open_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.key_account_id = %s AND %s)",
            SQL.identifier(alias, "id"),
            self._sql_open_lead(),
        )

    @api.model
    def _sql_open_lead(self):
        return SQL("lead.active AND lead.won_status = 'pending'")

    @api.model
    def _sql_referred_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.referrer_id = %s)",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_referred_won_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.referrer_id = %s AND lead.won_status = 'won')""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_owner(self, alias):
        return {
            "partner": SQL.identifier(alias, "partner_id"),
            "company": SQL.identifier(alias, "company_id"),
        }
