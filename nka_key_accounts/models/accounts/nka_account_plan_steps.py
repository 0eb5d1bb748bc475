"""How an account plan is submitted, approved, returned and revised."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

REVIEW = "nka_key_accounts.mail_activity_type_review_plan"


class AccountPlanSteps(models.Model):
    _inherit = "nka.account.plan"

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put the plan before a supervisor.

        :raise UserError: when the vision, an objective or an action is missing
        """
        self.check_access("write")
        self._check_state("draft")
        self._check_complete()
        self._move_to("submitted", submitter_id=self.env.uid)
        for plan in self:
            plan._ask_reviewer()
        return True

    def action_approve(self):
        """Approve as a supervisor who had no hand in it; the actions begin.

        :raise AccessError: for anybody else
        """
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        today = fields.Date.context_today(self)
        self._move_to("approved", reviewer_id=self.env.uid, date_approved=today)
        self._close_review()
        self.action_ids._raise_reminders()
        return True

    def action_return(self, reason=None):
        """Send it back to its maker; without a reason the question for it opens."""
        self._check_supervisor()
        self._check_state("submitted")
        if not reason:
            return self._ask_reason("action_return")
        self._move_to("draft", note=reason)
        self._close_review()
        for plan in self:
            plan.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(plan.submitter_id or plan.create_uid).id,
                summary=self.env._("Answer: %s", reason),
            )
        return True

    def action_revise(self, reason=None):
        """Open an approved plan again: it counts as a draft until approved anew.

        Without a reason the question for it opens.
        """
        self.check_access("write")
        self._check_state("approved")
        if not reason:
            return self._ask_reason("action_revise")
        self._move_to("draft", note=reason)
        return True

    # ------------------------------------------------------------ checks
    def _check_complete(self):
        for plan in self:
            missing = plan._missing()
            if missing:
                raise UserError(
                    self.env._(
                        "Still missing in %(record)s: %(missing)s.",
                        record=plan.display_name,
                        missing=", ".join(missing),
                    )
                )

    def _missing(self):
        """What the supervisor needs to decide, as a list of words."""
        self.ensure_one()
        missing = []
        if is_html_empty(self.vision):
            missing.append(self.env._("the vision"))
        if not self.objective_ids:
            missing.append(self.env._("an objective"))
        if not self.action_ids:
            missing.append(self.env._("an action with owner and date"))
        return missing

    # ------------------------------------------------------------ business
    def _makers(self):
        """Whoever wrote a part of it, submitted it or owns the account."""
        objectives, steps = self.objective_ids, self.action_ids
        writers = objectives.create_uid | objectives.write_uid | steps.create_uid
        return (
            super()._makers()
            | self.submitter_id
            | self.editor_id
            | self.manager_id
            | writers
        )

    def _ask_reviewer(self):
        account = self.key_account_id
        reviewer = account.supervisor_id
        if not reviewer or reviewer in self.sudo()._makers():
            reviewer = account._supervisor_apart_from(
                self.company_id, self.sudo()._makers()
            )
        if reviewer:
            self.sudo().activity_schedule(REVIEW, user_id=reviewer.id)

    def _close_review(self):
        self.sudo().activity_feedback([REVIEW])
