"""The steps of an account's life: nominated, confirmed, declined, retired."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.roles import ADMIN, SUPERVISOR


class KeyAccountActions(models.Model):
    _inherit = "nka.key.account"

    def action_nominate(self):
        """Put the account before the supervisors: a new look at a declined or
        former one, a reminder for a candidate.

        :raise UserError: for an account that is a key account already
        """
        self._check_state("candidate", "declined", "former")
        returning = self.filtered(lambda account: account.state != "candidate")
        if returning:
            returning._move_to("candidate", **self._prepare_nomination_vals())
        self._ask_supervisors()
        return True

    def action_confirm(self):
        """Make candidates key accounts and start their assignment.

        The acting user is a supervisor who neither nominated the account nor
        manages it (segregation of duties).

        :raise AccessError: for anybody else
        :raise UserError: when something is missing, saying what
        """
        self._check_supervisor()
        self._check_state("candidate")
        self._check_not_maker()
        self._check_confirmable()
        today = fields.Date.context_today(self)
        for start, accounts in self.grouped(lambda a: a.date_start or today).items():
            accounts._begin(start)
        self._close_nomination_activities()
        return True

    def _begin(self, start):
        """Give these candidates the status and their managers all of the credit."""
        self._move_to("key", date_start=start, date_end=False, end_reason=False)
        self.env["nka.assignment"]._distribute(
            {account: {account.manager_id: 100.0} for account in self}, start
        )
        orphans = self.filtered(lambda account: not account.supervisor_id)
        orphans.write({"supervisor_id": self.env.uid})

    def action_decline(self, reason=None):
        """Turn a nomination down; without a reason the question for it opens."""
        self._check_supervisor()
        self._check_state("candidate")
        if not reason:
            return self._ask_reason("action_decline")
        self._move_to("declined", note=reason, end_reason=reason)
        self._close_nomination_activities()
        return True

    def action_retire(self, reason=None):
        """End the status; assignments end today, the history stays.

        Without a reason the question for it opens.
        """
        self._check_supervisor()
        self._check_state("key")
        if not reason:
            return self._ask_reason("action_retire")
        today = fields.Date.context_today(self)
        self._move_to("former", note=reason, end_reason=reason, date_end=today)
        self.env["nka.assignment"]._finish(self, today)
        return True

    def action_hand_over(self):
        """Open a new handover of these accounts, filled in.

        :raise UserError: when they have several managers or companies
        """
        if len(self.manager_id) != 1 or len(self.company_id) != 1:
            raise UserError(
                self.env._(
                    "Choose accounts of one manager and one company: each manager "
                    "hands over his own."
                )
            )
        return self.env["nka.handover"]._action_new(
            default_key_account_ids=self.ids,
            default_from_user_id=self.manager_id.id,
            default_company_id=self.company_id.id,
        )

    # ------------------------------------------------------------ business
    def _makers(self):
        """Nominator and manager can't confirm the account themselves."""
        return super()._makers() | self.nominated_by_id | self.manager_id

    def _prepare_nomination_vals(self):
        return {
            "nominated_by_id": self.env.uid,
            "date_start": False,
            "date_end": False,
            "end_reason": False,
        }

    def _ask_supervisors(self):
        """One activity on each account for its supervisor, or for one of them."""
        for account in self:
            reviewer = account.supervisor_id or account._first_supervisor()
            if reviewer and not account._nomination_activities():
                account.sudo().activity_schedule(
                    "nka_key_accounts.mail_activity_type_confirm_account",
                    user_id=reviewer.id,
                )

    def _nomination_activities(self):
        return self.sudo().activity_search(
            ["nka_key_accounts.mail_activity_type_confirm_account"]
        )

    def _close_nomination_activities(self):
        self.sudo().activity_feedback(
            ["nka_key_accounts.mail_activity_type_confirm_account"]
        )

    def _first_supervisor(self):
        """A supervisor of the account's company who didn't nominate it himself."""
        return self._supervisor_apart_from(self.company_id, self._makers())

    @api.model
    def _supervisor_apart_from(self, company, makers):
        """A supervisor of the company who isn't among the makers; may be nobody.

        :rtype: res.users
        """
        group = self.env.ref(SUPERVISOR).sudo()
        return group.all_user_ids.filtered(
            lambda user: (
                user.active and company in user.company_ids and user not in makers
            )
        )[:1]

    @api.model
    def _sees_all_accounts(self):
        return self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}")
