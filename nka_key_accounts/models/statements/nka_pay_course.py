from odoo import fields, models


class PayCourse(models.Model):
    """Half-year credits and quota by month, for the chart."""

    _name = "nka.pay.course"
    _description = "Quota attainment by month"
    _auto = False
    _order = "month, kind"
    _rec_name = "month"

    statement_id = fields.Many2one("nka.pay.statement", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    kind = fields.Selection(
        [("credits", "Credits to date"), ("quota", "Quota to date")], readonly=True
    )
    amount = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        return """
            SELECT id * 2 AS id, id AS statement_id, user_id, company_id, month,
                   'credits' AS kind, half_year_credits AS amount
              FROM nka_pay_statement WHERE state != 'open'
             UNION ALL
            SELECT id * 2 + 1, id, user_id, company_id, month, 'quota', quota_to_date
              FROM nka_pay_statement WHERE state != 'open'
        """
