from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_skill_months = fields.Integer(
        "Assess skills every (months)",
        default=6,
        help="Supervisors are reminded to assess each key account manager this long "
        "after the last assessment. 0: no reminders.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_skill_months")
    def _check_nka_skill_months(self):
        for company in self:
            if not 0 <= company.nka_skill_months <= 36:
                raise ValidationError(
                    self.env._(
                        "Enter 1 to 36 months between two assessments of skills, or 0 "
                        "for no reminders."
                    )
                )
