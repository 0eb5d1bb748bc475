from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ... import paycalc
from ..facts import calendars
from ..trail.opening import open_list
from .border import plain
from .measurement import Span

#: Number of seasons created ahead of the running one.
AHEAD = 2
#: Number of past seasons used to draft a goal.
LOOK_BACK = 3
#: Days the scheduled job waits after a season's end for late confirmations and
#: outcomes. The button can freeze from the first day after the season.
GRACE_DAYS = 5


class Season(models.Model):
    """Season: a quarter by default, with the goals set for it."""

    _name = "nka.season"
    _description = "Season"
    _inherit = ["nka.state.mixin"]
    _removable_states = ("running",)
    # States sort by technical name, descending: running, planned, frozen. So grouped
    # lists and the mobile view open on the running season.
    _order = "state desc, date_start desc, id desc"

    name = fields.Char(
        "Custom name",
        help="Leave empty to name the season after its dates, in each reader's language.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_start = fields.Date("First day", required=True)
    date_end = fields.Date("Last day", required=True)
    state = fields.Selection(
        [("planned", "Planned"), ("running", "Running"), ("frozen", "Frozen")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    goal_ids = fields.One2many("nka.season.goal", "season_id")
    goal_count = fields.Integer("Goals", compute="_compute_counts")
    open_count = fields.Integer(
        "Not accepted",
        compute="_compute_counts",
        help="Goals not proposed or not accepted yet.",
    )
    exception_count = fields.Integer(
        "Goals not measured",
        compute="_compute_counts",
        help="Goals that couldn't be measured and need a supervisor's decision.",
    )
    average_progress = fields.Float("Progress (%)", compute="_compute_counts")
    measured_date = fields.Datetime(
        "Measured on",
        compute="_compute_counts",
        help="Goals are measured every night and on request.",
    )
    elapsed = fields.Float("Elapsed (%)", compute="_compute_elapsed")

    _dates_order = models.Constraint(
        "CHECK(date_end > date_start)", "The season must end after it starts."
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(company_id, company_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) DEFERRABLE INITIALLY DEFERRED",
        "Seasons of a company can't overlap.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("name", "date_start", "date_end", "company_id.nka_year_month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for season in self:
            season.display_name = season.name or season._name_of_days()

    @api.model
    def _search_display_name(self, operator, value):
        """Compare computed names in Python: a company has only a few seasons."""
        found = self.search([]).filtered_domain([("display_name", operator, value)])
        return Domain("id", "in", found.ids)

    @api.depends(
        "goal_ids.state",
        "goal_ids.is_exception",
        "goal_ids.progress",
        "goal_ids.measured_date",
    )
    def _compute_counts(self):
        rows = self.env["nka.season.goal"]._read_group(
            [("season_id", "in", self.ids)],
            ["season_id", "state", "is_exception"],
            ["__count", "progress:sum", "measured_date:max"],
        )
        for season in self:
            own = [row for row in rows if row[0] == season]
            count = sum(row[3] for row in own)
            season.goal_count = count
            season.open_count = sum(
                row[3] for row in own if row[1] in ("draft", "proposed")
            )
            season.exception_count = sum(row[3] for row in own if row[2])
            season.measured_date = max((row[5] for row in own if row[5]), default=False)
            season.average_progress = sum(row[4] for row in own) / count if count else 0

    @api.depends("date_start", "date_end")
    def _compute_elapsed(self):
        today = fields.Date.context_today(self)
        for season in self:
            season.elapsed = 0.0
            if season.date_start and season.date_end:
                days = (season.date_end - season.date_start).days + 1
                passed = (today - season.date_start).days
                season.elapsed = 100.0 * min(max(passed, 0), days) / days

    # ------------------------------------------------------------ checks
    @api.constrains("date_start", "date_end")
    def _check_whole_months(self):
        """Require whole months, because pay is monthly."""
        for season in self:
            after = season.date_end + timedelta(days=1)
            if season.date_start.day != 1 or after.day != 1:
                raise ValidationError(
                    self.env._(
                        "A season must start on the first day of a month and end on "
                        "the last day of a month."
                    )
                )

    def _check_over(self):
        for season in self:
            if not season._is_over():
                raise UserError(
                    self.env._(
                        "%s hasn't ended yet. You can freeze its results from the day "
                        "after it ends.",
                        season.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if not vals.keys().isdisjoint({"date_start", "date_end", "company_id"}):
            if self.sudo().goal_ids:
                raise UserError(
                    self.env._(
                        "The dates of a season can't be changed once it has goals."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for season in self:
            if season.state == "frozen" or season.sudo().goal_ids:
                raise UserError(
                    self.env._(
                        "%s has goals, so it can't be deleted. Delete its draft goals "
                        "first.",
                        season.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_propose_goals(self):
        """Draft goals for the managers the user supervises, from their last seasons.

        Existing goals aren't changed.

        :return: the action that opens the season's goals
        """
        self._check_supervisor()
        self._check_state("planned", "running")
        for season in self:
            season._draft_goals()
        return self.action_open_goals()

    def action_refresh(self):
        """Measure the season's goals as of now."""
        self.check_access("read")
        self.sudo().goal_ids._refresh()
        return True

    def action_freeze(self):
        """Freeze the goals of seasons that are over, with their evidence.

        Goals that can't be measured wait for a supervisor's decision. A season becomes
        frozen once all of its goals are.

        :raise AccessError: if the user isn't a supervisor
        :raise UserError: while a season is running
        """
        self._check_supervisor()
        self._check_over()
        return self.sudo()._freeze()

    def action_open_goals(self):
        """Open the goals of these seasons, grouped by employee."""
        return open_list(
            self.env,
            "nka.season.goal",
            [("season_id", "in", self.ids)],
            self.env._("Goals"),
            view_mode="list,kanban,graph,pivot,form",
            context={
                "search_default_group_employee": 1,
                "graph_groupbys": ["employee_id", "kpi_id"],
            },
        )

    def action_open_exceptions(self):
        """Open the goals that await a decision."""
        action = self.action_open_goals()
        action["domain"] = [*action["domain"], ("is_exception", "=", True)]
        return action

    # ------------------------------------------------------------ freezing
    def _freeze(self):
        for season in self:
            season.goal_ids._freeze()
        self._close_frozen()
        return True

    def _close_frozen(self):
        """Freeze seasons that are over and whose goals are all frozen."""
        done = self.filtered(
            lambda season: (
                season.state != "frozen"
                and season._is_over()
                and all(goal.state == "frozen" for goal in season.goal_ids)
            )
        )
        if done:
            done._move_to("frozen")

    @api.model
    def _cron_seasons(self):
        """Create and start seasons, measure running ones and freeze the ended ones."""
        self.env["res.company"].sudo().search([])._make_seasons()
        today = fields.Date.context_today(self)
        starting = self.search([("state", "=", "planned"), ("date_start", "<=", today)])
        if starting:
            starting._move_to("running")
        running = self.search([("state", "=", "running")])
        running.goal_ids._refresh()
        limit = today - timedelta(days=GRACE_DAYS)
        running.filtered(lambda season: season.date_end < limit)._freeze()

    # ------------------------------------------------------------ days
    def _has_begun(self):
        return self.date_start <= calendars.today(self.company_id)

    def _is_over(self):
        return self.date_end < calendars.today(self.company_id)

    def _span(self):
        """Return the days of the season, for measuring a KPI."""
        self.ensure_one()
        return Span(self.company_id, self.date_start, self.date_end)

    def _before(self, count):
        """Return the last ``count`` ended seasons before this one, newest first."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date_end", "<", self.date_start),
            ("date_end", "<", fields.Date.context_today(self)),
        ]
        return self.search(domain, order="date_start desc", limit=count)

    @api.model
    def _season_on(self, day, company):
        """Return the company's season that includes ``day``.

        :rtype: nka.season
        """
        return self.search(
            [
                ("company_id", "=", company.id),
                ("date_start", "<=", day),
                ("date_end", ">=", day),
            ],
            limit=1,
        )

    @api.model
    def _prepare_season(self, company, day):
        """Return the values of the season around ``day``, in the company's length."""
        year_month = company._nka_years().year_month(day)
        months = paycalc.season_months(day, company.nka_season_months, year_month)
        return {
            "company_id": company.id,
            "date_start": months[0],
            "date_end": paycalc.add_months(months[-1], 1) - timedelta(days=1),
        }

    def _name_of_days(self):
        """Return the default name of a season: its quarter or its months."""
        first, last = self.date_start, self.date_end
        if not (first and last):
            return ""
        months = 12 * (last.year - first.year) + last.month - first.month + 1
        start = self.company_id.sudo()._nka_years().year_month(first)
        passed = (first.month - start) % 12
        if months == 3 and not passed % 3:
            return self.env._(
                "%(year)s, quarter %(number)s",
                year=self._name_of_year(first, passed),
                number=passed // 3 + 1,
            )
        ends = (first,) if months == 1 else (first, last)
        return " – ".join(
            format_date(self.env, day, date_format="LLLL yyyy") for day in ends
        )

    @api.model
    def _name_of_year(self, first, passed):
        """Return the year of a quarter, as 2026/27 if it spans two calendar years.

        :param date first: first day of the quarter
        :param int passed: months of the year before the quarter
        """
        begin = paycalc.add_months(first, -passed)
        if begin.month == paycalc.JANUARY:
            return str(begin.year)
        return f"{begin.year}/{(begin.year + 1) % 100:02d}"

    # ------------------------------------------------------------ employees
    def _agreement_of(self, employee_id):
        """Return the employee's first agreement in the season that isn't a draft.

        :rtype: nka.pay.agreement
        """
        agreements = self.env["nka.pay.agreement"].sudo()
        domain = agreements._domain_days(self.date_start, self.date_end) & Domain(
            [
                ("employee_id", "=", employee_id),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "draft"),
            ]
        )
        return agreements.search(domain, order="date_from", limit=1)

    def _agreements(self):
        """Return the agreements in force on a day of the season, by employee.

        :rtype: dict[hr.employee, nka.pay.agreement]
        """
        agreements = self.env["nka.pay.agreement"].sudo()
        found = agreements._in_force(self.date_start, self.date_end, self.company_id)
        return found.grouped("employee_id")

    def _proportions(self, employees):
        """Return the proration factor of each employee for the season.

        Days under an agreement count, as for pay; for employees without one, the
        contract is used.

        :param employees: hr.employee
        :return: 0 to 1 by employee id
        :rtype: dict[int, Decimal]
        """
        self.ensure_one()
        spans = {
            employee.id: [row._span() for row in agreements]
            for employee, agreements in self._agreements().items()
        }
        days = self.env["nka.work.report"]._month_days(
            employees, self.date_start, self.date_end, spans
        )
        return {
            id_: days[id_].proportion if id_ in days else Decimal(1)
            for id_ in employees.ids
        }

    # ------------------------------------------------------------ drafting
    def _draft_goals(self):
        """Draft the missing goals of the user's team from their last seasons.

        :return: the new goals
        :rtype: nka.season.goal
        """
        self.ensure_one()
        agreements = self._first_agreements().filtered(
            lambda agreement: (
                agreement.user_id != self.env.user
                and agreement.user_id.with_env(self.env).nka_is_supervised
            )
        )
        known = {(goal.employee_id, goal.kpi_id) for goal in self.sudo().goal_ids}
        histories = self._measure_histories(agreements)
        return self.env["nka.season.goal"].create(
            [
                self._prepare_goal(agreement, line, histories)
                for agreement in agreements
                for line in agreement.version_id.line_ids
                if (agreement.employee_id, line.kpi_id) not in known
            ]
        )

    def _first_agreements(self):
        """Return the first agreement of each employee in the season, proposed or accepted.

        Goals can be proposed before the agreement is accepted, so that managers read
        both together.

        :rtype: nka.pay.agreement
        """
        agreements = self.env["nka.pay.agreement"].sudo()
        domain = agreements._domain_days(self.date_start, self.date_end) & Domain(
            [("company_id", "=", self.company_id.id), ("state", "!=", "draft")]
        )
        found = agreements.search(domain, order="date_from")
        return agreements.union(
            *(rows[0] for rows in found.grouped("employee_id").values())
        )

    def _measure_histories(self, agreements):
        """Measure past seasons, with one query per KPI and season.

        :return: (season, value) pairs by (KPI id, user id)
        """
        histories = {}
        for past in self.sudo()._before(LOOK_BACK):
            for kpi in agreements.version_id.line_ids.kpi_id:
                found = kpi._measure(agreements.user_id, past._span())
                for user_id, measurement in found.items():
                    if measurement.actual is not None:
                        pairs = histories.setdefault((kpi.id, user_id), [])
                        pairs.append((past, measurement.actual))
        return histories

    def _prepare_goal(self, agreement, line, histories):
        pairs = histories.get((line.kpi_id.id, agreement.user_id.id), [])
        target, zero_value = line.kpi_id._propose_target([value for _, value in pairs])
        return {
            "season_id": self.id,
            "employee_id": agreement.employee_id.id,
            "kpi_id": line.kpi_id.id,
            "weight": line.weight,
            "target": target,
            "zero_value": zero_value,
            "past_values": [(past.id, plain(value, 2)) for past, value in pairs],
        }
