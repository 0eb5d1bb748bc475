from operator import itemgetter

from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from ..proof.contents import TOLERANCE, in_batches, misnamed
from . import content
from .nka_document import FROZEN_STATES

#: State of a document, and the fields with the user and the time of that step.
STEPS = (
    ("submitted", "submitted_by_id", "submit_date"),
    ("approved", "approved_by_id", "approve_date"),
)


class AuditVerification(models.Model):
    """Verify submitted documents: their files and content against the audit trail."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            *self._check_documents(company),
            self._check_exceptions(company),
        ]

    @api.model
    def _check_documents(self, company):
        """Check files and reviewed content, in batches and with constant memory."""
        count, covered, of_files, of_content = 0, 0, [], []
        documents = self.env["nka.document"]
        for batch in in_batches(documents, company, ("review_count", ">", 0)):
            count += len(batch)
            digests, contents, deals = self._recorded_content(batch)
            files = self._files_of(batch)
            for document in batch:
                recorded = digests.get(document.id)
                of_files += self._compare_files(document, recorded, files[document.id])
                of_content += self._compare_deal(document, deals.get(document.id))
                if document.id in contents and document.state in FROZEN_STATES:
                    event = contents[document.id]
                    of_content += content.contradictions(
                        document, event, files[document.id]
                    )
                    covered += 1
            of_content += misnamed(batch, STEPS)
        return [
            Check(
                self.env._(
                    "Files of submitted documents, against their hash in the audit "
                    "trail"
                ),
                count,
                of_files,
            ),
            Check(
                self.env._(
                    "Authors, reviews, file names and validity of submitted documents, "
                    "against their hash in the audit trail"
                ),
                covered,
                of_content,
            ),
        ]

    @api.model
    def _files_of(self, documents):
        """Return the files of each document by its id, in order, with one search."""
        model = self.env["ir.attachment"].sudo()
        domain = [
            ("res_model", "=", documents._name),
            ("res_id", "in", documents.ids),
            ("res_field", "=", False),
        ]
        found = model.search(domain, order="id").grouped("res_id")
        return {document.id: found.get(document.id, model) for document in documents}

    @api.model
    def _compare_files(self, document, recorded, files):
        """Return contradictions between a document's files or hash and the audit trail.

        :param str recorded: hash of the last submission in the audit trail
        :rtype: list[str]
        """
        if document.digest != recorded:
            return [
                self.env._(
                    "The hash of %s doesn't match the audit trail.",
                    document.display_name,
                )
            ]
        found = files._contradiction(document)
        return [found] if found else []

    @api.model
    def _compare_deal(self, document, recorded):
        """Return a message if a document is linked to another deal than when reviewed.

        Not if that deal no longer exists: a merge moves documents to the remaining one.

        :param int recorded: id of the deal in the audit trail
        :rtype: list[str]
        """
        deal = document.lead_id
        deals = deal.browse(recorded or ())
        if document.state == "returned" or not recorded or deal.id == recorded:
            return []
        if not deals.exists():
            return []
        return [
            self.env._(
                "%(document)s is linked to “%(deal)s”, but the audit trail says "
                "“%(recorded)s”.",
                document=document.display_name,
                deal=deal.display_name or "–",
                recorded=deals.display_name,
            )
        ]

    @api.model
    def _recorded_content(self, documents):
        """Return what the audit trail has on the last submission and reviewed content.

        :return: hashes of files; author, file names and hash; and deals, each by
            document id
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (res_id, kind)
                          res_id, kind, new, note, file_digest, lead_ref, id
                     FROM nka_audit_event
                    WHERE res_model = 'nka.document' AND res_id = ANY(%s)
                      AND (kind = %s OR (kind = 'state' AND new = 'submitted'))
                    ORDER BY res_id, kind, id DESC""",
                documents.ids,
                content.KIND,
            )
        )
        submissions = [row for row in rows if row[1] == "state"]
        return (
            {row[0]: row[4] for row in submissions},
            {row[0]: tuple(row[2:5]) for row in rows if row[1] == content.KIND},
            # Returned documents can move to another deal until they are superseded.
            {row[0]: row[5] for row in sorted(rows, key=itemgetter(6))},
        )

    # ------------------------------------------------------------ gates
    @api.model
    def _check_exceptions(self, company):
        """Check that every gate override in force has the event of a supervisor."""
        exceptions = self.env["nka.gate.exception"].sudo()
        exceptions = exceptions.search([("company_id", "=", company.id)], order="id")
        kept = self._recorded_exceptions(exceptions)
        return Check(
            self.env._("Gate overrides in force, against the audit trail"),
            len(exceptions),
            [
                self.env._(
                    "The audit trail has no matching event in which %(person)s "
                    "overrode the gate of “%(deal)s” for the stage “%(stage)s”: the "
                    "override was created or changed outside the program.",
                    person=row.user_id.name,
                    deal=row.lead_id.display_name,
                    stage=row.stage_id.name,
                )
                for row in exceptions
                # Older events have no hash.
                if not kept.get(row.id, set()) & {None, row._digest()}
            ],
            self.env._("Overrides"),
        )

    @api.model
    def _recorded_exceptions(self, exceptions):
        """Return the hashes of the events that can have created each override: same
        user, reason and time. Merged deals no longer exist, but their events do.

        :rtype: dict[int, set]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT exception.id, event.file_digest
                     FROM nka_gate_exception exception
                     JOIN nka_audit_event event
                       ON event.res_model = 'crm.lead' AND event.kind = 'gate_pass'
                      AND event.user_id = exception.user_id
                      AND COALESCE(event.note, '-') = exception.reason
                      AND event.date BETWEEN exception.create_date - %(tolerance)s
                                         AND exception.create_date + %(tolerance)s
                      AND (event.res_id = exception.lead_id
                           OR NOT EXISTS (SELECT FROM crm_lead lead
                                           WHERE lead.id = event.res_id))
                    WHERE exception.id = ANY(%(ids)s)""",
                tolerance=TOLERANCE,
                ids=exceptions.ids,
            )
        )
        found = {}
        for exception_id, digest in rows:
            found.setdefault(exception_id, set()).add(digest)
        return found
