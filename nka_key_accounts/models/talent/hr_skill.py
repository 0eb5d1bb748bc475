from odoo import fields, models


class HrSkill(models.Model):
    _inherit = "hr.skill"

    nka_description = fields.Text(
        "Description", translate=True, help="What belongs to the skill."
    )
