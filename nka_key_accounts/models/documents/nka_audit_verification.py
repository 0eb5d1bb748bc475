from odoo import api, models


class AuditVerification(models.Model):
    _inherit = "nka.audit.verification"

    @api.model
    def _findings(self, company):
        return super()._findings(company) + self._file_findings(company)

    @api.model
    def _file_findings(self, company):
        """Files of submitted documents that were changed or lost, and digests that
        differ from the one the trail keeps: document by document, in constant memory.
        """
        findings = []
        for document_id, recorded in self._submitted(company):
            document = self.env["nka.document"].sudo().browse(document_id)
            findings += document._contradictions(recorded)
            document.env.invalidate_all(flush=False)
        return findings[:20]

    @api.model
    def _submitted(self, company):
        """Documents with files that stand still, and their digest in the trail."""
        self.env.cr.execute(
            """SELECT document.id, (
                      SELECT file_digest FROM nka_audit_event event
                       WHERE event.res_model = 'nka.document'
                         AND event.res_id = document.id AND event.kind = 'state'
                         AND event.new = 'submitted'
                       ORDER BY event.id DESC LIMIT 1)
                 FROM nka_document document
                WHERE document.company_id = %s AND document.review_count > 0
                ORDER BY document.id""",
            [company.id],
        )
        return self.env.cr.fetchall()
