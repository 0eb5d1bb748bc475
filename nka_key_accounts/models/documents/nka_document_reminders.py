"""What happens in time: activities, overdue steps, validity."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

REVIEW = "nka_key_accounts.mail_activity_type_review_document"
ANSWER = "nka_key_accounts.mail_activity_type_answer_findings"
OVERDUE = "nka_key_accounts.mail_activity_type_document_overdue"
RENEW = "nka_key_accounts.mail_activity_type_renew_document"
ALL_TYPES = (REVIEW, ANSWER, OVERDUE)


class DocumentReminders(models.Model):
    _inherit = "nka.document"

    # ------------------------------------------------------------ people
    def _ask_reviewer(self):
        self._close_activities()
        if self.reviewer_id:
            self._remind(REVIEW, self.reviewer_id, self.deadline)

    def _ask_author(self):
        self._close_activities()
        self._remind(ANSWER, self.author_id, self.deadline)

    def _remind(self, activity_type, user, deadline, note=""):
        """One activity of a kind for a person, never a second one."""
        document = self.sudo()
        known = document.activity_search([activity_type], user_id=user.id)
        if not known:
            document.activity_schedule(
                activity_type, deadline, user_id=user.id, note=note
            )

    def _close_activities(self):
        self.sudo().activity_feedback(list(ALL_TYPES))

    def _level_up(self, user):
        """Who answers for a person: his superior if a supervisor, else another one."""
        self.ensure_one()
        superior = user.sudo().employee_id.parent_id.user_id
        supervisors = self._supervisors() - user
        account = self.sudo().key_account_id.supervisor_id
        ordered = superior | account | supervisors
        return (ordered & supervisors)[:1]

    # ------------------------------------------------------------ nightly
    @api.model
    def _cron_remind(self):
        """Overdue reviews and answers go one level up, once each."""
        overdue = self.search([("is_overdue", "=", True)])
        waiting = overdue._waiting(OVERDUE)
        for document in overdue:
            late = (
                document.reviewer_id
                if document.state == "submitted"
                else document.author_id
            )
            above = document._level_up(late)
            if above and (document.id, above.id) not in waiting:
                document._remind(
                    OVERDUE,
                    above,
                    fields.Date.context_today(self),
                    document._late(late),
                )

    def _late(self, user):
        return self.env._(
            "%(person)s is late: due %(date)s.",
            person=user.name or self.env._("Nobody was asked"),
            date=self.deadline,
        )

    @api.model
    def _cron_expire(self):
        """Warn before validity ends, then expire; expired ones close the gate."""
        today = fields.Date.context_today(self)
        valid = Domain("state", "=", "approved") & Domain("valid_until", "!=", False)
        ended = self.search(valid & Domain("valid_until", "<", today))
        if ended:
            ended._move_to("expired")
        current = self.search(valid & Domain("valid_until", ">=", today))
        ending = current.filtered(lambda document: document._is_ending(today))
        ending -= self.search([("previous_id", "in", ending.ids)]).previous_id
        waiting = ending._waiting(RENEW)
        for document in ending:
            if (document.id, document.author_id.id) not in waiting:
                document._remind(RENEW, document.author_id, document.valid_until)

    def _is_ending(self, today):
        warning = relativedelta(days=self.type_id.warning_days)
        return self.valid_until - warning <= today

    def _waiting(self, activity_type):
        """Who has such an activity of a document to do already: one query.

        :return: set of pairs, document id and user id
        """
        kind = self.env.ref(activity_type)
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", kind.id),
                ],
                ["res_id", "user_id"],
            )
        )
        return {(activity.res_id, activity.user_id.id) for activity in activities}
