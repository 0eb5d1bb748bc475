from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Fewest people of a client who are asked together.
FEWEST = 3


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_voice_active = fields.Boolean(
        "Ask clients for feedback",
        help="Stakeholders of key accounts are asked by email, in the name of the company, "
        "how satisfied they are: twice a year, after a breached commitment and after a "
        "handover.",
        nka_setting=True,
    )
    nka_voice_count = fields.Integer(
        "Stakeholders asked at a time",
        default=4,
        help="Who is asked is decided by chance, and among them is one key contact. At "
        "least three.",
        nka_setting=True,
    )
    nka_voice_release_days = fields.Integer(
        "Days until managers read the feedback",
        default=14,
        help="Supervisors read an answer first and can release it earlier.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_voice_count", "nka_voice_release_days")
    def _check_nka_voice(self):
        for company in self:
            if company.nka_voice_count < FEWEST:
                raise ValidationError(
                    self.env._(
                        "Ask at least %s stakeholders at a time: one answer could be "
                        "recognized as a certain person's opinion of the manager.",
                        FEWEST,
                    )
                )
            if not 1 <= company.nka_voice_release_days <= 90:
                raise ValidationError(
                    self.env._(
                        "Enter between 1 and 90 days until managers read the feedback."
                    )
                )
