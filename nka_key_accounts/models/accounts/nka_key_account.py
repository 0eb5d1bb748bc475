"""Key accounts: restrictions, status changes and the acting account team.

Access rules check the manager's approved time off each time they are evaluated, so a
deputy's rights start and end with the absence without being switched.
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate, format_date

from ..trail.opening import open_action, open_list
from ..trail.roles import MANAGER, SUPERVISOR
from .clients import CLIENTS

_lt = LazyTranslate(__name__)

CONFIRM_ACTIVITY = "nka_key_accounts.mail_activity_type_confirm_account"
STATES = [
    ("candidate", "Candidate"),
    ("key", "Key account"),
    ("former", "Former"),
    ("declined", "Declined"),
]
COLLEAGUES = "[('share', '=', False), ('company_ids', 'in', company_id)]"

#: Set by a supervisor or a handover once the account is confirmed, not by its manager.
SUPERVISED_FIELDS = (
    "deputy_id",
    "supervisor_id",
    "tier_id",
    "date_start",
    "cadence_days",
)


class KeyAccount(models.Model):
    """A commercial partner with key account status in one company."""

    _name = "nka.key.account"
    _description = "Key account"
    _inherit = [
        "nka.state.mixin",
        "nka.figure.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "tier_sequence, id"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = ("nominated_by_id", "date_end", "end_reason")
    _audit_kinds = {
        "merge": _lt("Contacts merged"),
        "join": _lt("Contact joined the client"),
        "leave": _lt("Contact left the client"),
    }
    _audit_creation = True
    _audit_account_field = "id"
    _reason_actions = {
        "action_decline": _lt("Decline the nomination"),
        "action_retire": _lt("Retire the key account"),
    }

    partner_id = fields.Many2one(
        "res.partner",
        "Client",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
        domain=CLIENTS,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        STATES,
        default="candidate",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    tier_id = fields.Many2one(
        "nka.tier",
        "Account tier",
        tracking=True,
        index=True,
        check_company=True,
        group_expand="_group_expand_tiers",
    )
    # Stored, so that lists sort by tier without a join.
    tier_sequence = fields.Integer(related="tier_id.sequence", store=True)
    color = fields.Integer(related="tier_id.color")
    manager_id = fields.Many2one(
        "res.users",
        "Key account manager",
        index=True,
        tracking=True,
        copy=False,
        check_company=True,
        domain=COLLEAGUES,
    )
    deputy_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        check_company=True,
        domain=COLLEAGUES,
        help="Covers for the manager and is known to the client.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        check_company=True,
        domain=COLLEAGUES,
        help="First person to ask about this account; reviews its documents.",
    )
    nominated_by_id = fields.Many2one(
        "res.users", "Nominated by", readonly=True, copy=False
    )
    date_start = fields.Date(
        "Key account since",
        copy=False,
        help="Date from which the client is a key account; set to today on confirmation.",
    )
    date_end = fields.Date("Key account until", readonly=True, copy=False)
    end_reason = fields.Text(
        "Reason for the end", readonly=True, copy=False, tracking=True
    )
    cadence_days = fields.Integer(
        "Contact cadence (days)",
        compute="_compute_cadence_days",
        store=True,
        readonly=False,
        help="Longest agreed time between contacts. Filled in from the account tier.",
    )
    note = fields.Html("Key facts")
    may_supervise = fields.Boolean(
        compute="_compute_may_supervise",
        help="Whether you can edit the fields reserved for supervisors.",
    )
    next_step = fields.Char("Next step", compute="_compute_next_step")
    assignment_ids = fields.One2many("nka.assignment", "key_account_id")

    acting_user_ids = fields.Many2many(
        "res.users",
        string="Acting account team",
        compute="_compute_standing",
        search="_search_acting_user_ids",
        compute_sudo=True,
        help="The manager, or the deputy while the manager is on approved time off.",
    )
    mentor_user_ids = fields.Many2many(
        "res.users",
        string="Mentors of the manager",
        compute="_compute_standing",
        search="_search_mentor_user_ids",
        compute_sudo=True,
    )
    absence_text = fields.Char(
        "Absence cover", compute="_compute_absence_text", compute_sudo=True
    )

    note_ids = fields.One2many("nka.account.note", "key_account_id", "Account notes")
    note_count = fields.Integer("Notes", compute="_compute_figures", aggregator="sum")

    _partner_company_unique = models.Constraint(
        "UNIQUE(partner_id, company_id)",
        "This client is already a key account or candidate of the company. Open that "
        "record instead of creating a second one.",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id.name", "company_id")
    def _compute_display_name(self):
        for account in self:
            account.display_name = account.sudo().partner_id.name or ""

    @api.depends("tier_id")
    def _compute_cadence_days(self):
        for account in self:
            usual = account.company_id.nka_cadence_days
            account.cadence_days = account.tier_id.cadence_days or usual

    @api.depends_context("uid")
    def _compute_may_supervise(self):
        self.may_supervise = self._may_supervise()

    @api.depends("state", "manager_id", "deputy_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_next_step(self):
        today = fields.Date.context_today(self)
        for account in self:
            account.next_step = account._describe_next_step(today)

    def _describe_next_step(self, today):
        """Hook: return what to do next about the account, in a few words, or False."""
        if self.state == "key":
            return not self.deputy_id and self.env._("Assign a deputy")
        if self.state != "candidate":
            return False
        if not self.manager_id:
            return self.env._("Assign the key account manager")
        return self.env._("A supervisor confirms or declines")

    @api.depends("state", "cadence_days", "date_start", "tier_id", "deputy_id", "note")
    @api.depends_context("uid", "tz")
    def _compute_figures(self):
        """Recompute figures when the account's own fields change, see
        ``figure_sources``.
        """
        return super()._compute_figures()

    @api.model
    def _sql_note_count(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM nka_account_note note
                 WHERE note.key_account_id = %s AND note.active)""",
            SQL.identifier(alias, "id"),
        )

    def _group_expand_tiers(self, tiers, domain):
        return tiers.search([], order=tiers._order)

    # ------------------------------------------------------------ checks
    @api.constrains("cadence_days")
    def _check_cadence(self):
        for account in self:
            if account.cadence_days < 1:
                raise ValidationError(self.env._("Enter a cadence of one day or more."))

    @api.constrains("partner_id")
    def _check_commercial_partner(self):
        for account in self:
            if account.partner_id != account.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(client)s. Nominate %(client)s "
                        "instead.",
                        contact=account.partner_id.display_name,
                        client=account.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("manager_id", "deputy_id")
    def _check_two_people(self):
        for account in self:
            if account.manager_id and account.manager_id == account.deputy_id:
                raise ValidationError(
                    self.env._(
                        "The manager and deputy of %s must be different people, so "
                        "that no account depends on one person.",
                        account.display_name,
                    )
                )

    def _name_supervisors(self):
        """Return names of other supervisors who can decide, the account's own first."""
        account = self.sudo()
        return self.env["res.users"]._nka_name_holders(
            SUPERVISOR,
            account.company_id,
            apart_from=account.manager_id | self.env.user,
            first=account.supervisor_id,
        )

    @api.model
    def _may_supervise(self):
        """Return whether the current user can decide on accounts of other managers.

        The system user loads data files and imports. ``env.su`` alone isn't enough,
        because code runs as superuser on behalf of any user.
        """
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR)

    @api.model
    def _check_new_manager(self, vals):
        """Check that only supervisors nominate for another manager."""
        manager_id = vals.get("manager_id")
        if manager_id and manager_id != self.env.uid and not self._may_supervise():
            raise AccessError(
                self.env._(
                    "You can nominate accounts only for yourself. Leave the manager "
                    "empty, and your supervisor will assign one."
                )
            )

    def _check_ownership_write(self, vals):
        """Check changes of client, company, manager and fields reserved for
        supervisors.
        """
        if {"partner_id", "company_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "You can't change the client or company of a key account. Retire "
                    "this one and nominate the other client."
                )
            )
        if "manager_id" in vals:
            self._check_manager_write(vals)
        if not vals.keys().isdisjoint(SUPERVISED_FIELDS):
            self._check_supervised_write()

    def _check_manager_write(self, vals):
        """Refuse changes by covering deputies, or to key accounts without handover."""
        if not self._may_supervise():
            self._check_not_standing_in()
        if any(account.state in ("key", "former") for account in self):
            raise UserError(
                self.env._(
                    "The manager can be changed only through a handover, so that "
                    "leads, files and credit move too. Use “Hand over”."
                )
            )
        self._check_new_manager(vals)

    def _check_not_standing_in(self):
        for account in self.sudo():
            if account.manager_id and account.manager_id.id != self.env.uid:
                raise AccessError(
                    self.env._(
                        "You are covering for the manager of %s, who keeps the "
                        "account. Ask a supervisor if it should be handed over.",
                        account.display_name,
                    )
                )

    def _check_supervised_write(self):
        if self._may_supervise():
            return
        if any(account.state != "candidate" for account in self):
            raise AccessError(
                self.env._(
                    "Only a supervisor can set the tier, cadence, deputy, supervisor "
                    "and start date of a key account."
                )
            )

    def _check_confirmable(self):
        """Hook: raise UserError if a candidate lacks what a confirmation requires."""
        for account in self:
            if not account.manager_id:
                raise UserError(
                    self.env._(
                        "Assign a key account manager to %s first.",
                        account.display_name,
                    )
                )
            self._check_manager_group(account.manager_id)

    @api.model
    def _check_manager_group(self, user):
        if not user.has_group(MANAGER):
            raise UserError(
                self.env._(
                    "%s doesn't have the key account manager role yet. Assign it under "
                    "Settings ‣ Users first.",
                    user.name,
                )
            )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked(vals_list):
            for vals in vals_list:
                self._check_new_manager(vals)
        vals_list = [self._prepare_candidate_vals(vals) for vals in vals_list]
        accounts = super().create(vals_list)
        accounts._unlocked().write({"nominated_by_id": self.env.uid})
        return accounts

    def write(self, vals):
        if not self._is_unlocked(vals):
            self._check_ownership_write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for account in self.sudo():
            if account.assignment_ids or account.state != "candidate":
                raise UserError(
                    self.env._(
                        "%s has a key account history. Retire or decline it instead.",
                        account.display_name,
                    )
                )

    @api.model
    def _prepare_candidate_vals(self, vals):
        """Return values with the client of the contact given, and a default manager."""
        partner = self.env["res.partner"].browse(vals.get("partner_id"))
        commercial = partner.sudo().commercial_partner_id
        prepared = {**vals, "partner_id": commercial.id or False}
        if "manager_id" not in vals and self.env.user.has_group(MANAGER):
            prepared["manager_id"] = self.env.uid
        return prepared

    # ------------------------------------------------------------ actions
    def action_nominate(self):
        """Make these accounts candidates (again) and ask a supervisor to decide.

        :raise UserError: if an account is a key account already
        """
        self._check_state("candidate", "declined", "former")
        returning = self.filtered(lambda account: account.state != "candidate")
        if returning:
            returning._move_to(
                "candidate",
                nominated_by_id=self.env.uid,
                date_start=False,
                date_end=False,
                end_reason=False,
            )
        self._ask_supervisors()
        return True

    def action_confirm(self):
        """Confirm candidates as key accounts and start their assignment.

        :raise AccessError: unless the current user is a supervisor who neither
            nominated nor manages the account (segregation of duties)
        :raise UserError: if something is missing, saying what
        """
        self._check_supervisor()
        self._check_state("candidate")
        self._check_not_maker()
        self._check_confirmable()
        today = fields.Date.context_today(self)
        for start, accounts in self.grouped(lambda a: a.date_start or today).items():
            accounts._begin(start)
        self._close_nomination_activities()
        return True

    def _begin(self, start):
        """Give these candidates the status and their managers 100 % of the credit."""
        self._move_to("key", date_start=start, date_end=False, end_reason=False)
        self.env["nka.assignment"]._distribute(
            {account: {account.manager_id: 100.0} for account in self}, start
        )
        orphans = self.filtered(lambda account: not account.supervisor_id)
        orphans.write({"supervisor_id": self.env.uid})

    def action_decline(self, reason=None):
        """Decline nominations as a supervisor.

        :param str reason: if missing, the reason wizard is opened
        :raise UserError: if an account isn't a candidate
        """
        self._check_supervisor()
        self._check_state("candidate")
        if not reason:
            return self._ask_reason("action_decline")
        self._move_to("declined", note=reason, end_reason=reason)
        self._close_nomination_activities()
        return True

    def action_retire(self, reason=None):
        """End the status and the assignments today; the history is kept.

        :param str reason: if missing, the reason wizard is opened
        :raise UserError: if an account isn't a key account
        """
        self._check_supervisor()
        self._check_state("key")
        if not reason:
            return self._ask_reason("action_retire")
        today = fields.Date.context_today(self)
        self._move_to("former", note=reason, end_reason=reason, date_end=today)
        self.env["nka.assignment"]._finish(self, today)
        return True

    def action_hand_over(self):
        """Open a new handover with these accounts.

        :raise UserError: if they have different managers or companies
        """
        if len(self.manager_id) != 1 or len(self.company_id) != 1:
            raise UserError(
                self.env._("Select accounts that have the same manager and company.")
            )
        return self.env["nka.handover"]._action_new(
            default_key_account_ids=self.ids,
            default_from_user_id=self.manager_id.id,
            default_company_id=self.company_id.id,
        )

    def _action_open(self):
        """Open these accounts: the form for one, the list for several."""
        changes = {"domain": [("id", "in", self.ids)], "context": {}}
        if len(self) == 1:
            changes = {"view_mode": "form", "views": [], "res_id": self.id}
        return open_action(self.env, "nka_key_account_action", **changes)

    def _prepare_open(self, name, model, domain, **action):
        """Return an action that opens records of the account, named in the title."""
        # The caller can have built the domain as superuser.
        self.check_access("read")
        title = f"{name}: {self.display_name}"
        return open_list(self.env, model, domain, title, **action)

    def action_open_contacts(self):
        """Open the contacts and addresses of the client."""
        self.ensure_one()
        name = self.env._("Contacts")
        return self._prepare_open(
            name,
            "res.partner",
            [("id", "child_of", self.partner_id.id)],
            view_mode="kanban,list,form",
            context={"default_parent_id": self.partner_id.id},
        )

    def action_open_assignments(self):
        """Open the assignments of the account: managers, dates and shares."""
        self.ensure_one()
        name = self.env._("Assignments")
        return self._prepare_open(
            name,
            "nka.assignment",
            [("key_account_id", "=", self.id)],
            view_mode="list",
        )

    # ------------------------------------------------------------ review
    def _makers(self):
        """Include the nominator and the manager: they can't confirm the account."""
        return super()._makers() | self.nominated_by_id | self.manager_id

    def _ask_supervisors(self):
        """Schedule one activity on each account for the supervisor who decides."""
        for account in self.sudo():
            reviewer = account._reviewer(account._makers())
            if reviewer and not account.activity_search([CONFIRM_ACTIVITY]):
                account.activity_schedule(CONFIRM_ACTIVITY, user_id=reviewer.id)

    def _close_nomination_activities(self):
        self.sudo().activity_feedback([CONFIRM_ACTIVITY])

    def _reviewer(self, makers=None):
        """Return the supervisor who decides on the account: its own, or another one of
        the company if its own is archived or among the makers.

        :param res.users makers: users who can't decide on it
        :rtype: res.users
        """
        users = self.env["res.users"]
        makers = makers or users
        own = self.sudo().supervisor_id.filtered("active") - makers
        return own or users._nka_holders(SUPERVISOR, self.company_id, makers)[:1]

    # ------------------------------------------------------------ acting users
    @api.depends("manager_id", "deputy_id")
    def _compute_standing(self):
        rows = self._read_standing() if self.ids else {}
        for account in self:
            away, mentors = rows.get(account._origin.id) or (None, None)
            acting = account.manager_id
            account.acting_user_ids = acting | account.deputy_id if away else acting
            account.mentor_user_ids = [(6, 0, mentors or [])]

    def _read_standing(self):
        """Return end of the manager's absence, or None, and mentors by id. One query.

        :rtype: dict[int, tuple[datetime | None, list[int] | None]]
        """
        self._flush_standing()
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id, %s, %s FROM nka_key_account account
                    WHERE account.id = ANY(%s)""",
                self._sql_absence("account", SQL("MAX(absence.date_to)")),
                self._sql_mentors("account", SQL("array_agg(mentoring.mentor_id)")),
                self.ids,
            )
        )
        return {account_id: tuple(row) for account_id, *row in rows}

    @api.depends("manager_id", "deputy_id")
    @api.depends_context("lang", "tz")
    def _compute_absence_text(self):
        rows = self._read_standing() if self.ids else {}
        for account in self:
            until = rows.get(account._origin.id, (None,))[0]
            account.absence_text = until and account._describe_absence(until)

    def _describe_absence(self, until):
        """Describe the absence without its reason, which is private."""
        day = format_date(self.env, fields.Datetime.context_timestamp(self, until))
        if not self.deputy_id:
            return self.env._(
                "%(manager)s is away until %(day)s without cover. Assign a deputy.",
                manager=self.manager_id.name,
                day=day,
            )
        return self.env._(
            "%(manager)s is away until %(day)s. %(deputy)s is covering with the same "
            "rights until then.",
            manager=self.manager_id.name,
            deputy=self.deputy_id.name,
            day=day,
        )

    def _user_to_tell(self):
        """Return the res.users to notify: the first active of manager, deputy and
        supervisor, or else another supervisor of the company.
        """
        account = self.sudo()
        people = account.manager_id | account.deputy_id | account.supervisor_id
        return people.filtered("active")[:1] or self._reviewer(people)

    @api.model
    def _search_acting_user_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = tuple(user_id for user_id in value if user_id) or (0,)
        self._flush_standing()
        return Domain.custom(
            to_sql=lambda model, alias, query: model._sql_acting(alias, users)
        )

    @api.model
    def _search_mentor_user_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = tuple(user_id for user_id in value if user_id) or (0,)
        self._flush_standing()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s > 0",
                model._sql_mentors(
                    alias,
                    SQL("COUNT(*) FILTER (WHERE mentoring.mentor_id IN %s)", users),
                ),
            )
        )

    @api.model
    def _flush_standing(self):
        self.env["nka.key.account"].flush_model(["manager_id", "deputy_id"])
        self.env["nka.mentorship"].flush_model()

    @api.model
    def _sql_acting(self, alias, users):
        return SQL(
            "(%(manager)s IN %(users)s OR (%(deputy)s IN %(users)s AND %(away)s))",
            manager=SQL.identifier(alias, "manager_id"),
            deputy=SQL.identifier(alias, "deputy_id"),
            users=users,
            away=SQL("%s > 0", self._sql_absence(alias, SQL("COUNT(*)"))),
        )

    @api.model
    def _sql_on_duty(self, alias):
        """Return SQL for the user on duty: the manager, or the deputy during an
        absence. If archived, it is the next of manager, deputy and supervisor.
        """
        return SQL(
            """(SELECT person.id
                  FROM (VALUES (%(manager)s, CASE WHEN %(away)s > 0 THEN 2 ELSE 1 END),
                               (%(deputy)s, CASE WHEN %(away)s > 0 THEN 1 ELSE 2 END),
                               (%(supervisor)s, 3)) duty (user_id, place)
                  JOIN res_users person ON person.id = duty.user_id AND person.active
                 ORDER BY duty.place LIMIT 1)""",
            away=self._sql_absence(alias, SQL("COUNT(*)")),
            deputy=SQL.identifier(alias, "deputy_id"),
            manager=SQL.identifier(alias, "manager_id"),
            supervisor=SQL.identifier(alias, "supervisor_id"),
        )

    @api.model
    def _sql_absence(self, alias, selected):
        """Hook: return SQL for an aggregate over the manager's absences now, or NULL.

        :param SQL selected: the aggregate, over ``absence`` with its ``date_to``
        """
        return SQL("NULL")

    @api.model
    def _sql_mentors(self, alias, selected):
        return SQL(
            """(SELECT %(selected)s FROM nka_mentorship mentoring
                 WHERE mentoring.mentee_id = %(manager)s
                   AND mentoring.company_id = %(company)s
                   AND mentoring.date_from <= %(today)s
                   AND (mentoring.date_to IS NULL OR mentoring.date_to >= %(today)s))""",
            selected=selected,
            manager=SQL.identifier(alias, "manager_id"),
            company=SQL.identifier(alias, "company_id"),
            today=fields.Date.today(),
        )
