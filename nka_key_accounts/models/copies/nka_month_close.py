from odoo import fields, models


class MonthClose(models.Model):
    """Refuse the steps that decide or pay in a copy that nobody has confirmed."""

    _inherit = "nka.month.close"

    database_notice = fields.Char(
        "Copy or test system", compute="_compute_database_notice"
    )

    # ------------------------------------------------------------ compute
    def _compute_database_notice(self):
        self.database_notice = self.env["nka.database"]._notice()

    # ------------------------------------------------------------ steps
    def _approve(self):
        self.env["nka.database"]._check_confirmed()
        return super()._approve()

    def _lock(self):
        """Lock the month; from the first one on, the database knows what it is."""
        databases = self.env["nka.database"]
        databases._check_confirmed()
        result = super()._lock()
        databases._keep()
        return result

    def _make_slips(self, statements):
        """Generate payslips: for the month, or for an employee who was excluded."""
        self.env["nka.database"]._check_confirmed()
        return super()._make_slips(statements)

    def _take_back(self, state, reason):
        self.env["nka.database"]._check_confirmed()
        return super()._take_back(state, reason)

    def _mark_paid(self):
        self.env["nka.database"]._check_confirmed()
        return super()._mark_paid()
