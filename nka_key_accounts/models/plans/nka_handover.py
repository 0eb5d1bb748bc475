from odoo import models
from odoo.fields import Domain

PLANS = ("nka.account.plan", "nka.account.plan.action")


class Handover(models.Model):
    """Transfer plans and their open actions with the account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        of_accounts = Domain("key_account_id", "in", accounts.ids)
        return {
            **super()._owned_domains(accounts),
            **dict.fromkeys(PLANS, of_accounts),
        }

    def _checklist_sources(self, accounts):
        steps = self._open_plan_actions(accounts)
        return [*super()._checklist_sources(accounts), ("plan_action", steps)]

    def _open_plan_actions(self, accounts):
        return self.env["nka.account.plan.action"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("user_id", "=", self.from_user_id.id),
                ("date_done", "=", False),
            ]
        )

    def _move_work(self, accounts):
        result = super()._move_work(accounts)
        steps = self._open_plan_actions(accounts)
        self._quietly(steps)._unlocked().write({"user_id": self.to_user_id.id})
        return result
