from odoo import api, fields, models


class CrmLead(models.Model):
    """Documents of a deal. The gate is told in ``crm_lead_gate``, what the trail
    keeps of a deal's course in ``crm_lead_course``.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead", "nka.read.mixin"]

    nka_document_ids = fields.One2many("nka.document", "lead_id", "Documents")
    nka_document_count = fields.Integer(
        "Number of documents", compute="_compute_nka_document_count"
    )

    @api.depends("nka_document_ids")
    def _compute_nka_document_count(self):
        groups = (
            self.env["nka.document"]
            .sudo()
            ._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
        )
        counts = {lead.id: count for lead, count in groups}
        for lead in self:
            lead.nka_document_count = counts.get(lead._origin.id, 0)

    # ------------------------------------------------------------ reading
    def _key_records(self):
        return self._gated()

    # ------------------------------------------------------------ actions
    def action_open_documents(self):
        """Open the documents of this deal and those of its account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_document_action"
        )
        return {
            **action,
            "domain": [("lead_id", "=", self.id)],
            "context": {"default_lead_id": self.id},
        }

    def action_submit_documents(self):
        """Submit all drafts of these deals that have a file.

        Drafts without a type take the one that the next stage misses.

        :return: what was done, or the list when something is left to say
        """
        self.ensure_one()
        drafts = self.nka_document_ids.filtered(
            lambda row: row.state in ("draft", "returned") and row.attachment_ids
        )
        if not drafts:
            return self.action_open_documents()
        missing = self._missing_for(self._next_stage()).types
        for document, kind in zip(
            drafts.filtered(lambda row: not row.type_id), missing
        ):
            document.type_id = kind
        drafts.action_submit()
        return True

    def action_open_course(self):
        """Open the course of this deal in the audit trail."""
        self.ensure_one()
        return self.env["nka.audit.event"]._action_of(self)
