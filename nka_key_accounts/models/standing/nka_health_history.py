from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

TREND_DAYS = 30
#: Number of days for which history is kept: a year before and after a handover.
KEPT_DAYS = 800
SPARK_DAYS = 180
SPARK_WIDTH = 180
SPARK_HEIGHT = 36


class HealthHistory(models.Model):
    """Health score of an account on the days on which it changed."""

    _name = "nka.health.history"
    _description = "Daily health score"
    _inherit = ["nka.read.mixin"]
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "date"

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="key_account_id.company_id")
    date = fields.Date(required=True, readonly=True)
    health = fields.Integer(required=True, readonly=True, aggregator="avg")

    # One row per day; also used to find the latest row of an account before a day.
    _day_unique = models.UniqueIndex(
        "(key_account_id, date)",
        "An account has one health score per day, and today's already exists.",
    )

    # ------------------------------------------------------------ change
    @api.model
    def _sql_change(self, alias):
        """Return SQL for the change of an account's health within thirty days.

        It is the difference to the score in force thirty days ago, or else to the first
        score known.
        """
        since = fields.Date.context_today(self) - timedelta(days=TREND_DAYS)
        return SQL(
            """(%(health)s - COALESCE(%(then)s, %(first)s, %(health)s))""",
            health=SQL.identifier(alias, "health"),
            then=self._sql_past(alias, SQL("past.date <= %s", since), SQL("DESC")),
            first=self._sql_past(alias, SQL("TRUE"), SQL("ASC")),
        )

    @api.model
    def _sql_past(self, alias, condition, direction):
        return SQL(
            """(SELECT past.health FROM nka_health_history past
                 WHERE past.key_account_id = %s AND %s
              ORDER BY past.date %s LIMIT 1)""",
            SQL.identifier(alias, "id"),
            condition,
            direction,
        )

    # ------------------------------------------------------------ sparkline
    @api.model
    def _sparklines(self, accounts):
        """Return the health history of each account as a picture. One query.

        :return: pictures by account id
        :rtype: dict[int, Markup]
        """
        today = fields.Date.context_today(self)
        rows = self.sudo().search_fetch(
            [
                ("key_account_id", "in", accounts.ids),
                ("date", ">=", today - timedelta(days=SPARK_DAYS)),
            ],
            ["key_account_id", "date", "health"],
            order="date",
        )
        return {
            account.id: self._draw([(row.date, row.health) for row in group], today)
            for account, group in rows.grouped("key_account_id").items()
        }

    @api.model
    def _draw(self, course, today):
        """Draw the scores as a step chart, from the first known day until today."""
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
    def _remember(self, accounts):
        """Store today's scores that differ from the last known ones; delete old rows.

        :return: the accounts whose score is lower than the last known one
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
                "ids": accounts.ids,
                "today": today,
                "limit": today - timedelta(days=KEPT_DAYS),
            },
        )
        fallen = [account_id for (account_id,) in self.env.cr.fetchall()]
        self.invalidate_model(flush=False)
        accounts._forget_figures()
        return accounts.browse(fallen)
