"""Position of a key account manager: required skills, and the company's niche."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Positions are published on a website as well; these fields stay inside.
INSIDE = "base.group_user"


class HrJob(models.Model):
    """Position with the skills it requires and what a key account is in this company."""

    _inherit = "hr.job"

    nka_is_profile = fields.Boolean(
        "Position of a key account manager",
        groups=INSIDE,
        copy=True,
        help="Employees and applicants with this position are compared with its required "
        "skills, and job offers can be made for it.",
    )
    nka_niche_client = fields.Text(
        "What a key account is here",
        groups=INSIDE,
        translate=True,
        help="Size, industry and needs of the clients that this position works with. It "
        "differs from company to company.",
    )
    nka_niche_offer = fields.Text(
        "What is offered to them", groups=INSIDE, translate=True
    )
    nka_niche_industry_ids = fields.Many2many(
        "res.partner.industry",
        "nka_hr_job_industry_rel",
        "job_id",
        "industry_id",
        "Industries",
        groups=INSIDE,
    )
    nka_niche_category_ids = fields.Many2many(
        "product.category",
        "nka_hr_job_category_rel",
        "job_id",
        "category_id",
        "Product categories",
        groups=INSIDE,
    )
    nka_niche_price_from = fields.Monetary(
        "Price from",
        groups=INSIDE,
        currency_field="nka_niche_currency_id",
        help="Usual amount of one deal, untaxed. 0 means no limit.",
    )
    nka_niche_price_to = fields.Monetary(
        "Price to", groups=INSIDE, currency_field="nka_niche_currency_id"
    )
    nka_niche_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the prices",
        groups=INSIDE,
        compute="_compute_nka_niche_currency_id",
        store=True,
        readonly=False,
    )

    # ------------------------------------------------------------ compute
    @api.depends("company_id", "nka_is_profile")
    def _compute_nka_niche_currency_id(self):
        """Suggest the company's currency, but only on positions that use it."""
        for job in self:
            if job.nka_is_profile and not job.nka_niche_currency_id:
                company = job.company_id or self.env.company
                job.nka_niche_currency_id = company.currency_id

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_niche_price_from", "nka_niche_price_to")
    def _check_nka_niche_price(self):
        for job in self:
            low, high = job.nka_niche_price_from, job.nka_niche_price_to
            if low < 0 or high < 0 or (high and low > high):
                raise ValidationError(
                    self.env._(
                        "Enter the price range from the lower to the higher amount, both "
                        "0 or more."
                    )
                )
