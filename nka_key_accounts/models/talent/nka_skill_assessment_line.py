from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..trail.frozen_rows import frozen_children
from . import skill_facts


class SkillAssessmentLine(models.Model):
    """Level of one skill in an assessment, with the reason."""

    _name = "nka.skill.assessment.line"
    _description = "Assessed skill"
    _inherit = ["nka.guard.mixin"]
    _order = "sequence, skill_id, id"
    _rec_name = "skill_id"
    _company_fields = ("assessment_id",)

    assessment_id = fields.Many2one(
        "nka.skill.assessment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="assessment_id.company_id", store=True)
    skill_id = fields.Many2one(
        "hr.skill", required=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="skill_id.sequence", store=True)
    skill_type_id = fields.Many2one(related="skill_id.skill_type_id")
    description = fields.Text(related="skill_id.nka_description")
    skill_level_id = fields.Many2one(
        "hr.skill.level",
        "Level",
        index=True,
        ondelete="restrict",
        domain="[('skill_type_id', '=', skill_type_id)]",
    )
    behavior = fields.Text("What it looks like", compute="_compute_behavior")
    reason = fields.Text(help="What you saw: an example from the work.")
    facts = fields.Text(
        "Recorded in 12 months", compute="_compute_facts", compute_sudo=True
    )
    other_level_id = fields.Many2one(
        "hr.skill.level", "Other side", compute="_compute_other_level_id"
    )

    _one_per_skill = models.UniqueIndex(
        "(assessment_id, skill_id)", "Each skill can be assessed only once here."
    )

    @api.model
    def _guards(self):
        """Freeze the lines of confirmed assessments with a database trigger as well."""
        columns = ("assessment_id", "skill_id", "skill_level_id", "reason")
        return [
            *super()._guards(),
            *frozen_children(
                self._table,
                columns,
                "nka_skill_assessment",
                "assessment_id",
                ["confirmed"],
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("skill_id", "skill_level_id")
    @api.depends_context("lang")
    def _compute_behavior(self):
        texts = self.env["nka.skill.behavior"]._texts(self.skill_id)
        for line in self:
            key = (line.skill_id.id, line.skill_level_id.id)
            line.behavior = texts.get(key, False)

    @api.depends("skill_id", "assessment_id.employee_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_facts(self):
        """Say what the system recorded beside each skill, to who may assess the person.

        Virtual records can name any employee, so access to the record isn't enough.
        """
        self.facts = False
        today = fields.Date.context_today(self)
        codes = skill_facts.skill_codes(self.env)
        for employee, lines in self.grouped(
            lambda line: line.assessment_id.employee_id._origin
        ).items():
            if not employee or not employee._nka_may_see_facts():
                continue
            said = {}
            for fact in skill_facts.read(employee, today):
                said.setdefault(fact.skill, []).append(f"{fact.label}: {fact.text}")
            for line in lines:
                code = codes.get(line.skill_id._origin.id)
                line.facts = "\n".join(said.get(code, ())) or False

    @api.depends("assessment_id.counterpart_id", "skill_id")
    @api.depends_context("uid")
    def _compute_other_level_id(self):
        for line in self:
            other = line.assessment_id._origin.counterpart_id
            lines = other._filtered_access("read").line_ids
            same = lines.filtered(lambda row, line=line: row.skill_id == line.skill_id)
            line.other_level_id = same[:1].skill_level_id

    # ------------------------------------------------------------ constraints
    @api.constrains("skill_id", "skill_level_id")
    def _check_level(self):
        for line in self:
            skill, level = line.skill_id, line.skill_level_id
            if level and skill.skill_type_id != level.skill_type_id:
                raise ValidationError(
                    self.env._(
                        "“%(level)s” isn't a level of “%(skill)s”. Choose one of the "
                        "levels of its skill type.",
                        level=level.display_name,
                        skill=skill.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        # Before the database refuses it, with a message that says what to do.
        parents = {vals.get("assessment_id") for vals in vals_list}
        assessments = self.env["nka.skill.assessment"]
        assessments.browse(filter(None, parents))._check_open()
        return super().create(vals_list)

    def write(self, vals):
        assessments = self.assessment_id
        (assessments | assessments.browse(vals.get("assessment_id")))._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        self.assessment_id._check_open()
