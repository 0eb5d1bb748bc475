from odoo import api, fields, models

SCORES = [
    ("1", "1 - very low"),
    ("2", "2 - low"),
    ("3", "3 - fair"),
    ("4", "4 - high"),
    ("5", "5 - very high"),
]


class QualificationScore(models.Model):
    """Score of one criterion for one client, with the reason."""

    _name = "nka.qualification.score"
    _description = "Qualification score"
    _inherit = ["nka.guard.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _company_fields = ("qualification_id",)
    _owner_field = "qualification_id"
    _order = "sequence, id"
    _rec_name = "criterion_id"

    qualification_id = fields.Many2one(
        "nka.qualification", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="qualification_id.company_id", store=True)
    criterion_id = fields.Many2one(
        "nka.qualification.criterion", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="criterion_id.sequence", store=True)
    # Stored with the score, so that changed weights don't affect earlier verdicts.
    weight = fields.Integer(required=True)
    guidance = fields.Text(related="criterion_id.guidance")
    score = fields.Selection(SCORES)
    reason = fields.Char()

    _criterion_unique = models.Constraint(
        "UNIQUE(qualification_id, criterion_id)",
        "Each criterion can be scored only once per qualification.",
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("qualification_id", "criterion_id", "weight", "score", "reason")
    def _check_editable(self):
        self.qualification_id._check_editable()

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.qualification_id._check_editable()
