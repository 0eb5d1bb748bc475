"""How key account managers start: hired, grown in the company, or otherwise."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date, html2plaintext

from ..trail.opening import open_action, open_records
from ..trail.roles import DIRECTOR, PAYROLL_OFFICER, SUPERVISOR
from .start_items import ITEMS

_lt = LazyTranslate(__name__)

WAYS = [("hired", "Hired"), ("grown", "Grown in the company"), ("other", "Other")]
STATES = [("preparing", "Preparing"), ("working", "Working"), ("stopped", "Stopped")]
ACTIVITY = "nka_key_accounts.mail_activity_type_manager_start"
#: What a supervisor may correct; every correction is in the audit trail.
TERMS = ("way", "date_start", "supervisor_id")


class ManagerStart(models.Model):
    """Start of one person as key account manager of a company.

    It lists what is missing until they work, and is the basis of the report that
    compares hiring with growing. One per employee and company.
    """

    _name = "nka.manager.start"
    _description = "Start of a manager"
    _inherit = [
        "nka.state.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_start desc, id desc"
    _rec_name = "employee_id"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = (
        "state",
        "confirmed_on",
        "confirmed_by_id",
        "stopped_on",
        "stop_reason",
    )
    _audit_kinds = {"start": _lt("Start of a manager")}
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {
        "action_stop": _lt("Why do they not become a manager?"),
        "action_resume": _lt("Why is the preparation continued?"),
    }

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    # Stored for the record rules: people read their own list.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    supervisor_id = fields.Many2one(
        "res.users",
        "Responsible",
        index=True,
        ondelete="restrict",
        tracking=True,
        compute="_compute_supervisor_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Supervisor who sees to it that nothing is missing.",
    )
    way = fields.Selection(
        WAYS,
        "How they came",
        required=True,
        tracking=True,
        index=True,
        help="Hired: they came as key account manager. Grown: they worked in the company "
        "and were prepared by a mentor.",
    )
    date_start = fields.Date(
        "Start date",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: fields.Date.context_today(self),
        help="Hired: first day of work. Grown: first day of the preparation.",
    )
    state = fields.Selection(
        STATES,
        default="preparing",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    confirmed_on = fields.Date("Manager since", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, copy=False, ondelete="restrict"
    )
    stopped_on = fields.Date("Stopped on", readonly=True, copy=False)
    stop_reason = fields.Text("Reason of the stop", readonly=True, copy=False)
    cost_ids = fields.One2many(
        "nka.manager.start.cost",
        "start_id",
        "Costs",
        copy=False,
        groups=f"{SUPERVISOR},{DIRECTOR}",
        help="What was spent until they work as manager, without their own pay.",
    )
    item_ids = fields.One2many(
        "nka.manager.start.item", "start_id", "What they need", readonly=True
    )
    progress = fields.Integer(
        "Done (%)",
        compute="_compute_progress",
        compute_sudo=True,
        help="Items done, of those that are needed.",
    )
    done_text = fields.Char("Items", compute="_compute_progress", compute_sudo=True)
    missing = fields.Char(compute="_compute_progress", compute_sudo=True)
    next_step = fields.Char("Next", compute="_compute_progress", compute_sudo=True)
    turn_id = fields.Many2one(
        "res.users",
        "Whose turn",
        compute="_compute_progress",
        compute_sudo=True,
        search="_search_turn_id",
    )
    is_mine = fields.Boolean(compute="_compute_rights")
    may_decide = fields.Boolean(compute="_compute_rights")

    _employee_unique = models.UniqueIndex(
        "(employee_id, company_id)",
        "The start of this employee is recorded already. Open that one instead.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("employee_id", "company_id")
    def _compute_supervisor_id(self):
        for start in self:
            start.supervisor_id = start.supervisor_id or start._propose_supervisor()

    def _propose_supervisor(self):
        """Return who is responsible: their superior, else who records it, else the
        first supervisor of the company.
        """
        start = self.sudo()
        holders = self.env["res.users"]._nka_holders(SUPERVISOR, start.company_id)
        holders -= start.user_id
        chosen = start.employee_id.parent_id.user_id & holders
        return (chosen or self.env.user & holders or holders)[:1]

    @api.depends("user_id", "supervisor_id", "way", "state")
    @api.depends_context("lang")
    def _compute_progress(self):
        """Count what is done with one query for all starts."""
        rows = self.env["nka.manager.start.item"].search([("start_id", "in", self.ids)])
        rows = rows.grouped("start_id")
        for start in self:
            own = rows.get(start._origin) or self.env["nka.manager.start.item"]
            needed = own.filtered(lambda row: row.state != "none")
            done = needed.filtered(lambda row: row.state == "done")
            turn = own.filtered(lambda row: row.state == "open")[:1]
            start.progress = 100 * len(done) // len(needed) if needed else 0
            start.done_text = f"{len(done)} / {len(needed)}"
            start.missing = ", ".join((needed - done).mapped("name"))
            is_over = start.state == "stopped"
            start.next_step = False if is_over else turn.hint
            start.turn_id = False if is_over else turn.turn_id

    def _search_turn_id(self, operator, value):
        """Find starts in which it is somebody's turn, for any of the items."""
        if operator not in ("in", "any"):
            return NotImplemented
        rows = self.env["nka.manager.start.item"]._search(
            [("state", "=", "open"), ("turn_id", operator, value)]
        )
        open_starts = Domain("state", "!=", "stopped")
        return open_starts & Domain("id", "in", rows.subselect("start_id"))

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        for start in self:
            start.is_mine = start.sudo().user_id == self.env.user
            start.may_decide = start._is_decided_by_user()

    def _is_decided_by_user(self):
        """Return whether the current user is a supervisor of the person."""
        self.ensure_one()
        user = self.env.user
        if not user.has_group(SUPERVISOR):
            return False
        person = self.sudo().user_id.with_env(self.sudo(False).env)
        return not person or (person != user and person.nka_is_supervised)

    # ------------------------------------------------------------ constraints
    @api.constrains("supervisor_id", "employee_id", "company_id")
    def _check_responsible(self):
        for start in self.sudo().filtered("supervisor_id"):
            responsible = start.supervisor_id
            if responsible == start.user_id:
                raise ValidationError(
                    self.env._(
                        "%s can't be responsible for their own start. Choose another "
                        "supervisor.",
                        responsible.name,
                    )
                )
            if not responsible.has_group(SUPERVISOR) or (
                start.company_id not in responsible.company_ids
            ):
                raise ValidationError(
                    self.env._(
                        "%(person)s can't be responsible: choose a key account "
                        "supervisor of %(company)s.",
                        person=responsible.name,
                        company=start.company_id.name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        starts = super().create(vals_list)
        starts._follow()
        return starts

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        if not self.env.su and not vals.keys().isdisjoint(
            {"employee_id", "company_id"}
        ):
            raise UserError(
                self.env._(
                    "The start of a manager stays with its employee. Record another one "
                    "for another employee."
                )
            )
        if vals.keys().isdisjoint(TERMS):
            return super().write(vals)
        self.check_access("write")
        before = {start: start._terms() for start in self}
        result = super().write(vals)
        changed = self.filtered(lambda start: start._terms() != before[start])
        self.env["nka.audit.event"]._record(
            changed, "start", old=before.get, new=lambda start: start._terms()
        )
        changed._follow()
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "The start of a manager stays on record. If they don't become a manager, "
                "stop it with its button and give the reason."
            )
        )

    # pylint: disable-next=method-required-super
    def copy(self, default=None):
        raise UserError(
            self.env._("Record the start of another employee instead of copying one.")
        )

    def _creation_note(self):
        return self._terms()

    def _terms(self):
        """Return what the record says in one line."""
        start = self.sudo()
        ways = dict(self._fields["way"]._description_selection(self.env))
        parts = (
            start.employee_id.name,
            ways.get(start.way),
            format_date(self.env, start.date_start),
            start.supervisor_id.name,
        )
        return ", ".join(filter(None, parts))

    # ------------------------------------------------------------ checks
    def _check_decider(self):
        self.check_access("read")
        for start in self:
            if not start.may_decide:
                raise AccessError(
                    self.env._(
                        "Only a supervisor of %s can do this, and nobody for themselves.",
                        start.sudo().employee_id.name,
                    )
                )

    def _check_required(self):
        """Refuse people for whom something is missing that nobody works without."""
        for start in self:
            missing = start.sudo().item_ids.filtered(
                lambda row: row.is_required and row.state in ("open", "later")
            )
            if missing:
                raise UserError(
                    self.env._(
                        "%(person)s can't be confirmed as manager yet. Missing: "
                        "%(items)s.",
                        person=start.sudo().employee_id.name,
                        items=", ".join(missing.mapped("name")),
                    )
                )

    # ------------------------------------------------------------ actions
    def action_confirm(self):
        """Confirm that these people work as key account managers.

        :raise AccessError: for others than their supervisors
        :raise UserError: if the preparation is over, or something required is missing
        """
        self._check_decider()
        self._check_state("preparing")
        self._check_required()
        self._confirm()
        return True

    def action_stop(self, reason=None):
        """Record that these people don't become managers, or aren't any more.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_decider()
        self._check_state("preparing", "working")
        if not reason:
            return self._ask_reason("action_stop")
        self._stop(reason)
        return True

    def action_resume(self, reason=None):
        """Continue the preparation of people for whom it was stopped.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_decider()
        self._check_state("stopped")
        if not reason:
            return self._ask_reason("action_resume")
        self.sudo()._move_to(
            "preparing", note=reason, stopped_on=False, stop_reason=False
        )
        self._follow()
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _start_for(self, employee, way, date=None):
        """Return the start of an employee in their company; create it if there is none.

        For code that has checked who may do this: it doesn't check rights. A start that
        was stopped is continued; one that is running stays as it is.

        :param hr.employee employee: the person
        :param str way: key of :data:`WAYS`
        :param date date: first day; today by default
        :rtype: nka.manager.start
        """
        employee = employee.sudo()
        employee.ensure_one()
        starts = self.sudo()._without_defaults()
        found = starts.search(
            [
                ("employee_id", "=", employee.id),
                ("company_id", "=", employee.company_id.id),
            ]
        )
        day = date or fields.Date.context_today(self)
        if not found:
            found = starts.create(
                {
                    "employee_id": employee.id,
                    "company_id": employee.company_id.id,
                    "way": way,
                    "date_start": day,
                }
            )
        elif found.state == "stopped":
            found.write({"way": way, "date_start": day})
            found._move_to("preparing", stopped_on=False, stop_reason=False)
            found._follow()
        return found.with_env(self.env)

    def _confirm(self):
        """Mark the people as working; whoever calls it has checked who may do this."""
        preparing = self.sudo().filtered(lambda start: start.state == "preparing")
        preparing._move_to(
            "working",
            confirmed_on=fields.Date.context_today(self),
            confirmed_by_id=self.env.uid,
        )
        preparing._follow()

    def _stop(self, reason):
        self.sudo()._move_to(
            "stopped",
            note=reason,
            stopped_on=fields.Date.context_today(self),
            stop_reason=reason,
        )
        self._follow()

    # ------------------------------------------------------------ what is missing
    @api.model
    def _items(self):
        """Return the items of the list, in order.

        Another addon adds its own, with ``_open_<code>`` of this model to do them.

        :rtype: list[StartItem]
        """
        return list(ITEMS)

    def _follow(self):
        """Ask everybody for their next item, and close what is done.

        Nobody is asked about people who worked as manager already.
        """
        starts = self.sudo().exists()
        rows = self.env["nka.manager.start.item"].sudo()
        rows.invalidate_model()
        starts.invalidate_recordset(["item_ids", "turn_id", "next_step"])
        asked = starts.filtered(
            lambda start: (
                start.state == "preparing"
                or (start.state == "working" and start.way != "other")
            )
        )
        wanted = {}
        for row in rows.search(
            [("start_id", "in", asked.ids), ("turn_id", "!=", False)]
        ):
            wanted.setdefault((row.start_id.id, row.turn_id.id), row.hint)
        starts._ask(wanted)

    def _ask(self, wanted):
        """Keep one activity for each start and person, with what to do.

        :param dict wanted: text by start id and user id
        """
        kind = self.env.ref(ACTIVITY)
        model_id = self.env["ir.model"]._get_id(self._name)
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        present = activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ]
        )
        kept = present.filtered(
            lambda row: (
                wanted.get((row.res_id, row.user_id.id))
                == html2plaintext(row.note or "")
            )
        )
        (present - kept).unlink()
        known = {(row.res_id, row.user_id.id) for row in kept}
        activities.create(
            [
                {
                    "activity_type_id": kind.id,
                    "summary": kind.summary,
                    "note": text,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": start_id,
                    "user_id": user_id,
                }
                for (start_id, user_id), text in wanted.items()
                if (start_id, user_id) not in known
            ]
        )

    @api.model
    def _cron_follow(self):
        """Ask for what is missing, every night."""
        starts = self.search([("state", "in", ("preparing", "working"))])
        if starts:
            starts._follow()

    # ------------------------------------------------------------ doing an item
    def _open_user(self):
        """Open the employee, whose form creates the user."""
        return open_records(self.sudo(False).employee_id)

    def _open_role(self):
        return open_records(self.user_id, self.env._("Roles"))

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

    def _open_secrecy(self):
        return self.env["nka.secrecy.regime"].action_open_mine()

    def _open_agreement(self):
        """Open the agreement to accept, to propose or to prepare."""
        agreements = self.env["nka.pay.agreement"].search(
            [
                ("employee_id", "=", self.employee_id.id),
                ("state", "in", ("draft", "proposed")),
            ],
            order="state desc, id",
            limit=1,
        )
        if agreements or not self.env.user.has_group(PAYROLL_OFFICER):
            return open_records(agreements, self.env._("Pay agreement"))
        return open_action(
            self.env,
            "nka_pay_agreement_action",
            views=[(False, "form")],
            context={
                "default_employee_id": self.employee_id.id,
                "default_company_id": self.company_id.id,
            },
        )

    def _open_mentor(self):
        return open_action(
            self.env,
            "nka_mentorship_action",
            views=[(False, "form")],
            context={
                "default_mentee_id": self.user_id.id,
                "default_company_id": self.company_id.id,
            },
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

    def _open_accounts(self):
        """Open the accounts of the company, to choose a deputy or hand one over."""
        return open_action(
            self.env,
            "nka_key_account_action",
            domain=[("company_id", "=", self.company_id.id)],
            context={"search_default_key": 1},
        )

    def _open_report(self):
        return self.env["nka.work.report"].action_open_mine()
