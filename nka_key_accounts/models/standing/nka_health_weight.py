from odoo import api, fields, models


class HealthWeight(models.Model):
    """Weight of a health factor.

    A company's own weight takes precedence over the one shared by all companies;
    without any, the default weight applies. A weight of 0 excludes the factor.
    """

    _name = "nka.health.weight"
    _description = "Weight of a health factor"
    _order = "sequence, id"
    _rec_name = "code"

    code = fields.Selection("_selection_code", "Health factor", required=True)
    weight = fields.Integer(required=True, default=10)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to apply the weight to all companies."
    )

    _weight_range = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 1000)", "Enter a weight between 0 and 1,000."
    )
    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "This health factor already has a weight. Change that one instead.",
    )

    @api.model
    def _selection_code(self):
        contributors = self.env["nka.key.account"]._health_contributors("account")
        return [(code, label) for code, label, _sql, _weight in contributors]

    @api.model
    def _weights_of(self, company):
        """Return the weights set for a company, by health factor. One query.

        :rtype: dict[str, int]
        """
        rows = self.sudo().search([("company_id", "in", (company.id, False))])
        shared = {row.code: row.weight for row in rows if not row.company_id}
        own = {row.code: row.weight for row in rows if row.company_id}
        return {**shared, **own}
