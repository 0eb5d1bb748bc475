from odoo import models
from odoo.exceptions import UserError


class ResCurrency(models.Model):
    """Currency whose decimals stay once a month is locked in it."""

    _inherit = "res.currency"

    def write(self, vals):
        digits = {row: row.decimal_places for row in self if "rounding" in vals}
        result = super().write(vals)
        changed = [row for row, old in digits.items() if row.decimal_places != old]
        if changed:
            self.browse(row.id for row in changed)._check_nka_decimals()
        return result

    def _check_nka_decimals(self):
        """Refuse other decimals if a month is locked in a currency.

        Its integrity hash covers amounts with all decimals of the currency.

        :raise UserError: naming the currency and a company
        """
        close = (
            self.env["nka.month.close"]
            .sudo()
            .search(
                [
                    ("company_id.currency_id", "in", self.ids),
                    ("state", "=", "locked"),
                ],
                limit=1,
            )
        )
        if close:
            raise UserError(
                self.env._(
                    "%(currency)s has to keep its decimals, because months of "
                    "%(company)s are locked in it. Prices can have more decimals: "
                    "raise the decimal accuracy “Product Price” instead.",
                    currency=close.currency_id.name,
                    company=close.company_id.name,
                )
            )
