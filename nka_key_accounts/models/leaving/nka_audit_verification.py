from odoo import api, models

from ..proof.checked import Check


class AuditVerification(models.Model):
    """Verify sealed dossiers against their hash in the audit trail."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_dossiers(company)]

    @api.model
    def _check_dossiers(self, company):
        dossiers = (
            self.env["nka.departure.dossier"]
            .sudo()
            .search([("company_id", "=", company.id)], order="id")
        )
        known = self._dossier_digests(dossiers)
        findings = []
        for dossier in dossiers:
            problem = dossier._contradiction()
            if dossier.digest not in known.get(dossier.departure_id.id, ()):
                problem = self.env._(
                    "The hash of “%s” isn't in the audit trail.", dossier.file_name
                )
            findings += [problem] if problem else []
        return Check(
            self.env._("Departure dossiers, against their hash"),
            len(dossiers),
            findings,
            self.env._("Dossiers"),
        )

    @api.model
    def _dossier_digests(self, dossiers):
        """Return the hashes in the audit trail by id of the departure."""
        events = (
            self.env["nka.audit.event"]
            .sudo()
            .search_fetch(
                [
                    ("kind", "=", "dossier"),
                    ("res_model", "=", "nka.departure"),
                    ("res_id", "in", dossiers.departure_id.ids),
                ],
                ["res_id", "file_digest"],
            )
        )
        found = {}
        for event in events:
            found.setdefault(event.res_id, set()).add(event.file_digest)
        return found
