from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: Events that launch plans, with the model of the records on which they happen.
EVENTS = {
    "new": "nka.key.account",
    "handover": "nka.handover",
    "leaving": "nka.handover",
    "departure": "nka.departure",
}
NEW_ACCOUNT = "new"
HANDOVER = "handover"
LEAVING = "leaving"
DEPARTURE = "departure"


class MailActivityPlan(models.Model):
    """Launch activity plans of key accounts when something begins."""

    _inherit = "mail.activity.plan"

    nka_event = fields.Selection(
        [
            (NEW_ACCOUNT, "A client becomes a key account"),
            (HANDOVER, "A handover is approved"),
            (LEAVING, "A manager leaves: their handover is approved"),
            (DEPARTURE, "A departure is opened"),
        ],
        "Launched when",
        help="The activities are scheduled at that moment. Plans without it are launched "
        "by hand, with the activity button of a record.",
    )

    # ------------------------------------------------------------ checks
    @api.constrains("nka_event", "res_model")
    def _check_nka_event(self):
        for plan in self:
            model = EVENTS.get(plan.nka_event)
            if model and plan.res_model != model:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” is launched on records of %(model)s. Choose them "
                        "under “Applies to”.",
                        plan=plan.name,
                        model=self.env["ir.model"]._get(model).name,
                    )
                )

    # ------------------------------------------------------------ business
    @api.model
    def _nka_launch(self, event, records, day_of):
        """Schedule the activities of an event's plans on records, without emails.

        Activities that would be due in the past are due today.

        :param str event: key of :data:`EVENTS`
        :param records: records of the model of that event
        :param day_of: function that returns the day of the event of a record
        :return: the new activities
        """
        plans = self.sudo().search(
            Domain("nka_event", "=", event)
            & Domain("company_id", "in", [False, *records.company_id.ids])
        )
        today = fields.Date.context_today(self)
        vals_list = []
        for record in records.sudo():
            day = day_of(record)
            for template in plans._nka_templates(record.company_id):
                vals = template._nka_prepare_activity(record)
                vals["date_deadline"] = max(template._get_date_deadline(day), today)
                vals_list += [vals] if vals["user_id"] else []
        activities = self.env["mail.activity"].sudo()
        return activities.with_context(mail_activity_quick_update=True).create(
            vals_list
        )

    def _nka_templates(self, company):
        """Return the activities of the plans for a company or for all companies."""
        return self.filtered(
            lambda plan: not plan.company_id or plan.company_id == company
        ).template_ids
