from odoo import api, models

from ..proof.checked import Check

#: Documents checked together.
BATCH = 200


class AuditVerification(models.Model):
    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_files(company)]

    @api.model
    def _check_files(self, company):
        """Files of submitted documents that were changed or lost, and digests that
        differ from the one the trail keeps: document by document, in constant memory.
        """
        documents = self.env["nka.document"].sudo()
        last, count, findings = 0, 0, []
        while rows := self._submitted(company, last):
            for document_id, recorded in rows:
                if found := self._contradiction(
                    documents.browse(document_id), recorded
                ):
                    findings.append(found)
            documents.env.invalidate_all(flush=False)
            last, count = rows[-1][0], count + len(rows)
        return Check(
            self.env._(
                "Files of submitted documents, against their digest in the trail"
            ),
            count,
            findings,
            self.env._("documents"),
        )

    @api.model
    def _contradiction(self, document, recorded):
        """Where the files or the digest of a document contradict the trail; else nothing.

        :param str recorded: digest that the trail keeps of the last submission
        """
        if document.digest != recorded:
            return self.env._(
                "The digest of %s isn't the one in the trail.", document.display_name
            )
        return document._files()._contradiction(document)

    @api.model
    def _submitted(self, company, last):
        """The next documents with files that stand still, and their digest in the
        trail.

        :param int last: id of the last one looked at
        """
        self.env.cr.execute(
            """SELECT document.id, (
                      SELECT file_digest FROM nka_audit_event event
                       WHERE event.res_model = 'nka.document'
                         AND event.res_id = document.id AND event.kind = 'state'
                         AND event.new = 'submitted'
                       ORDER BY event.id DESC LIMIT 1)
                 FROM nka_document document
                WHERE document.company_id = %s AND document.review_count > 0
                  AND document.id > %s
                ORDER BY document.id LIMIT %s""",
            [company.id, last, BATCH],
        )
        return self.env.cr.fetchall()
