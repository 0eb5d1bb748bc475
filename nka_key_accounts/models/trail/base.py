from psycopg2.errors import RestrictViolation

from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Say in words what a trigger of ours refused, where nothing said it before."""
        # A foreign key of PostgreSQL's own has a constraint's name, a trigger has none.
        if isinstance(exc, RestrictViolation) and not exc.diag.constraint_name:
            return self.env._(
                "What is approved, locked or sealed stays as it is, and the database "
                "itself keeps it so (%s). Make a new version, or let the correction be "
                "paid in the first open month; nothing was changed.",
                exc.diag.message_primary,
            )
        return super()._sql_error_to_message_generic(exc)
