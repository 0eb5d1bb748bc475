from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SkillBehavior(models.Model):
    """What a level of a skill looks like in a person's work.

    Without it, two supervisors mean different things by the same level.
    """

    _name = "nka.skill.behavior"
    _description = "Behavior at a skill level"
    _order = "sequence, skill_id, level_progress, id"
    _rec_name = "text"

    skill_id = fields.Many2one(
        "hr.skill", required=True, index=True, ondelete="cascade"
    )
    skill_type_id = fields.Many2one(related="skill_id.skill_type_id")
    # Stored for the order of the list.
    sequence = fields.Integer(related="skill_id.sequence", store=True)
    skill_level_id = fields.Many2one(
        "hr.skill.level",
        "Level",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('skill_type_id', '=', skill_type_id)]",
    )
    level_progress = fields.Integer(
        related="skill_level_id.level_progress",
        store=True,
        help="Share of the highest level.",
    )
    text = fields.Text("What it looks like", required=True, translate=True)

    _one_per_level = models.UniqueIndex(
        "(skill_id, skill_level_id)",
        "This level of the skill already has a description. Change that one.",
    )

    # ------------------------------------------------------------ checks
    @api.constrains("skill_id", "skill_level_id")
    def _check_level(self):
        for behavior in self:
            skill, level = behavior.skill_id, behavior.skill_level_id
            if skill.skill_type_id != level.skill_type_id:
                raise ValidationError(
                    self.env._(
                        "“%(level)s” isn't a level of “%(skill)s”. Choose one of the "
                        "levels of its skill type.",
                        level=level.display_name,
                        skill=skill.name,
                    )
                )

    # ------------------------------------------------------------ reading
    @api.model
    def _texts(self, skills):
        """Return the texts in the user's language, by ids of skill and level.

        :param skills: hr.skill
        :rtype: dict[tuple[int, int], str]
        """
        rows = self.sudo().search_fetch(
            [("skill_id", "in", skills.ids)], ["skill_id", "skill_level_id", "text"]
        )
        return {(row.skill_id.id, row.skill_level_id.id): row.text for row in rows}
