from odoo import fields, models

from ... import paycalc
from .nka_season import AHEAD


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_season_months = fields.Integer(
        "Months of a season",
        default=3,
        help="Length of the seasons that are made from now on.",
        nka_setting=True,
    )

    _nka_season_months = models.Constraint(
        "CHECK(nka_season_months IN (1, 2, 3, 4, 6, 12))",
        "A season has 1, 2, 3, 4, 6 or 12 months, so that years are made of whole ones.",
    )

    def _make_seasons(self, since=None):
        """Make the missing seasons from ``since`` to two ahead of the running one.

        Days that another season covers already stay with that one.

        :param date since: any day of the first season, today when not given
        """
        seasons = self.env["nka.season"].sudo()
        today = fields.Date.context_today(self)
        for company in self:
            taken = seasons.search([("company_id", "=", company.id)])
            months = company.nka_season_months
            day = since or today
            last = paycalc.add_months(today, AHEAD * months)
            while day <= last:
                values = seasons._prepare_season(company, day)
                if not taken.filtered(
                    lambda season, values=values: (
                        season.date_start <= values["date_end"]
                        and season.date_end >= values["date_start"]
                    )
                ):
                    taken |= seasons.create(values)
                day = paycalc.add_months(values["date_start"], months)
