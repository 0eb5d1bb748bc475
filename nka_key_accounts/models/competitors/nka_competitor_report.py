from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import date_utils

from ..trail.roles import SUPERVISOR


class CompetitorReport(models.TransientModel):
    """Quarterly report on competitors, for management."""

    _name = "nka.competitor.report"
    _description = "Competitor report"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "First day", required=True, default=lambda self: self._last_quarter()[0]
    )
    date_to = fields.Date(
        "Last day", required=True, default=lambda self: self._last_quarter()[1]
    )

    @api.model
    def _last_quarter(self):
        """Return the first and last day of the last complete quarter."""
        day = fields.Date.context_today(self) - relativedelta(months=3)
        return date_utils.get_quarter(day)

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._(
                "Competitors, %(first)s – %(last)s",
                first=report.date_from,
                last=report.date_to,
            )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for report in self:
            if report.date_from > report.date_to:
                raise ValidationError(
                    self.env._("The last day can't be before the first day.")
                )

    def action_print(self):
        """Print the report of the period."""
        self.ensure_one()
        return self.env.ref(
            "nka_key_accounts.nka_competitor_report_quarterly"
        ).report_action(self)

    # ------------------------------------------------------------ content
    def _prepare_rows(self):
        """Return one row for each competitor, the highest lost value first.

        :rtype: list[dict]
        """
        now = self._read_totals(self.date_from, self.date_to)
        before = self._read_totals(*self._period_before())
        open_deals = self._read_open()
        prices = self._prices_seen().grouped("competitor_id")
        competitors = self.env["nka.competitor"].search([])
        rows = [
            {
                "competitor": competitor,
                "now": now.get(competitor, (0, 0, 0.0, 0.0)),
                "before": before.get(competitor, (0, 0, 0.0, 0.0)),
                "open": open_deals.get(competitor, (0, 0.0)),
                "prices": prices.get(competitor, []),
                "review_old": bool(
                    competitor.review_date and competitor.review_date < self.date_to
                ),
            }
            for competitor in competitors
        ]
        return sorted(rows, key=lambda row: (-row["now"][3], -row["open"][1]))

    def _scope(self):
        """Return whose deals are counted: those the reader has access to."""
        if self.env.user.has_group(SUPERVISOR):
            return self.env._("All deals of the company.")
        return self.env._(
            "Only the deals you have access to; competitor profiles count all deals of "
            "the company."
        )

    def _period_before(self):
        """Return the period before: as many whole months, so that quarters are compared
        with quarters, else as many days.

        :rtype: tuple[date, date]
        """
        begin, end = self.date_from, self.date_to + relativedelta(days=1)
        if begin.day == end.day == 1:
            months = 12 * (end.year - begin.year) + end.month - begin.month
            first = begin - relativedelta(months=months)
        else:
            first = begin - (end - begin)
        return first, begin - relativedelta(days=1)

    def _read_totals(self, first, last):
        """Return won and lost deals of a period by competitor: counts, then values."""
        rows = self.env["nka.competitor.analysis"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", first),
                ("date", "<=", last),
                ("outcome", "in", ("won", "lost_to_him")),
            ],
            ["competitor_id"],
            ["won_count:sum", "lost_count:sum", "won_value:sum", "lost_value:sum"],
        )
        return {
            competitor: tuple(total or 0 for total in totals)
            for competitor, *totals in rows
        }

    def _read_open(self):
        rows = self.env["nka.competitor.analysis"]._read_group(
            [("company_id", "=", self.company_id.id), ("outcome", "=", "open")],
            ["competitor_id"],
            ["open_count:sum", "open_value:sum"],
        )
        return {competitor: (count, value or 0) for competitor, count, value in rows}

    def _prices_seen(self):
        return self.env["nka.competitor.offering"].search(
            [("date_seen", ">=", self.date_from), ("date_seen", "<=", self.date_to)]
        )

    def _lost_deals(self):
        """Return the ten largest deals lost to a named competitor in the period."""
        lost = self.env["nka.competitor.analysis"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("outcome", "=", "lost_to_him"),
            ]
        )
        return lost.sorted("lost_value", reverse=True)[:10]
