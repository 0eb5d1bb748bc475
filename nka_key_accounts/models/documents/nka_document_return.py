from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class DocumentReturn(models.TransientModel):
    """Wizard that returns documents to their authors with findings."""

    _name = "nka.document.return"
    _inherit = ["nka.known.mixin"]
    _description = "Return of documents with findings"

    document_ids = fields.Many2many("nka.document", string="Documents", required=True)
    line_ids = fields.One2many("nka.document.return.line", "wizard_id", "Findings")

    @api.model
    def _ask(self, documents):
        """Return the action that opens the wizard for these documents.

        Items left unchecked in a checklist that the reviewer has begun are proposed.
        """
        items = documents.check_ids._left_over() if len(documents) == 1 else []
        lines = [
            Command.create({"item": name, "text": self.env._("Not met: %s", name)})
            for name in items
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Return with findings"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_document_ids": documents.ids,
                "default_line_ids": lines,
            },
        }

    def action_return(self):
        """Return every document with all findings.

        :raise UserError: if there are no findings
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Write at least one finding."))
        self.document_ids.action_return(
            [
                {"text": line.text, "item": line.item, "deadline": line.deadline}
                for line in self.line_ids
            ]
        )
        return {"type": "ir.actions.act_window_close"}
