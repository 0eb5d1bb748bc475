from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DocumentType(models.Model):
    """A kind of document, where it is required and how it is reviewed."""

    _name = "nka.document.type"
    _description = "Document type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the type among all companies."
    )
    applies_to = fields.Selection(
        [("account", "Account"), ("lead", "Lead"), ("both", "Account or lead")],
        default="both",
        required=True,
        help="A document of an account serves all its deals, one of a lead only that.",
    )
    stage_ids = fields.Many2many(
        "crm.stage",
        "nka_document_type_stage_rel",
        "type_id",
        "stage_id",
        "Required for stages",
        help="A deal of a key account enters these stages with an approved document "
        "of this type only.",
    )
    review_days = fields.Integer(
        "Days for the review", default=3, help="Working time of the reviewer, in days."
    )
    answer_days = fields.Integer(
        "Days for the answer", default=3, help="After a return, for the author."
    )
    validity_days = fields.Integer(
        "Valid for (days)", help="0 for documents that never expire."
    )
    warning_days = fields.Integer(
        "Warn before expiry (days)",
        default=14,
        help="How long before its end the author is told.",
    )
    item_ids = fields.One2many("nka.document.type.item", "type_id", "Checklist")
    allow_bulk = fields.Boolean(
        "Several at once",
        help="Documents of this type may be approved by selecting several in the list.",
    )
    sampling_percent = fields.Float(
        "Sample (%)",
        default=100.0,
        help="This share of the submissions, drawn by the system, is reviewed one by "
        "one with the whole checklist; the rest may be approved several at once.",
    )

    _code_unique = models.Constraint(
        "UNIQUE(code, company_id)", "A document type of this code exists already."
    )

    @api.constrains("review_days", "answer_days", "validity_days", "warning_days")
    def _check_days(self):
        for kind in self:
            if (
                min(
                    kind.review_days,
                    kind.answer_days,
                    kind.validity_days,
                    kind.warning_days,
                )
                < 0
            ):
                raise ValidationError(self.env._("Days can't be negative."))

    @api.constrains("sampling_percent")
    def _check_sampling(self):
        for kind in self:
            if not 0 <= kind.sampling_percent <= 100:
                raise ValidationError(
                    self.env._("The sample lies between 0 and 100 percent.")
                )

    def _prepare_checks(self):
        """Checklist of a submission: a running review keeps what it started with."""
        return [
            {
                "name": item.name,
                "sequence": item.sequence,
                "is_required": item.is_required,
            }
            for item in self.item_ids
        ]
