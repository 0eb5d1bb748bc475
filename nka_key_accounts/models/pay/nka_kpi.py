from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ... import paycalc


class Kpi(models.Model):
    """Something measured about managers: built in, or described without code."""

    _name = "nka.kpi"
    _description = "Measure"
    _inherit = ["nka.company.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Short stable name: letters, digits and underscores."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the measure among all companies."
    )
    measure = fields.Selection(
        [
            ("vip_leads", "Confirmed self-sourced VIP leads"),
            ("average_check", "Average check"),
            ("overdue_share", "Overdue receivables, %"),
            ("negotiations", "Negotiations held"),
            ("custom", "Own measure"),
        ],
        default="custom",
        required=True,
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better")],
        default="higher",
        required=True,
    )
    is_count = fields.Boolean(
        "Counts events",
        help="Targets of counts shrink with the days employed in the season; averages "
        "and percentages don't.",
    )
    unit = fields.Char(translate=True, help="Shown behind the values, e.g. leads or %.")
    default_target = fields.Float(
        "Default target",
        digits=(16, 4),
        help="Proposed when a manager has no seasons to learn from.",
    )
    default_zero_value = fields.Float(
        "Default zero-score value",
        digits=(16, 4),
        help="For lower-is-better: the value that scores 0.",
    )
    description = fields.Text(
        translate=True, help="What exactly counts, in words everybody understands."
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "Another measure has this code already.",
    )

    # ------------------------------------------------------------ checks
    @api.constrains("code")
    def _check_code(self):
        for kpi in self:
            if not (kpi.code.isascii() and kpi.code.replace("_", "a").isalnum()):
                raise ValidationError(
                    self.env._(
                        "“%s” can't be a code: use letters, digits and underscores.",
                        kpi.code,
                    )
                )

    def write(self, vals):
        """A version fixes what its goals measure, in which direction and for whom."""
        if not vals.keys().isdisjoint(self._meaning_fields()):
            for kpi in self:
                if kpi._is_in_use() and kpi._changes_meaning(vals):
                    raise ValidationError(kpi._say_in_use())
        return super().write(vals)

    @api.model
    def _meaning_fields(self):
        return {"measure", "direction", "is_count", "company_id"}

    def _changes_meaning(self, vals):
        """Whether ``vals`` really change what is measured."""
        for fname in self._meaning_fields() & vals.keys():
            current = self._fields[fname].convert_to_write(self[fname], self)
            if (current or False) != (vals[fname] or False):
                return True
        return False

    def _is_in_use(self):
        return bool(
            self.env["nka.pay.plan.line"]
            .sudo()
            .search_count(
                [("kpi_id", "in", self.ids), ("version_id.state", "!=", "draft")],
                limit=1,
            )
        )

    def _say_in_use(self):
        return self.env._(
            "“%s” is on the goal list of a submitted or approved plan, so what it "
            "measures stays. Make another measure and put it into the next version.",
            self.name,
        )

    # ------------------------------------------------------------ business
    def _goal(self, weight, target, zero_value):
        """The goal of the arithmetic with this measure.

        :raise paycalc.TargetError: for a target that can't be measured against
        """
        self.ensure_one()
        is_lower = self.direction == paycalc.LOWER
        return paycalc.Goal(
            self.name,
            weight,
            target,
            direction=self.direction,
            zero_value=zero_value if is_lower else None,
            is_count=self.is_count,
        )

    def _measure(self, users, span, evidence=False):
        """Measure all these people over one span: one query, however many.

        :param users: res.users
        :param Span span: days and company
        :param bool evidence: also return the records that were counted
        :return: a Measurement by user id, for every one of ``users``
        :rtype: dict[int, Measurement]
        """
        self.ensure_one()
        if not users:
            return {}
        self.env.flush_all()
        return getattr(self.sudo(), f"_measure_{self.measure}")(users, span, evidence)
