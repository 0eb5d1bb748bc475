"""The way of a handover: proposed, decided, carried out on its day."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)


class HandoverActions(models.Model):
    _inherit = "nka.handover"

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put the handover before the supervisors and list what belongs to it.

        :raise UserError: when something is missing or the accounts aren't the giver's
        """
        self.check_access("write")
        self._check_state("draft", "returned")
        self._check_proposer()
        for handover in self.sudo():
            handover._collect_accounts()
            handover._check_ready()
            handover._check_date()
            handover._refresh_checklist()
        self._move_to(
            "submitted", submitted_by_id=self.env.uid, maker_ids=[(4, self.env.uid)]
        )
        self._close_activities()
        self._ask_supervisors()
        return True

    def action_approve(self):
        """Approve as a supervisor who neither made it nor gives or receives.

        Due ones are carried out at once, later ones by the daily job.

        :raise AccessError: for anybody else
        :raise UserError: when it was decided on, or an account changed hands meanwhile
        """
        self._check_supervisor()
        self.check_access("write")
        self._check_undecided()
        self._check_not_maker()
        for handover in self.sudo():
            handover._check_ready()
        self._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
            return_reason=False,
        )
        self._close_activities()
        self._due()._execute()
        return True

    def action_return(self, reason=None):
        """Give it back to whoever proposed it; without a reason the question opens."""
        self._check_supervisor()
        self._check_state("submitted", "approved")
        if not reason:
            return self._ask_reason("action_return")
        self._give_back(reason)
        return True

    def action_cancel(self):
        """Withdraw a handover that wasn't carried out.

        :raise AccessError: for anybody but its maker and the supervisors
        """
        self.check_access("write")
        self._check_state("draft", "submitted", "approved", "returned")
        if any(handover.state == "approved" for handover in self):
            self._check_supervisor()
        self._move_to("cancelled")
        self._close_activities()
        return True

    def action_open_accounts(self):
        """The accounts of this handover, as far as the reader may see them."""
        self.ensure_one()
        return self.key_account_ids._action_open()

    @api.model
    def _action_new(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand over"),
            "res_model": self._name,
            "view_mode": "form",
            "context": defaults,
        }

    # ------------------------------------------------------------ checks
    def _check_undecided(self):
        """Two supervisors at once: the later one reads who was first."""
        for handover in self.sudo():
            if handover.approved_by_id and handover.state in ("approved", "done"):
                raise UserError(
                    self.env._(
                        "%(handover)s is already approved by %(person)s.",
                        handover=handover.display_name,
                        person=handover.approved_by_id.name,
                    )
                )
        self._check_state("submitted")

    def _check_ready(self):
        """Everything a handover needs, whoever looks at it; changes nothing."""
        self.ensure_one()
        self._check_reason()
        self._check_accounts(self.key_account_ids)
        self._check_receiver()
        self._check_credit()
        self._check_no_other(self.key_account_ids)

    def _check_reason(self):
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Say why the accounts change hands; it goes on record.")
            )

    def _check_accounts(self, accounts):
        if not accounts and not self.is_leaving:
            raise UserError(self.env._("Choose at least one key account."))
        foreign = accounts.filtered(lambda a: a.company_id != self.company_id)
        if foreign:
            raise UserError(
                self.env._(
                    "%(account)s belongs to %(company)s. Make one handover for each "
                    "company.",
                    account=foreign[0].display_name,
                    company=foreign[0].company_id.name,
                )
            )
        if self.scope == "account":
            self._check_from_owner(accounts)
        if not self.is_leaving:
            self._check_current(accounts)

    def _check_current(self, accounts):
        for account in accounts:
            if account.state not in ("candidate", "key"):
                raise UserError(
                    self.env._(
                        "%s is no current key account, so there is nothing to hand "
                        "over. Take it off this handover.",
                        account.display_name,
                    )
                )

    def _check_date(self):
        if self.date < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "A handover never works backwards: choose today or a later day."
                )
            )

    def _check_receiver(self):
        receiver = self.to_user_id
        self.key_account_ids._check_manager_group(receiver)
        if not receiver.active or self.company_id not in receiver.company_ids:
            raise UserError(
                self.env._(
                    "%(person)s can't receive accounts of %(company)s: the user is "
                    "archived or doesn't work there. Choose another receiver.",
                    person=receiver.name,
                    company=self.company_id.name,
                )
            )

    def _check_credit(self):
        """The giver can keep less than he has; a mere credit handover gives some."""
        for account, shares in self._running_shares(self.key_account_ids).items():
            own = shares.get(self.from_user_id, 0.0)
            too_much = self.keep_share > own
            nothing = self.scope == "credit" and self.keep_share >= own
            if too_much or nothing:
                raise UserError(
                    self.env._(
                        "%(giver)s has %(own)g %% of the credit of %(account)s, so he "
                        "can't give some and keep %(keep)g %%.",
                        giver=self.from_user_id.name,
                        own=own,
                        account=account.display_name,
                        keep=self.keep_share,
                    )
                )

    def _check_no_other(self, accounts):
        """One pending handover per account: two would overtake each other."""
        other = self.search(
            [
                ("id", "!=", self.id),
                ("state", "in", ("submitted", "approved")),
                ("key_account_ids", "in", accounts.ids),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "Another handover of these accounts is under way: %s. Carry it "
                    "out or cancel it first.",
                    other.display_name,
                )
            )

    # ------------------------------------------------------------ business
    def _due(self):
        today = fields.Date.context_today(self)
        return self.filtered(lambda handover: handover.date <= today)

    @api.model
    def _cron_execute_due(self):
        """Carry out the approved handovers whose day has come, each by itself.

        One that can't be carried out any more goes back to its maker with the reason.
        """
        today = fields.Date.context_today(self)
        due = self.search(
            [("state", "=", "approved"), ("date", "<=", today)], order="date, id"
        )
        for handover in due:
            try:
                with self.env.cr.savepoint():
                    handover._execute()
            except (UserError, AccessError) as refusal:
                _logger.info("Handover %s not carried out: %s", handover.id, refusal)
                handover._give_back(str(refusal))

    def _give_back(self, reason):
        self._move_to("returned", note=reason, return_reason=reason)
        self._close_activities()
        for handover in self.sudo():
            handover.activity_schedule(
                "nka_key_accounts.mail_activity_type_handover_returned",
                user_id=(handover.submitted_by_id or handover.create_uid).id,
                note=reason,
            )

    def _ask_supervisors(self):
        accounts = self.env["nka.key.account"]
        for handover in self.sudo():
            makers = handover._makers()
            named = handover.key_account_ids.supervisor_id - makers
            reviewer = named[:1] or accounts._supervisor_apart_from(
                handover.company_id, makers
            )
            if reviewer:
                handover.activity_schedule(
                    "nka_key_accounts.mail_activity_type_decide_handover",
                    user_id=reviewer.id,
                )

    def _close_activities(self):
        self.sudo().activity_feedback(
            [
                "nka_key_accounts.mail_activity_type_decide_handover",
                "nka_key_accounts.mail_activity_type_handover_returned",
            ]
        )
