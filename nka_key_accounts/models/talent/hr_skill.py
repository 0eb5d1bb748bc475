from odoo import fields, models


class HrSkill(models.Model):
    _inherit = "hr.skill"

    nka_description = fields.Text(
        "Description", translate=True, help="What belongs to the skill."
    )
    nka_behavior_ids = fields.One2many(
        "nka.skill.behavior", "skill_id", "Behavior by level"
    )
