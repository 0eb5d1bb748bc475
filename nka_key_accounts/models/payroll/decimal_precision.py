from odoo import api, models

#: Name of the accuracy that the payroll engine rounds payslip lines to.
PAYSLIPS = "Payroll"


class DecimalPrecision(models.Model):
    """Accuracy of payslips: never less than that of the currencies they pay in."""

    _inherit = "decimal.precision"

    @api.model
    def _nka_keep_decimals_of(self, currencies):
        """Raise the accuracy of payslips to the decimals of these currencies.

        The engine installs it with two decimals, and dinars have three. Raising it
        changes no stored amount. Runs no query if it suffices.

        :param currencies: res.currency of the payslips to write
        """
        digits = max(currencies.mapped("decimal_places"), default=0)
        if digits <= self.precision_get(PAYSLIPS):
            return
        accuracy = self.sudo().search([("name", "=", PAYSLIPS)])
        if accuracy:
            accuracy.digits = digits
        else:
            accuracy.create({"name": PAYSLIPS, "digits": digits})
