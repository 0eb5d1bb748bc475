from odoo import api, fields, models

from ... import paycalc

PARTS = ("fixed", "soft", "bonus", "carry", "retro", "total")


class MonthCloseTotals(models.Model):
    """What the month comes to, beside the months before it."""

    _inherit = "nka.month.close"

    person_count = fields.Integer("People", compute="_compute_totals")
    fixed_amount = fields.Monetary("Fixed pay", compute="_compute_totals")
    soft_amount = fields.Monetary("Soft pay", compute="_compute_totals")
    bonus_amount = fields.Monetary("Bonus", compute="_compute_totals")
    carry_amount = fields.Monetary("Draw and recovery", compute="_compute_totals")
    retro_amount = fields.Monetary("From closed months", compute="_compute_totals")
    total_amount = fields.Monetary("Total", compute="_compute_totals")
    last_amount = fields.Monetary("Last month", compute="_compute_totals")
    mean_amount = fields.Monetary("Mean of three months", compute="_compute_totals")
    last_change = fields.Float("Against last month", compute="_compute_totals")
    mean_change = fields.Float("Against the mean", compute="_compute_totals")

    @api.depends("statement_ids.total_amount", "statement_ids.state", "month")
    def _compute_totals(self):
        """One query for all months shown and the three before each."""
        found = self._totals_by_month()
        for close in self:
            own = found.get((close.company_id.id, close.month), (0,) * 7)
            close.person_count = own[0]
            for name, amount in zip(PARTS, own[1:], strict=True):
                close[f"{name}_amount"] = amount
            close._compare(
                [
                    found[key][-1]
                    for count in (1, 2, 3)
                    if close.month and (key := close._month_key(-count)) in found
                ],
                close._month_key(-1) in found,
            )

    def _month_key(self, count):
        month = self.month and paycalc.add_months(self.month, count)
        return self.company_id.id, month

    def _compare(self, earlier, has_last):
        """Set last month, the mean and the changes; 0 where there is nothing before.

        :param list earlier: totals of the months before, the last one first
        """
        self.last_amount = earlier[0] if has_last else 0
        self.mean_amount = sum(earlier) / len(earlier) if earlier else 0
        self.last_change = _change(self.total_amount, self.last_amount)
        self.mean_change = _change(self.total_amount, self.mean_amount)

    def _totals_by_month(self):
        """Count and amounts of calculated statements, by company id and month."""
        months = {
            key[1]
            for close in self
            for count in range(4)
            if (key := close._month_key(-count))[1]
        }
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("month", "in", list(months)),
                    ("state", "!=", "open"),
                ],
                ["company_id", "month:day"],
                ["__count", *(f"{name}_amount:sum" for name in PARTS)],
            )
        )
        return {(company.id, month): tuple(rest) for company, month, *rest in rows}


def _change(amount, before):
    return amount / before - 1 if before else 0
