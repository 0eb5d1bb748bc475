from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..deals.crm_lead import ROLES as WORKING
from ..trail.roles import DIRECTOR, SUPERVISOR

_lt = LazyTranslate(__name__)

#: Roles that see the plan of an action.
ROLES = f"{WORKING},{DIRECTOR}"

CONTENT_FIELDS = {"plan_id", "objective_id", "name", "user_id", "date_due"}
DUE = "nka_key_accounts.mail_activity_type_plan_action"


class AccountPlanAction(models.Model):
    """Action of an account plan, with an owner and a due date.

    The owner can be any employee. Users without a key account role see this action, but
    not the plan it belongs to.
    """

    _name = "nka.account.plan.action"
    _description = "Account plan action"
    _inherit = [
        "nka.guard.mixin",
        "nka.account.item.mixin",
        "nka.reminder.mixin",
        "nka.read.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _mail_post_access = "read"

    _guarded_fields = ("date_done", "done_by_id")
    _audit_kinds = {
        "plan_action_done": _lt("Account plan action completed"),
        "plan_action_reopened": _lt("Account plan action reopened"),
    }
    _company_fields = ("plan_id",)
    _owner_field = "plan_id"

    plan_id = fields.Many2one(
        "nka.account.plan",
        "Account plan",
        required=True,
        index=True,
        ondelete="cascade",
        groups=ROLES,
    )
    key_account_id = fields.Many2one(
        related="plan_id.key_account_id", store=True, index=True, groups=ROLES
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", related_sudo=True, store=True, index=True
    )
    objective_id = fields.Many2one(
        "nka.account.plan.objective",
        "Related objective",
        domain="[('plan_id', '=', plan_id)]",
        ondelete="set null",
        groups=ROLES,
        copy=False,
    )
    plan_state = fields.Selection(related="plan_id.state", groups=ROLES)
    name = fields.Char("Action", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date("Due date", required=True, index=True)
    date_done = fields.Date("Done on", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    # ------------------------------------------------------------ compute
    @api.depends("date_due", "date_done")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        late = self.filtered_domain(self._domain_overdue())
        for step in self:
            step.is_overdue = step in late

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_overdue(self):
        today = fields.Date.context_today(self)
        return fields.Domain("date_done", "=", False) & fields.Domain(
            "date_due", "<", today
        )

    # ------------------------------------------------------------ constraints
    @api.constrains("plan_id")
    def _check_editable(self):
        self.sudo().plan_id._check_editable()

    @api.constrains("user_id")
    def _check_owners(self):
        for step in self.sudo():
            user = step.user_id
            if user.share or not user.active or step.company_id not in user.company_ids:
                step.sudo(False).check_access("read")
                raise UserError(
                    self.env._(
                        "%(user)s can't own “%(action)s”: choose a colleague who has "
                        "access to %(company)s.",
                        user=user.name,
                        action=step.name,
                        company=step.company_id.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        """Refuse changes once the plan is submitted; handovers can change the owner."""
        if not self._is_unlocked(vals) and not CONTENT_FIELDS.isdisjoint(vals):
            self.check_access("write")
            self._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ actions
    def action_done(self):
        """Mark these actions as done today.

        :raise AccessError: unless the user is the owner, acts for the account or is a
            supervisor
        :raise UserError: if the plan isn't approved
        """
        self.check_access("read")
        self._check_closing()
        today = fields.Date.context_today(self)
        waiting = self.filtered(lambda step: not step.date_done)
        waiting.sudo()._unlocked().write(
            {"date_done": today, "done_by_id": self.env.uid}
        )
        waiting.sudo().activity_feedback([DUE])
        waiting._record("plan_action_done")
        return True

    def action_reopen(self):
        """Mark these actions as not done, and schedule their reminders again.

        :raise AccessError: unless the user is the owner, acts for the account or is a
            supervisor
        :raise UserError: if the plan isn't approved
        """
        self.check_access("read")
        self._check_closing()
        done = self.filtered("date_done")
        done.sudo()._unlocked().write({"date_done": False, "done_by_id": False})
        done._record("plan_action_reopened")
        done._raise_reminders()
        return True

    def _check_closing(self):
        for step in self.sudo():
            account = step.key_account_id
            if self.env.user not in step.user_id | account.acting_user_ids and (
                not self.env.user.has_group(SUPERVISOR)
            ):
                raise AccessError(
                    self.env._(
                        "“%(action)s” is assigned to %(owner)s. Ask them or the "
                        "account's manager to change it.",
                        action=step.name,
                        owner=step.user_id.name,
                    )
                )
            if step.plan_id.state != "approved":
                raise UserError(
                    self.env._(
                        "“%s” can be marked as done only after its plan is approved.",
                        step.name,
                    )
                )

    # ------------------------------------------------------------ business
    def _record(self, kind):
        events = self.env["nka.audit.event"]
        events._record(self.sudo(), kind, new=lambda step: step.name)

    def _raise_reminders(self):
        """Schedule one activity per open action, on its due date."""
        waiting = self.sudo().filtered(lambda step: not step.date_done)
        if waiting:
            users = {step.id: step.user_id.id for step in waiting}
            days = {step.id: step.date_due for step in waiting}
            waiting._raise_activities(DUE, users, days)

    @api.model
    def _cron_remind(self):
        """Schedule a new activity for overdue actions whose owner deleted theirs."""
        self.search(
            fields.Domain(self._domain_overdue())
            & fields.Domain("plan_id.state", "=", "approved")
        )._raise_reminders()
