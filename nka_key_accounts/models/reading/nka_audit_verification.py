from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check


class AuditVerification(models.Model):
    """Verify that alerts about unusual reading are those that the audit trail recorded."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_reading_alerts(company)]

    @api.model
    def _check_reading_alerts(self, company):
        """Compare alerts with their events; only the retention may delete them."""
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(told.res_name, alert.id::text), told.id, alert.id
                     FROM (SELECT DISTINCT ON (res_id) id, res_id, res_name, new
                             FROM nka_audit_event
                            WHERE res_model = 'nka.reading.alert' AND company_id = %(company)s
                              AND kind = 'reading_unusual'
                            ORDER BY res_id, id) told
                FULL JOIN (SELECT * FROM nka_reading_alert
                            WHERE company_id = %(company)s) alert
                       ON alert.id = told.res_id
                    WHERE (told.id IS NULL OR alert.read_count::text IS DISTINCT FROM told.new)
                      AND NOT EXISTS (
                          SELECT FROM nka_audit_event forgotten
                           WHERE forgotten.res_model = 'nka.reading.alert'
                             AND forgotten.res_id = told.res_id
                             AND forgotten.kind = 'reading_forgotten')
                    ORDER BY 1""",
                company=company.id,
            )
        )
        alerts = self.env["nka.reading.alert"].sudo()
        return Check(
            self.env._("Alerts about unusual reading, against the audit trail"),
            alerts.search_count([("company_id", "=", company.id)]),
            [self._say_other_alert(*row) for row in rows],
        )

    @api.model
    def _say_other_alert(self, name, event_id, alert_id):
        if not event_id:
            return self.env._(
                "The alert %s has no event in the audit trail: it was created outside the "
                "program.",
                name,
            )
        if not alert_id:
            return self.env._(
                "The alert %s no longer exists: it was deleted outside the program.",
                name,
            )
        return self.env._(
            "The figures of the alert %s don't match the audit trail: they were changed "
            "outside the program.",
            name,
        )
