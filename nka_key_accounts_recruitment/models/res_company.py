from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_answer_months = fields.Integer(
        "Months until answers are removed",
        default=6,
        help="Counted from the end of an application for a key account manager that led "
        "to no employee. 0 keeps the answers.",
        nka_setting=True,
    )

    _nka_answer_months_positive = models.Constraint(
        "CHECK(nka_answer_months >= 0)",
        "Enter the number of months for which answers of applicants are kept, or 0.",
    )
