from odoo import api, models

from . import known_months


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    # ------------------------------------------------------------ actions
    def action_open_history(self):
        """Open the client's sales history by month, with the time of its last update.

        :return: window action
        :raise AccessError: if the user can't read the account
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["nka.sales.history"]._action_open(self)

    # ------------------------------------------------------------ business
    @api.model
    def _sql_revenue(self, bounds, only):
        # The invoices of a few accounts are found by index.
        if 0 < len(self) < known_months.MANY:
            return super()._sql_revenue(bounds, only)
        return known_months.revenue_sql(self.env, bounds, only)

    def _sales_by_year(self):
        """Return invoiced amount, average invoice and margin (%) by year, newest first.

        Read as superuser, for documents about an account that the user can read.

        :rtype: list[tuple[date, float, float, float]]
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
