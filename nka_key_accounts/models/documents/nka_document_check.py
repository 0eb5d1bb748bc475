from odoo import fields, models
from odoo.exceptions import UserError


class DocumentCheck(models.Model):
    """A checklist item in a running review."""

    _name = "nka.document.check"
    _description = "Checklist item of a document"
    _inherit = ["nka.guard.mixin", "nka.read.mixin"]
    _reading_kind = "document"
    _order = "sequence, id"

    _guarded_fields = ("document_id", "name", "sequence", "is_required", "done_by_id")

    document_id = fields.Many2one(
        "nka.document", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("What to check", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    is_required = fields.Boolean("Required", readonly=True)
    is_done = fields.Boolean("Checked")
    done_by_id = fields.Many2one("res.users", "Checked by", readonly=True)

    # ------------------------------------------------------------ checks
    def _check_reviewing(self):
        """Check that only users who can review the document complete its checklist."""
        for document in self.document_id:
            if not document.may_review:
                raise UserError(
                    self.env._(
                        "Only the reviewer can complete the checklist of %s, and only "
                        "while it is awaiting review.",
                        document.display_name,
                    )
                )

    def _check_done(self):
        """Refuse to approve documents whose required items aren't all checked."""
        missing = self.filtered(lambda check: check.is_required and not check.is_done)
        for document, checks in missing.grouped("document_id").items():
            raise UserError(
                self.env._(
                    "%(document)s was selected for sampling. Check these items first: "
                    "%(items)s",
                    document=document.display_name,
                    items=", ".join(checks.mapped("name")),
                )
            )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if "is_done" not in vals or self._is_unlocked(vals):
            return super().write(vals)
        self._check_reviewing()
        result = super().write(vals)
        self._unlocked().write(
            {"done_by_id": self.env.uid if vals["is_done"] else False}
        )
        return result

    # ------------------------------------------------------------ business
    def _renew(self, document):
        """Copy the type's checklist, so that changes to it don't affect the review."""
        checks = self.sudo()
        checks.unlink()
        checks._unlocked().create(
            [
                {
                    "document_id": document.id,
                    "name": item.name,
                    "sequence": item.sequence,
                    "is_required": item.is_required,
                }
                for item in document.type_id.sudo().item_ids
            ]
        )

    def _left_over(self):
        """Return the names of required items left unchecked, if others are checked.

        :rtype: list[str]
        """
        left = self.filtered(lambda check: check.is_required and not check.is_done)
        return left.mapped("name") if self.filtered("is_done") else []

    def _note(self):
        """Return the checked items as text, for the audit trail.

        :rtype: str or False
        """
        done = self.filtered("is_done")
        return bool(done) and self.env._(
            "%(done)s of %(all)s items checked: %(items)s",
            done=len(done),
            all=len(self),
            items=", ".join(done.mapped("name")),
        )
