from odoo import http
from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.http import request


class Archive(AttachmentController):
    """Log downloads of several key account files as one archive."""

    @http.route()
    def mail_attachment_get_zip(self, file_ids, zip_name, **kw):
        """Record the files in the audit trail, then build the archive as Odoo does."""
        ids = [int(each) for each in file_ids.split(",")]
        request.env["ir.attachment"].browse(ids)._export_archive()
        return super().mail_attachment_get_zip(file_ids, zip_name, **kw)
