from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from ..proof.contents import contradictions, in_batches, misnamed, recorded

STEPS = (
    ("submitted", "submitter_id", "submit_date"),
    ("in_force", "reviewer_id", "date_approved"),
)
DECIDED = ("submitted", "in_force", "superseded")


class AuditVerification(models.Model):
    """Verify secrecy regimes and who acknowledged them."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_regimes(company),
            self._check_acknowledgements(company),
        ]

    @api.model
    def _check_regimes(self, company):
        count, found = 0, []
        regimes = self.env["nka.secrecy.regime"]
        for batch in in_batches(regimes, company, ("state", "in", DECIDED)):
            compared, differing = contradictions(batch, DECIDED)
            count += compared
            found += [*differing, *self._other_digests(batch), *misnamed(batch, STEPS)]
        return Check(
            self.env._("Secrecy regimes, against their hash"),
            count,
            found,
            self.env._("Regimes"),
        )

    @api.model
    def _other_digests(self, regimes):
        """Compare the hash on each regime with that of its approval."""
        events = recorded(self.env, regimes._name, regimes.ids, ["in_force"])
        return [
            self.env._(
                "The hash of %s doesn't match the audit trail.", regime.display_name
            )
            for regime in regimes
            if regime.id in events and regime.digest != events[regime.id][0]
        ]

    @api.model
    def _check_acknowledgements(self, company):
        """Compare acknowledgements with their events, both ways."""
        rows = self.env.execute_query(
            SQL(
                """SELECT row.id, event.id, row.user_name, event.user_name,
                          row.user_id = event.user_id
                          AND row.digest = event.file_digest
                          AND row.digest = regime.digest
                          AND abs(extract(epoch FROM row.date - event.date)) < 900
                     FROM (SELECT * FROM nka_secrecy_acknowledgement
                            WHERE company_id = %(company)s) row
                     JOIN nka_secrecy_regime regime ON regime.id = row.regime_id
                FULL JOIN (SELECT * FROM nka_audit_event
                            WHERE company_id = %(company)s AND kind = 'acknowledged')
                          event
                       ON event.res_id = row.id
                      AND event.res_model = 'nka.secrecy.acknowledgement'
                    ORDER BY row.id, event.id""",
                company=company.id,
            )
        )
        found = [self._say_other(*row) for row in rows if not row[-1]]
        return Check(
            self.env._("Acknowledgements of secrecy regimes, against the audit trail"),
            len(rows),
            found,
            self.env._("Acknowledgements"),
        )

    @api.model
    def _say_other(self, row_id, event_id, name, recorded_name, _is_same):
        if not event_id:
            return self.env._(
                "An acknowledgement of a secrecy regime by %s isn't in the audit trail.",
                name,
            )
        if not row_id:
            return self.env._(
                "The acknowledgement of a secrecy regime by %s was deleted.",
                recorded_name,
            )
        return self.env._(
            "The acknowledgement of a secrecy regime by %s differs from the audit trail.",
            name,
        )
