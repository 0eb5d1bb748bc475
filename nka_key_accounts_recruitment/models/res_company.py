from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_answer_months = fields.Integer(
        "Answers of applicants are kept for",
        default=6,
        help="Months after an application for a key account manager ended without an "
        "employee. Then the answer about the next five years is removed. 0 keeps it.",
        nka_setting=True,
    )

    _nka_answer_months_positive = models.Constraint(
        "CHECK(nka_answer_months >= 0)",
        "Enter the number of months for which answers of applicants are kept, or 0.",
    )
