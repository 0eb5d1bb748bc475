from datetime import timedelta

from odoo import api, fields, models

from ..trail.roles import MANAGER, SUPERVISOR
from .mail_activity_plan import NEW_ACCOUNT

#: Accounts owned for longer than this aren't new when they are confirmed.
NEW_DAYS = timedelta(days=30)


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    avatar_128 = fields.Image("Logo", related="partner_id.avatar_128")

    # ------------------------------------------------------------ CRUD
    @api.model
    def default_get(self, fields):
        """Propose managers as the manager of what they nominate.

        Forms send an empty manager otherwise, and managers couldn't save it.
        """
        values = super().default_get(fields)
        if "manager_id" in fields and self.env.user.has_group(MANAGER):
            values.setdefault("manager_id", self.env.uid)
        return values

    # ------------------------------------------------------------ actions
    def action_confirm(self):
        """Schedule the activities of a new key account, see ``mail_activity_plan``."""
        result = super().action_confirm()
        today = fields.Date.context_today(self)
        new = self.filtered(lambda own: own.date_start >= today - NEW_DAYS)
        plans = self.env["mail.activity.plan"]
        plans._nka_launch(NEW_ACCOUNT, new, lambda account: today)
        return result

    def action_open_timeline(self):
        """Open what happened with the client, newest first.

        :return: window action
        :raise AccessError: if the user can't read the account
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["nka.timeline.entry"]._action_of(self)

    # ------------------------------------------------------------ helpers
    @api.model
    def _of_client(self, client, company):
        """Return a client's account in a company or its parents, the nearest one first.

        Former accounts count: what was ordered before is still credited.

        :param client: res.partner, the commercial partner
        :param company: res.company
        :rtype: nka.key.account
        """
        companies = company.sudo().parent_ids.ids
        found = self.sudo().search(
            [
                ("partner_id", "=", client.id),
                ("company_id", "in", companies),
                ("state", "in", ("key", "former")),
            ]
        )
        return found.sorted(lambda one: -companies.index(one.company_id.id))[:1]

    def _nka_any_supervisor(self):
        users = self.env["res.users"]
        return users._nka_holders(SUPERVISOR, self.company_id, self.manager_id)[:1]
