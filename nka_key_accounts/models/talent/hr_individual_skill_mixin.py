from odoo import api, models

from .skill_gaps import own_type_id


class HrIndividualSkillMixin(models.AbstractModel):
    """Name the levels of people, positions and applicants in the user's language, too."""

    _inherit = "hr.individual.skill.mixin"

    # ------------------------------------------------------------ compute
    @api.depends("skill_id", "skill_level_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        type_id = own_type_id(self.env)
        for row in self:
            if row.skill_type_id.id == type_id:
                level = row.skill_level_id.display_name
                row.display_name = f"{row.skill_id.name}: {level}"
        return result
