from odoo import api, models
from odoo.tools import SQL


class CalendarEvent(models.Model):
    """Let an approved weekly report confirm the negotiations that it lists."""

    _inherit = "calendar.event"

    @api.model
    def _negotiation_approvals(self):
        """Add negotiations listed in an approved report that includes their day.

        The report was submitted after the last change of the negotiation, and approved
        by another user.
        """
        return [
            *super()._negotiation_approvals(),
            SQL(
                """EXISTS (SELECT FROM nka_work_report report
                             JOIN nka_work_report_fact fact ON fact.report_id = report.id
                              AND fact.kind = 'negotiations'
                            WHERE report.user_id = claim.user_id
                              AND report.state = 'approved'
                              AND report.approved_by_id != claim.user_id
                              AND claim.day BETWEEN report.date_from AND report.date_to
                              AND report.submitted_date
                                  >= GREATEST(claim.start, claim.fixed_date)
                              AND (fact.res_ids @> TO_JSONB(claim.id)
                                   OR fact.res_ids @> TO_JSONB(claim.moved_from_id)))"""
            ),
        ]
