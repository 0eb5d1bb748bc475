from odoo import api, models


class Handover(models.Model):
    """Plans and what is still to be done for them go along with their account."""

    _inherit = "nka.handover"

    @api.model
    def _owned_models(self):
        return [
            *super()._owned_models(),
            "nka.account.plan",
            "nka.account.plan.action",
        ]

    def _checklist_sources(self, accounts):
        return [
            *super()._checklist_sources(accounts),
            ("plan_action", self._undone_actions(accounts)),
        ]

    def _undone_actions(self, accounts):
        return self.env["nka.account.plan.action"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("user_id", "=", self.from_user_id.id),
                ("date_done", "=", False),
            ]
        )

    def _move_work(self, accounts):
        moved = super()._move_work(accounts)
        steps = self._quietly(self._undone_actions(accounts))
        steps._unlocked().write({"user_id": self.to_user_id.id})
        return moved
