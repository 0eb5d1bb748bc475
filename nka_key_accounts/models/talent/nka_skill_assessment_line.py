from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..trail.frozen_rows import frozen_children


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
