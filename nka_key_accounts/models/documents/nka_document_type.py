import hashlib
import hmac
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class DocumentType(models.Model):
    """A type of document: where it is required, and how it is reviewed."""

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
        [("account", "Account"), ("lead", "Deal"), ("both", "Account or deal")],
        "Applies to",
        default="both",
        required=True,
        help=(
            "An account document applies to all of the account's deals; a deal "
            "document applies only to that deal."
        ),
    )
    stage_ids = fields.Many2many(
        "crm.stage",
        "nka_document_type_stage_rel",
        "type_id",
        "stage_id",
        "Required for stages",
        help=(
            "A key account deal can enter these stages only with an approved document "
            "of this type."
        ),
    )
    review_days = fields.Integer(
        "Days for the review",
        default=3,
        help=("Workdays the reviewer has for a review."),
    )
    answer_days = fields.Integer(
        "Days for the answer",
        default=3,
        help=("Days the author has to answer after a document is returned."),
    )
    validity_days = fields.Integer(
        "Valid for (days)", help="Enter 0 if documents of this type never expire."
    )
    warning_days = fields.Integer(
        "Warn before expiry (days)",
        default=14,
        help="Number of days before expiry when the author is reminded.",
    )
    item_ids = fields.One2many("nka.document.type.item", "type_id", "Checklist")
    allow_bulk = fields.Boolean(
        "Bulk approval allowed",
        help="Allows approving several documents of this type at once from the list.",
    )
    sampling_percent = fields.Float(
        "Sampling (%)",
        default=100.0,
        help=(
            "Percentage of submissions that the system selects at random for "
            "individual review against the full checklist. The rest can be approved "
            "in bulk."
        ),
    )

    _code_unique = models.Constraint(
        "UNIQUE(code, company_id)", "A document type with this code already exists."
    )

    @api.constrains("review_days", "answer_days", "validity_days", "warning_days")
    def _check_days(self):
        for kind in self:
            days = (kind.review_days, kind.answer_days, kind.validity_days)
            if min(*days, kind.warning_days) < 0:
                raise ValidationError(self.env._("Days can't be negative."))

    @api.constrains("sampling_percent")
    def _check_sampling(self):
        for kind in self:
            if not 0 <= kind.sampling_percent <= 100:
                raise ValidationError(
                    self.env._("Enter a sampling percentage between 0 and 100.")
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        with self._watching_stages():
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint({"stage_ids", "active", "applies_to"}):
            return super().write(vals)
        with self._watching_stages():
            return super().write(vals)

    @contextmanager
    def _watching_stages(self):
        """Log changed requirements of stages, and list deals already in these stages
        for the supervisors; the deals stay there.
        """
        cause = self.env._("The stage requirements changed")
        stages = self.env["crm.stage"].search([])
        before = {stage: stage._nka_requirements() for stage in stages}
        with self.env["crm.lead"]._watching_gates(SQL("TRUE"), cause):
            yield
        stages._nka_settle_requirements(before)

    # ------------------------------------------------------------ checks
    def _check_fits(self, document):
        """Refuse account types for deal documents, and the reverse.

        Existing documents keep their type, and so do their revisions.

        :raise UserError: naming what the document has to be linked to
        """
        lead, account = document.lead_id, document.key_account_id
        before = document.previous_id
        if before and (before.type_id, before.lead_id) == (self, lead):
            return
        if self.applies_to == "account" and lead:
            raise UserError(
                self.env._(
                    "“%(type)s” is an account document and applies to all deals of "
                    "the account. Remove the deal “%(deal)s” and select the account.",
                    type=self.name,
                    deal=lead.display_name,
                )
            )
        if self.applies_to == "lead" and account and not lead:
            raise UserError(
                self.env._(
                    "“%(type)s” is a deal document. Select the deal of %(account)s "
                    "that it is for.",
                    type=self.name,
                    account=account.display_name,
                )
            )

    def _missing_message(self, document):
        """Return what a document lacks to be submitted with this type, as text.

        :rtype: str or None
        """
        if not self:
            return self.env._(
                "Select the document type of %s first.", document.display_name
            )
        if not document.key_account_id and not document.lead_id:
            return self.env._(
                "%s isn't linked to an account or a deal yet. Select one first.",
                document.display_name,
            )
        if self.applies_to == "lead" and not document.lead_id:
            return self.env._(
                "“%s” is a deal document. Select the deal first.", self.name
            )
        if not document._files():
            return self.env._(
                "%s has no files yet. Add at least one first.", document.display_name
            )
        if unanswered := document.finding_ids._open():
            return self.env._(
                "Answer the findings of %(document)s first: %(findings)s",
                document=document.display_name,
                findings="; ".join(unanswered.mapped("text")),
            )
        return None

    # ------------------------------------------------------------ sampling
    def _draw_sample(self, document):
        """Select a submission for sampling at random; log it unless all are sampled.

        A document that was selected once is always selected.
        """
        percent, document = self.sudo().sampling_percent, document.sudo()
        drawn = document.is_sampled or self._random(document) * 100 < percent
        document._unlocked().write({"is_sampled": drawn})
        if percent < 100:
            events = self.env["nka.audit.event"]
            note = self.env._("Sampling rate %s %%", percent)
            new = (
                self.env._("selected for the sample")
                if drawn
                else self.env._("not selected for the sample")
            )
            entry = events._prepare_entry(document, "sample", new=new, note=note)
            events._append([entry])

    @api.model
    def _random(self, document):
        """Return a number in [0, 1) from a server-side secret authors can't predict."""
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        subject = f"nka-sample:{document.id}:{document.review_count}:{document.digest}"
        made = hmac.new(secret.encode(), subject.encode(), hashlib.sha256).digest()
        return int.from_bytes(made[:6], "big") / 2**48
