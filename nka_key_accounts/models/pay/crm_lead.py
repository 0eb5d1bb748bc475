from odoo import models
from odoo.exceptions import UserError

from ..trail.roles import SUPERVISOR


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ------------------------------------------------------------ checks
    def _check_same_client(self, vals):
        """Refuse to give deals with documents that release bonus to a key account.

        Otherwise, a manager could have them approved for a deal of another client.

        :raise UserError: unless the user is a supervisor
        """
        if self.env.su or not self._may_become_key(vals):
            return
        if self.env.user.has_group(SUPERVISOR):
            return
        client = self.env["res.partner"].sudo().browse(vals["partner_id"])
        moved = self.sudo().filtered(
            lambda lead: (
                lead.partner_id
                and lead.partner_id.commercial_partner_id
                != client.commercial_partner_id
            )
        )
        documents = self.env["nka.document"].sudo()
        documents = documents.search(
            [("lead_id", "in", moved.ids), ("state", "in", ("submitted", "approved"))]
        )
        versions = self.env["nka.pay.plan.version"].sudo()
        if documents and versions.search_count(
            [
                ("release_document_type_ids", "in", documents.type_id.ids),
                ("state", "=", "approved"),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "Documents of “%s” were submitted for its present client, and bonus "
                    "depends on them. Ask a supervisor to change the client.",
                    documents.lead_id[:1].name,
                )
            )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if vals.get("partner_id"):
            self._check_same_client(vals)
        return super().write(vals)
