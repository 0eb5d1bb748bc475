from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..trail.opening import open_action
from .week_figures import BY_NAME, FIGURES, WEEK

#: Number of figures in the mail and on the page, and of accounts named as the reason.
TOLD = 5
NAMED = 3
ROWS = 50
#: Counts are compared with at least this many, so that 1 instead of 0 isn't everything.
FEW = 5


def _both(name):
    """Return the column of a figure in the rows called ``this`` and ``past``."""
    return SQL.identifier("this", name), SQL.identifier("past", name)


def monday(day):
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())


class WeekChange(models.Model):
    """Change of one figure of a company's key accounts within a week, and its reasons.

    The reasons are the accounts in which the figure changed most.
    """

    _name = "nka.week.change"
    _description = "Weekly change"
    _inherit = ["nka.read.mixin"]
    _log_access = False
    _order = "week desc, rank, id"
    _rec_name = "figure"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    week = fields.Date("Week of", required=True, readonly=True)
    figure = fields.Selection(
        lambda self: [(one.name, self.env._(one.label)) for one in FIGURES],
        required=True,
        readonly=True,
    )
    value = fields.Float("Now", readonly=True, aggregator=None)
    previous = fields.Float("A week before", readonly=True, aggregator=None)
    rank = fields.Integer(
        readonly=True,
        aggregator=None,
        help="1 = changed most, relative to the larger of the two values.",
    )
    value_text = fields.Char("This week", compute="_compute_texts")
    previous_text = fields.Char("Last week", compute="_compute_texts")
    change_text = fields.Char("Difference", compute="_compute_texts")
    direction = fields.Selection(
        [("better", "Better"), ("worse", "Worse")], compute="_compute_texts"
    )
    reason = fields.Char("Why", compute="_compute_reason")
    account_ids = fields.Many2many(
        "nka.key.account", string="Accounts", compute="_compute_account_rows"
    )
    account_rows = fields.Html(
        "Accounts in which it changed", compute="_compute_account_rows", sanitize=False
    )

    _week_unique = models.UniqueIndex(
        "(company_id, week, figure)", "The changes of this week are already recorded."
    )

    # ------------------------------------------------------------ compute
    @api.depends("figure", "week")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = (
                f"{change._label()}, {format_date(self.env, change.week)}"
            )

    @api.depends("value", "previous", "figure")
    @api.depends_context("lang")
    def _compute_texts(self):
        self.value_text = self.previous_text = self.change_text = False
        self.direction = False
        for change in self.filtered("figure"):
            difference = change.value - change.previous
            change.value_text = change._text(change.value)
            change.previous_text = change._text(change.previous)
            change.change_text = change._signed(difference)
            is_better = difference * BY_NAME[change.figure].better > 0
            change.direction = "better" if is_better else "worse"

    @api.depends("figure", "week", "company_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        parts = self._read_parts(NAMED)
        for change in self:
            rows = parts.get(change._origin.id, [])
            change.reason = "; ".join(
                f"{row['name']} {change._signed(row['difference'])}" for row in rows
            )

    @api.depends("figure", "week", "company_id")
    @api.depends_context("lang")
    def _compute_account_rows(self):
        parts = self._read_parts(ROWS)
        for change in self:
            rows = parts.get(change._origin.id, [])
            change.account_ids = [row["account_id"] for row in rows]
            change.account_rows = rows and self.env["ir.qweb"]._render(
                "nka_key_accounts.week_change_accounts",
                {"rows": [change._prepare_row(row) for row in rows]},
            )

    def _prepare_row(self, row):
        unknown = self.env._("no key account yet")
        previous = row["previous"]
        return {
            "name": row["name"],
            "url": f"/odoo/nka.key.account/{row['account_id']}",
            "previous": unknown if previous is None else self._text(previous),
            "value": self._text(row["value"] or 0),
            "change": self._signed(row["difference"]),
        }

    def _label(self):
        return self.env._(BY_NAME[self.figure].label)

    def _text(self, value):
        """Return a value in the reader's format."""
        if BY_NAME[self.figure].kind == "money":
            return format_amount(
                self.env, round(value), self.currency_id, trailing_zeroes=False
            )
        return f"{value:.0f}"

    def _signed(self, difference):
        sign = "+" if difference > 0 else "−" if difference < 0 else ""
        return f"{sign}{self._text(abs(difference))}"

    def _read_parts(self, limit):
        """Return the accounts behind each change, largest first, with one query.

        :param int limit: accounts per change
        :return: rows with account_id, name, value, previous and difference, by id
        :rtype: dict[int, list[dict]]
        """
        if not self.ids:
            return {}
        self.flush_model()
        self.env["nka.account.week"].flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT * FROM (
                    SELECT part.*, partner.name, ROW_NUMBER() OVER (
                               PARTITION BY part.change_id
                               ORDER BY ABS(part.difference) DESC, part.account_id
                           ) AS number
                      FROM (%(parts)s) part
                      JOIN nka_key_account account ON account.id = part.account_id
                      JOIN res_partner partner ON partner.id = account.partner_id
                     WHERE part.difference != 0
                   ) numbered WHERE number <= %(limit)s ORDER BY change_id, number""",
                parts=self._sql_parts(),
                limit=limit,
            )
        )
        found = {}
        for row in self.env.cr.dictfetchall():
            found.setdefault(row["change_id"], []).append(row)
        return found

    def _sql_parts(self):
        """Return SQL for the figure of each account in both weeks of each change."""
        pick = SQL(
            "CASE change.figure %s END",
            SQL(" ").join(
                SQL("WHEN %s THEN ARRAY[%s, %s]::numeric[]", one.name, *_both(one.name))
                for one in FIGURES
            ),
        )
        return SQL(
            """SELECT change.id AS change_id, account_id, pair[1] AS value,
                      pair[2] AS previous,
                      CASE change.figure WHEN 'health' THEN pair[1] - pair[2]
                           ELSE COALESCE(pair[1], 0) - COALESCE(pair[2], 0)
                       END AS difference
                 FROM nka_week_change change
                CROSS JOIN LATERAL (
                      SELECT %(account)s AS account_id, %(pick)s AS pair
                        FROM (SELECT * FROM nka_account_week
                               WHERE company_id = change.company_id
                                 AND week = change.week) this
                        FULL JOIN (SELECT * FROM nka_account_week
                                    WHERE company_id = change.company_id
                                      AND week = change.week - 7) past
                          ON past.key_account_id = this.key_account_id
                     ) pairs
                WHERE change.id IN %(ids)s""",
            account=SQL("COALESCE(this.key_account_id, past.key_account_id)"),
            pick=pick,
            ids=tuple(self.ids),
        )

    def _reading_size(self):
        """Count the accounts that the reasons name."""
        return NAMED * super()._reading_size()

    # ------------------------------------------------------------ actions
    def action_open_accounts(self):
        """Open the accounts in which the figure changed."""
        self.ensure_one()
        self.check_access("read")
        return open_action(
            self.env,
            "nka_key_account_action",
            name=self.display_name,
            domain=[("id", "in", self.account_ids.ids)],
            context={},
        )

    # ------------------------------------------------------------ business
    @api.model
    def _latest(self, company):
        """Return the changes of the company's latest week that changed most."""
        last = self.search([("company_id", "=", company.id)], limit=1)
        return self.search(
            [("company_id", "=", company.id), ("week", "=", last.week)], limit=TOLD
        )

    @api.model
    def _record(self, company, week):
        """Compare the accounts of a week with the week before, with one query.

        A figure that is unknown for one of the weeks, or that didn't change, is
        excluded.

        :return: the changes, those that changed most first
        :rtype: nka.week.change
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nka_week_change
                               (company_id, week, figure, value, previous, rank)
                   SELECT %(company)s, %(week)s, figure, value, previous,
                          ROW_NUMBER() OVER (ORDER BY
                              ABS(value - previous)
                              / GREATEST(ABS(value), ABS(previous), least) DESC, place)
                     FROM (%(sums)s) summed
                    WHERE value IS NOT NULL AND previous IS NOT NULL
                      AND value != previous
                   ON CONFLICT DO NOTHING""",
                company=company.id,
                week=week,
                sums=self._sql_sums(company, week),
            )
        )
        self.invalidate_model(flush=False)
        return self.search([("company_id", "=", company.id), ("week", "=", week)])

    @api.model
    def _sql_sums(self, company, week):
        """Return SQL for the total of each figure in both weeks."""
        totals = SQL(", ").join(
            SQL(
                "%s(%s) AS %s",
                SQL("AVG" if one.kind == "score" else "SUM"),
                SQL.identifier(one.name),
                SQL.identifier(one.name),
            )
            for one in FIGURES
        )
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s::numeric, %s::numeric, %s)",
                place,
                one.name,
                *_both(one.name),
                FEW if one.kind == "count" else 1,
            )
            for place, one in enumerate(FIGURES)
        )
        return SQL(
            """SELECT told.* FROM (%(this)s) this CROSS JOIN (%(past)s) past
                CROSS JOIN LATERAL (VALUES %(rows)s)
                   AS told (place, figure, value, previous, least)""",
            rows=rows,
            **{
                name: SQL(
                    """SELECT %s FROM nka_account_week
                        WHERE company_id = %s AND week = %s HAVING COUNT(*) > 0""",
                    totals,
                    company.id,
                    day,
                )
                for name, day in (("this", week), ("past", week - WEEK))
            },
        )

    @api.autovacuum
    def _gc_changes(self):
        self.env.cr.execute(
            """DELETE FROM nka_week_change change WHERE NOT EXISTS (
                SELECT FROM nka_account_week kept
                 WHERE kept.company_id = change.company_id AND kept.week = change.week
               )"""
        )
