from odoo import models

from .confined import check_reader, is_confined


class IrActionsReport(models.Model):
    """A page is printed for whoever may read it, even where Odoo prints as superuser.

    The report attached to a mail is one such place: with a template of one's own, the
    mail composer would print any record by its number.
    """

    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if docids and is_confined(report.model):
            check_reader(self.env[report.model].browse(docids))
        return super()._get_rendering_context(report, docids, data)
