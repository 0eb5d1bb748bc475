from odoo import fields, models

#: So many days of history are kept.
KEPT_DAYS = 400


class HealthHistory(models.Model):
    """The health of an account on the days on which it changed."""

    _name = "nka.health.history"
    _description = "Health of a key account on a day"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "date"

    key_account_id = fields.Many2one(
        "nka.key.account", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="key_account_id.company_id")
    date = fields.Date(required=True, readonly=True)
    health = fields.Integer(required=True, readonly=True, aggregator="avg")

    # One row a day; asked for the newest row of an account before a day.
    _day_unique = models.UniqueIndex("(key_account_id, date)")
