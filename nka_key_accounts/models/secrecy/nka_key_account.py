from odoo import models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    # ------------------------------------------------------------ actions
    def action_access_register(self):
        """Open the form for the access register of this account."""
        self.ensure_one()
        self.env["nka.secrecy.register"]._check_may_print(self)
        return self.env["nka.secrecy.register"]._action_for(self)
