from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QualificationCriterion(models.Model):
    """Criterion of a client's potential, with a weight. Companies can edit criteria."""

    _name = "nka.qualification.criterion"
    _description = "Qualification criterion"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Integer(
        default=10, required=True, help="Weight relative to the other criteria."
    )
    guidance = fields.Text(
        translate=True,
        help="What scores of 1 and 5 mean, so that everyone scores consistently.",
    )
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the criterion among all companies."
    )

    @api.constrains("weight")
    def _check_weight(self):
        for criterion in self:
            if criterion.weight < 1:
                raise ValidationError(
                    self.env._(
                        "The weight of “%s” must be 1 or more. Archive the criterion "
                        "if it shouldn't count.",
                        criterion.name,
                    )
                )
