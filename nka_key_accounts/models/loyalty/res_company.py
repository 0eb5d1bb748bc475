from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Minimum length of the text that informs staff; shorter ones can't say what is kept.
SHORTEST_NOTICE = 40


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_pages_kept = fields.Boolean(
        "Pages of managers",
        help="Directors see one page for each key account manager: tenure, pay, promises, "
        "load, dependency and mentees. Requires that staff were informed.",
        nka_setting=True,
    )
    nka_pages_informed_on = fields.Date(
        "Staff informed about the pages on",
        help="The pages are shown from this day on.",
        nka_setting=True,
    )
    nka_pages_notice = fields.Text(
        "Notice about the pages",
        help="Text by which staff were informed of what the pages show, why and to whom. "
        "Managers read it on their own page.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_pages_kept", "nka_pages_informed_on", "nka_pages_notice")
    def _check_nka_pages_notice(self):
        today = fields.Date.context_today(self)
        for company in self.filtered("nka_pages_kept"):
            informed = company.nka_pages_informed_on
            if not informed or informed > today:
                raise ValidationError(
                    self.env._(
                        "Pages of managers can be shown only after staff were informed. "
                        "Enter the day on which they were, today at the latest."
                    )
                )
            if len((company.nka_pages_notice or "").strip()) < SHORTEST_NOTICE:
                raise ValidationError(
                    self.env._(
                        "Enter the text by which staff were informed: what the pages show, "
                        "why and to whom."
                    )
                )
