from odoo import fields, models
from odoo.tools import SQL

from ..overview.nka_pay_total import SHARES, STATES

#: Ratios that can't be totaled: dividend and divisor.
RATIOS = {
    "paid_percent": ("amount", "target_amount"),
    "attainment": ("credit_amount", "quota"),
    "bonus_percent": ("bonus_amount", "credit_amount"),
}


class PayReport(models.Model):
    """Agreed and realised pay by person, month and pay component.

    One row per component of a statement that was calculated. Credits and quota are in
    the row of the bonus, so that totals count them once.
    """

    _name = "nka.pay.report"
    _description = "Pay against target"
    _auto = False
    _order = "month desc, user_id, id"
    _rec_name = "user_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.pay.agreement": ["monthly_quota"],
        "nka.pay.statement": [
            "agreement_id",
            "company_id",
            "credit_amount",
            "month",
            "shares",
            "state",
            "user_id",
        ],
    }

    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    state = fields.Selection(STATES, readonly=True)
    component = fields.Selection(
        [("fixed", "Fixed pay"), ("soft", "Goal pay"), ("bonus", "Bonus and draw")],
        "Pay component",
        readonly=True,
    )
    target_amount = fields.Monetary("Target earnings", readonly=True)
    amount = fields.Monetary("Paid", readonly=True)
    paid_percent = fields.Float(
        "Paid of target (%)", readonly=True, digits=(16, 1), aggregator="avg"
    )
    credit_amount = fields.Monetary("Credited sales", readonly=True)
    quota = fields.Monetary(readonly=True)
    attainment = fields.Float(
        "Quota attainment, period (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Credited sales of the months selected against the quota of these months.",
    )
    bonus_amount = fields.Monetary("Bonus and draw", readonly=True)
    bonus_percent = fields.Float(
        "Bonus as % of credited sales",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="What the bonus costs for 100 of sales credited in the same months.",
    )

    @property
    def _table_query(self):
        ratios = SQL(", ").join(
            SQL(
                "100 * %s / NULLIF(%s, 0) AS %s",
                SQL.identifier(above),
                SQL.identifier(below),
                SQL.identifier(name),
            )
            for name, (above, below) in RATIOS.items()
        )
        return SQL(
            """SELECT part.*, %s
                 FROM (SELECT statement.id::bigint * 8 + share.number AS id,
                              statement.user_id, statement.company_id, statement.month,
                              statement.state, share.said ->> 'component' AS component,
                              (share.said ->> 'target_amount')::numeric AS target_amount,
                              (share.said ->> 'amount')::numeric AS amount,
                              CASE WHEN share.said ->> 'component' = 'bonus'
                                   THEN (share.said ->> 'amount')::numeric
                              END AS bonus_amount,
                              CASE WHEN share.said ->> 'component' = 'bonus'
                                   THEN statement.credit_amount
                              END AS credit_amount,
                              CASE WHEN share.said ->> 'component' = 'bonus'
                                   THEN agreement.monthly_quota
                              END AS quota
                         FROM nka_pay_statement statement
                    LEFT JOIN nka_pay_agreement agreement
                           ON agreement.id = statement.agreement_id
                   CROSS JOIN LATERAL jsonb_array_elements(%s)
                              WITH ORDINALITY AS share (said, number)
                        WHERE statement.state != 'open') part""",
            ratios,
            SHARES,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Return the ratio of the totals instead of the average of ratios."""
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg" and name in RATIOS:
            above, below = (SQL.identifier(query.table, part) for part in RATIOS[name])
            return SQL("100 * SUM(%s) / NULLIF(SUM(%s), 0)", above, below)
        return super()._read_group_select(aggregate_spec, query)
