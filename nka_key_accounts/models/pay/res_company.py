from datetime import date, timedelta

from odoo import Command, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ... import paycalc
from .nka_season import AHEAD

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


#: Settings that decide how much people are paid, or when.
PAYING_SETTINGS = frozenset({"nka_money_account_ids", "nka_year_month"})


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_season_months = fields.Integer(
        "Season length (months)",
        default=3,
        help="Length of seasons created from now on.",
        nka_setting=True,
    )
    nka_year_month = fields.Selection(
        MONTHS,
        "First month of the year",
        default="1",
        required=True,
        help="Bonus half-years and seasons are counted from this month. Once months "
        "have been calculated, a change applies from the next half-year.",
        nka_setting=True,
    )
    pay_year_ids = fields.One2many(
        "nka.pay.year",
        "company_id",
        "Pay years",
        readonly=True,
        groups="base.group_system",
    )

    _nka_season_months = models.Constraint(
        "CHECK(nka_season_months IN (1, 2, 3, 4, 6, 12))",
        "A season lasts 1, 2, 3, 4, 6 or 12 months, so that seasons fit evenly into a "
        "year.",
    )

    # ------------------------------------------------------------ years, in words
    def _nka_say_years(self):
        """From when a changed first month counts, and what counts until then; empty
        where it counts already.
        """
        today = fields.Date.context_today(self)
        years = self._nka_years()
        valid_from, month = years.starts[-1]
        if valid_from <= today:
            return ""
        return self.env._(
            "From %(day)s, half-years start in %(next)s; until then, in %(now)s.",
            now=self._nka_say_halves(years.year_month(today)),
            next=self._nka_say_halves(month),
            day=format_date(self.env, valid_from),
        )

    def _nka_say_halves(self, month):
        """The two months in which half-years begin, by a year's first month."""
        names = dict(self._fields["nka_year_month"]._description_selection(self.env))
        other = (month + 5) % 12 + 1
        return self.env._(
            "%(first)s and %(second)s",
            first=names[str(month)],
            second=names[str(other)],
        )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if PAYING_SETTINGS.isdisjoint(vals):
            return super().write(vals)
        with self.env.cr.savepoint():
            names = PAYING_SETTINGS.intersection(vals)
            before = {company: company._nka_words(names) for company in self}
            with_year = self if vals.get("nka_year_month") else self.browse()
            years = {company: company._nka_years() for company in with_year}
            result = super().write(vals)
            for company, former in years.items():
                company.sudo()._nka_change_year(former)
            self.filtered(
                lambda company: company._nka_words(names) != before[company]
            )._nka_check_unpaid()
        return result

    def _nka_check_unpaid(self):
        """Segregation of duties: whoever is paid by a plan doesn't set what is paid by."""
        agreement = self._nka_own_agreement()
        if agreement:
            raise AccessError(
                self.env._(
                    "You can't change which accounts count as money or when half-years "
                    "start, because you are paid under a plan in %s. Another "
                    "administrator has to change it.",
                    agreement.company_id.name,
                )
            )

    def _nka_own_agreement(self, plans=None):
        """An agreement that the acting person is paid by, in these companies, those above
        and the branches; or by these plans.

        :rtype: nka.pay.agreement
        """
        domain = [
            ("user_id", "=", self.env.uid),
            ("state", "in", ("accepted", "ended")),
            "|",
            ("company_id", "parent_of", self.ids),
            ("company_id", "child_of", self.ids),
        ]
        if plans:
            domain += [("plan_id", "in", plans.ids)]
        return self.env["nka.pay.agreement"].sudo().search(domain, limit=1)

    # ------------------------------------------------------------ years
    def _nka_years(self):
        """The company's years, with what counted before the first month was changed.

        :rtype: paycalc.Years
        """
        company = self.sudo()
        starts = [
            (row.date_start, row.month)
            for row in company.pay_year_ids.sorted("date_start")
        ]
        month = int(company.nka_year_month or paycalc.JANUARY)
        return paycalc.Years(tuple(starts or [(date.min, month)]))

    def _nka_change_year(self, years):
        """Let another first month of the year count: at once, or from the next
        half-year on where the running one is paid by already.

        :param paycalc.Years years: those of before
        """
        month = int(self.nka_year_month)
        if month == years.starts[-1][1]:
            return
        counted = self._nka_last_counted_month()
        since = years.next_half_year(counted) if counted else None
        kept = [entry for entry in years.starts if since and entry[0] < since]
        if kept and kept[-1][1] != month:
            kept.append((since, month))
        self.pay_year_ids = [
            Command.clear(),
            *(Command.create({"date_start": day, "month": each}) for day, each in kept),
        ]
        self._nka_record_year(kept[-1][0] if len(kept) > 1 else None)
        self._nka_remake_seasons(since)

    def _nka_last_counted_month(self):
        """Hook: the last month whose pay was counted by the years as they are; None when
        none was.
        """
        return

    def _nka_record_year(self, since):
        events = self.env["nka.audit.event"]
        halves = self._nka_say_halves(int(self.nka_year_month))
        note = self.env._("Half-years start in %s.", halves)
        if since:
            note = self.env._(
                "From %(day)s, half-years start in %(halves)s.",
                halves=halves,
                day=format_date(self.env, since),
            )
        entry = events._prepare_entry(self, "setting", note=note)
        events._append([{**entry, "company_id": self.id}])

    def _nka_remake_seasons(self, since):
        """Planned seasons without goals are made anew by the changed years."""
        planned = [
            ("company_id", "=", self.id),
            ("state", "=", "planned"),
            ("goal_ids", "=", False),
            ("name", "=", False),
            ("date_start", ">=", since or date.min),
        ]
        seasons = self.env["nka.season"].sudo()
        seasons.search(planned).unlink()
        if seasons.search_count([("company_id", "=", self.id)], limit=1):
            self._make_seasons()

    # ------------------------------------------------------------ seasons
    def _make_seasons(self, since=None):
        """Make the missing seasons from ``since`` to two ahead of the running one.

        Days that another season covers already stay with that one; where it ends within
        a season to be made, that one begins the day after.

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
                day = values["date_end"] + timedelta(days=1)
                values = _without_taken(values, taken)
                if values:
                    taken |= seasons.create(values)


def _without_taken(values, seasons):
    """Days of a season that no other one has; None where nothing is left at its end."""
    start, end = values["date_start"], values["date_end"]
    ends = [
        season.date_end
        for season in seasons
        if season.date_start <= end and season.date_end >= start
    ]
    if ends:
        start = max(ends) + timedelta(days=1)
    return {**values, "date_start": start} if start <= end else None
