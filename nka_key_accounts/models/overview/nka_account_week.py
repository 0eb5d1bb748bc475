from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .week_figures import FIGURES, WEEK, prepare_columns

#: Weeks are kept this long, so that two years can be compared.
KEPT = timedelta(days=800)


class AccountWeek(models.Model):
    """Figures of a key account when a week began, for the comparison of weeks.

    Rows are only inserted, by :meth:`_take`. Figures that nobody kept stay empty: they
    can't be told for a past day.
    """

    _name = "nka.account.week"
    _description = "Weekly figures of an account"
    _inherit = ["nka.read.mixin"]
    _log_access = False
    _order = "week desc, key_account_id, id"
    _rec_name = "key_account_id"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    week = fields.Date("Week of", required=True, readonly=True, help="A Monday.")
    revenue = fields.Monetary("Revenue, 12 months", readonly=True)
    invoiced = fields.Monetary("Invoiced in the week", readonly=True)
    overdue = fields.Monetary("Overdue amount", readonly=True)
    pipeline = fields.Monetary("Open pipeline", readonly=True)
    won = fields.Monetary("Deals won in the week", readonly=True)
    lost = fields.Monetary("Deals lost in the week", readonly=True)
    health = fields.Float(digits=(16, 0), readonly=True, aggregator="avg")
    silent = fields.Integer("Contact overdue", readonly=True)
    documents = fields.Integer("Documents awaiting approval", readonly=True)
    late_documents = fields.Integer("Reviews past their deadline", readonly=True)
    commitments = fields.Integer("Overdue commitments", readonly=True)
    overrides = fields.Integer("Gate overrides in the week", readonly=True)

    _week_unique = models.UniqueIndex(
        "(company_id, week, key_account_id)",
        "The figures of this account and week have already been recorded.",
    )

    # ------------------------------------------------------------ business
    @api.model
    def _take(self, company, week, is_current=True):
        """Record the figures of a company's key accounts for a week, with one query.

        :param res.company company: company of the accounts
        :param date week: Monday
        :param bool is_current: whether the figures of today belong to that week
        """
        self.env.flush_all()
        accounts = self.env["nka.key.account"].with_company(company)
        columns = prepare_columns(accounts, "account", week, is_current)
        names = [figure.name for figure in FIGURES]
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_account_week
                               (key_account_id, company_id, week, %(names)s)
                        SELECT account.id, account.company_id, %(week)s, %(columns)s
                          FROM nka_key_account account
                         WHERE account.company_id = %(company)s
                           AND account.state = 'key'
                           AND COALESCE(account.date_start, %(week)s) <= %(since)s
                   ON CONFLICT DO NOTHING""",
                names=SQL(", ").join(map(SQL.identifier, names)),
                columns=SQL(", ").join(columns[name] for name in names),
                week=week,
                company=company.id,
                since=fields.Date.context_today(self) if is_current else week,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _is_taken(self, company, week):
        """Return whether the figures of a week were recorded."""
        found = self.sudo().search_count(
            [("company_id", "=", company.id), ("week", "=", week)], limit=1
        )
        return bool(found)

    @api.model
    def _take_both(self, company, week):
        """Record a week, and the week before it as far as it can still be told."""
        if not self._is_taken(company, week - WEEK):
            self._take(company, week - WEEK, is_current=False)
        self._take(company, week)

    @api.autovacuum
    def _gc_weeks(self):
        self.env.cr.execute(
            "DELETE FROM nka_account_week WHERE week < %s",
            [fields.Date.today() - KEPT],
        )
