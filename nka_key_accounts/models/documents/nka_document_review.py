from odoo import api, fields, models
from odoo.exceptions import UserError

from ..trail.opening import open_records


class DocumentReview(models.Model):
    """One submission of a document and the decision on it."""

    _name = "nka.document.review"
    _description = "Review of a document"
    _inherit = ["nka.guard.mixin", "nka.read.mixin"]
    _reading_kind = "document"
    _order = "id desc"
    _rec_name = "document_id"

    _guarded_fields = (
        "document_id",
        "number",
        "submitted_by_id",
        "submit_date",
        "deadline",
        "reviewer_id",
        "verdict",
        "verdict_date",
        "digest",
    )

    document_id = fields.Many2one(
        "nka.document", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="document_id.company_id", store=True, index=True
    )
    number = fields.Integer("Submission", readonly=True)
    submitted_by_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, index=True
    )
    submit_date = fields.Datetime("Submitted on", readonly=True)
    deadline = fields.Date(readonly=True)
    reviewer_id = fields.Many2one("res.users", readonly=True)
    verdict = fields.Selection(
        [("approved", "Approved"), ("returned", "Returned")], "Decision", readonly=True
    )
    verdict_date = fields.Datetime("Decided on", readonly=True)
    digest = fields.Char("File hash", readonly=True)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        raise UserError(self.env._("Reviews can't be deleted."))

    @api.model
    def _ask(self, document):
        """Return the action that opens the review of one document in a dialog."""
        document.ensure_one()
        form = self.env.ref("nka_key_accounts.nka_document_view_form_review")
        return open_records(
            document,
            document.display_name,
            views=[(form.id, "form")],
            target="new",
            context={"dialog_size": "extra-large"},
        )

    @api.model
    def _open(self, document):
        """Start the review of a submission."""
        self.sudo()._unlocked().create(
            {
                "document_id": document.id,
                "number": document.review_count,
                "submitted_by_id": document.submitted_by_id.id,
                "submit_date": document.submit_date,
                "deadline": document.deadline,
                "digest": document.digest,
            }
        )

    def _decide(self, verdict):
        """Record the current user's decision on the reviews that are still open."""
        self.filtered(lambda row: not row.verdict)._unlocked().write(
            {
                "verdict": verdict,
                "verdict_date": fields.Datetime.now(),
                "reviewer_id": self.env.uid,
            }
        )
