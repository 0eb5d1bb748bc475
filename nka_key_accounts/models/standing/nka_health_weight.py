from odoo import api, fields, models


def percentages(weights):
    """Return whole percentages of some weights that add up to 100.

    >>> percentages([60, 40, 25, 15, 15, 10, 10])
    [34, 23, 14, 9, 8, 6, 6]
    >>> percentages([0])
    [0]
    """
    total = sum(weights) or 1
    found = [100 * weight // total for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda one: -(100 * weights[one] % total))
    for one in by_rest[: 100 - sum(found) if any(weights) else 0]:
        found[one] += 1
    return found


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
    share = fields.Integer(
        "Share (%)",
        compute="_compute_share",
        help="Part of the score of an account to which all factors apply. If a factor "
        "doesn't apply, the others share its part.",
    )
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

    # ------------------------------------------------------------ compute
    @api.depends("code", "weight", "company_id")
    def _compute_share(self):
        accounts = self.env["nka.key.account"]
        usual = {
            code: weight
            for code, _label, _sql, weight in accounts._health_contributors("account")
        }
        for row in self:
            company = row.company_id or self.env.company
            weights = usual | self._weights_of(company) | {row.code: row.weight}
            shares = dict(zip(weights, percentages([*weights.values()]), strict=True))
            row.share = shares[row.code]

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
