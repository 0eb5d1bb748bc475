from odoo import models
from odoo.exceptions import UserError


class AccountItemMixin(models.AbstractModel):
    """Something that belongs to a key account and stays with it.

    Record rules look at a record before a write only, so they alone wouldn't keep
    anybody from moving his records into other people's accounts.
    """

    _name = "nka.account.item.mixin"
    _description = "Belongs to one key account"

    def write(self, vals):
        accounts = {item.id: item.sudo().key_account_id for item in self}
        result = super().write(vals)
        if not vals.keys().isdisjoint(("key_account_id", "lead_id")):
            self._check_account_kept(accounts)
        return result

    def _check_account_kept(self, accounts):
        """Refuse another account; a first one, for what had none, is fine."""
        for item in self.sudo():
            before = accounts[item.id]
            if before and item.key_account_id != before:
                raise UserError(
                    self.env._(
                        "“%(item)s” belongs to %(account)s and stays there. Make a new "
                        "one for the other client.",
                        item=item.display_name,
                        account=before.display_name,
                    )
                )
