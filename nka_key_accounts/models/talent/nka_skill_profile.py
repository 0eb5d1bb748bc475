"""Skills of each manager on one page: required, assessed, and what is recorded."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..trail.opening import open_action, open_list, open_records
from ..trail.roles import SUPERVISOR
from . import skill_facts
from .skill_gaps import (
    current_rows,
    own_type_id,
    required_levels,
    shown_order,
)


class SkillProfile(models.Model):
    """Page of the skills of one manager; its id is that of the employee.

    It exists for everybody who manages key accounts, has an agreement, is a mentee, or
    holds a position that requires skills of a key account manager.
    """

    _name = "nka.skill.profile"
    _description = "Skills of a manager"
    _auto = False
    _order = "date_due, employee_id"
    _rec_name = "employee_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "hr.employee": ["active", "company_id", "current_version_id", "user_id"],
        "hr.employee.skill": ["employee_id", "skill_id", "skill_level_id", "valid_to"],
        "hr.job.skill": ["job_id", "skill_id", "skill_level_id", "valid_to"],
        "hr.skill.level": ["level_progress"],
        "hr.version": ["job_id"],
        "nka.assignment": ["user_id", "date_from", "key_account_id"],
        "nka.key.account": ["manager_id", "state", "company_id"],
        "nka.mentorship": ["mentee_id", "date_to", "company_id"],
        "nka.pay.agreement": ["employee_id", "state", "date_from"],
        "nka.skill.assessment": ["employee_id", "kind", "state", "date"],
        "res.company": ["nka_skill_months"],
    }

    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("res.users", "Manager", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    job_id = fields.Many2one("hr.job", "Job position", readonly=True)
    last_date = fields.Date(
        "Last assessed", readonly=True, help="Confirmed by a supervisor."
    )
    self_date = fields.Date("Last self-assessment", readonly=True)
    date_due = fields.Date("Next assessment", readonly=True)
    standing = fields.Selection(
        [("never", "Not assessed"), ("overdue", "Overdue"), ("current", "Up to date")],
        "Status",
        readonly=True,
    )
    required_count = fields.Integer(
        "Skills required",
        readonly=True,
        help="Skills that the employee's position requires.",
    )
    gap_count = fields.Integer(
        "Gaps", readonly=True, help="Skills below the level that the position requires."
    )
    gap_text = fields.Char("Gaps against the position", compute="_compute_gap_text")
    picture = fields.Json("Skills", compute="_compute_picture")
    assessment_ids = fields.Many2many(
        "nka.skill.assessment", string="Assessments", compute="_compute_assessments"
    )
    is_self_hidden = fields.Boolean(compute="_compute_assessments")
    is_mine = fields.Boolean(compute="_compute_rights")
    may_assess = fields.Boolean(compute="_compute_rights")

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            WITH person AS (
                SELECT employee.id, employee.user_id, employee.company_id,
                       version.job_id, company.nka_skill_months AS months
                  FROM hr_employee employee
                  JOIN res_company company ON company.id = employee.company_id
             LEFT JOIN hr_version version ON version.id = employee.current_version_id
                 WHERE employee.active AND employee.user_id IS NOT NULL
                   AND (EXISTS (SELECT FROM nka_key_account account
                                 WHERE account.manager_id = employee.user_id
                                   AND account.company_id = employee.company_id
                                   AND account.state IN ('candidate', 'key'))
                        OR EXISTS (SELECT FROM nka_pay_agreement agreement
                                    WHERE agreement.employee_id = employee.id
                                      AND agreement.state = 'accepted')
                        OR EXISTS (SELECT FROM nka_mentorship mentorship
                                    WHERE mentorship.mentee_id = employee.user_id
                                      AND mentorship.company_id = employee.company_id
                                      AND (mentorship.date_to IS NULL
                                           OR mentorship.date_to >= %(today)s))
                        OR EXISTS (SELECT FROM hr_job_skill need
                                    WHERE need.job_id = version.job_id
                                      AND need.skill_type_id = %(type)s)
                        OR EXISTS (SELECT FROM nka_skill_assessment assessment
                                    WHERE assessment.employee_id = employee.id
                                      AND assessment.state = 'confirmed'))
            ), assessed AS (
                SELECT employee_id, MAX(date) FILTER (WHERE kind = 'supervisor') AS last,
                       MAX(date) FILTER (WHERE kind = 'self') AS own
                  FROM nka_skill_assessment WHERE state = 'confirmed'
                 GROUP BY employee_id
            ), agreed AS (
                SELECT employee_id, MIN(date_from) AS first FROM nka_pay_agreement
                 WHERE state IN ('accepted', 'ended') GROUP BY employee_id
            ), owned AS (
                SELECT assignment.user_id, account.company_id,
                       MIN(assignment.date_from) AS first
                  FROM nka_assignment assignment
                  JOIN nka_key_account account
                    ON account.id = assignment.key_account_id
                 GROUP BY assignment.user_id, account.company_id
            ), need AS (
                SELECT person.id, need.skill_id, MAX(level.level_progress) AS progress
                  FROM person
                  JOIN hr_job_skill need ON need.job_id = person.job_id
                   AND (need.valid_to IS NULL OR need.valid_to >= %(today)s)
                  JOIN hr_skill_type type ON type.id = need.skill_type_id AND type.active
                  JOIN hr_skill_level level ON level.id = need.skill_level_id
                 GROUP BY person.id, need.skill_id
            ), present AS (
                SELECT own.employee_id, own.skill_id,
                       MAX(level.level_progress) AS progress
                  FROM person
                  JOIN hr_employee_skill own ON own.employee_id = person.id
                   AND (own.valid_to IS NULL OR own.valid_to >= %(today)s)
                  JOIN hr_skill_level level ON level.id = own.skill_level_id
                 GROUP BY own.employee_id, own.skill_id
            ), lacking AS (
                SELECT need.id, COUNT(*) AS required,
                       COUNT(*) FILTER (WHERE need.progress
                                        > COALESCE(present.progress, 0)) AS gaps
                  FROM need
             LEFT JOIN present ON present.employee_id = need.id
                              AND present.skill_id = need.skill_id
                 GROUP BY need.id
            )
            SELECT dated.*, CASE WHEN dated.date_due < %(today)s THEN 'overdue'
                                 WHEN dated.last_date IS NULL THEN 'never'
                                 ELSE 'current' END AS standing
              FROM (SELECT person.id, person.id AS employee_id, person.user_id,
                           person.company_id, person.job_id, assessed.last AS last_date,
                           assessed.own AS self_date,
                           CASE WHEN person.months > 0 THEN
                               (COALESCE(assessed.last, LEAST(agreed.first, owned.first))
                                + person.months * INTERVAL '1 month')::date
                           END AS date_due,
                           COALESCE(lacking.required, 0) AS required_count,
                           COALESCE(lacking.gaps, 0) AS gap_count
                      FROM person
                 LEFT JOIN assessed ON assessed.employee_id = person.id
                 LEFT JOIN agreed ON agreed.employee_id = person.id
                 LEFT JOIN owned ON owned.user_id = person.user_id
                                AND owned.company_id = person.company_id
                 LEFT JOIN lacking ON lacking.id = person.id) dated
            """,
            today=today,
            type=own_type_id(self.env) or None,
        )

    # ------------------------------------------------------------ compute
    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        is_supervisor = self.env.user.has_group(SUPERVISOR)
        for profile in self:
            person = profile.sudo().user_id.with_env(self.env)
            profile.is_mine = person == self.env.user
            profile.may_assess = (
                is_supervisor and not profile.is_mine and person.nka_is_supervised
            )

    @api.depends("required_count", "gap_count", "job_id")
    @api.depends_context("lang")
    def _compute_gap_text(self):
        unassessed = self._without_levels()
        for profile in self:
            if profile in unassessed:
                profile.gap_text = self.env._("Not assessed")
            elif profile.required_count:
                profile.gap_text = self.env._(
                    "%(gaps)s of %(required)s",
                    gaps=profile.gap_count,
                    required=profile.required_count,
                )
            elif profile.job_id:
                profile.gap_text = self.env._("The position requires no skills")
            else:
                profile.gap_text = self.env._("No position")

    def _without_levels(self):
        """Return those who have no level in any of the skills that they need."""
        missing_all = self.filtered(
            lambda page: page.required_count and page.gap_count == page.required_count
        )
        employees = missing_all.sudo().employee_id
        known = {employee_id for employee_id, _skill_id in current_rows(employees)}
        return missing_all.filtered(
            lambda page: page.sudo().employee_id.id not in known
        )

    @api.depends("employee_id", "self_date")
    @api.depends_context("uid")
    def _compute_assessments(self):
        """List the assessments that the user can read: neither side's before its time."""
        rows = self.env["nka.skill.assessment"].search(
            [("employee_id", "in", self.sudo().employee_id.ids)]
        )
        for profile in self:
            own = rows.filtered(
                lambda row, profile=profile: (
                    row.sudo().employee_id == profile.sudo().employee_id
                )
            )
            profile.assessment_ids = own
            shown = own.filtered(
                lambda row: row.kind == "self" and row.state == "confirmed"
            )
            last = profile.self_date
            profile.is_self_hidden = last and last not in shown.mapped("date")

    @api.depends("employee_id", "job_id", "assessment_ids")
    @api.depends_context("uid", "lang", "tz")
    def _compute_picture(self):
        # Onchange can bring virtual pages of anybody: only a page that may be read counts.
        readable = self._origin._filtered_access("read")
        for profile in self:
            page = profile._origin & readable
            profile.picture = page._prepare_picture() if page else False

    # ------------------------------------------------------------ picture
    def _prepare_picture(self):
        """Return what the page draws and lists, in the user's language.

        :rtype: dict
        """
        self.ensure_one()
        employee = self.sudo().employee_id
        required = required_levels(self.sudo().job_id)
        sides = self._last_assessments()
        assessed = {
            key: {line.skill_id: line for line in one.sudo().line_ids}
            for key, one in sides.items()
        }
        present = current_rows(employee)
        texts = {}
        skills = self._skills_shown(required, assessed)
        behaviors = self.env["nka.skill.behavior"]._texts(skills)
        for fact in skill_facts.read(employee, fields.Date.context_today(self)):
            texts.setdefault(fact.skill, []).append(
                {
                    "code": fact.code,
                    "label": fact.label,
                    "text": fact.text,
                    "opens": bool(fact.ids) and self.env[fact.model].has_access("read"),
                }
            )
        codes = skill_facts.skill_codes(self.env)
        return {
            "person": employee.name,
            "position": self.sudo().job_id.name or "",
            "sides": self._prepare_sides(required, sides),
            "skills": [
                {
                    "id": skill.id,
                    "name": skill.name,
                    "description": skill.nka_description or "",
                    "required": self._prepare_level(required.get(skill)),
                    **{
                        key: self._prepare_line(lines.get(skill), behaviors)
                        for key, lines in assessed.items()
                    },
                    **self._prepare_present(
                        present.get((employee.id, skill.id)),
                        required.get(skill),
                        assessed.get("supervisor", {}).get(skill),
                    ),
                    "facts": texts.get(codes.get(skill.id), []),
                }
                for skill in skills
            ],
        }

    def _last_assessments(self):
        """Return the last confirmed assessment of each side that the user can read."""
        confirmed = self.assessment_ids.filtered(lambda row: row.state == "confirmed")
        found = {}
        for row in confirmed:
            found.setdefault(row.kind, row)
        return found

    def _skills_shown(self, required, assessed):
        skills = (
            self.env["hr.skill"]
            .sudo()
            .search([("skill_type_id", "=", own_type_id(self.env))])
        )
        skills = skills.concat(
            *required, *(skill for one in assessed.values() for skill in one)
        )
        skills = skills.browse(dict.fromkeys(skills.ids))
        return skills.sorted(shown_order)

    def _prepare_sides(self, required, sides):
        labels = []
        if required:
            labels.append(
                {"key": "required", "label": self.env._("Required by the position")}
            )
        for key, label in (
            ("supervisor", self.env._("Supervisor")),
            ("self", self.env._("Self-assessment")),
        ):
            if key in sides:
                day = format_date(self.env, sides[key].date)
                labels.append({"key": key, "label": f"{label}, {day}"})
        return labels

    def _prepare_level(self, level):
        if not level:
            return False
        level = level.with_env(self.env).sudo()
        return {"progress": level.level_progress, "level": level.display_name}

    def _prepare_line(self, line, behaviors):
        if not line:
            return False
        level = line.skill_level_id
        return {
            **self._prepare_level(level),
            "behavior": behaviors.get((line.skill_id.id, level.id), ""),
            "reason": line.reason or "",
        }

    def _prepare_present(self, row, required, line):
        """Return the present level, who set it last, and what is missing."""
        progress = row.level_progress if row else 0
        missing = max(0, required.level_progress - progress) if required else 0
        present = {"missing": missing, "present": False, "set_by": "", "differs": False}
        if row:
            present["present"] = self._prepare_level(row.skill_level_id)
            present["set_by"] = self.env._(
                "Set by %(person)s on %(day)s",
                person=row.create_uid.name,
                day=format_date(
                    self.env, fields.Datetime.context_timestamp(self, row.create_date)
                ),
            )
            present["differs"] = (
                bool(line) and line.skill_level_id != row.skill_level_id
            )
        return present

    # ------------------------------------------------------------ actions
    def action_assess(self):
        """Open the user's draft for this person, a new one if there is none."""
        self.ensure_one()
        self.check_access("read")
        kind = "self" if self.is_mine else "supervisor"
        assessments = self.env["nka.skill.assessment"]
        values = {"employee_id": self.sudo().employee_id.id, "kind": kind}
        draft = assessments.search(
            [
                *((name, "=", value) for name, value in values.items()),
                ("assessor_id", "=", self.env.uid),
                ("state", "=", "draft"),
            ],
            limit=1,
        )
        draft = draft or assessments.create(values)
        return open_records(draft, views=[(False, "form")])

    def action_ask_self(self):
        """Ask the employees for a self-assessment, with a draft ready to fill in.

        :raise AccessError: for others than a supervisor of the person
        """
        self.check_access("read")
        for profile in self:
            if not profile.may_assess:
                raise AccessError(
                    self.env._(
                        "Only a supervisor of %s can ask for a self-assessment.",
                        profile.sudo().employee_id.name,
                    )
                )
        self.env["nka.skill.assessment"]._ask_self(self.sudo().employee_id)
        return True

    def action_open_assessments(self):
        """Open the assessments of this person that the user can read."""
        self.ensure_one()
        self.check_access("read")
        employee = self.sudo().employee_id
        return open_list(
            self.env,
            "nka.skill.assessment",
            [("employee_id", "=", employee.id)],
            self.env._("Assessments: %s", employee.name),
        )

    def action_open_fact(self):
        """Open the records of one fact, with the user's own access rights.

        :raise UserError: if there are none
        """
        self.ensure_one()
        self.check_access("read")
        code = self.env.context.get("nka_fact")
        today = fields.Date.context_today(self)
        facts = skill_facts.read(self.sudo().employee_id, today)
        fact = next((one for one in facts if one.code == code), None)
        if not fact or not fact.ids:
            raise UserError(self.env._("There are no records behind this figure."))
        return open_list(
            self.env,
            fact.model,
            [("id", "in", fact.ids)],
            fact.label,
            context={"active_test": False, "create": False},
        )

    @api.model
    def action_open_mine(self):
        """Open the user's own page, or the text that says why there is none."""
        self.check_access("read")
        mine = self.search(
            [("user_id", "=", self.env.uid), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        form = {"res_id": mine.id, "view_mode": "form", "views": [(False, "form")]}
        return open_action(
            self.env, "nka_skill_profile_action_mine", **(form if mine else {})
        )

    # ------------------------------------------------------------ reminders
    @api.model
    def _cron_remind(self):
        """Prepare drafts for overdue assessments and remind both sides."""
        due = self.sudo().search([("standing", "=", "overdue")])
        if due:
            self.env["nka.skill.assessment"].sudo()._remind(due.employee_id)
