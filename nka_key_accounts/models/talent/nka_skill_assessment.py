"""Assessments of the skills of key account managers, by supervisors and by themselves."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ..trail.frozen_rows import frozen_rows
from ..trail.opening import open_records
from ..trail.roles import SUPERVISOR
from .skill_gaps import current_rows, own_type_id, required_by_job

_lt = LazyTranslate(__name__)

DUE = "nka_key_accounts.mail_activity_type_assessment"
SELF_DUE = "nka_key_accounts.mail_activity_type_self_assessment"
#: Who assesses whom; it is fixed once the assessment exists.
PARTIES = ("employee_id", "kind")
#: An assessment and a self-assessment this close to each other belong together.
ROUND_DAYS = 60
#: How far back an assessment can be dated: the talk may be some days ago.
BACK_DAYS = 31


class SkillAssessment(models.Model):
    """Assessment of a manager's skills by a supervisor or by themselves, on a day.

    Confirmed ones are final. A supervisor's writes the employee's skills in Odoo, a
    self-assessment never does. Supervisors see a self-assessment only after they
    confirmed their own, so that neither follows the other.
    """

    _name = "nka.skill.assessment"
    _description = "Skill assessment"
    _inherit = [
        "nka.state.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = (
        "state",
        "assessor_id",
        "is_shown",
        "is_informed",
        "counterpart_id",
        "confirmed_date",
    )
    _audit_kinds = {"skills": _lt("Skills set by an assessment")}
    _audit_readers = "record"

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._default_employee(),
        domain="[('user_id', '!=', False), ('company_id', 'in', allowed_company_ids)]",
    )
    # Stored for the record rule: people read what is said about them.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Manager"
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True
    )
    job_id = fields.Many2one(
        "hr.job", "Job position", compute="_compute_job_id", compute_sudo=True
    )
    kind = fields.Selection(
        [("self", "Self-assessment"), ("supervisor", "By the supervisor")],
        "Type",
        required=True,
        default="supervisor",
        index=True,
    )
    assessor_id = fields.Many2one(
        "res.users",
        "Assessed by",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    date = fields.Date(
        required=True,
        index=True,
        copy=False,
        default=lambda self: fields.Date.context_today(self),
        help="Day on which the skills were assessed.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    confirmed_date = fields.Datetime("Confirmed on", readonly=True, copy=False)
    line_ids = fields.One2many(
        "nka.skill.assessment.line", "assessment_id", "Skills", copy=True
    )
    note = fields.Text(
        "Summary", help="What to work on until the next assessment, and how."
    )
    is_shown = fields.Boolean(
        "Shown to the other side",
        readonly=True,
        copy=False,
        help="A self-assessment is shown to supervisors after they confirmed their own.",
    )
    is_informed = fields.Boolean(
        "Made after the supervisor's assessment",
        readonly=True,
        copy=False,
        help="The employee already knew the supervisor's assessment.",
    )
    counterpart_id = fields.Many2one(
        "nka.skill.assessment",
        "Compared with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    assessed_count = fields.Integer("Skills assessed", compute="_compute_counts")
    line_count = fields.Integer("Skills to assess", compute="_compute_counts")

    _one_draft = models.UniqueIndex(
        "(employee_id, kind, assessor_id) WHERE state = 'draft'",
        "You already have a draft for this employee. Complete or delete that one.",
    )

    @api.model
    def _guards(self):
        """Freeze confirmed assessments with a database trigger as well."""
        columns = (
            "employee_id",
            "kind",
            "assessor_id",
            "date",
            "note",
            "confirmed_date",
        )
        return [*super()._guards(), *frozen_rows(self._table, ["confirmed"], columns)]

    # ------------------------------------------------------------ compute
    @api.model
    def _default_employee(self):
        """Return the user's own employee for a self-assessment."""
        if self.env.context.get("default_kind") == "self":
            return self.env.user.with_company(self.env.company).sudo().employee_id.id
        return False

    @api.depends("employee_id")
    def _compute_job_id(self):
        for assessment in self:
            assessment.job_id = assessment.employee_id.job_id

    @api.depends("employee_id", "kind", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for assessment in self:
            parts = [
                assessment.sudo().employee_id.name,
                kinds.get(assessment.kind),
                format_date(self.env, assessment.date) if assessment.date else "",
            ]
            assessment.display_name = ", ".join(filter(None, parts))

    @api.depends("assessor_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for assessment in self:
            assessment.is_mine = assessment.assessor_id == self.env.user

    @api.depends("line_ids.skill_level_id")
    def _compute_counts(self):
        for assessment in self:
            lines = assessment.line_ids
            assessment.line_count = len(lines)
            assessment.assessed_count = len(lines.filtered("skill_level_id"))

    @api.onchange("employee_id")
    def _onchange_employee_id(self):
        """List the skills to assess."""
        if self.employee_id and not self.line_ids:
            employee = self.employee_id._origin
            self.line_ids = self._prepare_lines(employee)[employee.id]

    # ------------------------------------------------------------ constraints
    @api.constrains("date", "employee_id", "kind")
    def _check_date(self):
        today = fields.Date.context_today(self)
        drafts = self.filtered(lambda one: one.state == "draft")
        for assessment in drafts:
            if assessment.date > today:
                raise ValidationError(
                    self.env._(
                        "Skills can't be assessed on a day that is still to come."
                    )
                )

    def _check_assessor(self):
        """Refuse an assessor who can't assess this person in this way."""
        self._check_parties(self.employee_id, self.kind, self.assessor_id)

    @api.model
    def _check_parties(self, employee, kind, assessor):
        person, name = employee.sudo().user_id, employee.sudo().name
        if not person:
            raise ValidationError(
                self.env._(
                    "%s has no user, so they couldn't see the assessment. Link a user "
                    "to the employee first.",
                    name,
                )
            )
        if kind == "self":
            if person != assessor:
                raise AccessError(
                    self.env._("Only %s can enter their self-assessment.", name)
                )
            return
        if person == assessor:
            raise AccessError(
                self.env._(
                    "You can't assess yourself as a supervisor. Enter a "
                    "self-assessment, and ask another supervisor for theirs."
                )
            )
        supervised = person.with_user(assessor).nka_is_supervised
        if not (assessor.has_group(SUPERVISOR) and supervised):
            raise AccessError(
                self.env._("Only a supervisor of %s can assess their skills.", name)
            )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        is_ours = self._is_unlocked(vals_list)
        vals_list = self._with_lines(vals_list)
        if not is_ours:
            self._check_new(vals_list)
        assessments = super().create(vals_list)
        if not is_ours:
            for assessment in assessments.sudo():
                assessment._check_assessor()
        return assessments

    @api.model
    def _with_lines(self, vals_list):
        """Return the values with the skills to assess where they name none."""
        chosen = self.env.context.get("default_employee_id") or self._default_employee()
        ids = [vals.get("employee_id", chosen) for vals in vals_list]
        employees = self.env["hr.employee"].browse(filter(None, ids))
        commands = self._prepare_lines(employees)
        return [
            {**vals, "line_ids": vals.get("line_ids") or commands.get(id_, [])}
            for vals, id_ in zip(vals_list, ids, strict=True)
        ]

    @api.model
    def _check_new(self, vals_list):
        """Say who may assess whom, before access to the lines is refused without it."""
        kind = self.env.context.get("default_kind", "supervisor")
        for vals in vals_list:
            employee = self.env["hr.employee"].browse(vals.get("employee_id"))
            if employee:
                self._check_parties(employee, vals.get("kind", kind), self.env.user)

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_open()
            if not vals.keys().isdisjoint(PARTIES):
                raise UserError(
                    self.env._(
                        "An assessment stays with its employee and type. Delete the "
                        "draft and enter a new one."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        self._check_open()

    def _check_open(self):
        """Refuse to change what is confirmed."""
        for assessment in self.sudo():
            if assessment.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is confirmed and final. Enter a new assessment instead.",
                        assessment.display_name,
                    )
                )

    # ------------------------------------------------------------ preparing
    @api.model
    def _prepare_lines(self, employees):
        """Return commands for the skills to assess: those of managers and the position's.

        :param employees: hr.employee
        :return: commands by employee id
        :rtype: dict[int, list[tuple]]
        """
        employees = employees.sudo()
        own = (
            self.env["hr.skill"]
            .sudo()
            .search([("skill_type_id", "=", own_type_id(self.env))])
        )
        required = required_by_job(employees.job_id)
        lines = {}
        for employee in employees:
            asked = (
                skill
                for skill in required.get(employee.job_id, ())
                if not skill.skill_type_id.is_certification
            )
            ids = dict.fromkeys([*own.ids, *(skill.id for skill in asked)])
            lines[employee.id] = [(0, 0, {"skill_id": skill_id}) for skill_id in ids]
        return lines

    # ------------------------------------------------------------ reminders
    @api.model
    def _ask_self(self, employees):
        """Prepare a self-assessment for each employee, and ask them to fill it in.

        :param employees: hr.employee with users
        """
        users = {one.id: one.user_id.id for one in employees.sudo() if one.user_id}
        self._prepare_drafts("self", users)._raise_drafts(SELF_DUE)

    @api.model
    def _remind(self, employees):
        """Ask supervisors for an assessment of each employee, and these for their own.

        The number of queries doesn't depend on the number of people.
        """
        supervisors = self._supervisors_of(employees)
        self._prepare_drafts("supervisor", supervisors)._raise_drafts(DUE)
        since = fields.Date.context_today(self) - relativedelta(days=ROUND_DAYS)
        answered = self.sudo().search(
            [
                ("employee_id", "in", employees.ids),
                ("kind", "=", "self"),
                ("state", "=", "confirmed"),
                ("date", ">=", since),
            ]
        )
        self._ask_self(
            employees.filtered(lambda one: one.id in supervisors) - answered.employee_id
        )

    @api.model
    def _supervisors_of(self, employees):
        """Return the user who assesses each employee: the superior, else the supervisor
        of most of their accounts.

        :return: user id by employee id; without those whom nobody supervises
        :rtype: dict[int, int]
        """
        holders = self.env.ref(SUPERVISOR).sudo().all_user_ids.filtered("active")
        employees = employees.sudo()
        rows = (
            self.env["nka.key.account"]
            .sudo()
            ._read_group(
                [
                    ("manager_id", "in", employees.user_id.ids),
                    ("supervisor_id", "in", holders.ids),
                    ("state", "in", ("candidate", "key")),
                ],
                ["manager_id", "supervisor_id"],
                ["__count"],
                order="__count, supervisor_id desc",
            )
        )
        found = {manager.id: supervisor for manager, supervisor, _count in rows}
        chosen = {}
        for employee in employees:
            superior = employee.parent_id.user_id & holders
            user = superior or found.get(employee.user_id.id)
            if user and user != employee.user_id:
                chosen[employee.id] = user.id
        return chosen

    @api.model
    def _prepare_drafts(self, kind, users):
        """Return the open draft of each employee, a new one where there is none.

        :param str kind: type of assessment
        :param dict users: id of the assessor by employee id
        """
        drafts = self.sudo().search(
            [
                ("employee_id", "in", list(users)),
                ("kind", "=", kind),
                ("state", "=", "draft"),
                ("assessor_id.active", "=", True),
            ]
        )
        missing = users.keys() - set(drafts.employee_id.ids)
        # Whoever asks doesn't follow what the other side writes.
        silent = self.sudo().with_context(mail_create_nosubscribe=True)
        return drafts | silent._unlocked().create(
            [
                {"employee_id": id_, "kind": kind, "assessor_id": users[id_]}
                for id_ in users
                if id_ in missing
            ]
        )

    def _raise_drafts(self, activity):
        self._raise_activities(activity, {one.id: one.assessor_id.id for one in self})

    # ------------------------------------------------------------ actions
    def action_confirm(self):
        """Confirm these assessments for good, as the person who made them.

        A supervisor's writes the employee's skills in Odoo and is shown to the employee
        at once; the supervisor then sees the self-assessment.

        :raise AccessError: for others than the assessor
        :raise UserError: if a skill has no level yet
        """
        self.check_access("read")
        for assessment in self.sudo():
            if assessment.assessor_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %s can confirm this assessment, because they made it.",
                        assessment.assessor_id.name,
                    )
                )
            assessment._check_assessor()
        self._check_state("draft")
        self._check_complete()
        for assessment in self.sudo():
            assessment._confirm()
        return True

    def _check_complete(self):
        for assessment in self.sudo():
            lines = assessment.line_ids
            missing = lines.filtered(lambda line: not line.skill_level_id)
            if missing or not lines:
                raise UserError(
                    self.env._(
                        "Choose a level for every skill first. Still missing: %s",
                        ", ".join(missing.skill_id.mapped("name")) or "–",
                    )
                )
            assessment._check_order()

    def _check_order(self):
        """Refuse a day long ago, or before the last assessment of this kind."""
        today = fields.Date.context_today(self)
        if self.date < today - relativedelta(days=BACK_DAYS):
            raise UserError(
                self.env._(
                    "The assessment is dated %(day)s. Check the levels again and enter "
                    "a day of the last %(days)s days.",
                    day=format_date(self.env, self.date),
                    days=BACK_DAYS,
                )
            )
        last = self._last(self.kind)
        if last and last.date > self.date:
            raise UserError(
                self.env._(
                    "%(day)s already has a later assessment: %(other)s.",
                    day=format_date(self.env, self.date),
                    other=last.display_name,
                )
            )

    def _last(self, kind, domain=()):
        """Return the last confirmed assessment of the same employee."""
        return self.sudo().search(
            Domain("employee_id", "=", self.employee_id.id)
            & Domain("kind", "=", kind)
            & Domain("state", "=", "confirmed")
            & Domain(domain),
            limit=1,
        )

    def _confirm(self):
        """Confirm one assessment, and show the two sides to each other."""
        # The database refuses lines of a confirmed assessment, pending ones too.
        self.line_ids.flush_recordset()
        is_self = self.kind == "self"
        since = self.date - relativedelta(days=ROUND_DAYS)
        other = self._last(
            "supervisor" if is_self else "self",
            [("counterpart_id", "=", False), ("date", ">=", since)],
        )
        self._move_to(
            "confirmed",
            confirmed_date=fields.Datetime.now(),
            is_shown=bool(other) or not is_self,
            is_informed=bool(other) and is_self,
            counterpart_id=other.id,
        )
        if other:
            other._unlocked().write({"counterpart_id": self.id})
        self.activity_unlink([SELF_DUE if is_self else DUE])
        if not is_self:
            hidden = self.search(
                [
                    ("employee_id", "=", self.employee_id.id),
                    ("kind", "=", "self"),
                    ("state", "=", "confirmed"),
                    ("is_shown", "=", False),
                ]
            )
            if hidden:
                hidden._unlocked().write({"is_shown": True})
            self._write_skills()

    def _write_skills(self):
        """Write the levels to the employee's skills in Odoo, which keep their history."""
        present = current_rows(self.employee_id)
        commands, said = [], []
        for line in self.line_ids:
            row = present.get((self.employee_id.id, line.skill_id.id))
            if row and row.skill_level_id == line.skill_level_id:
                continue
            level = line.skill_level_id
            said.append(f"{line.skill_id.name}: {level.level_progress}")
            commands.append(
                (
                    0,
                    0,
                    {
                        "skill_type_id": line.skill_id.skill_type_id.id,
                        "skill_id": line.skill_id.id,
                        "skill_level_id": level.id,
                        # Odoo's own default is the day on which the server started.
                        "valid_from": fields.Date.today(),
                    },
                )
            )
        if not commands:
            return
        self.employee_id.sudo().write({"employee_skill_ids": commands})
        self.env["nka.audit.event"]._record(self, "skills", new="; ".join(said))

    def action_open_counterpart(self):
        """Open the assessment of the other side, if the user may see it."""
        self.ensure_one()
        self.check_access("read")
        return open_records(self.counterpart_id, views=[(False, "form")])
