"""Kinds of steps of a mentee: what they train and which record proves them."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What proves a step; how each is read: :mod:`.proofs`.
EVIDENCE = [
    ("shadow", "Negotiation of the mentor that they attended"),
    ("minutes", "Approved minutes that they wrote"),
    ("offer", "Offer that they prepared"),
    ("lead", "Negotiation that they led with the mentor present"),
    ("deputy", "Account that they held as deputy"),
    ("document", "Approved document that they wrote"),
]
#: Fields that say what proves a step; fixed once a path uses the kind.
MEANING = {"evidence", "document_type_id", "days", "contact_count"}


class MentorshipStepKind(models.Model):
    """Kind of step: a name, the skills it trains, and the record that proves it.

    Companies can add their own, but only with one of the proofs that the system finds
    by itself.
    """

    _name = "nka.mentorship.step.kind"
    _description = "Kind of mentorship step"
    _inherit = ["nka.company.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share it with all companies."
    )
    evidence = fields.Selection(
        EVIDENCE,
        "Proven by",
        required=True,
        default="document",
        help="The record that proves the step. The system finds it; nobody enters it.",
    )
    document_type_id = fields.Many2one(
        "nka.document.type",
        "Document type",
        ondelete="restrict",
        help="Documents of this type prove the step once a supervisor has approved them.",
    )
    days = fields.Integer(
        default=30, help="Days for which the mentee has to be the deputy."
    )
    contact_count = fields.Integer(
        "Days with contact",
        default=3,
        help="Days of that time on which they were in contact with the client: meetings, "
        "emails, orders or documents.",
    )
    skill_ids = fields.Many2many(
        "hr.skill",
        "nka_mentorship_step_kind_skill_rel",
        "kind_id",
        "skill_id",
        "Skills trained",
        help="The step is proposed to mentees who lack one of these skills.",
    )
    description = fields.Text(
        translate=True, help="What the mentee does, in plain words."
    )

    _days_positive = models.Constraint(
        "CHECK(days > 0 AND contact_count >= 0)",
        "Enter at least one day, and no negative number of days with contact.",
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("evidence", "document_type_id")
    def _check_document_type(self):
        for kind in self:
            if kind.evidence == "document" and not kind.document_type_id:
                raise ValidationError(
                    self.env._(
                        "Choose the type of document that proves “%s”.", kind.name
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not vals.keys().isdisjoint(MEANING):
            self._check_unused(vals)
        return super().write(vals)

    def _check_unused(self, vals):
        """Refuse another proof for steps that mentees already work on."""
        used = self.filtered(lambda kind: kind._changes_meaning(vals))._used()
        if used:
            raise UserError(
                self.env._(
                    "“%s” is part of a mentee's path, so what proves it can't be "
                    "changed. Archive it and create another kind of step.",
                    used[0].name,
                )
            )

    def _changes_meaning(self, vals):
        return any(
            (self._fields[name].convert_to_write(self[name], self) or False)
            != (vals[name] or False)
            for name in MEANING & vals.keys()
        )

    def _used(self):
        steps = self.env["nka.mentorship.step"].sudo()
        rows = steps._read_group([("kind_id", "in", self.ids)], ["kind_id"])
        return self.browse(kind.id for (kind,) in rows)
