"""Who acts for an account at this moment: its manager, and the deputy while he is away.

Nothing is switched: access rules ask the time-off calendar whenever they are asked,
so a deputy's rights come with the approved absence and go with its end.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date


class KeyAccountStanding(models.Model):
    _inherit = "nka.key.account"

    acting_user_ids = fields.Many2many(
        "res.users",
        string="Acts for the client now",
        compute="_compute_standing",
        search="_search_acting_user_ids",
        compute_sudo=True,
        help="The manager, and his deputy during the manager's approved absence.",
    )
    mentor_user_ids = fields.Many2many(
        "res.users",
        string="Mentors of the manager",
        compute="_compute_standing",
        search="_search_mentor_user_ids",
        compute_sudo=True,
    )
    absence_text = fields.Char(
        "Who stands in", compute="_compute_absence_text", compute_sudo=True
    )

    # ------------------------------------------------------------ compute
    @api.depends("manager_id", "deputy_id")
    def _compute_standing(self):
        rows = self._read_standing() if self.ids else {}
        for account in self:
            away, mentors = rows.get(account._origin.id) or (None, None)
            acting = account.manager_id
            account.acting_user_ids = acting | account.deputy_id if away else acting
            account.mentor_user_ids = [(6, 0, mentors or [])]

    def _read_standing(self):
        """End of the manager's absence, if he is away, and his mentors: one statement.

        :rtype: dict[int, tuple[datetime | None, list[int] | None]]
        """
        self._flush_standing()
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id, %s, %s FROM nka_key_account account
                    WHERE account.id = ANY(%s)""",
                self._sql_absence("account", SQL("MAX(absence.date_to)")),
                self._sql_mentors("account", SQL("array_agg(mentoring.mentor_id)")),
                self.ids,
            )
        )
        return {account_id: tuple(row) for account_id, *row in rows}

    @api.depends("manager_id", "deputy_id")
    @api.depends_context("lang", "tz")
    def _compute_absence_text(self):
        rows = self._read_standing() if self.ids else {}
        for account in self:
            until = rows.get(account._origin.id, (None,))[0]
            account.absence_text = until and account._describe_absence(until)

    def _describe_absence(self, until):
        """In words, without the reason of the absence: that is nobody's business."""
        day = format_date(self.env, fields.Datetime.context_timestamp(self, until))
        if not self.deputy_id:
            return self.env._(
                "%(manager)s is away until %(day)s and nobody stands in. Name a deputy.",
                manager=self.manager_id.name,
                day=day,
            )
        return self.env._(
            "%(manager)s is away until %(day)s; %(deputy)s stands in with the same "
            "rights until then.",
            manager=self.manager_id.name,
            deputy=self.deputy_id.name,
            day=day,
        )

    def _user_to_tell(self):
        """Who is told what befalls the account: its manager, without one its supervisor.

        :rtype: res.users
        """
        return self.manager_id or self.supervisor_id

    # ------------------------------------------------------------ search
    @api.model
    def _search_acting_user_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = tuple(user_id for user_id in value if user_id) or (0,)
        self._flush_standing()
        return Domain.custom(
            to_sql=lambda model, alias, query: model._sql_acting(alias, users)
        )

    @api.model
    def _search_mentor_user_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = tuple(user_id for user_id in value if user_id) or (0,)
        self._flush_standing()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s > 0",
                model._sql_mentors(
                    alias,
                    SQL("COUNT(*) FILTER (WHERE mentoring.mentor_id IN %s)", users),
                ),
            )
        )

    # ------------------------------------------------------------ expressions
    @api.model
    def _flush_standing(self):
        self.env["nka.key.account"].flush_model(["manager_id", "deputy_id"])
        self.env["nka.mentorship"].flush_model()
        self.env["hr.leave"].flush_model(["user_id", "date_from", "date_to", "state"])

    @api.model
    def _sql_acting(self, alias, users):
        return SQL(
            "(%(manager)s IN %(users)s OR (%(deputy)s IN %(users)s AND %(away)s))",
            manager=SQL.identifier(alias, "manager_id"),
            deputy=SQL.identifier(alias, "deputy_id"),
            users=users,
            away=SQL("%s > 0", self._sql_absence(alias, SQL("COUNT(*)"))),
        )

    @api.model
    def _sql_on_duty(self, alias):
        """Who gets today's work: the manager, while he is away his deputy."""
        return SQL(
            """(CASE WHEN %(away)s > 0 THEN COALESCE(%(deputy)s, %(manager)s)
                     ELSE %(manager)s END)""",
            away=self._sql_absence(alias, SQL("COUNT(*)")),
            deputy=SQL.identifier(alias, "deputy_id"),
            manager=SQL.identifier(alias, "manager_id"),
        )

    @api.model
    def _sql_absence(self, alias, selected):
        """The manager's approved absences of this moment; trainings are work."""
        return SQL(
            """(SELECT %(selected)s FROM hr_leave absence
                  JOIN hr_leave_type kind ON kind.id = absence.holiday_status_id
                 WHERE absence.user_id = %(manager)s AND absence.state = 'validate'
                   AND kind.time_type = 'leave'
                   AND absence.date_from <= %(now)s AND absence.date_to > %(now)s)""",
            selected=selected,
            manager=SQL.identifier(alias, "manager_id"),
            now=fields.Datetime.now(),
        )

    @api.model
    def _sql_mentors(self, alias, selected):
        return SQL(
            """(SELECT %(selected)s FROM nka_mentorship mentoring
                 WHERE mentoring.mentee_id = %(manager)s
                   AND mentoring.company_id = %(company)s
                   AND mentoring.date_from <= %(today)s
                   AND (mentoring.date_to IS NULL OR mentoring.date_to >= %(today)s))""",
            selected=selected,
            manager=SQL.identifier(alias, "manager_id"),
            company=SQL.identifier(alias, "company_id"),
            today=fields.Date.today(),
        )

    # ------------------------------------------------------------ checks
    def _check_manager_write(self, vals):
        """Standing in isn't taking over."""
        if not self._may_supervise():
            for account in self.sudo():
                if account.manager_id and account.manager_id.id != self.env.uid:
                    raise AccessError(
                        self.env._(
                            "You stand in for the manager of %s; the account stays "
                            "his. Ask a supervisor for a handover.",
                            account.display_name,
                        )
                    )
        return super()._check_manager_write(vals)
