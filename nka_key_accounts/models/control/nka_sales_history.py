from odoo import api, models


class SalesHistory(models.Model):
    """Count reads and check exports, as for all key account data."""

    _name = "nka.sales.history"
    _inherit = ["nka.sales.history", "nka.read.mixin"]

    def _reading_size(self):
        """Return the number of accounts: the history of each counts as one record."""
        return len(self.sudo().key_account_id)

    @api.model
    def _count_groups(self, domain, groups):
        accounts = {
            group["key_account_id"][0]
            for group in groups
            if group.get("key_account_id")
        }
        lists = self._told_by(groups) > len(groups)
        if lists:
            return super()._count_groups(domain, groups)
        return self.env["nka.reading"]._count(len(accounts) or min(len(groups), 1))
