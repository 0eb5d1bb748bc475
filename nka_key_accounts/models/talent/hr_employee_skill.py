from odoo import api, models
from odoo.exceptions import AccessError

from .skill_gaps import own_type_id


class HrEmployeeSkill(models.Model):
    """Keep people from setting their own level of a key account manager's skill.

    Odoo lets employees edit their skills. These decide about gaps, and with that about
    the path of a mentee. HR and supervisors can still set them for others.
    """

    _inherit = "hr.employee.skill"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_nka_not_own()
        return rows

    def write(self, vals):
        self._check_nka_not_own()
        result = super().write(vals)
        self._check_nka_not_own()
        return result

    @api.ondelete(at_uninstall=False)
    def _check_nka_own_unlink(self):
        self._check_nka_not_own()

    # ------------------------------------------------------------ checks
    def _check_nka_not_own(self):
        if self.env.su:
            return
        type_id = own_type_id(self.env)
        rows = self.sudo().filtered(lambda row: row.skill_type_id.id == type_id)
        if self.env.user in rows.employee_id.user_id:
            raise AccessError(
                self.env._(
                    "You can't set your own level of “%s”. It is set by a supervisor's "
                    "assessment or by HR. You can enter a self-assessment instead.",
                    rows.skill_id[:1].name,
                )
            )
