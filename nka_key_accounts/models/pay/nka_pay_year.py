from odoo import fields, models


class PayYear(models.Model):
    """From when a company's year begins with which month, where that was changed.

    What is closed keeps the half-years it was paid by. The first row also counts before
    its day; without any, the setting counts throughout.
    """

    _name = "nka.pay.year"
    _description = "First month of the year"
    _order = "company_id, date_start"
    _rec_name = "date_start"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True, ondelete="cascade"
    )
    date_start = fields.Date("Valid from", required=True, readonly=True)
    month = fields.Integer("First month", required=True, readonly=True)

    _day_unique = models.Constraint(
        "UNIQUE(company_id, date_start)",
        "A company can change the first month of its year only once per date.",
    )
    _month_range = models.Constraint(
        "CHECK(month BETWEEN 1 AND 12)", "Enter a month from 1 to 12."
    )
