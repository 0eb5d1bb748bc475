from odoo import api, models
from odoo.tools import LazyTranslate

from .skill_gaps import own_type_id

_lt = LazyTranslate(__name__)

#: Names of the levels that come with the addon.
NAMES = {
    "Below expectations": _lt("Below expectations"),
    "With guidance": _lt("With guidance"),
    "Independent": _lt("Independent"),
    "Teaches others": _lt("Teaches others"),
}


class HrSkillLevel(models.Model):
    """Show the levels of key account managers in the user's language.

    Odoo doesn't translate names of levels. Once a company renames one, its own name is
    shown to everybody.
    """

    _inherit = "hr.skill.level"

    # ------------------------------------------------------------ compute
    @api.depends("name", "skill_type_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        type_id = own_type_id(self.env)
        for level in self:
            if level.skill_type_id.id == type_id and level.name in NAMES:
                level.display_name = self.env._(NAMES[level.name])  # pylint: disable=translation-contains-variable
        return result
