from odoo import fields, models

from ... import paycalc
from .border import to_decimal


class PayTier(models.Model):
    """From which part of the half-year quota on credits count by which factor.

    A tier ends where the next one begins; reaching it never changes what the
    credits below it gave.
    """

    _name = "nka.pay.tier"
    _description = "Rate tier"
    _inherit = ["nka.pay.term.mixin"]
    _order = "from_percent, id"
    _frozen_columns = ("from_percent", "factor")

    from_percent = fields.Float(
        "From % of the half-year quota", digits=(7, 2), required=True
    )
    factor = fields.Float(
        digits=(6, 4),
        default=1.0,
        required=True,
        help="A factor of 1 pays the standard rate.",
    )

    _from_unique = models.Constraint(
        "UNIQUE(version_id, from_percent)",
        "Two rate tiers can't start at the same percentage.",
    )

    # ------------------------------------------------------------ business
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
        label = self.env._("Rate tier from %g %% of quota", self.from_percent)
        return f"tier:{self.from_percent:g}", label, f"× {self.factor:g}"
