"""What the people of a document may not arrange for themselves."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError

from ..trail.roles import SUPERVISOR


class DocumentGuard(models.Model):
    _inherit = "nka.document"

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._check_previewed_file()
        return documents

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_terms_of_review(vals)
        result = super().write(vals)
        if "message_main_attachment_id" in vals:
            self._check_previewed_file()
        return result

    def _check_terms_of_review(self, vals):
        """Nobody but a supervisor moves a deadline or passes a review on.

        :raise AccessError: telling who may
        """
        if vals.keys().isdisjoint({"deadline", "reviewer_id"}) or self._may_set_terms():
            return
        for document in self:
            if "deadline" in vals or document.state == "submitted":
                raise AccessError(
                    self.env._(
                        "The deadline and the reviewer of %s are a supervisor's to "
                        "change. Ask yours; nothing was changed.",
                        document.display_name,
                    )
                )

    @api.model
    def _may_set_terms(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR)

    def _check_previewed_file(self):
        """The file shown beside the review is one of those reviewed."""
        for document in self.sudo():
            shown = document.message_main_attachment_id
            if shown and (shown.res_model, shown.res_id) != (self._name, document.id):
                raise UserError(
                    self.env._(
                        "“%(file)s” is no file of %(document)s, so it can't be its "
                        "preview. Add it to the files instead; nothing was changed.",
                        file=shown.name,
                        document=document.display_name,
                    )
                )
