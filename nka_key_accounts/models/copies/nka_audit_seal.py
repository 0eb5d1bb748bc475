from odoo import api, models

from .nka_database import COPY, TEST


class AuditSeal(models.Model):
    """Name copies and test systems in the checkpoints that they sign."""

    _inherit = "nka.audit.seal"

    @api.model
    def _prepare_content(self, head):
        content = super()._prepare_content(head)
        state = self.env["nka.database"]._look()
        return {**content, "system": state} if state in (COPY, TEST) else content

    @api.model
    def _seal(self, head):
        """Sign a chain; from the first signature on, the database knows what it is."""
        self.env["nka.database"]._keep()
        return super()._seal(head)

    @api.model
    def _check_content(self, raw):
        is_whole, told = super()._check_content(raw)
        system = self._read_content(raw).get("system")
        if system == TEST:
            told += " " + self.env._("It was signed by a test system.")
        elif system:
            told += " " + self.env._("It was signed by a copy of the database.")
        return is_whole, told
