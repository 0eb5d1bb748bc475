from odoo import fields, models
from odoo.tools import SQL

#: States of a statement that has amounts.
STATES = [("calculated", "Calculated"), ("approved", "Approved"), ("locked", "Locked")]
#: Pay components of the row ``statement`` as an array; Odoo stores an empty one as null.
SHARES = SQL(
    """CASE jsonb_typeof(statement.shares)
            WHEN 'array' THEN statement.shares ELSE '[]' END"""
)


class PayTotal(models.Model):
    """Pay totals of one person and month, without lines, notes and disputes.

    Directors read these instead of statements, which stay with the person, their
    supervisors and payroll officers.
    """

    _name = "nka.pay.total"
    _description = "Pay total"
    _auto = False
    _order = "month desc, user_id, id"
    _rec_name = "user_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.pay.statement": [
            "bonus_amount",
            "company_id",
            "fixed_amount",
            "half_year_credits",
            "month",
            "quota_to_date",
            "shares",
            "soft_amount",
            "state",
            "total_amount",
            "user_id",
        ]
    }

    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    state = fields.Selection(STATES, readonly=True)
    fixed_amount = fields.Monetary("Fixed pay", readonly=True, aggregator="sum")
    soft_amount = fields.Monetary("Goal pay", readonly=True, aggregator="sum")
    bonus_amount = fields.Monetary("Bonus", readonly=True, aggregator="sum")
    other_amount = fields.Monetary(
        "Draw and adjustments",
        readonly=True,
        aggregator="sum",
        help="Draw paid or recovered, and adjustments of earlier months.",
    )
    total_amount = fields.Monetary("Total", readonly=True, aggregator="sum")
    fixed_target = fields.Monetary("Target fixed pay", readonly=True, aggregator="sum")
    soft_target = fields.Monetary("Target goal pay", readonly=True, aggregator="sum")
    bonus_target = fields.Monetary("Target bonus", readonly=True, aggregator="sum")
    target_amount = fields.Monetary("Target earnings", readonly=True, aggregator="sum")
    attainment = fields.Float(
        "Half-year attainment (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Credits of the half-year to date against the quota to date.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT statement.id, statement.user_id, statement.company_id,
                   statement.month, statement.state, statement.fixed_amount,
                   statement.soft_amount, statement.bonus_amount,
                   statement.total_amount - statement.fixed_amount
                       - statement.soft_amount - statement.bonus_amount AS other_amount,
                   statement.total_amount, target.fixed AS fixed_target,
                   target.soft AS soft_target, target.bonus AS bonus_target,
                   target.fixed + target.soft + target.bonus AS target_amount,
                   100.0 * statement.half_year_credits
                       / NULLIF(statement.quota_to_date, 0) AS attainment
              FROM nka_pay_statement statement
              JOIN LATERAL (
                    SELECT COALESCE(SUM(amount) FILTER (WHERE part = 'fixed'), 0) AS fixed,
                           COALESCE(SUM(amount) FILTER (WHERE part = 'soft'), 0) AS soft,
                           COALESCE(SUM(amount) FILTER (WHERE part = 'bonus'), 0) AS bonus
                      FROM (SELECT share->>'component' AS part,
                                   (share->>'target_amount')::numeric AS amount
                              FROM jsonb_array_elements(%s) share) shares
                   ) target ON TRUE
             WHERE statement.state != 'open'
            """,
            SHARES,
        )
