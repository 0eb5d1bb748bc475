from odoo import fields, models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    avatar_128 = fields.Image("Logo", related="partner_id.avatar_128")

    # ------------------------------------------------------------ actions
    def action_open_timeline(self):
        """Open what happened with the client, newest first.

        :return: window action
        :raise AccessError: if the user can't read the account
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["nka.timeline.entry"]._action_of(self)
