"""What becomes of a contribution: delivered, returned, accepted, or withdrawn."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import is_html_empty

ANSWER = "nka_key_accounts.mail_activity_type_contribution"
JUDGE = "nka_key_accounts.mail_activity_type_contribution_delivered"
CHASE = "nka_key_accounts.mail_activity_type_contribution_overdue"


class OfferContributionSteps(models.Model):
    _inherit = "nka.offer.contribution"

    # ------------------------------------------------------------ actions
    def action_deliver(self):
        """Hand the answer over, as the person who was asked.

        :raise AccessError: for anybody else
        :raise UserError: without an answer or a file
        """
        self.check_access("read")
        self._check_state("asked", "returned")
        self._check_answered()
        today = fields.Date.context_today(self)
        for item in self.sudo():
            digest = item._digest_files()
            item.with_env(self.env).sudo()._move_to(
                "delivered",
                date_delivered=today,
                delivered_by_id=self.env.uid,
                digest=digest or False,
            )
        self._close(ANSWER, CHASE)
        self._tell_asker()
        return True

    def action_accept(self):
        """Take the answer into the offer, as who runs the deal and didn't write it."""
        self._check_asks()
        self._check_state("delivered")
        self._check_not_maker()
        self._check_unchanged()
        self._move_to("accepted")
        self._close(JUDGE)
        return True

    def action_return(self, reason=None):
        """Send the answer back; without a reason the question for it opens."""
        self._check_asks()
        self._check_state("delivered")
        if not reason:
            return self._ask_reason("action_return")
        self._move_to("returned", note=reason, return_reason=reason)
        self._close(JUDGE)
        self._ask()
        return True

    def action_withdraw(self, reason=None):
        """Let the person off; without a reason the question for it opens."""
        self._check_asks()
        self._check_state("asked", "returned")
        if not reason:
            return self._ask_reason("action_withdraw")
        self._move_to("withdrawn", note=reason)
        self.sudo().activity_unlink([ANSWER, CHASE])
        return True

    # ------------------------------------------------------------ checks
    def _check_answered(self):
        for item in self.sudo():
            if self.env.user != item.user_id:
                raise AccessError(item.with_env(self.env)._answer_message())
            if is_html_empty(item.answer) and not item.attachment_ids:
                raise UserError(
                    self.env._(
                        "Write the answer to “%s” or attach a file first.", item.name
                    )
                )

    def _check_unchanged(self):
        """The files taken are the files delivered."""
        for item in self.sudo():
            if (item._digest_files() or False) != item.digest:
                raise UserError(
                    self.env._(
                        "The files of “%s” aren't the ones that were delivered. Return "
                        "it, so that it is delivered again.",
                        item.name,
                    )
                )

    def _makers(self):
        """Who delivered doesn't accept; who asked may."""
        return self.delivered_by_id | self.user_id

    # ------------------------------------------------------------ activities
    def _ask(self):
        """One activity for the person asked, on the day his answer is due."""
        waiting = self.sudo().filtered(lambda item: item.state in ("asked", "returned"))
        waiting.activity_unlink([ANSWER])
        for item in waiting:
            item.activity_schedule(
                ANSWER,
                user_id=item.user_id.id,
                date_deadline=item.date_due,
                summary=item.name,
                note=item.return_reason or item.request or False,
            )

    def _tell_asker(self):
        for item in self.sudo():
            item.activity_schedule(JUDGE, user_id=item._asker().id, summary=item.name)

    def _asker(self):
        """Who runs the deal now, else who asked."""
        lead = self.sudo().lead_id
        return lead.key_account_id.manager_id or lead.user_id or self.asked_by_id

    def _close(self, *kinds):
        self.sudo().activity_feedback(list(kinds))

    @api.model
    def _cron_remind(self):
        """Overdue answers: the person is reminded, and who asked learns of it."""
        late = self.search(self._domain_overdue())
        late._raise_activities(ANSWER, {item.id: item.user_id.id for item in late})
        late._raise_activities(CHASE, {item.id: item._asker().id for item in late})
