from odoo import fields, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    # For the rules about a supervisor's team; nobody's business to read by.
    nka_key_account_ids = fields.One2many(
        "nka.key.account", "manager_id", "Managed accounts", groups="base.group_system"
    )

    def action_hand_over_key_accounts(self):
        """Open a handover of everything this person owns, for one who leaves.

        :raise UserError: when nobody is given, as for an employee without a user
        """
        if len(self) != 1:
            raise UserError(
                self.env._("Choose one employee with a user: accounts belong to users.")
            )
        return self.env["nka.handover"]._action_new(
            default_is_leaving=True, default_from_user_id=self.id
        )
