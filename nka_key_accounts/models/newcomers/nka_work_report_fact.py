from odoo import api, models
from odoo.fields import Domain


class WorkReportFact(models.Model):
    """Add the mentor's part: steps of their mentees that were proven in the week."""

    _inherit = "nka.work.report.fact"

    @api.model
    def _fact_sources(self):
        return [
            *super()._fact_sources(),
            {
                "kind": "mentorship_steps",
                "label": self.env._("Mentorship steps proven with them as mentor"),
                "model": "nka.mentorship.step",
                "domain": Domain("state", "=", "proven"),
                "date": "date_proven",
                "owner": "mentor_id",
            },
        ]
