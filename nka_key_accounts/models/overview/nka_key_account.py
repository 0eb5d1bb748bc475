from odoo import models
from odoo.tools import SQL


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    def action_refresh_health(self):
        """Recalculate the health, except for directors, who change nothing."""
        if self.env["nka.read.mixin"]._only_reads():
            self.check_access("write")
        return super().action_refresh_health()

    def _nka_sum(self, expression):
        """Return the sum of an SQL expression over these accounts, with one query.

        :param SQL expression: over the account row ``account``
        :rtype: float
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT SUM(%s) FROM nka_key_account account WHERE account.id IN %s",
                expression,
                tuple(self.ids),
            )
        )
        return float(self.env.cr.fetchone()[0] or 0)
