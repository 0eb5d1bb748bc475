from odoo import api, models
from odoo.exceptions import ValidationError


class DealItemMixin(models.AbstractModel):
    """Mixin for records of a deal or an account; a deal determines the account.

    Inheriting models need the fields ``lead_id`` and ``key_account_id``.
    """

    _name = "nka.deal.item.mixin"
    _inherit = ["nka.account.item.mixin"]
    _description = "Belongs to a deal or its key account"

    # ------------------------------------------------------------ compute
    @api.depends("lead_id")
    def _compute_key_account_id(self):
        for item in self:
            account = item.sudo().lead_id.key_account_id
            item.key_account_id = account or item.key_account_id

    # ------------------------------------------------------------ constraints
    @api.constrains("lead_id", "key_account_id")
    def _check_lead_of_account(self):
        for item in self.sudo().filtered("lead_id"):
            if item.lead_id.key_account_id != item.key_account_id:
                raise ValidationError(
                    self.env._(
                        "The deal “%(deal)s” doesn't belong to %(account)s. Select a "
                        "deal of this account.",
                        deal=item.lead_id.display_name,
                        account=item.key_account_id.display_name,
                    )
                )
