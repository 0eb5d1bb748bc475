from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from ..proof.contents import in_batches, misnamed, recorded

#: For each state of an agreement or a version: the fields with the user and the time.
AGREEMENT_STEPS = (
    ("proposed", "proposed_by_id", "proposed_date"),
    ("accepted", "accepted_by_id", "accepted_date"),
)
VERSION_STEPS = (
    ("submitted", "submitted_by_id", None),
    ("approved", "approved_by_id", "approved_date"),
)


class AuditVerification(models.Model):
    """Verify terms of pay: recomputed hash, stored hash and audit trail must match."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_versions(company),
            self._check_agreements(company),
            self._check_contents(
                company,
                self.env["nka.season.goal"],
                ("frozen",),
                (),
                self.env._("Frozen goals with their evidence, against their hash"),
                self.env._("Goals"),
            ),
        ]

    @api.model
    def _check_versions(self, company):
        count, found = 0, []
        versions = self.env["nka.pay.plan.version"]
        for batch in in_batches(versions, company, ("state", "=", "approved")):
            count += len(batch)
            events = recorded(self.env, batch._name, batch.ids, ["approved"])
            for version in batch:
                kept = events.get(version.id, (version.digest,))[0]
                found += self._compare_terms(version, version._make_digest(), kept)
            found += misnamed(batch, VERSION_STEPS)
        return Check(
            self.env._("Terms of approved plan versions, against their hash"),
            count,
            found,
            self.env._("Versions"),
        )

    @api.model
    def _check_agreements(self, company):
        count, found = 0, []
        agreements = self.env["nka.pay.agreement"]
        for batch in in_batches(agreements, company, ("state", "!=", "draft")):
            count += len(batch)
            events = recorded(self.env, batch._name, batch.ids, ["proposed"])
            ends, logins = self._recorded_ends(batch), self._agreed_logins(batch)
            deciders = self._recorded_deciders(batch)
            for agreement in batch:
                end = ends.get(agreement.id)
                now = agreement._make_digest(*(end[:1] if end else ()))
                kept = events.get(agreement.id, (agreement.digest,))[0]
                found += self._compare_terms(agreement, now, kept)
                if end and end[1] != str(agreement.date_to):
                    found.append(self._say_other_end(agreement, end[1]))
                if (agreement.ended_by or None) != deciders.get(agreement.id):
                    found.append(self._say_other_decider(agreement))
                found += self._compare_login(agreement, logins)
            found += misnamed(batch, AGREEMENT_STEPS)
        return Check(
            self.env._("Terms of pay agreements, against their hash"),
            count,
            found,
            self.env._("Agreements"),
        )

    @api.model
    def _compare_terms(self, record, now, kept):
        """Compare recomputed hash, hash on the record and hash in the audit trail.

        :return: messages; empty if all three match
        :rtype: list[str]
        """
        if record.digest != kept:
            return [
                self.env._(
                    "The hash of %s doesn't match the audit trail.", record.display_name
                )
            ]
        if now != record.digest:
            return [
                self.env._(
                    "The terms of %s don't match their hash.", record.display_name
                )
            ]
        return []

    @api.model
    def _recorded_ends(self, agreements):
        """Return the agreed end and the last recorded end of each agreement.

        :return: ``{agreement id: (agreed last day or None, recorded last day)}``
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT res_id, (ARRAY_AGG(old ORDER BY id))[1],
                          (ARRAY_AGG(new ORDER BY id DESC))[1]
                     FROM nka_audit_event
                    WHERE res_model = %s AND res_id = ANY(%s) AND kind = 'end'
                    GROUP BY res_id""",
                agreements._name,
                agreements.ids,
            )
        )
        return {res_id: (first, last) for res_id, first, last in rows}

    @api.model
    def _recorded_deciders(self, agreements):
        """Return who ended the employment by the audit trail, by agreement id."""
        rows = self.env.execute_query(
            SQL(
                """SELECT res_id, (ARRAY_AGG(new ORDER BY id DESC))[1]
                     FROM nka_audit_event
                    WHERE res_model = %s AND res_id = ANY(%s) AND kind = 'ended_by'
                    GROUP BY res_id""",
                agreements._name,
                agreements.ids,
            )
        )
        return dict(rows)

    @api.model
    def _agreed_logins(self, agreements):
        """Return the users with which these employees accepted their agreements.

        :rtype: dict[hr.employee, res.users]
        """
        rows = agreements._read_group(
            [
                ("employee_id", "in", agreements.employee_id.ids),
                ("accepted_by_id", "!=", False),
            ],
            ["employee_id"],
            ["accepted_by_id:recordset"],
        )
        return dict(rows)

    @api.model
    def _compare_login(self, agreement, logins):
        """Check that the employee still has the user that accepted the agreement.

        Credits are recorded for that user, so HR can't replace it.
        """
        agreed = logins.get(agreement.employee_id)
        own = agreement.employee_id.user_id
        if not agreed or (own in agreed and agreement.user_id == own):
            return []
        return [
            self.env._(
                "%(agreement)s was accepted by the user %(login)s, but the employee is "
                "linked to %(other)s.",
                agreement=agreement.display_name,
                login=", ".join(agreed.mapped("login")),
                other=(own if own not in agreed else agreement.user_id).login or "–",
            )
        ]

    @api.model
    def _say_other_decider(self, agreement):
        return self.env._(
            "%s doesn't name the one who ended the employment by the audit trail.",
            agreement.display_name,
        )

    @api.model
    def _say_other_end(self, agreement, recorded_day):
        return self.env._(
            "%(agreement)s ends on %(day)s, but the audit trail says %(recorded)s.",
            agreement=agreement.display_name,
            day=agreement.date_to or "–",
            recorded=recorded_day,
        )
