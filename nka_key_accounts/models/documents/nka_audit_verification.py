from operator import itemgetter

from odoo import api, models
from odoo.tools import SQL

from ..proof.checked import Check
from ..proof.contents import TOLERANCE, in_batches, misnamed
from . import content
from .nka_document import FROZEN_STATES

#: State of a document -> who brought it there, and when.
STEPS = (
    ("submitted", "submitted_by_id", "submit_date"),
    ("approved", "approved_by_id", "approve_date"),
)


class AuditVerification(models.Model):
    """Submitted documents: their files, and what they say, against the trail."""

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
        """Files, and what else was reviewed: batch by batch, in constant memory."""
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
                    "Files of submitted documents, against their hash in the trail"
                ),
                count,
                of_files,
            ),
            Check(
                self.env._(
                    "Authors, reviews, file names and validity of submitted documents, "
                    "against their hash in the trail"
                ),
                covered,
                of_content,
            ),
        ]

    @api.model
    def _files_of(self, documents):
        """Files of each document by its id, in the order they came: one search."""
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
        """Where the files or the digest of a document contradict the trail.

        :param str recorded: digest that the trail keeps of the last submission
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
        """A document counts for the deal it was reviewed for, as long as that is there:
        a merge moves it to the one that is left.

        :param int recorded: id of the deal in the trail
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
                "%(document)s is linked to “%(deal)s”, but the trail says "
                "“%(recorded)s”.",
                document=document.display_name,
                deal=deal.display_name or "–",
                recorded=deals.display_name,
            )
        ]

    @api.model
    def _recorded_content(self, documents):
        """What the trail keeps of the last submission, and of what was reviewed.

        :return: digests of files; author, file names and digest; and deals, each by
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
            # What was returned may have come to another deal until it was replaced.
            {row[0]: row[5] for row in sorted(rows, key=itemgetter(6))},
        )

    # ------------------------------------------------------------ gates
    @api.model
    def _check_exceptions(self, company):
        """Gates that are open for a deal without documents: each by a supervisor's step."""
        exceptions = self.env["nka.gate.exception"].sudo()
        exceptions = exceptions.search([("company_id", "=", company.id)], order="id")
        kept = self._recorded_exceptions(exceptions)
        return Check(
            self.env._("Gate overrides in force, against the trail"),
            len(exceptions),
            [
                self.env._(
                    "The trail has no event by which %(person)s let “%(deal)s” into the "
                    "stage “%(stage)s” like this: the override was made or changed "
                    "outside the program.",
                    person=row.user_id.name,
                    deal=row.lead_id.display_name,
                    stage=row.stage_id.name,
                )
                for row in exceptions
                # The events of before kept no digest.
                if not kept.get(row.id, set()) & {None, row._digest()}
            ],
            self.env._("Overrides"),
        )

    @api.model
    def _recorded_exceptions(self, exceptions):
        """Digests of the events by which each exception may have been made: by the same
        person, for the same reason, at that moment. Merged deals are gone, not their
        events.

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
