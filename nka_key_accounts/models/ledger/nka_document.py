from odoo import models


class Document(models.Model):
    _inherit = "nka.document"

    # ------------------------------------------------------------ checks
    def _check_approvable(self):
        """Refuse former owners of the account too, if bonus waits for the document: its
        approval can release credits that they still have.
        """
        versions = self.env["nka.pay.plan.version"].sudo()
        bound = versions.search(
            [
                ("release_document_type_ids", "in", self.type_id.ids),
                ("state", "=", "approved"),
            ]
        ).release_document_type_ids
        for document in self.sudo().filtered(lambda row: row.type_id in bound):
            account = document.key_account_id or document.lead_id.key_account_id
            self.env["nka.assignment"]._check_uninvolved(account)
        return super()._check_approvable()
