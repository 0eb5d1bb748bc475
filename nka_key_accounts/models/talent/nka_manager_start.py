from odoo import api, models
from odoo.tools import SQL, LazyTranslate

from ..starts.start_items import StartItem
from ..trail.opening import open_action, open_records

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
PATH = SQL(
    """SELECT CASE WHEN path.confirmed_on IS NOT NULL THEN 'done'
                   WHEN path.first_step IS NULL OR start.state != 'preparing'
                   THEN 'none' ELSE 'open' END,
              'supervisor', path.confirmed_on
         FROM (SELECT MIN(mentorship.confirmed_on) AS confirmed_on,
                      MIN(step.id) AS first_step
                 FROM nka_mentorship mentorship
            LEFT JOIN nka_mentorship_step step ON step.mentorship_id = mentorship.id
                WHERE mentorship.mentee_id = start.user_id
                  AND mentorship.company_id = start.company_id) path"""
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

GUIDED = StartItem(
    "path",
    _lt("Path of the mentee"),
    PATH,
    {
        "open": _lt("Confirm the manager in the mentorship once the path is done."),
        "none": _lt("No steps were planned with a mentor."),
    },
    is_required=True,
    reads=(
        ("nka.mentorship", ["company_id", "confirmed_on", "mentee_id"]),
        ("nka.mentorship.step", ["mentorship_id"]),
    ),
)


class ManagerStart(models.Model):
    _inherit = "nka.manager.start"

    @api.model
    def _items(self):
        items = super()._items()
        codes = [item.code for item in items]
        items.insert(codes.index("mentor") + 1, GUIDED)
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

    def _open_path(self):
        """Open the mentorships of the person, whose path has to be completed."""
        return open_action(
            self.env,
            "nka_mentorship_action",
            domain=[
                ("mentee_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
            ],
        )
