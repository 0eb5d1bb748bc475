"""Plans to spread a client's relationship over more people."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, LazyTranslate, format_date

from ..facts import contacts
from ..trail.roles import SUPERVISOR
from . import measure

_lt = LazyTranslate(__name__)

INTRODUCE = "nka_key_accounts.mail_activity_type_introduce"
#: What a plan says; later changes are a supervisor's decision and on record.
TERMS = ("user_id", "stakeholder_id", "target_share", "date_due")
TARGET = 20.0


class DependencyPlan(models.Model):
    """Plan to introduce a second person to a client by a date.

    Nobody closes it as done: the nightly figures do, once the person has met the
    stakeholder named and holds the share that was aimed at.
    """

    _name = "nka.dependency.plan"
    _description = "Introduction of a colleague"
    _inherit = [
        "nka.state.mixin",
        "nka.account.item.mixin",
        "nka.reminder.mixin",
        "nka.read.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _rec_name = "user_id"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = ("state", "date_start", "date_done", "share_start", "reason")
    _audit_kinds = {"dependency_plan": _lt("Introduction of a colleague")}
    _audit_creation = True
    _reason_actions = {"action_drop": _lt("Drop the introduction")}

    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('state', 'in', ('candidate', 'key'))]",
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    manager_id = fields.Many2one(
        related="key_account_id.manager_id", string="Introduced by"
    )
    user_id = fields.Many2one(
        "res.users",
        "Colleague",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who should know the client as well.",
    )
    stakeholder_id = fields.Many2one(
        "nka.stakeholder",
        "To whom",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
        domain="[('key_account_id', '=', key_account_id)]",
        help="Leave empty if any contact of the client will do.",
    )
    date_due = fields.Date(
        "Due date",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=3),
    )
    target_share = fields.Float(
        "Target share (%)",
        required=True,
        default=TARGET,
        digits=(16, 2),
        tracking=True,
        help="Part of the recorded contact with the client that should be theirs.",
    )
    share_start = fields.Float(
        "Share at the start (%)", readonly=True, digits=(16, 2), copy=False
    )
    share = fields.Float(
        "Share now (%)", compute="_compute_share", compute_sudo=True, digits=(16, 2)
    )
    note = fields.Text("How")
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
        required=True,
        readonly=True,
        default="open",
        copy=False,
        index=True,
    )
    date_start = fields.Date(
        "Start date",
        readonly=True,
        copy=False,
        default=lambda self: fields.Date.context_today(self),
    )
    date_done = fields.Date("Done on", readonly=True, copy=False)
    reason = fields.Char("Reason for dropping it", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _target_range = models.Constraint(
        "CHECK(target_share > 0 AND target_share <= 100)",
        "The target share has to be above 0 and at most 100 %.",
    )
    _person_unique = models.UniqueIndex(
        "(key_account_id, user_id) WHERE state = 'open'",
        "There is an open plan for this colleague and client already. Open that one "
        "instead.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("key_account_id", "user_id")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(person)s at %(client)s",
                person=plan.sudo().user_id.name or "…",
                client=plan.sudo().key_account_id.partner_id.name or "…",
            )

    @api.depends("key_account_id", "user_id")
    def _compute_share(self):
        shares = self._read_shares()
        for plan in self:
            pair = plan.key_account_id._origin.id, plan.user_id._origin.id
            plan.share = shares.get(pair, 0)

    def _read_shares(self):
        rows = (
            self.env["nka.dependency"]
            .sudo()
            .search_fetch(
                [
                    ("is_current", "=", True),
                    ("key_account_id", "in", self.key_account_id._origin.ids),
                    ("user_id", "in", self.user_id._origin.ids),
                ],
                ["key_account_id", "user_id", "share"],
            )
        )
        return {(row.key_account_id.id, row.user_id.id): row.share for row in rows}

    @api.depends("date_due", "state")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        late = self.filtered_domain(self._domain_overdue())
        for plan in self:
            plan.is_overdue = plan in late

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_overdue(self):
        today = fields.Date.context_today(self)
        return fields.Domain("state", "=", "open") & fields.Domain(
            "date_due", "<", today
        )

    # ------------------------------------------------------------ constraints
    @api.constrains("user_id", "key_account_id")
    def _check_colleague(self):
        for plan in self.sudo():
            user = plan.user_id
            if user.share or not user.active or plan.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(person)s can't be introduced: choose a colleague who has "
                        "access to %(company)s.",
                        person=user.name,
                        company=plan.company_id.name,
                    )
                )

    @api.constrains("stakeholder_id", "key_account_id")
    def _check_stakeholder(self):
        for plan in self.sudo().filtered("stakeholder_id"):
            if plan.stakeholder_id.key_account_id != plan.key_account_id:
                raise ValidationError(
                    self.env._(
                        "%s belongs to another client. Choose a stakeholder of this "
                        "client.",
                        plan.stakeholder_id.display_name,
                    )
                )

    @api.constrains("key_account_id")
    def _check_account(self):
        for plan in self.sudo():
            if plan.key_account_id.state not in measure.STATES:
                raise ValidationError(
                    self.env._(
                        "%s isn't a key account any more, so nobody has to be "
                        "introduced to them.",
                        plan.key_account_id.display_name,
                    )
                )

    @api.constrains("target_share", "user_id")
    def _check_target(self):
        shares = self._read_shares()
        for plan in self.sudo().filtered(lambda plan: plan.state == "open"):
            share = shares.get((plan.key_account_id.id, plan.user_id.id), 0)
            if share >= plan.target_share and not plan.stakeholder_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s already has %(share)s of the contact with "
                        "%(client)s. Aim higher, or name the stakeholder they should "
                        "meet.",
                        person=plan.user_id.name,
                        share=f"{share:g} %",
                        client=plan.key_account_id.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        shares = plans._read_shares()
        for plan in plans.sudo():
            share = shares.get((plan.key_account_id.id, plan.user_id.id), 0)
            plan._unlocked().write({"share_start": share})
        plans._raise_reminders()
        return plans

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint(TERMS):
            return super().write(vals)
        self.check_access("write")
        self._check_terms_editable()
        before = {plan: plan._terms() for plan in self}
        result = super().write(vals)
        changed = self.filtered(lambda plan: plan._terms() != before[plan])
        self.env["nka.audit.event"]._record(
            changed, "dependency_plan", old=before.get, new=lambda plan: plan._terms()
        )
        changed.sudo().activity_unlink([INTRODUCE])
        changed._raise_reminders()
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "Plans stay on record. Drop the plan with its button and give the reason."
            )
        )

    def _creation_note(self):
        return self._terms()

    def _terms(self):
        """Return what the plan says in one line."""
        plan = self.sudo()
        whom = plan.stakeholder_id.display_name or plan.key_account_id.display_name
        return (
            f"{plan.user_id.name} → {whom}, {plan.target_share:g} %, "
            f"{fields.Date.to_string(plan.date_due)}"
        )

    def _check_terms_editable(self):
        self._check_state("open")
        if self.env.su or self.env.user.has_group(SUPERVISOR):
            return
        for plan in self:
            raise AccessError(
                self.env._(
                    "“%(plan)s” was agreed, so only a supervisor can change it. Ask "
                    "%(person)s.",
                    plan=plan.display_name,
                    person=plan.sudo().key_account_id.supervisor_id.name
                    or self.env._("a supervisor"),
                )
            )

    # ------------------------------------------------------------ actions
    def action_drop(self, reason=None):
        """Drop these plans as a supervisor; the reason goes into the audit trail.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_supervisor()
        self.check_access("write")
        self._check_state("open")
        if not reason:
            return self._ask_reason("action_drop")
        self._move_to("dropped", note=reason, reason=reason)
        self.sudo().activity_unlink([INTRODUCE])
        return True

    # ------------------------------------------------------------ nightly job
    @api.model
    def _follow(self):
        """Close the plans that the figures show as done, and remind of the others."""
        plans = self.sudo()
        today = fields.Date.context_today(self)
        plans.browse(plans._find_done())._close(
            "done",
            self.env._("By the figures of %s", format_date(self.env, today)),
            date_done=today,
        )
        waiting = plans.search([("state", "=", "open")])
        ended = waiting.filtered(
            lambda plan: plan.key_account_id.state not in measure.STATES
        )
        ended._drop_by_itself(self.env._("The client is no longer a key account."))
        left = (waiting - ended).filtered(lambda plan: not plan.user_id.active)
        left._drop_by_itself(self.env._("The colleague has left."))
        waiting -= ended | left
        waiting._pass_on()
        waiting._raise_reminders()

    def _close(self, state, note, **vals):
        if self:
            self._move_to(state, note=note, **vals)
            self.activity_unlink([INTRODUCE])

    def _drop_by_itself(self, reason):
        self._close("dropped", reason, reason=reason)

    def _pass_on(self):
        """Give the reminders to the present managers of the clients."""
        owners = self._owners()
        todos = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env.ref(INTRODUCE).id),
                    ("automated", "=", True),
                ]
            )
        )
        moved = todos.filtered(
            lambda todo: owners[todo.res_id] not in (False, todo.user_id.id)
        )
        for user_id, group in moved.grouped(lambda todo: owners[todo.res_id]).items():
            # No mail is sent, because the activities are on the to-do list.
            group.with_context(mail_activity_quick_update=True).user_id = user_id

    @api.model
    def _find_done(self):
        """Return the ids of open plans that are reached. One query.

        The share comes from the last figures. A stakeholder named must have been met
        since the day on which the plan was made.
        """
        self.env.flush_all()
        accounts = self.env["nka.key.account"]
        rows = self.env.execute_query(
            SQL(
                """SELECT plan.id FROM nka_dependency_plan plan
                     JOIN nka_key_account account ON account.id = plan.key_account_id
                     JOIN nka_dependency held
                       ON held.key_account_id = plan.key_account_id
                      AND held.user_id = plan.user_id AND held.is_current
                LEFT JOIN nka_stakeholder person ON person.id = plan.stakeholder_id
                    WHERE plan.state = 'open' AND held.share >= plan.target_share
                      AND held.is_in_touch
                      AND (person.id IS NULL OR EXISTS (
                           SELECT FROM (%s) known
                            WHERE known.user_id = plan.user_id
                              AND known.partner_id = person.partner_id
                              AND known.moment >= plan.date_start))
                    ORDER BY plan.id""",
                contacts.rows_sql(accounts, "account"),
            )
        )
        return [plan_id for (plan_id,) in rows]

    def _owners(self):
        """Return who introduces the colleague, by plan id."""
        return {
            plan.id: plan.manager_id.id or plan.key_account_id.supervisor_id.id
            for plan in self.sudo()
        }

    def _raise_reminders(self):
        """Schedule one activity per open plan, for whoever introduces the colleague."""
        waiting = self.sudo().filtered(lambda plan: plan.state == "open")
        if waiting:
            days = {plan.id: plan.date_due for plan in waiting}
            waiting._raise_activities(INTRODUCE, waiting._owners(), days)
