from odoo import api, models
from odoo.tools import SQL, LazyTranslate

from ..starts.start_items import StartItem
from ..trail.opening import open_records

_lt = LazyTranslate(__name__)

SKILLS = SQL(
    """SELECT CASE WHEN assessed.day IS NOT NULL THEN 'done'
                   WHEN start.user_id IS NULL THEN 'later'
                   WHEN assessed.is_begun THEN 'draft' ELSE 'open' END,
              'supervisor', assessed.day
         FROM (SELECT MIN(one.date) FILTER (WHERE one.state = 'confirmed') AS day,
                      BOOL_OR(one.state = 'draft') AS is_begun
                 FROM nka_skill_assessment one
                WHERE one.employee_id = start.employee_id
                  AND one.kind = 'supervisor') assessed"""
)
ASSESSED = StartItem(
    "skills",
    _lt("Skills assessed"),
    SKILLS,
    {
        "open": _lt("Assess the skills of the new manager."),
        "draft": _lt("Complete the assessment of the skills and confirm it."),
    },
    reads=(("nka.skill.assessment", ["date", "employee_id", "kind", "state"]),),
)


class ManagerStart(models.Model):
    _inherit = "nka.manager.start"

    @api.model
    def _items(self):
        items = super()._items()
        codes = [item.code for item in items]
        items.insert(codes.index("role") + 1, ASSESSED)
        return items

    def _open_skills(self):
        """Open the user's draft of an assessment, or a new one."""
        drafts = self.env["nka.skill.assessment"].search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("kind", "=", "supervisor"),
                ("state", "=", "draft"),
                ("assessor_id", "=", self.env.uid),
            ]
        )
        defaults = {
            "default_employee_id": self.employee_id.id,
            "default_kind": "supervisor",
        }
        return open_records(
            drafts[:1],
            self.env._("Skill assessment"),
            view_mode="form",
            views=[(False, "form")],
            context=defaults,
        )
