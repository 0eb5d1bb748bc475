from odoo import models
from odoo.exceptions import UserError

from ..trail.permits import find_permit


class AccountItemMixin(models.AbstractModel):
    """Something that belongs to a key account, or to a record of it, and stays there.

    Record rules look at a record before a write only, so they alone wouldn't keep
    anybody from moving their records into other people's accounts.
    """

    _name = "nka.account.item.mixin"
    _inherit = ["nka.known.mixin"]
    _description = "Belongs to one key account"

    #: Field of what it belongs to.
    _owner_field = "key_account_id"

    def write(self, vals):
        moves = not vals.keys().isdisjoint((self._owner_field, "lead_id"))
        # Merging leads takes along what belongs to them.
        if not moves or find_permit("write", self, [vals]):
            return super().write(vals)
        owners = {item.id: item.sudo()[self._owner_field] for item in self}
        result = super().write(vals)
        self._check_owner_kept(owners)
        return result

    def _check_owner_kept(self, owners):
        """Refuse another owner; a first one, for what had none, is fine."""
        for item in self.sudo():
            before = owners[item.id]
            if before and item[self._owner_field] != before:
                raise UserError(
                    self.env._(
                        "“%(item)s” belongs to %(owner)s and can't be moved. Create a "
                        "new one instead.",
                        item=item.display_name,
                        owner=before.display_name,
                    )
                )
