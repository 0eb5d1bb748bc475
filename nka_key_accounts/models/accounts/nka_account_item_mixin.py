from odoo import models
from odoo.exceptions import UserError

from ..trail.permits import find_permit


class AccountItemMixin(models.AbstractModel):
    """Mixin for records that belong to a key account or to one of its records.

    Their owner can't be changed. Record rules check a record only before a write, so
    they alone wouldn't prevent users from moving their records to other managers'
    accounts.
    """

    _name = "nka.account.item.mixin"
    _inherit = ["nka.known.mixin"]
    _description = "Belongs to one key account"

    #: Field of the owning record.
    _owner_field = "key_account_id"

    def write(self, vals):
        moves = not vals.keys().isdisjoint((self._owner_field, "lead_id"))
        # A merge of leads has a permit: it moves the records of the merged leads.
        if not moves or find_permit("write", self, [vals]):
            return super().write(vals)
        owners = {item.id: item.sudo()[self._owner_field] for item in self}
        result = super().write(vals)
        self._check_owner_kept(owners)
        return result

    def _check_owner_kept(self, owners):
        """Raise UserError if an owner was replaced; a first owner can be set."""
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
