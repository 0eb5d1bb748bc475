"""Position of a key account manager: required skills, and the company's niche."""

import hashlib

import lxml.html

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, html_sanitize, is_html_empty

from . import offer_texts

#: Positions are published on a website as well; these fields stay inside.
INSIDE = "base.group_user"
#: Class of the section about pay in a composed description.
PAY_SECTION = "o_nka_position_pay"


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

    # Odoo translates sanitized HTML term by term, which ties the texts of the languages
    # to the same structure. This one is sanitized when it is written.
    nka_description = fields.Html(
        "Description of the position",
        groups=INSIDE,
        translate=True,
        sanitize=False,
        help="Composed from skills, niche and pay plan, in each language; can be edited. "
        "Job offers take it over.",
    )
    # Hashes of the composed texts, to tell them from texts that somebody edited.
    nka_composed = fields.Json(
        groups=INSIDE, copy=False, readonly=True, export_string_translation=False
    )
    nka_may_compose = fields.Boolean(
        compute="_compute_nka_may_compose",
        groups=INSIDE,
        export_string_translation=False,
    )

    # ------------------------------------------------------------ compute
    @api.depends("company_id", "nka_is_profile")
    def _compute_nka_niche_currency_id(self):
        """Suggest the company's currency, but only on positions that use it."""
        for job in self:
            if job.nka_is_profile and not job.nka_niche_currency_id:
                company = job.company_id or self.env.company
                job.nka_niche_currency_id = company.currency_id

    @api.depends_context("uid")
    def _compute_nka_may_compose(self):
        allowed = self._filtered_access("write")
        for job in self:
            job.nka_may_compose = job in allowed

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

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._nka_sanitize(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._nka_sanitize(vals))

    @api.model
    def _nka_sanitize(self, vals):
        if not vals.get("nka_description"):
            return vals
        return {**vals, "nka_description": html_sanitize(vals["nka_description"])}

    # ------------------------------------------------------------ actions
    def action_nka_compose(self):
        """Open the new description in each language beside the present one.

        :raise AccessError: for users who can't edit the position
        """
        self.ensure_one()
        self.check_access("write")
        if not self.nka_is_profile:
            raise UserError(
                self.env._(
                    "Descriptions are composed for positions of key account managers. "
                    "Select “Position of a key account manager” first."
                )
            )
        wizard = self.env["nka.job.description"].create({"job_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compose description"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    # ------------------------------------------------------------ description
    def _nka_compose(self, version):
        """Return the description in the language of the context.

        :param version: nka.pay.plan.version whose terms are described, or none
        :rtype: Markup
        """
        self.ensure_one()
        words = version and offer_texts.plan_words(version.with_env(self.env))
        return self.env["ir.qweb"]._render(
            "nka_key_accounts.job_description",
            {
                "job": self,
                "price": self._nka_say_price(),
                "skills": self._nka_list_skills(),
                "words": words or [],
            },
        )

    def _nka_without_pay(self):
        """Return the description without its section about pay.

        :rtype: Markup
        """
        text = self.nka_description
        if is_html_empty(text) or PAY_SECTION not in text:
            return text
        root = lxml.html.fragment_fromstring(str(text), create_parent="div")
        for section in root.find_class(PAY_SECTION):
            section.drop_tree()
        return html_sanitize(
            "".join(lxml.html.tostring(part, encoding="unicode") for part in root)
        )

    def _nka_say_price(self):
        """Return the price range in words; empty if there is none."""
        low, high = (
            amount and self._nka_format(amount)
            for amount in (self.nka_niche_price_from, self.nka_niche_price_to)
        )
        if low and high:
            return self.env._("%(low)s to %(high)s", low=low, high=high)
        if low:
            return self.env._("from %s", low)
        return high and self.env._("up to %s", high)

    def _nka_format(self, amount):
        currency = self.nka_niche_currency_id or self.env.company.currency_id
        whole = bool(currency.decimal_places) and amount == int(amount)
        return format_amount(self.env, amount, currency, trailing_zeroes=not whole)

    def _nka_list_skills(self):
        """Return required skill, level and what it means, in the order of the skills.

        :rtype: list[tuple[str, str, str]]
        """
        required = self.sudo().current_job_skill_ids.sorted(
            lambda row: (row.skill_id.sequence, row.skill_id.id)
        )
        means = self.env["nka.skill.behavior"]._texts(required.skill_id)
        return [
            (
                row.skill_id.name,
                row.skill_level_id.display_name,
                means.get((row.skill_id.id, row.skill_level_id.id), ""),
            )
            for row in required
        ]

    def _nka_places(self):
        """Return the texts that are composed: field name and language.

        Odoo's own description is for applicants, and written in the company's language.

        :rtype: list[tuple[str, str]]
        """
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        places = [("nka_description", code) for code in codes]
        if "hr.applicant" not in self.env:
            return places
        company = self.company_id or self.env.company
        own = company.partner_id.lang
        return [*places, ("description", own if own in codes else codes[0])]

    def _nka_is_edited(self, fname, code):
        """Return whether somebody wrote or changed a description by hand."""
        text = self.with_context(lang=code)[fname]
        if is_html_empty(text):
            return False
        kept = (self.nka_composed or {}).get(f"{fname}:{code}")
        return kept != _hash(text)

    def _nka_write_text(self, fname, code, text):
        """Write a composed description and remember that it was composed."""
        job = self.with_context(lang=code)
        job.write({fname: text})
        key = f"{fname}:{code}"
        self.nka_composed = {**(self.nka_composed or {}), key: _hash(job[fname])}


def _hash(text):
    return hashlib.sha256(str(text or "").encode()).hexdigest()
