from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..trail.roles import SUPERVISOR


class ResUsers(models.Model):
    _inherit = "res.users"

    # For the rules about a supervisor's team; nobody's business to read by.
    nka_key_account_ids = fields.One2many(
        "nka.key.account", "manager_id", "Managed accounts", groups="base.group_system"
    )

    # One rule for all that is about a person's pay: who supervises them.
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
        """People whose pay the acting person looks after as a supervisor.

        Who lost the role, or left, supervises nobody.
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
        """People with an account that one of these supervises, or who report to one."""
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
        """Open a handover of everything this person owns, for one who leaves.

        :raise UserError: when nobody is given, as for an employee without a user
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
