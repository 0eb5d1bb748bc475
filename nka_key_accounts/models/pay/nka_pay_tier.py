from odoo import api, fields, models

from ... import paycalc
from ..trail.frozen_rows import freeze_children
from .border import to_decimal


class PayTier(models.Model):
    """From which part of the half-year quota on credits count by which factor.

    A tier ends where the next one begins; reaching it never changes what the
    credits below it gave.
    """

    _name = "nka.pay.tier"
    _description = "Bonus tier"
    _inherit = ["nka.guard.mixin"]
    _company_fields = ("version_id",)
    _order = "from_percent, id"

    version_id = fields.Many2one(
        "nka.pay.plan.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id", store=True)
    from_percent = fields.Float(
        "From % of the half-year quota", digits=(7, 2), required=True
    )
    factor = fields.Float(
        digits=(6, 4), default=1.0, required=True, help="1 is the plain rate."
    )

    _from_unique = models.Constraint(
        "UNIQUE(version_id, from_percent)", "Two tiers can't begin at the same point."
    )

    def init(self):
        freeze_children(
            self.env.cr,
            self._table,
            ["version_id", "from_percent", "factor"],
            "nka_pay_plan_version",
            "version_id",
            ["approved"],
            since="date_start",
        )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        version_ids = {vals.get("version_id") for vals in vals_list} - {None}
        self.env["nka.pay.plan.version"].browse(version_ids)._check_editable()
        tiers = super().create(vals_list)
        tiers.version_id._add_maker()
        return tiers

    def write(self, vals):
        versions = self.version_id | self.version_id.browse(vals.get("version_id"))
        self.check_access("write")
        versions._check_editable()
        result = super().write(vals)
        self.version_id._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.version_id._check_editable()

    # ------------------------------------------------------------ terms
    def _tiers(self):
        """The tiers in order, each ending where the next begins.

        :rtype: tuple[paycalc.Tier]
        """
        ordered = self.sorted("from_percent")
        starts = [to_decimal(tier.from_percent) for tier in ordered]
        ends = [*starts[1:], None]
        return tuple(
            paycalc.Tier(start, end, to_decimal(tier.factor, 4))
            for tier, start, end in zip(ordered, starts, ends, strict=False)
        )

    def _describe(self):
        label = self.env._("Tier from %g %% of the quota", self.from_percent)
        return f"tier:{self.from_percent:g}", label, f"× {self.factor:g}"
