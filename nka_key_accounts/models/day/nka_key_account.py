from datetime import timedelta

from odoo import fields, models

from ..trail.roles import SUPERVISOR
from .mail_activity_plan import NEW_ACCOUNT

#: Accounts owned for longer than this aren't new when they are confirmed.
NEW_DAYS = timedelta(days=30)


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    def action_confirm(self):
        """Schedule the activities of a new key account, see ``mail_activity_plan``."""
        result = super().action_confirm()
        if not self.env.context.get("nka_taken_over"):
            today = fields.Date.context_today(self)
            new = self.filtered(lambda own: own.date_start >= today - NEW_DAYS)
            plans = self.env["mail.activity.plan"]
            plans._nka_launch(NEW_ACCOUNT, new, lambda account: today)
        return result

    def _nka_any_supervisor(self):
        users = self.env["res.users"]
        return users._nka_holders(SUPERVISOR, self.company_id, self.manager_id)[:1]
