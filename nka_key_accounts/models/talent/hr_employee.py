from odoo import models

from .skill_gaps import gaps_of


class HrEmployee(models.Model):
    _inherit = "hr.employee"

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
