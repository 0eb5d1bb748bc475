from odoo import api, models
from odoo.fields import Domain

KIND = "mentorship_steps"


class WorkReportFact(models.Model):
    """Add the mentor's part: steps of their mentees that were proven in the week."""

    _inherit = "nka.work.report.fact"

    @api.model
    def _fact_sources(self):
        return [
            *super()._fact_sources(),
            {
                "kind": KIND,
                "label": self.env._("Steps of their mentees proven"),
                "model": "nka.mentorship.step",
                "domain": Domain("state", "=", "proven"),
                "date": "date_proven",
                "owner": "mentor_id",
            },
        ]

    @api.model
    def _prepare_facts(self, reports, company, first, last):
        """Leave the figure out where it is 0: most managers have no mentees."""
        facts = super()._prepare_facts(reports, company, first, last)
        return [fact for fact in facts if fact["kind"] != KIND or fact["count"]]
