"""What can become of a commitment, and the daily look at what is due."""

from odoo import api, fields, models
from odoo.exceptions import UserError

DUE_ACTIVITY = "nka_key_accounts.mail_activity_type_commitment_due"
REMEDY_ACTIVITY = "nka_key_accounts.mail_activity_type_commitment_remedy"


class CommitmentSteps(models.Model):
    _inherit = "nka.commitment"

    # ------------------------------------------------------------ actions
    def action_accept(self):
        """Take proposed terms over: from now on they count and somebody answers.

        :raise AccessError: for anybody but the account's manager or a supervisor
        """
        self._check_answers()
        self._check_state("proposed")
        self._move_to("open")
        return True

    def action_keep(self):
        """Close as kept; the day done is today unless another one was noted."""
        self._check_answers()
        self._check_state("open")
        today = fields.Date.context_today(self)
        for commitment in self:
            commitment._move_to(
                "kept",
                actual_date=commitment.actual_date or today,
                actual_value=commitment.actual_value or commitment.fact_value,
                closed_date=today,
            )
        self._close_activities()
        return True

    def action_breach(self, reason=None):
        """Close as breached; without a reason the question for it opens.

        The manager gets an activity to agree on a remedy.
        """
        self._check_answers()
        self._check_state("open")
        if not reason:
            return self._ask_reason("action_breach")
        today = fields.Date.context_today(self)
        self._move_to("breached", note=reason, reason=reason, closed_date=today)
        self._close_activities()
        self._ask_remedies()
        return True

    def action_remedy(self):
        """Note that the agreed remedy was carried out.

        :raise UserError: as long as nobody said what the remedy is
        """
        self._check_answers()
        self._check_state("breached")
        self._check_remedy()
        today = fields.Date.context_today(self)
        events = self.env["nka.audit.event"]
        self._unlocked().write({"remedied_date": today})
        events._append(
            [events._prepare_entry(item, "remedy", new=item.remedy) for item in self]
        )
        self._close_activities(REMEDY_ACTIVITY)
        return True

    def action_waive(self, reason=None):
        """Let a commitment go, as a supervisor who neither made nor answers for it.

        Without a reason the question for it opens.
        """
        self._check_supervisor()
        self._check_state("open")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_waive")
        today = fields.Date.context_today(self)
        self._move_to("waived", note=reason, reason=reason, closed_date=today)
        self._close_activities()
        return True

    # ------------------------------------------------------------ checks
    def _check_remedy(self):
        for commitment in self:
            if not commitment.remedy:
                raise UserError(
                    self.env._(
                        "Write down first what makes up for “%s”.",
                        commitment.display_name,
                    )
                )

    def _makers(self):
        """Besides who wrote it down, the manager who answers for it."""
        return super()._makers() | self.manager_id

    # ------------------------------------------------------------ activities
    def _close_activities(self, kind=DUE_ACTIVITY):
        self.sudo().activity_unlink([kind])

    def _ask_remedies(self):
        """One activity for each manager's breach: agree with the client on a remedy."""
        for manager, commitments in self.sudo().grouped("manager_id").items():
            commitments.activity_schedule(
                REMEDY_ACTIVITY, user_id=manager.id or self.env.uid
            )

    @api.model
    def _cron_remind(self):
        """Raise one activity for each commitment overdue or not kept by the books.

        Where nobody manages the account, its supervisor is told.
        """
        overdue = self.search(self._domain_overdue())
        broken = self.browse(self._broken_by_facts())
        due = overdue | broken
        due._raise_activities(
            DUE_ACTIVITY,
            {item.id: item.key_account_id._user_to_tell().id for item in due},
        )
