from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .calendars import ASKED, Asked

#: What an approval approves; of a leave that changes, the change needs one again.
KEPT = ("employee_id", "holiday_status_id", *ASKED)
WAITING = ("confirm", "validate1")


class LeaveApproval(models.Model):
    """Who set a leave to approved, and what it asked for then.

    Odoo's own fields can be written by the person whose leave it is, and the step can be
    made through a key of the context. So each time a leave becomes approved, or an
    approved one changes, it is noted who did it. What the person did themselves proves
    nothing, unless the company lets the type go without approval.

    Leaves approved before this was kept go by their approvers.
    """

    _name = "nka.leave.approval"
    _description = "Time off approval"
    _order = "id"
    _rec_name = "leave_id"

    leave_id = fields.Many2one(
        "hr.leave",
        "Time off",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
    )
    employee_id = fields.Many2one(
        "hr.employee", readonly=True, required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="employee_id.company_id")
    user_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, ondelete="set null"
    )
    holiday_status_id = fields.Many2one(
        "hr.leave.type", "Type", readonly=True, required=True, ondelete="restrict"
    )
    request_date_from = fields.Date("First day", readonly=True)
    request_date_to = fields.Date("Last day", readonly=True)
    request_date_from_period = fields.Char("First half-day", readonly=True)
    request_date_to_period = fields.Char("Last half-day", readonly=True)
    request_unit_half = fields.Boolean("Half days", readonly=True)
    request_unit_hours = fields.Boolean("Hours", readonly=True)
    request_hour_from = fields.Float("Start hour", readonly=True)
    request_hour_to = fields.Float("End hour", readonly=True)
    is_own = fields.Boolean("Self-approved", readonly=True)
    is_free = fields.Boolean(
        "Without approval",
        readonly=True,
        help="The time off type required no approval at that time.",
    )
    is_withdrawn = fields.Boolean(
        "Withdrawn", readonly=True, help="The approval was withdrawn."
    )

    # ------------------------------------------------------------ recording
    @api.model
    def _record(self, leaves):
        """Note what is approved now, and by whom: the acting person.

        :param leaves: hr.leave, approved
        """
        self.sudo().create(
            [self._prepare(leave, self.env.uid) for leave in leaves.sudo()]
        )

    @api.model
    def _prepare(self, leave, user_id, **vals):
        values = {name: leave[name] for name in ASKED}
        return {
            **values,
            "leave_id": leave.id,
            "employee_id": leave.employee_id.id,
            "holiday_status_id": leave.holiday_status_id.id,
            "user_id": user_id,
            "is_own": user_id == leave.employee_id.user_id.id,
            "is_free": leave.holiday_status_id.leave_validation_type == "no_validation",
            "is_withdrawn": False,
            **vals,
        }

    @api.model
    def _keep_older(self, leaves):
        """Note the approval of leaves that were approved before approvals were noted."""
        leaves = leaves.sudo()
        known = self.sudo().search([("leave_id", "in", leaves.ids)]).leave_id
        self.sudo().create(
            [self._prepare(leave, self._approver(leave).id) for leave in leaves - known]
        )

    @api.model
    def _withdraw(self, leaves):
        """What was approved isn't any more; whoever approves it next is noted again.

        One statement: leaves of people without key accounts are refused as well.
        """
        self.flush_model(["is_withdrawn"])
        self.env.cr.execute(
            SQL(
                """UPDATE nka_leave_approval SET is_withdrawn = TRUE
                    WHERE leave_id = ANY(%s) AND is_withdrawn IS NOT TRUE""",
                leaves.ids,
            )
        )
        self.invalidate_model(["is_withdrawn"])

    @api.model
    def _approver(self, leave):
        """Who approved a leave, by its own fields."""
        approver = leave.second_approver_id or leave.first_approver_id
        return approver.user_id or leave.write_uid or self.env.ref("base.user_root")

    # ------------------------------------------------------------ judging
    @api.model
    def _judge(self, employees, first, last):
        """Which leaves with a day in a span are proven, and as what.

        :param employees: hr.employee
        :return: (hr.leave, Asked that counts or None, key of calendars.REASONS or empty)
        """
        within = Domain("request_date_from", "<=", last) & Domain(
            "request_date_to", ">=", first
        )
        theirs = Domain("employee_id", "in", employees.ids)
        moved = self.search(theirs & within).leave_id.ids
        leaves = (
            self.env["hr.leave"]
            .sudo()
            .search(
                theirs
                & Domain("state", "in", ("validate", *WAITING))
                & (within | Domain("id", "in", moved)),
                order="id",
            )
        )
        rows = self.search([("leave_id", "in", leaves.ids)]).grouped("leave_id")
        for leave in leaves:
            yield leave, *self._judge_one(leave, rows.get(leave, self.browse()))

    @api.model
    def _judge_one(self, leave, rows):
        if leave.state != "validate":
            return None, "pending"
        if not rows:
            return self._judge_older(leave)
        valid = rows.filtered(lambda row: row._is_valid(leave))
        if not valid:
            return None, "own_approval"
        newest = rows.filtered(lambda row: not row.is_withdrawn)[-1:]
        return Asked.of(valid[-1]), "" if newest == valid[-1] else "changed"

    def _is_valid(self, leave):
        """Whether this approves the leave: by somebody else, or without need of it."""
        if self.is_withdrawn or self.employee_id != leave.employee_id:
            return False
        is_own = self.user_id and self.user_id == leave.employee_id.user_id
        return self.is_free or not (self.is_own or is_own)

    @api.model
    def _judge_older(self, leave):
        is_free = leave.holiday_status_id.leave_validation_type == "no_validation"
        if is_free or self._approver(leave) != leave.employee_id.user_id:
            return Asked.of(leave), ""
        return None, "own_approval"
