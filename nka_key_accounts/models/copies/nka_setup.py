from odoo import fields, models


class Setup(models.Model):
    """Say on the setup page that this database is a copy or a test system."""

    _inherit = "nka.setup"

    database_notice = fields.Char(
        "Copy or test system", compute="_compute_database_notice"
    )

    # ------------------------------------------------------------ compute
    def _compute_database_notice(self):
        self.database_notice = self.env["nka.database"]._notice()

    # ------------------------------------------------------------ actions
    def action_open_database(self):
        """Open the page on which an administrator says what this database is."""
        self.check_access("read")
        return self.env["nka.database"].action_open()
