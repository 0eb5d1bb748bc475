from odoo import fields, models

from ..trail.opening import open_records
from ..trail.roles import DIRECTOR, MANAGER, SUPERVISOR
from .skill_gaps import gaps_of

#: Who sees the button to the skills of a manager.
READERS = ",".join((MANAGER, SUPERVISOR, DIRECTOR))


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    nka_has_skill_profile = fields.Boolean(
        compute="_compute_nka_has_skill_profile", groups=READERS
    )

    # ------------------------------------------------------------ compute
    def _compute_nka_has_skill_profile(self):
        """Say whether the user can open a page of skills; read only on the form."""
        pages = self.env["nka.skill.profile"].search([("id", "in", self.ids)])
        for employee in self:
            employee.nka_has_skill_profile = employee.id in pages.ids

    # ------------------------------------------------------------ actions
    def action_open_nka_skills(self):
        """Open the page of the skills of this employee, as a manager of key accounts."""
        self.ensure_one()
        page = self.env["nka.skill.profile"].browse(self.id)
        page.check_access("read")
        return open_records(page, views=[(False, "form")])

    # ------------------------------------------------------------ skills
    def _nka_skill_gaps(self, job=None):
        """Return the skills in which this employee is below a position.

        Skills that were never assessed are missing as a whole. The levels are those of
        the employee's skills in Odoo, whoever entered them.

        :param job: hr.job; the employee's own position by default
        :rtype: list[Gap]
        """
        self.ensure_one()
        employee = self.sudo()
        return gaps_of(employee, (employee.job_id if job is None else job).sudo())

    def _nka_may_see_facts(self):
        """Return whether the current user is this person, or supervises them."""
        self.ensure_one()
        user = self.env.user
        person = self.sudo().user_id.with_env(self.sudo(False).env)
        if person == user:
            return bool(person)
        return user.has_group(SUPERVISOR) and bool(person) and person.nka_is_supervised
