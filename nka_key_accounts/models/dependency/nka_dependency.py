from odoo import api, fields, models
from odoo.tools import SQL

from ..trail.opening import open_action
from . import measure

#: Columns of the unique index: one row each.
KEY = ("key_account_id", "month", "user_id")
COLUMNS = (
    "key_account_id",
    "company_id",
    "user_id",
    "month",
    "is_current",
    "strength",
    "decider_strength",
    "meeting_days",
    "call_days",
    "mail_days",
    "order_days",
    "document_days",
    "approval_days",
    "last_contact",
    "is_in_touch",
    "share",
    "account_revenue",
    "revenue",
    "share_before",
    "revenue_before",
    "share_change",
    "revenue_change",
    "is_compared",
)


class Dependency(models.Model):
    """How much of a client's relationship one of our people holds, by month.

    Measured by SQL once a night, all months anew: whatever was changed by hand, the next
    night says what the evidence says. Never affects pay.
    """

    _name = "nka.dependency"
    _description = "Dependency on one person"
    _inherit = ["nka.read.mixin"]
    _log_access = False
    _order = "month desc, revenue desc, share desc, id"
    _rec_name = "user_id"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    manager_id = fields.Many2one(related="key_account_id.manager_id")
    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    month = fields.Date(required=True, readonly=True)
    is_current = fields.Boolean("Current month", readonly=True)
    share = fields.Float(
        "Share (%)",
        readonly=True,
        digits=(16, 2),
        aggregator="avg",
        help="Part of all recorded contact with the client in twelve months that is "
        "theirs. Contact with decision makers counts double.",
    )
    revenue = fields.Monetary(
        "Revenue that leaves with them",
        readonly=True,
        aggregator="sum",
        help="Revenue of the account in twelve months, times the share.",
    )
    account_revenue = fields.Monetary(
        "Revenue of the account",
        readonly=True,
        aggregator=None,
        help="Untaxed posted invoices less credit notes of the twelve months.",
    )
    share_before = fields.Float(
        "Share a year ago (%)", readonly=True, digits=(16, 2), aggregator="avg"
    )
    share_change = fields.Float(
        "Change of the share (points)",
        readonly=True,
        digits=(16, 2),
        aggregator="avg",
        help="Percentage points since the same month a year ago.",
    )
    revenue_before = fields.Monetary(
        "Revenue a year ago",
        readonly=True,
        aggregator="sum",
        help="What would have left with them a year ago.",
    )
    revenue_change = fields.Monetary(
        "Change over the year", readonly=True, aggregator="sum"
    )
    is_compared = fields.Boolean(
        "Compared with a year ago",
        readonly=True,
        help="Contact with the client was recorded a year ago, too.",
    )
    strength = fields.Integer(
        readonly=True,
        aggregator="sum",
        help="Days with contact, weighted: a meeting counts 5, a call or an order 3, an "
        "approved document 2, an email or an approval 1; twice as much if a decision "
        "maker took part.",
    )
    decider_strength = fields.Integer(
        "Strength with decision makers", readonly=True, aggregator="sum"
    )
    meeting_days = fields.Integer("Days with meetings", readonly=True)
    call_days = fields.Integer("Days with calls", readonly=True)
    mail_days = fields.Integer("Days with emails", readonly=True)
    order_days = fields.Integer("Days with orders", readonly=True)
    document_days = fields.Integer("Days with approved documents", readonly=True)
    approval_days = fields.Integer("Days with approvals", readonly=True)
    last_contact = fields.Datetime("Last contact", readonly=True)
    is_in_touch = fields.Boolean(
        "In touch",
        readonly=True,
        help="They had contact with the client in the twelve months. Approvals alone are "
        "no contact.",
    )

    _person_unique = models.UniqueIndex(
        "(key_account_id, month, user_id)",
        "The dependency on this person has already been measured for that month.",
    )

    # ------------------------------------------------------------ reading
    def _reading_size(self):
        """Return the number of accounts: all rows of one count as one record."""
        return len(self.sudo().key_account_id)

    # ------------------------------------------------------------ daily job
    @api.model
    def _cron_measure(self):
        """Measure all months anew, then the plans that the figures decide."""
        self._measure(self.env["res.company"].sudo().search([]))
        self.env["nka.dependency.plan"]._follow()

    @api.model
    def _measure(self, companies):
        """Bring all rows of companies up to date, with one query for any number of
        accounts. Rows that stay the same aren't written.
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        periods = [
            one for company in companies for one in measure.periods_of(company, now)
        ]
        accounts = self.env["nka.key.account"]
        if not periods:
            return
        rows = measure.rows_sql(accounts, periods, now)
        self.env.cr.execute(self._sql_replace(companies, rows))
        self.invalidate_model(flush=False)

    @api.model
    def _sql_replace(self, companies, rows):
        columns = map(SQL.identifier, COLUMNS)
        values = [SQL.identifier(column) for column in COLUMNS if column not in KEY]
        return SQL(
            """WITH fresh (%(columns)s) AS MATERIALIZED (%(rows)s), gone AS (
                   DELETE FROM nka_dependency old
                    WHERE old.company_id = ANY(%(companies)s)
                      AND (%(key)s) NOT IN (SELECT %(key)s FROM fresh)
               )
               INSERT INTO nka_dependency AS old (%(columns)s)
               SELECT * FROM fresh
                   ON CONFLICT (%(key)s) DO UPDATE SET (%(values)s) = ROW(%(new)s)
                WHERE (%(old)s) IS DISTINCT FROM (%(new)s)""",
            columns=SQL(", ").join(columns),
            rows=rows,
            companies=companies.ids,
            key=SQL(", ").join(map(SQL.identifier, KEY)),
            values=SQL(", ").join(values),
            old=SQL(", ").join(SQL("old.%s", column) for column in values),
            new=SQL(", ").join(SQL("EXCLUDED.%s", column) for column in values),
        )

    # ------------------------------------------------------------ actions
    @api.model
    def action_refresh(self):
        """Measure the user's companies now, as a supervisor, and show the figures."""
        self.env["nka.key.account"].check_access("write")
        self.check_access("read")
        self._measure(self.env.companies.sudo())
        return self._action_open()

    @api.model
    def _action_open(self, account=None):
        """Return the action of the figures, of one account if given."""
        narrowed = {}
        if account:
            narrowed = {
                "name": self.env._(
                    "Revenue that leaves with one person: %s", account.display_name
                ),
                "domain": [("key_account_id", "=", account.id)],
                "context": {"search_default_current": 1},
            }
        return open_action(self.env, "nka_dependency_action", **narrowed)

    def action_open_account(self):
        """Open the key account."""
        self.ensure_one()
        return self.key_account_id.get_formview_action()
