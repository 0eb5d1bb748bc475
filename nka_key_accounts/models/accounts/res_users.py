from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..trail.roles import SUPERVISOR


class ResUsers(models.Model):
    _inherit = "res.users"

    # For record rules about a supervisor's team. Users have no access to this field.
    nka_key_account_ids = fields.One2many(
        "nka.key.account", "manager_id", "Managed accounts", groups="base.group_system"
    )

    # Access to everything about a person's pay depends on who supervises them.
    nka_is_supervised = fields.Boolean(
        "Supervised by you",
        compute="_compute_nka_is_supervised",
        search="_search_nka_is_supervised",
        help=(
            "They manage an account you supervise, or report to you. People without a "
            "supervisor are visible to all supervisors."
        ),
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("uid")
    def _compute_nka_is_supervised(self):
        people = self.sudo().with_context(active_test=False)
        found = people.search([("id", "in", self.ids), *self._domain_supervised()])
        for user in self:
            user.nka_is_supervised = user._origin.id in found.ids

    def _search_nka_is_supervised(self, operator, value):
        if operator != "in":
            return NotImplemented
        supervised = self._domain_supervised()
        return supervised if True in value else ~supervised

    @api.model
    def _domain_supervised(self):
        """Return the domain of users whose pay the current user can see as a
        supervisor.

        Users without a supervisor are visible to all supervisors. Users who lost the
        role or are archived supervise no one.
        """
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(SUPERVISOR)
        group = self.env["res.groups"].sudo().browse(group_id)
        holders = group.all_user_ids.filtered("active").ids
        if self.env.uid not in holders:
            return Domain.FALSE
        supervised = self._domain_supervised_by([self.env.uid])
        return supervised | ~self._domain_supervised_by(holders)

    @api.model
    def _domain_supervised_by(self, user_ids):
        """Return the domain of users who report to one of these users, or manage an
        account that one of them supervises.
        """
        self.env["nka.key.account"].flush_model(["manager_id", "supervisor_id"])
        managers = SQL(
            """(SELECT manager_id FROM nka_key_account
                 WHERE supervisor_id IN %s AND supervisor_id != manager_id)""",
            tuple(user_ids) or (0,),
        )
        superiors = Domain("parent_id.user_id", "in", user_ids)
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        reports = employees._search(superiors, order="id")
        team = reports.subselect(employees._field_to_sql(reports.table, "user_id"))
        return Domain("id", "in", managers) | Domain("id", "in", team)

    # ------------------------------------------------------------ actions
    def action_hand_over_key_accounts(self):
        """Open a handover of all accounts of this user, who leaves the company.

        :raise UserError: unless there is exactly one user; employees can have none
        """
        if len(self) != 1:
            raise UserError(
                self.env._(
                    "Select one employee who is linked to a user: accounts are "
                    "assigned to users."
                )
            )
        return self.env["nka.handover"]._action_new(
            default_is_leaving=True, default_from_user_id=self.id
        )
