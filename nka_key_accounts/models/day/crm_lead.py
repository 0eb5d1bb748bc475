from odoo import api, fields, models
from odoo.tools import format_date


class CrmLead(models.Model):
    _inherit = "crm.lead"

    waiting_reason = fields.Char(
        "Reason for waiting",
        compute="_compute_waiting_reason",
        help="Action needed on this deal today.",
    )

    @api.depends("date_deadline", "activity_date_deadline", "activity_summary")
    @api.depends_context("lang", "tz", "uid")
    def _compute_waiting_reason(self):
        today = fields.Date.context_today(self)
        for lead in self:
            lead.waiting_reason = lead._describe_waiting(today)

    def _describe_waiting(self, today):
        due = self.activity_date_deadline
        if due and due <= today:
            step = self.activity_summary or self.activity_type_id.name
            return self.env._(
                "%(step)s, due %(day)s", step=step, day=format_date(self.env, due)
            )
        if self.date_deadline and self.date_deadline < today:
            return self.env._(
                "Expected closing date passed: %s",
                format_date(self.env, self.date_deadline),
            )
        if not due:
            return self.env._("No next step planned")
        return False
