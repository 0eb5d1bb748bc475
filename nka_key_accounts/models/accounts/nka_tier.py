from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Tier(models.Model):
    """Importance class of key accounts, with contact cadence and discount limit."""

    _name = "nka.tier"
    _description = "Account tier"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the tier among all companies."
    )
    cadence_days = fields.Integer(
        "Contact cadence (days)",
        default=14,
        required=True,
        help=(
            "Longest agreed time between contacts with accounts of this tier, in days."
        ),
    )
    discount_limit = fields.Float(
        "Discount allowed without approval (%)",
        default=100.0,
        required=True,
        digits=(5, 2),
        help=(
            "Quotations with a higher discount need a supervisor's approval. 0 = every "
            "discount needs approval, 100 = none does."
        ),
    )
    description = fields.Text(translate=True)
    key_account_ids = fields.One2many("nka.key.account", "tier_id", "Key accounts")
    key_account_count = fields.Integer(
        "Number of key accounts", compute="_compute_key_account_count"
    )

    _name_unique = models.Constraint(
        "UNIQUE(name, company_id)", "A tier with this name already exists."
    )

    _discount_limit_range = models.Constraint(
        "CHECK(discount_limit BETWEEN 0 AND 100)",
        "Enter a discount between 0 and 100 percent.",
    )

    def _compute_key_account_count(self):
        counts = dict(
            self.env["nka.key.account"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.key_account_count = counts.get(tier, 0)

    @api.constrains("cadence_days")
    def _check_cadence(self):
        for tier in self:
            if tier.cadence_days < 1:
                raise ValidationError(
                    self.env._("Enter a contact cadence of one day or more.")
                )
