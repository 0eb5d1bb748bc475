"""What the company owes its key account managers."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ..trail.roles import DIRECTOR, SUPERVISOR

_lt = LazyTranslate(__name__)

DUE = "nka_key_accounts.mail_activity_type_promise"
ANSWER = "nka_key_accounts.mail_activity_type_promise_answer"
KINDS = [
    ("training", "Training"),
    ("terms", "Review of terms"),
    ("assistant", "Assistant"),
    ("equipment", "Equipment"),
    ("other", "Other"),
]
#: What was promised to whom; it can't be changed afterwards.
TERMS = ("name", "kind", "note", "employee_id", "company_id", "date_due")
#: States in which the employee can say that the promise wasn't kept.
CLAIMED = ("kept", "withdrawn")
#: States from which a promise can still be kept, besides one that is disputed.
DUE_STATES = ("open", "broken")


class Promise(models.Model):
    """Promise of the company to a key account manager, with owner and due date.

    The company can't change what it promised. A later day needs the manager's consent,
    and a promise that the manager says wasn't kept stays overdue. Never affects pay.
    """

    _name = "nka.promise"
    _description = "Promise to a manager"
    _inherit = [
        "nka.state.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = (
        "state",
        "answer",
        "answer_note",
        "answer_date",
        "evidence",
        "date_first",
        "date_made",
        "date_closed",
        "closed_by_id",
    )
    _audit_kinds = {"promise": _lt("Promise to a manager")}
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {
        "action_keep": _lt("How was it kept?"),
        "action_break": _lt("Why can't it be kept?"),
        "action_withdraw": _lt("Why is it withdrawn?"),
        "action_dispute": _lt("What is missing?"),
    }

    name = fields.Char("What was promised", tracking=True)
    kind = fields.Selection(KINDS, "Type", required=True, default="training")
    employee_id = fields.Many2one(
        "hr.employee",
        "Promised to",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    # Stored for the record rule: people read what was promised to them.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who sees to it that the promise is kept.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    note = fields.Text("Details")
    date_made = fields.Date(
        "Promised on",
        readonly=True,
        copy=False,
        default=lambda self: fields.Date.context_today(self),
    )
    date_due = fields.Date("Due date", required=True, index=True, tracking=True)
    date_first = fields.Date("First due date", readonly=True, copy=False)
    date_proposed = fields.Date(
        "Proposed due date",
        copy=False,
        help="Later day that the company asks for. It applies once the manager agrees.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("broken", "Not kept"),
            ("withdrawn", "Withdrawn"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    evidence = fields.Text(
        readonly=True,
        copy=False,
        help="How the promise was kept, or why it wasn't. Files are in the messages.",
    )
    date_closed = fields.Date("Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", "Closed by", readonly=True, copy=False, ondelete="restrict"
    )
    answer = fields.Selection(
        [
            ("pending", "Awaiting answer"),
            ("confirmed", "Confirmed"),
            ("disputed", "Disputed"),
        ],
        "Manager's answer",
        readonly=True,
        copy=False,
        tracking=True,
    )
    answer_note = fields.Text("What is missing", readonly=True, copy=False)
    answer_date = fields.Date("Answered on", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_mine = fields.Boolean(compute="_compute_rights")
    may_close = fields.Boolean(compute="_compute_rights")
    may_decide = fields.Boolean(compute="_compute_rights")

    # ------------------------------------------------------------ compute
    @api.depends("name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for promise in self:
            promise.display_name = promise.name or kinds.get(promise.kind, "")

    @api.depends("date_due", "state", "answer")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        late = self.filtered_domain(self._domain_overdue())
        for promise in self:
            promise.is_overdue = promise in late

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.depends("employee_id", "owner_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        for promise in self:
            decides = promise._is_decided_by_user()
            promise.is_mine = promise.user_id == self.env.user
            promise.may_decide = decides
            # The employee's user can be changed to the owner afterwards.
            owns = promise.owner_id == self.env.user and not promise.is_mine
            promise.may_close = decides or owns

    @api.model
    def _domain_waiting(self):
        """Return the domain of promises that still have to be kept."""
        disputed = Domain("state", "in", CLAIMED) & Domain("answer", "=", "disputed")
        return Domain("state", "=", "open") | disputed

    @api.model
    def _domain_overdue(self):
        today = fields.Date.context_today(self)
        return self._domain_waiting() & Domain("date_due", "<", today)

    def _is_decided_by_user(self):
        """Return whether the current user is a supervisor of the person promised to."""
        self.ensure_one()
        user = self.env.user
        person = self.sudo().user_id.with_env(self.sudo(False).env)
        return (
            user.has_group(SUPERVISOR) and person != user and person.nka_is_supervised
        )

    # ------------------------------------------------------------ constraints
    @api.constrains("employee_id")
    def _check_person(self):
        for promise in self.sudo():
            if not promise.user_id:
                raise ValidationError(
                    self.env._(
                        "%s has no user, so nobody could confirm the promise. Link a "
                        "user to the employee first.",
                        promise.employee_id.name,
                    )
                )

    @api.constrains("owner_id", "employee_id", "company_id")
    def _check_owner(self):
        for promise in self.sudo():
            owner = promise.owner_id
            if owner == promise.user_id:
                raise ValidationError(
                    self.env._(
                        "%s can't be the owner of a promise made to them. Choose who "
                        "sees to it for the company.",
                        owner.name,
                    )
                )
            if owner.share or not owner.active:
                raise ValidationError(
                    self.env._(
                        "%s can't be the owner: choose a colleague with an active user.",
                        owner.name,
                    )
                )
            if promise.company_id not in owner.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(person)s can't be the owner: choose a colleague who has access "
                        "to %(company)s.",
                        person=owner.name,
                        company=promise.company_id.name,
                    )
                )
            if owner.has_group(DIRECTOR) and not owner.has_group(SUPERVISOR):
                raise ValidationError(
                    self.env._(
                        "%s is a director, who sees promises but doesn't change them. "
                        "Choose the colleague who carries it out, such as a supervisor.",
                        owner.name,
                    )
                )

    @api.constrains("date_proposed")
    def _check_date_proposed(self):
        for promise in self.filtered("date_proposed"):
            if promise.date_proposed == promise.date_due:
                raise ValidationError(
                    self.env._(
                        "The promise is already due on that day. Propose another day."
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        for promise in promises.sudo():
            promise._unlocked().write({"date_first": promise.date_due})
            promise._tell(
                promise.user_id,
                self.env._(
                    "The company promised you this. Owner: %s", promise.owner_id.name
                ),
            )
        promises._raise_reminders()
        return promises

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        if not self.env.su and not vals.keys().isdisjoint(TERMS):
            raise UserError(
                self.env._(
                    "What was promised can't be changed. Propose a later day, or withdraw "
                    "the promise with a reason and make a new one."
                )
            )
        told = {"owner_id", "date_proposed", *TERMS} & vals.keys()
        if told:
            self.check_access("write")
            self._check_state("open", *CLAIMED, "broken")
        before = {promise: promise._terms() for promise in self}
        result = super().write(vals)
        if told:
            self._record_terms(before)
        if "owner_id" in vals:
            self.sudo().activity_unlink([DUE])
            self._raise_reminders()
        if vals.get("date_proposed"):
            self._ask_day()
        return result

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "Promises stay on record. Withdraw the promise with its button and give "
                "the reason."
            )
        )

    def _creation_note(self):
        return self._terms()

    def _terms(self):
        """Return what the promise says in one line."""
        promise = self.sudo()
        parts = [
            promise.employee_id.name,
            promise.kind,
            promise.name,
            promise.owner_id.name,
            fields.Date.to_string(promise.date_due),
        ]
        if promise.date_proposed:
            parts.append(f"→ {fields.Date.to_string(promise.date_proposed)}")
        return ", ".join(filter(None, parts))

    def _record_terms(self, before):
        changed = self.filtered(lambda promise: promise._terms() != before[promise])
        self.env["nka.audit.event"]._record(
            changed, "promise", old=before.get, new=lambda promise: promise._terms()
        )

    # ------------------------------------------------------------ checks
    def _check_closer(self):
        """Refuse everybody but the owner and supervisors of the person."""
        self.check_access("read")
        for promise in self:
            if not promise.may_close:
                raise AccessError(
                    self.env._(
                        "Only the owner of this promise, %(owner)s, or a supervisor of "
                        "%(person)s can do this.",
                        owner=promise.sudo().owner_id.name,
                        person=promise.sudo().employee_id.name,
                    )
                )

    def _check_decider(self):
        self.check_access("read")
        for promise in self:
            if not promise.may_decide:
                raise AccessError(
                    self.env._(
                        "Only a supervisor of %s can do this.",
                        promise.sudo().employee_id.name,
                    )
                )

    def _check_person_answers(self):
        self.check_access("read")
        for promise in self.sudo():
            if promise.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %s can answer, because the promise was made to them.",
                        promise.employee_id.name,
                    )
                )

    def _check_due(self, *states):
        """Refuse promises that are closed, unless the employee disputes it."""
        settled = self.sudo().filtered(
            lambda one: not (one.state in CLAIMED and one.answer == "disputed")
        )
        settled._check_state(*states)

    # ------------------------------------------------------------ actions
    def action_keep(self, reason=None):
        """Report these promises as kept; the managers are asked to confirm it.

        :param str reason: the evidence; without it, return the action of the wizard
        :raise AccessError: for others than the owner and supervisors of the person
        :raise UserError: if a promise is already kept or withdrawn
        """
        self._check_closer()
        self._check_due(*DUE_STATES)
        if not reason:
            return self._ask_reason("action_keep")
        self._close("kept", reason, answer="pending")
        return True

    def action_break(self, reason=None):
        """Report that these promises won't be kept, with the reason.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_closer()
        self._check_due("open")
        if not reason:
            return self._ask_reason("action_break")
        self._close("broken", reason, answer=False)
        return True

    def action_withdraw(self, reason=None):
        """Withdraw these promises as a supervisor; the managers can object.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_decider()
        self._check_due("open")
        if not reason:
            return self._ask_reason("action_withdraw")
        self._close("withdrawn", reason, answer="pending")
        return True

    def action_confirm(self):
        """Confirm, as the person promised to, that the promises were kept or withdrawn."""
        self._check_person_answers()
        self._check_state(*CLAIMED)
        self._answer("confirmed")
        return True

    def action_dispute(self, reason=None):
        """Say, as the person promised to, that a promise wasn't kept.

        It counts as overdue after its due date, until it is kept.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_person_answers()
        self._check_state(*CLAIMED)
        self._check_unconfirmed()
        if not reason:
            return self._ask_reason("action_dispute")
        self._answer("disputed", reason)
        return True

    def action_agree_day(self):
        """Agree, as the person promised to, to the day that the company proposed."""
        self._check_person_answers()
        self._check_proposal()
        for promise in self.sudo():
            before = {promise: promise._terms()}
            promise._unlocked().write(
                {"date_due": promise.date_proposed, "date_proposed": False}
            )
            promise._record_terms(before)
            promise.activity_unlink([DUE, ANSWER])
            promise._tell(promise.owner_id, self.env._("The new due date is agreed."))
        self._raise_reminders()
        return True

    def action_keep_day(self):
        """Insist, as the person promised to, on the day that was promised."""
        self._check_person_answers()
        self._check_proposal()
        for promise in self.sudo():
            before = {promise: promise._terms()}
            promise._unlocked().write({"date_proposed": False})
            promise._record_terms(before)
            promise.activity_unlink([ANSWER])
            promise._tell(
                promise.owner_id,
                self.env._("The manager didn't agree to another day."),
            )
        return True

    def _check_unconfirmed(self):
        for promise in self.sudo():
            if promise.answer == "confirmed":
                raise UserError(
                    self.env._(
                        "You confirmed “%s”. Ask for a new promise if something is "
                        "still missing.",
                        promise.display_name,
                    )
                )

    def _check_proposal(self):
        for promise in self.sudo():
            if not promise.date_proposed:
                raise UserError(
                    self.env._(
                        "No other day is proposed for “%s”.", promise.display_name
                    )
                )

    # ------------------------------------------------------------ steps
    def _close(self, state, evidence, answer):
        promises = self.sudo()
        promises._move_to(
            state,
            note=evidence,
            evidence=evidence,
            answer=answer,
            answer_note=False,
            answer_date=False,
            date_closed=fields.Date.context_today(self),
            closed_by_id=self.env.uid,
        )
        promises.activity_unlink([DUE, ANSWER])
        for promise in promises:
            promise._tell(promise.user_id, evidence)
        if answer:
            promises._ask_answer()

    def _answer(self, answer, note=False):
        promises = self.sudo()
        before = {promise: promise.answer for promise in promises}
        promises._unlocked().write(
            {
                "answer": answer,
                "answer_note": note,
                "answer_date": fields.Date.context_today(self),
            }
        )
        self.env["nka.audit.event"]._record(
            promises, "promise", old=before.get, new=answer, note=note or None
        )
        promises.activity_unlink([ANSWER])
        for promise in promises:
            answers = dict(self._fields["answer"]._description_selection(self.env))
            promise._tell(
                promise.owner_id | promise.closed_by_id,
                ": ".join(filter(None, [answers[answer], note])),
            )
        promises._raise_reminders()

    def _tell(self, users, body):
        """Send a message to people about the promise, as usual in Odoo."""
        self.ensure_one()
        told = users - self.env.user
        if told:
            self.message_post(
                body=body,
                partner_ids=told.partner_id.ids,
                message_type="notification",
                subtype_xmlid="mail.mt_note",
            )

    def _ask_answer(self):
        people = {promise.id: promise.user_id.id for promise in self.sudo()}
        self.sudo()._raise_activities(ANSWER, people)

    def _ask_day(self):
        for promise in self.sudo():
            promise._tell(
                promise.user_id,
                self.env._(
                    "Another due date is proposed: %s. Agree to it, or keep the day.",
                    format_date(self.env, promise.date_proposed),
                ),
            )
        self._ask_answer()

    # ------------------------------------------------------------ reminders
    def _raise_reminders(self):
        """Schedule one activity per promise that has to be kept, for its owner."""
        waiting = self.sudo().filtered_domain(self._domain_waiting())
        if waiting:
            owners = {promise.id: promise.owner_id.id for promise in waiting}
            days = {promise.id: promise.date_due for promise in waiting}
            waiting._raise_activities(DUE, owners, days)

    @api.model
    def _cron_remind(self):
        """Remind the owners of what they still owe, and people of their answers."""
        promises = self.sudo()
        promises.search(self._domain_waiting())._raise_reminders()
        promises.search([("answer", "=", "pending")])._ask_answer()
