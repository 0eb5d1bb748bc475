from odoo import fields, models
from odoo.exceptions import UserError


class DocumentCheck(models.Model):
    """One point of the checklist in a running review."""

    _name = "nka.document.check"
    _description = "Point of a document's review"
    _inherit = ["nka.guard.mixin"]
    _order = "sequence, id"

    _guarded_fields = ("document_id", "name", "sequence", "is_required", "done_by_id")

    document_id = fields.Many2one(
        "nka.document", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("What to check", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    is_required = fields.Boolean("Must hold", readonly=True)
    is_done = fields.Boolean("Checked")
    done_by_id = fields.Many2one("res.users", "Checked by", readonly=True)

    def write(self, vals):
        if "is_done" not in vals or self._is_unlocked(vals):
            return super().write(vals)
        self._check_reviewing()
        result = super().write(vals)
        self._unlocked().write(
            {"done_by_id": self.env.uid if vals["is_done"] else False}
        )
        return result

    def _check_reviewing(self):
        """Only who may decide on the document ticks its checklist."""
        for document in self.document_id:
            if not document.may_review:
                raise UserError(
                    self.env._(
                        "The checklist of %s is ticked by its reviewer, while it waits "
                        "for the review.",
                        document.display_name,
                    )
                )
