from odoo import Command, api, fields, models

from ..trail.roles import ADMIN, DIRECTOR, MANAGER, PAYROLL_OFFICER, SUPERVISOR

#: Field of the table -> the role it assigns.
ROLE_FIELDS = {
    "is_manager": MANAGER,
    "is_supervisor": SUPERVISOR,
    "is_director": DIRECTOR,
    "is_officer": PAYROLL_OFFICER,
    "is_admin": ADMIN,
}


class SetupPerson(models.Model):
    """Roles of one user, as a row of the setup page.

    The roles are the user's groups; nothing is stored twice. Who may set them is decided
    by Odoo's rights on users.
    """

    _name = "nka.setup.person"
    _description = "Roles of a user"
    _inherit = ["nka.guard.mixin"]
    _order = "setup_id, id"
    _rec_name = "user_id"
    _log_access = False
    _guarded_fields = ("setup_id", "user_id")

    setup_id = fields.Many2one(
        "nka.setup", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", readonly=True
    )
    active = fields.Boolean(related="user_id.active")
    employee_id = fields.Many2one(
        "hr.employee", compute="_compute_employee_id", compute_sudo=True
    )
    is_manager = fields.Boolean(
        "Manager", compute="_compute_roles", inverse="_inverse_is_manager"
    )
    is_supervisor = fields.Boolean(
        "Supervisor", compute="_compute_roles", inverse="_inverse_is_supervisor"
    )
    is_director = fields.Boolean(
        "Director", compute="_compute_roles", inverse="_inverse_is_director"
    )
    is_officer = fields.Boolean(
        "Payroll officer", compute="_compute_roles", inverse="_inverse_is_officer"
    )
    is_admin = fields.Boolean(
        "Administrator", compute="_compute_roles", inverse="_inverse_is_admin"
    )

    _user_unique = models.UniqueIndex(
        "(setup_id, user_id)", "This user is in the table already."
    )

    # ------------------------------------------------------------ compute
    @api.depends("user_id.employee_ids", "setup_id.company_id")
    def _compute_employee_id(self):
        for person in self:
            person.employee_id = person.user_id.employee_ids.filtered(
                lambda employee, company=person.setup_id.company_id: (
                    employee.company_id == company
                )
            )[:1]

    @api.depends("user_id.group_ids")
    def _compute_roles(self):
        for person in self:
            for name, role in ROLE_FIELDS.items():
                person[name] = person.user_id.sudo().has_group(role)

    def _inverse_is_manager(self):
        self._set_role("is_manager")

    def _inverse_is_supervisor(self):
        self._set_role("is_supervisor")

    def _inverse_is_director(self):
        self._set_role("is_director")

    def _inverse_is_officer(self):
        self._set_role("is_officer")

    def _inverse_is_admin(self):
        self._set_role("is_admin")

    # ------------------------------------------------------------ business
    def _set_role(self, name):
        """Give or take a role as the acting user, whose rights Odoo checks."""
        group = self.env.ref(ROLE_FIELDS[name])
        for person in self:
            command = Command.link if person[name] else Command.unlink
            person.user_id.group_ids = [command(group.id)]

    @api.model
    def _add_missing(self, setup):
        """Add rows for internal users of the company that have none; drop those who left."""
        users = (
            self.env["res.users"]
            .sudo()
            .search(
                [("share", "=", False), ("company_ids", "in", setup.company_id.ids)],
                order="name",
            )
        )
        rows = self.sudo().search([("setup_id", "=", setup.id)])
        rows.filtered(lambda row: row.user_id not in users)._unlocked().unlink()
        new = users - rows.user_id
        self.sudo()._unlocked().create(
            [{"setup_id": setup.id, "user_id": user.id} for user in new]
        )
        setup.invalidate_recordset(["person_ids"])
