from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccount(models.Model):
    """Who is away, as Odoo's time off tells."""

    _inherit = "nka.key.account"

    @api.model
    def _flush_standing(self):
        super()._flush_standing()
        self.env["hr.leave"].flush_model(["user_id", "date_from", "date_to", "state"])

    @api.model
    def _sql_absence(self, alias, selected):
        """The manager's approved absences of this moment; trainings are work."""
        return SQL(
            """(SELECT %(selected)s FROM hr_leave absence
                  JOIN hr_leave_type kind ON kind.id = absence.holiday_status_id
                 WHERE absence.user_id = %(manager)s AND absence.state = 'validate'
                   AND kind.time_type = 'leave'
                   AND absence.date_from <= %(now)s AND absence.date_to > %(now)s)""",
            selected=selected,
            manager=SQL.identifier(alias, "manager_id"),
            now=fields.Datetime.now(),
        )
