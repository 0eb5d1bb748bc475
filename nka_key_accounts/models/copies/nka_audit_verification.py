from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from .nka_database import IDENTITY, PRODUCTION, Identity


class AuditVerification(models.Model):
    """Verify copies like their original, and say in the result that they are copies."""

    _inherit = "nka.audit.verification"

    @api.model
    def _verify(self, companies, nightly=False):
        self.env["nka.database"]._look()
        return super()._verify(companies, nightly)

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_database(company)]

    @api.model
    def _not_checked(self, company):
        said = super()._not_checked(company)
        if self.env["nka.database"]._may_ask():
            return said
        return [
            *said,
            self.env._(
                "whether this database was restored on another server, because the "
                "database user can't call pg_control_system()"
            ),
        ]

    @api.model
    def _check_database(self, company):
        """Compare what this database is with the last event about it."""
        database = self.env["nka.database"].sudo().search([])
        kept = self._kept_database_digest(company)
        findings = []
        if kept and not database:
            findings = [
                self.env._(
                    "What this database knows of itself was deleted outside the program."
                )
            ]
        elif kept and kept != self._database_digest(database):
            findings = [
                self.env._(
                    "What this database knows of itself was changed outside the program."
                )
            ]
        is_other = database and database.state != PRODUCTION
        return Check(
            self.env._("What this database is, against the audit trail"),
            int(bool(kept)),
            findings,
            self.env._("Databases"),
            [database._told()] if is_other else [],
        )

    @api.model
    def _database_digest(self, database):
        values = {name: database[name] for name in IDENTITY}
        for name in ("system", "uuid"):
            values[name] = values[name] or ""
        return Identity(**values).digest(database.state)

    @api.model
    def _kept_database_digest(self, company):
        rows = self.env.execute_query(
            SQL(
                """SELECT file_digest FROM nka_audit_event
                    WHERE company_id = %s AND res_model = 'nka.database'
                    ORDER BY id DESC LIMIT 1""",
                company.id,
            )
        )
        return rows[0][0] if rows else None
