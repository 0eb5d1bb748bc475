"""Departures of people who work with key accounts."""

import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import LazyTranslate, format_date

from ..trail.opening import open_action, open_records
from ..trail.roles import ADMIN, SUPERVISOR
from . import deciding, dossier, ending, final_pay, hr_dates, look_back, successors
from .deciding import DECIDERS

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

#: What a supervisor can enter when opening a departure.
ENTERED = ("employee_id", "date", "note", "successor_id")
ACTIVITY = "nka_key_accounts.mail_activity_type_departure"
#: Days before the last one from which missing successors are reminded of.
REMINDED = 14


class Departure(models.Model):
    """Somebody with a key account role leaves the company.

    It is opened by a departure date or end of contract in Odoo, by a supervisor, or by
    the person. From that day exports and prints are closed to them and their reading is
    compared with their own baseline more strictly; handovers of their accounts are
    drafted, and what they did before is looked back at. On the day after their last one
    their roles are taken away.

    Never shown to the person: their steps are on their handovers.
    """

    _name = "nka.departure"
    _description = "Departure"
    _inherit = [
        "nka.state.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "state, date desc, id desc"
    _rec_name = "employee_id"
    _mail_post_access = "read"
    _guarded_fields = (
        "state",
        "user_id",
        "company_id",
        "supervisor_ids",
        "supervisor_id",
        "source",
        "opened_on",
        "look_to",
        "left_on",
    )
    _audit_kinds = {
        "departure": _lt("Departure"),
        "dossier": _lt("Departure dossier"),
    }
    _audit_readers = "record"
    _audit_creation = True
    _reason_actions = {
        "action_cancel": _lt("Why do they stay?"),
        "action_allow_taking": _lt("Why may they export and print again?"),
        "action_close_taking": _lt("Why are exports and prints closed again?"),
        "action_seal_dossier": _lt("Who has to decide, and about what?"),
    }

    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    state = fields.Selection(
        [("open", "In progress"), ("departed", "Left"), ("cancelled", "Cancelled")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    date = fields.Date(
        "Last day",
        required=True,
        tracking=True,
        help="Their roles are taken away on the day after.",
    )
    opened_on = fields.Date(
        "Opened on",
        readonly=True,
        default=fields.Date.context_today,
        help="Exports, prints and reading are limited from this day on.",
    )
    source = fields.Selection(
        [
            ("hr", "Departure date in Odoo"),
            ("contract", "End of contract in Odoo"),
            ("supervisor", "Supervisor"),
            ("person", "The person"),
        ],
        "Opened by",
        default="supervisor",
        required=True,
        readonly=True,
    )
    note = fields.Text()
    supervisor_ids = fields.Many2many(
        "res.users",
        "nka_departure_supervisor_rel",
        string="Seen by",
        readonly=True,
        help="Supervisors of the person's accounts. Key account administrators see all "
        "departures, directors without the look-back.",
    )
    supervisor_id = fields.Many2one("res.users", "Responsible", readonly=True)
    successor_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Takes over the accounts without a deputy who could. If empty, the colleague "
        "who knows the client best is proposed.",
    )
    is_closed = fields.Boolean(
        "Exports and prints closed", compute="_compute_is_closed", compute_sudo=True
    )
    left_on = fields.Date("Access ended on", readonly=True)
    has_login = fields.Boolean(
        "Login active", compute="_compute_has_login", compute_sudo=True
    )
    handover_ids = fields.One2many(
        "nka.handover", "departure_id", "Handovers", groups=DECIDERS
    )
    introduction_ids = fields.One2many(
        "nka.departure.introduction", "departure_id", "Introductions", groups=DECIDERS
    )
    account_count = fields.Integer(
        "Accounts left to hand over", compute="_compute_accounts", compute_sudo=True
    )
    account_names = fields.Char(
        "Without a handover", compute="_compute_accounts", compute_sudo=True
    )
    introduction_done = fields.Char(
        "Decision makers met", compute="_compute_introduction_done", groups=DECIDERS
    )
    figure_ids = fields.One2many(
        "nka.departure.figure", "departure_id", "Look-back", groups=DECIDERS
    )
    unusual_count = fields.Integer(
        "Figures that stand out", compute="_compute_unusual_count", groups=DECIDERS
    )
    look_from = fields.Date(
        "Look-back from", compute="_compute_look_days", groups=DECIDERS
    )
    look_to = fields.Date("Look-back to", readonly=True, groups=DECIDERS)
    has_reading_days = fields.Boolean(
        "Day totals are kept", compute="_compute_has_reading_days", compute_sudo=True
    )
    dossier_ids = fields.One2many(
        "nka.departure.dossier", "departure_id", "Dossiers", groups=DECIDERS
    )
    step_ids = fields.One2many(
        "mail.activity",
        "res_id",
        "Steps",
        domain=[("res_model", "=", "nka.departure")],
        context={"active_test": False},
        readonly=True,
    )
    pay_note = fields.Text("Final pay", compute="_compute_pay_note", groups=DECIDERS)

    _open_unique = models.UniqueIndex(
        "(employee_id) WHERE state = 'open'",
        "A departure of this employee is open already. Open that one instead.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("employee_id", "date")
    def _compute_display_name(self):
        for departure in self:
            departure.display_name = self.env._(
                "%(person)s, %(date)s",
                person=departure.sudo().employee_id.name or "…",
                date=format_date(self.env, departure.date),
            )

    @api.depends("state")
    def _compute_is_closed(self):
        closed = self._restrictions().filtered("is_export_closed").mapped("res_id")
        for departure in self:
            departure.is_closed = departure.id in closed

    @api.depends("user_id.active")
    def _compute_has_login(self):
        for departure in self:
            departure.has_login = departure.user_id.active

    @api.depends("user_id", "handover_ids.state", "handover_ids.key_account_ids")
    def _compute_accounts(self):
        for departure in self:
            accounts = successors.accounts_left(departure)
            departure.account_count = len(accounts)
            departure.account_names = ", ".join(accounts.mapped("display_name"))

    @api.depends("introduction_ids.met_on")
    def _compute_introduction_done(self):
        for departure in self:
            rows = departure.introduction_ids
            departure.introduction_done = (
                f"{len(rows.filtered('met_on'))} / {len(rows)}" if rows else False
            )

    @api.depends("figure_ids.is_unusual")
    def _compute_unusual_count(self):
        for departure in self:
            departure.unusual_count = len(departure.figure_ids.filtered("is_unusual"))

    @api.depends("opened_on")
    def _compute_look_days(self):
        for departure in self:
            departure.look_from = departure._look_from()

    @api.depends("company_id")
    def _compute_has_reading_days(self):
        for departure in self:
            departure.has_reading_days = bool(departure._policy_before())

    @api.depends("employee_id", "date")
    @api.depends_context("uid", "lang")
    def _compute_pay_note(self):
        for departure in self:
            departure.pay_note = final_pay.say(departure)

    # ------------------------------------------------------------ constraints
    @api.constrains("successor_id", "employee_id")
    def _check_successor(self):
        for departure in self.sudo().filtered("successor_id"):
            if not successors.can_succeed(
                departure, departure.successor_id, departure.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(person)s can't take over accounts of %(company)s. Choose an "
                        "active key account manager of that company who isn't leaving.",
                        person=departure.successor_id.name,
                        company=departure.company_id.name,
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        for departure in self:
            deciding.check_day(self.env, departure.date)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        """Open departures as a supervisor."""
        if self._is_unlocked(vals_list):
            return super().create(vals_list)
        self._check_guarded_context()
        opened = self.browse()
        for vals in vals_list:
            sent = {
                name: value
                for name, value in {**self._defaults_sent(), **vals}.items()
                if name in ENTERED
            }
            self._prepare_guarded_vals(vals)
            opened |= self._open_as_supervisor(sent)
        return opened

    def write(self, vals):
        if self._is_unlocked(vals):
            return super().write(vals)
        self._check_decider()
        if "employee_id" in vals:
            raise UserError(
                self.env._(
                    "A departure stays with its employee. Cancel it and open another one."
                )
            )
        if "date" in vals or "successor_id" in vals:
            self._check_state("open")
        before = {departure: departure.date for departure in self}
        notes = {departure: departure.note for departure in self}
        result = super().write(vals)
        self._follow_date(before)
        # What the person announced is theirs: the trail keeps their words.
        self.env["nka.audit.event"]._record(
            self.filtered(lambda departure: departure.note != notes[departure]),
            "departure",
            old=notes.get,
            new=lambda departure: departure.note,
        )
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        raise UserError(
            self.env._(
                "Departures stay on record. If the person stays, cancel the departure."
            )
        )

    # pylint: disable-next=method-required-super
    def copy(self, default=None):
        raise UserError(self.env._("Open another departure instead of copying one."))

    def _creation_note(self):
        departure = self.sudo()
        source = dict(self._fields["source"]._description_selection(self.env))
        return self.env._(
            "%(opened_by)s; last day %(date)s",
            opened_by=source[departure.source],
            date=format_date(self.env, departure.date),
        )

    def _follow_date(self, before):
        """Record a new last day and move the drafts of the handovers to it."""
        moved = self.filtered(lambda departure: departure.date != before[departure])
        self.env["nka.audit.event"]._record(
            moved, "departure", old=before.get, new=lambda departure: departure.date
        )
        for departure in moved.sudo():
            drafts = departure.handover_ids.filtered(lambda row: row.state == "draft")
            day = successors.first_day(departure)
            drafts.with_user(SUPERUSER_ID).write({"date": day})

    # ------------------------------------------------------------ checks
    def _check_decider(self):
        deciding.check_decider(self)

    # ------------------------------------------------------------ opening
    @api.model
    def _open_as_supervisor(self, vals):
        deciding.check_group(self.env)
        self.check_access("create")
        employee = self.env["hr.employee"].sudo().browse(vals.get("employee_id"))
        deciding.check_leaver(self.env, employee)
        deciding.check_opener(self, employee)
        if not vals.get("date"):
            raise UserError(self.env._("Enter the last day."))
        return self._open(employee, source="supervisor", **vals)

    @api.model
    def _open(self, employee, date, source, **vals):
        """Open the departure of an employee, whoever the current user is.

        :param hr.employee employee: the leaver, who has a user
        :param date date: their last day
        :param str source: key of ``source``
        :param vals: note and successor
        :return: the new departure, in the current user's environment
        """
        employee = employee.sudo()
        user = employee.user_id
        supervisors = self._supervisors_of(user, employee.company_id)
        departure = (
            self.sudo()
            # The person, who can be the current user, mustn't follow it.
            .with_context(mail_create_nosubscribe=True)
            ._unlocked()
            .create(
                {
                    **vals,
                    "employee_id": employee.id,
                    "user_id": user.id,
                    "company_id": employee.company_id.id,
                    "date": date,
                    "source": source,
                    "opened_on": self._today_of(employee.company_id),
                    "supervisor_ids": [(6, 0, supervisors.ids)],
                    "supervisor_id": supervisors[:1].id,
                }
            )
        )
        departure = departure.with_env(self.sudo().env)
        departure._begin()
        return departure.with_env(self.env)

    @api.model
    def _supervisors_of(self, user, company):
        """Return who sees the departure: the supervisors of the person's accounts and
        their superior, else all supervisors of the company; never the person.
        """
        users = self.env["res.users"].sudo()
        own = self._own_supervisors_of(user)
        if not self.env.su and self.env.user.has_group(SUPERVISOR):
            own |= self.env.user.sudo()
        return (own - user) or users._nka_holders(SUPERVISOR, company, user)

    @api.model
    def _own_supervisors_of(self, user):
        own = self.env["res.users"].sudo()._nka_supervisors_of(user) - user
        return own.filtered(lambda one: one.active and one.has_group(SUPERVISOR))

    def _begin(self):
        """Hook: begin everything that a departure starts. Rooms add their steps."""
        for departure in self:
            departure._restrict()
            departure._look_back()
            successors.adopt(departure)
            successors.draft(departure)
            successors.replace(departure)
            departure._ask_supervisors()
        # Empty in the cache of a new record, and read from a view of the database.
        self.invalidate_recordset(["handover_ids", "introduction_ids"])

    def _ask_supervisors(self):
        # As the system: whoever creates an activity, the person too, can delete it.
        self.with_user(SUPERUSER_ID)._raise_activities(
            ACTIVITY,
            {departure.id: departure.supervisor_id.id for departure in self},
            notes={departure.id: departure._creation_note() for departure in self},
            is_mailed=True,
        )

    @api.model
    def _today_of(self, company):
        """Return today's date there: the time zone of the client decides nothing."""
        return self.env["nka.reading.day"]._today_in(company)

    def _is_leaving(self, user):
        return bool(
            self.sudo().search_count(
                [("user_id", "=", user.id), ("state", "=", "open")], limit=1
            )
        )

    # ------------------------------------------------------------ limits
    def _restrictions(self):
        return self.env["nka.reading.restriction"]._of_source(self)

    def _restrict(self, is_closed=True):
        """Compare the person's reading more strictly, and close exports and prints."""
        company = self.company_id
        self.env["nka.reading.restriction"]._restrict(
            self.user_id,
            self._today_of(self.user_id._nka_home_company()),
            self.env._("Departure: %s", self.display_name),
            told=company.nka_departure_told,
            stopped=company.nka_departure_stopped,
            exports=is_closed,
            prints=is_closed,
            source=self,
        )

    # ------------------------------------------------------------ look-back
    def _look_from(self):
        return self.opened_on and self.opened_on - timedelta(days=look_back.DAYS)

    def _policy_before(self):
        """Return the policy of day totals, None if none are kept."""
        companies = self.user_id.sudo().company_ids
        return companies._nka_reading_policy(fields.Date.context_today(self))

    def _look_back(self):
        """Calculate the look-back of open departures anew."""
        today = fields.Date.context_today(self)
        for departure in self.sudo():
            found = look_back.figures(
                departure.user_id,
                departure.user_id._nka_reading_peers(),
                departure.company_id,
                departure._look_from(),
                today,
                departure._policy_before(),
            )
            multiple = departure.company_id.nka_departure_told
            self.env["nka.departure.figure"].sudo()._replace(departure, found, multiple)
            departure._unlocked().write({"look_to": today})

    # ------------------------------------------------------------ actions
    def action_cancel(self, reason=None):
        """Cancel open departures: the person stays.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self.check_access("write")
        self._check_decider()
        self._check_state("open")
        if not reason:
            return self._ask_reason("action_cancel")
        self._move_to("cancelled", note=reason)
        departures = self.sudo()
        drafts = departures.handover_ids.filtered(
            lambda row: row.state in ("draft", "returned")
        )
        drafts.with_user(SUPERUSER_ID).action_cancel()
        departures.activity_ids.unlink()
        departures._restrictions()._lift(reason)
        return True

    def action_draft_handovers(self):
        """Draft handovers of the accounts that have none.

        :raise UserError: if nobody can take over one of them
        """
        self.check_access("write")
        self._check_decider()
        self._check_state("open")
        for departure in self.sudo():
            successors.draft(departure)
            left = successors.accounts_left(departure)
            if left:
                raise UserError(
                    self.env._(
                        "Nobody was found who can take over %s. Choose a successor "
                        "first.",
                        ", ".join(left.mapped("display_name")),
                    )
                )
        return True

    def action_allow_taking(self, reason=None):
        """Allow exports and prints in spite of the departure, with a reason.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._set_taking(True, "action_allow_taking", reason)

    def action_close_taking(self, reason=None):
        """Close exports and prints again, with a reason.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        return self._set_taking(False, "action_close_taking", reason)

    def _set_taking(self, is_allowed, action, reason):
        self.check_access("write")
        self._check_decider()
        self._check_state("open")
        if not reason:
            return self._ask_reason(action)
        for departure in self.sudo():
            departure._restrictions()._lift(reason)
            departure._restrict(is_closed=not is_allowed)
        self.invalidate_recordset(["is_closed"])
        label = self.env._("Exports and prints allowed")
        self.env["nka.audit.event"]._record(
            self,
            "departure",
            new=label if is_allowed else self.env._("Exports and prints closed"),
            note=reason,
        )
        return True

    def action_look_back(self):
        """Calculate the look-back up to today."""
        self.check_access("write")
        self._check_decider()
        self._check_state("open")
        self._look_back()
        return True

    def action_archive_login(self):
        """Archive the users of people who have left, as an administrator."""
        self.check_access("write")
        self._check_group(
            ADMIN,
            self.env._("Only a key account administrator can archive the login."),
        )
        self._check_decider()
        self._check_state("departed")
        for departure in self:
            deciding.check_archivable(self.env, departure.sudo().user_id)
            departure.sudo().user_id.active = False
            self.env["nka.audit.event"]._record(
                departure, "departure", new=self.env._("Login archived")
            )
        self.sudo().activity_unlink([ending.ARCHIVE])
        return True

    def action_seal_dossier(self, reason=None):
        """Seal what is known in a PDF, for whoever has to decide.

        Without ``reason``, return the action of the reason wizard.

        :param str reason: who has to decide, and about what
        """
        self.check_access("read")
        self._check_decider()
        self.ensure_one()
        if not reason:
            return self._ask_reason("action_seal_dossier")
        return open_records(self.env["nka.departure.dossier"]._seal(self, reason))

    def action_open_events(self):
        """Open what the person did in the days looked back at."""
        self.ensure_one()
        self._check_decider()
        return open_action(
            self.env,
            "nka_audit_event_action",
            domain=self._domain_events(),
            context={},
        )

    def _prepare_dossier(self):
        return dossier.prepare(self)

    def _domain_events(self):
        return [
            ("user_id", "=", self.sudo().user_id.id),
            ("kind", "in", look_back.SHOWN_EVENTS),
            ("date", ">=", fields.Datetime.to_datetime(self.sudo()._look_from())),
        ]

    def action_open_days(self):
        """Open the person's day totals of reading."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_reading_day_action",
            domain=[("user_id", "=", self.user_id.id)],
            context={},
        )

    def action_open_accounts(self):
        """Open the accounts that have no handover yet."""
        self.ensure_one()
        return successors.accounts_left(self.sudo()).with_env(self.env)._action_open()

    # ------------------------------------------------------------ nightly job
    @api.model
    def _cron_follow(self):
        """Open what Odoo's dates say, end access that is due, and remind of the rest."""
        today = fields.Date.context_today(self)
        for employee in hr_dates.employees_due(self.env, today):
            self._attempt(employee, hr_dates.open_due, employee)
        for departure in self.search([("state", "=", "open")], order="date, id"):
            day = self._today_of(departure.company_id)
            self._attempt(departure, departure._follow, day)

    def _attempt(self, record, step, *args):
        """Carry out a step, so that one refusal doesn't stop the others."""
        try:
            with self.env.cr.savepoint():
                step(*args)
        except UserError as refusal:
            _logger.error("Departure, %s: %s", record, refusal)

    def _follow(self, today):
        self._look_back()
        successors.adopt(self)
        # Not all supervisors, once the accounts have moved to their successors.
        own = self._own_supervisors_of(self.user_id)
        if own - self.supervisor_ids:
            self._unlocked().write({"supervisor_ids": [(4, one.id) for one in own]})
        if self.date < today:
            ending.end_access(self, today)
        elif self.account_count and self.date - timedelta(days=REMINDED) <= today:
            self._ask_supervisors()

    def _take_hr_date(self, day):
        """Move an open departure that a date in Odoo opened to its new day."""
        if self.source in ("hr", "contract") and self.date != day:
            before = {self: self.date}
            self._unlocked().write({"date": day})
            self._follow_date(before)
