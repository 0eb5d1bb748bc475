from odoo import fields, models
from odoo.exceptions import UserError

from ..trail.roles import SUPERVISOR
from .nka_assignment import ASK_ACTIVITY


class BonusCheckLine(models.TransientModel):
    """The way from money without an owner to the supervisor who corrects it."""

    _inherit = "nka.bonus.check.line"

    # ------------------------------------------------------------ actions
    def action_correct_ownership(self):
        """Open the correction of the account's ownership, or ask a supervisor for it.

        :return: window action, or a notification that names who was asked
        :raise UserError: if the money isn't missing an owner
        """
        self.ensure_one()
        self.check_access("read")
        if not self._lacking_owner():
            raise UserError(
                self.env._(
                    "This money isn't missing an owner, so nothing is corrected."
                )
            )
        account = self.key_account_id
        if not self.env.user.has_group(SUPERVISOR):
            return self._ask_owners()
        action = account.action_correct_ownership()
        day = self.order_date or self.date
        return {**action, "context": {**action["context"], "default_date": day}}

    # ------------------------------------------------------------ business
    def _lacking_owner(self):
        return self.filtered(lambda line: line.reason == "no_owner" and line.rest)

    def _ask_owners(self):
        """Schedule one activity per account for its supervisor.

        :return: a notification that names the supervisors
        :raise UserError: if no line lacks an owner, or there is no supervisor
        """
        lacking = self._lacking_owner()
        if not lacking:
            raise UserError(
                self.env._(
                    "No account is missing an owner. Select Show to see the reason and "
                    "what to do for each payment."
                )
            )
        asked = self.env["res.users"]
        for account, lines in lacking.grouped("key_account_id").items():
            asked |= lines._ask_owner(account.sudo())
        if not asked:
            raise UserError(
                self.env._(
                    "No supervisor can decide this. Ask an administrator to give "
                    "another user the supervisor role."
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Asked to correct the ownership: %s.",
                    ", ".join(asked.sudo().mapped("name")),
                ),
            },
        }

    def _ask_owner(self, account):
        """Ask the supervisor of one account, unless they have been asked already."""
        involved = self.env["nka.assignment"]._involved(account)
        supervisor = account._reviewer(involved | self.env.user)
        if supervisor and not account.activity_search([ASK_ACTIVITY]):
            currency = self.currency_id
            account.activity_schedule(
                ASK_ACTIVITY,
                user_id=supervisor.id,
                summary=self.env._(
                    "Sales of %(amount)s have no owner",
                    amount=currency.format(sum(self.mapped("rest"))),
                ),
                note=self.env._(
                    "Orders from %(first)s on were paid, and the account had no owner "
                    "then. If it had one, correct the ownership before the month is "
                    "closed.",
                    first=fields.Date.to_string(
                        min(line.order_date or line.date for line in self)
                    ),
                ),
            )
        return supervisor
