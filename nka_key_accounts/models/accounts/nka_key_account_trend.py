"""Where the health of an account is heading: history, sparkline, and an alarm on a fall."""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from .nka_health_history import KEPT_DAYS

TREND_DAYS = 30
#: Points of change within the trend's days that make an arrow.
TREND_POINTS = 5
SPARK_DAYS = 180
SPARK_WIDTH = 180
SPARK_HEIGHT = 36
FELL_ACTIVITY = "nka_key_accounts.mail_activity_type_health_fell"
POOR_ACTIVITY = "nka_key_accounts.mail_activity_type_health_poor"


class KeyAccountTrend(models.Model):
    _inherit = "nka.key.account"

    health_change = fields.Integer(
        "Health, 30 days",
        compute="_compute_figures",
        search="_search_health_change",
        aggregator="avg",
        help="Points won or lost against thirty days ago.",
    )
    health_trend = fields.Selection(
        [("up", "Rising"), ("flat", "Steady"), ("down", "Falling")],
        compute="_compute_figures",
        search="_search_health_trend",
        help="Five points or more within thirty days make it rise or fall.",
    )
    health_sparkline = fields.Html(
        "Course of the health", compute="_compute_health_sparkline", sanitize=False
    )

    # ------------------------------------------------------------ figures
    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "health_change", "health_trend"]

    def _search_health_change(self, operator, value):
        return self._search_figure("health_change", operator, value)

    def _search_health_trend(self, operator, value):
        return self._search_figure("health_trend", operator, value)

    @api.model
    def _sql_health_change(self, alias):
        """Against the score in force thirty days ago, else the first one known."""
        return SQL(
            """(%(health)s - COALESCE(%(then)s, %(first)s, %(health)s))""",
            health=SQL.identifier(alias, "health"),
            then=self._sql_past_health(
                alias, SQL("past.date <= %s", self._trend_since()), SQL("DESC")
            ),
            first=self._sql_past_health(alias, SQL("TRUE"), SQL("ASC")),
        )

    @api.model
    def _trend_since(self):
        return fields.Date.context_today(self) - timedelta(days=TREND_DAYS)

    @api.model
    def _sql_past_health(self, alias, condition, direction):
        return SQL(
            """(SELECT past.health FROM nka_health_history past
                 WHERE past.key_account_id = %s AND %s
              ORDER BY past.date %s LIMIT 1)""",
            SQL.identifier(alias, "id"),
            condition,
            direction,
        )

    @api.model
    def _sql_health_trend(self, alias):
        return SQL(
            """(CASE WHEN %(health)s IS NULL THEN NULL
                     WHEN %(change)s >= %(points)s THEN 'up'
                     WHEN %(change)s <= -%(points)s THEN 'down' ELSE 'flat' END)""",
            health=SQL.identifier(alias, "health"),
            change=self._sql_health_change(alias),
            points=TREND_POINTS,
        )

    # ------------------------------------------------------------ sparkline
    @api.depends("health")
    @api.depends_context("lang", "tz")
    def _compute_health_sparkline(self):
        today = fields.Date.context_today(self)
        courses = self._read_courses(today - timedelta(days=SPARK_DAYS))
        for account in self:
            course = courses.get(account._origin.id)
            account.health_sparkline = course and account._draw_course(course, today)

    def _read_courses(self, since):
        """Days and scores of these accounts: one query.

        :rtype: dict[int, list[tuple[date, int]]]
        """
        rows = (
            self.env["nka.health.history"]
            .sudo()
            .search_fetch(
                [("key_account_id", "in", self.ids), ("date", ">=", since)],
                ["key_account_id", "date", "health"],
                order="date",
            )
        )
        return {
            account.id: [(row.date, row.health) for row in group]
            for account, group in rows.grouped("key_account_id").items()
        }

    def _draw_course(self, course, today):
        """A stair of the scores, from the first day known until today."""
        first = course[0][0]
        span = max((today - first).days, 1)
        points, height = [], None
        for day, health in [*course, (today, course[-1][1])]:
            x = round((day - first).days * SPARK_WIDTH / span, 1)
            if height is not None:
                points.append(f"{x},{height}")
            height = round(SPARK_HEIGHT - 2 - health * (SPARK_HEIGHT - 4) / 100, 1)
            points.append(f"{x},{height}")
        label = self.env._(
            "Health from %(first)s to %(last)s since %(day)s",
            first=course[0][1],
            last=course[-1][1],
            day=first,
        )
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" '
            'viewBox="0 0 %s %s" style="width:100%%;max-width:%spx;height:%spx" '
            'preserveAspectRatio="none"><title>%s</title><polyline points="%s" '
            'fill="none" stroke="currentColor" stroke-width="2" '
            'vector-effect="non-scaling-stroke"/></svg>'
        ) % (
            label,
            SPARK_WIDTH,
            SPARK_HEIGHT,
            SPARK_WIDTH * 2,
            SPARK_HEIGHT,
            label,
            " ".join(points),
        )

    # ------------------------------------------------------------ daily job
    @api.model
    def _cron_refresh_health(self):
        result = super()._cron_refresh_health()
        accounts = self.search([("state", "in", ("candidate", "key"))])
        fallen = accounts._remember_health()
        fallen._alert_fall()
        return result

    def _remember_health(self):
        """Keep today's scores that differ from the last ones known.

        :return: the accounts whose score is lower than the last one known
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        self.env.cr.execute(
            """WITH known AS (
                    SELECT account.id, account.health,
                           (SELECT past.health FROM nka_health_history past
                             WHERE past.key_account_id = account.id
                               AND past.date < %(today)s
                          ORDER BY past.date DESC LIMIT 1) AS before
                      FROM nka_key_account account
                     WHERE account.id = ANY(%(ids)s) AND account.health IS NOT NULL
               ), kept AS (
                    INSERT INTO nka_health_history (key_account_id, date, health)
                    SELECT id, %(today)s, health FROM known
                     WHERE health IS DISTINCT FROM before
                        ON CONFLICT (key_account_id, date)
                        DO UPDATE SET health = EXCLUDED.health
               ), old AS (
                    DELETE FROM nka_health_history WHERE date < %(limit)s
               )
               SELECT id FROM known WHERE health < before ORDER BY id""",
            {
                "ids": self.ids,
                "today": today,
                "limit": today - timedelta(days=KEPT_DAYS),
            },
        )
        fallen = [account_id for (account_id,) in self.env.cr.fetchall()]
        self.env["nka.health.history"].invalidate_model(flush=False)
        self._forget_figures()
        return self.browse(fallen)

    def _alert_fall(self):
        """Tell the manager of a fall, and the supervisor when little health is left.

        Only on a day on which the score went down: who has dealt with the fall isn't
        told of it again tomorrow. Where there is no manager the supervisor stands in.
        """
        deep = self.filtered(
            lambda account: account.health_change <= -account.company_id.nka_health_fall
        )
        deep._raise_activities(
            FELL_ACTIVITY, {account.id: account._user_to_tell().id for account in deep}
        )
        poor = deep.filtered(lambda account: account.health_level == "poor")
        poor._raise_activities(
            POOR_ACTIVITY, {account.id: account.supervisor_id.id for account in poor}
        )

    # ------------------------------------------------------------ contributor
    @api.model
    def _health_contributors(self, alias):
        """A client without a year behind him isn't judged by his revenue."""
        return [
            *super()._health_contributors(alias),
            ("revenue", self.env._("Revenue"), self._sql_revenue_score(alias), 25),
        ]

    @api.model
    def _sql_revenue_score(self, alias):
        """100 where twelve months bring what the twelve before did, 0 at half of it."""
        return SQL(
            """CASE WHEN %(before)s > 0 THEN LEAST(100, GREATEST(0,
                    200 * %(now)s / %(before)s - 100)) END""",
            now=self._sql_trailing_revenue(alias),
            before=self._sql_earlier_revenue(alias),
        )
