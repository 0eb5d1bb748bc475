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


#: Settings that affect how much people are paid, or when.
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

    # ------------------------------------------------------------ years: texts
    def _nka_say_years(self):
        """Explain from when a changed first month applies; empty if it already does."""
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
        """Return the names of the two months in which half-years start, as text."""
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
        """Refuse users who are paid under a plan (segregation of duties)."""
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
        """Return an agreement the user is paid by, or an empty recordset.

        Searches these companies, their parents and branches, or only ``plans`` if
        given.

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
        """Return the company's years, including those before a change of first month.

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
        """Apply a changed first month of the year.

        It applies at once or, if months were already calculated, from the half-year
        after the last calculated one.

        :param paycalc.Years years: the years before the change
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
        """Hook: return the last month calculated with the current years, or None."""
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
        """Create planned seasons without goals again, by the changed years."""
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
        """Create the missing seasons from ``since`` to two ahead of the running one.

        Days covered by an existing season stay with it; a new season that overlaps it
        starts the day after.

        :param date since: any day of the first season; today by default
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
    """Return the values without days of other seasons; None if no days remain."""
    start, end = values["date_start"], values["date_end"]
    ends = [
        season.date_end
        for season in seasons
        if season.date_start <= end and season.date_end >= start
    ]
    if ends:
        start = max(ends) + timedelta(days=1)
    return {**values, "date_start": start} if start <= end else None
