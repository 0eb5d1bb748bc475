from odoo import models


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    def action_open_history(self):
        """What this client bought, month by month, and how fresh that is."""
        self.ensure_one()
        self.check_access("read")
        return self.env["nka.sales.history"]._action_open(self)

    def _sales_by_year(self):
        """Invoiced, invoice count and margin of the client by year, newest first.

        Read as superuser for sheets about an account the reader may read.

        :rtype: list[tuple[date, float, float, float, float]]
        """
        self.ensure_one()
        self.check_access("read")
        return (
            self.env["nka.sales.history"]
            .sudo()
            ._read_group(
                [("key_account_id", "=", self.id), ("invoiced_amount", "!=", 0)],
                ["month:year"],
                ["invoiced_amount:sum", "average_invoice:avg", "margin_percent:avg"],
                order="month:year desc",
                limit=4,
            )
        )
