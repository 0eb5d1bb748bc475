from datetime import timedelta

from pytz import timezone, utc

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, is_html_empty

from ..accounts.asking import name_helpers, refusal
from ..facts import calendars, negotiations
from ..trail.roles import SUPERVISOR

OUTCOMES = [
    ("agreed", "Agreement reached"),
    ("progress", "Progress made"),
    ("stalled", "No progress"),
    ("refused", "Client refused"),
    ("not_held", "Not held"),
]

#: Fields that only the system writes; values from users are ignored.
NOTED_FIELDS = (
    "nka_fixed_date",
    "nka_taken_over",
    "nka_moved_from_id",
    "nka_series_id",
)
#: Fields whose change can move a meeting to another day or restore it.
LATE_FIELDS = {"start", "start_date", "active"}
#: When a series is moved, an old and a new meeting are paired only within this time.
MOVED = timedelta(days=7)
#: Fields that are copied to the new meeting when a series is moved.
KEPT_FIELDS = ("negotiation_outcome", "next_step", "next_step_date", "nka_taken_over")

STEP_ACTIVITY = "mail.mail_activity_data_todo"


class CalendarEvent(models.Model):
    """Negotiations: client meetings about a deal, with an outcome and a next step."""

    _inherit = "calendar.event"

    is_negotiation = fields.Boolean(
        "Negotiation",
        help="Client meeting about a deal. Only held meetings count as work done.",
    )
    negotiation_outcome = fields.Selection(
        OUTCOMES,
        "Outcome",
        copy=False,
        tracking=True,
        help="Enter the outcome after the meeting. Only held negotiations count.",
    )
    outcome_due = fields.Boolean(
        "Outcome missing",
        compute="_compute_outcome_due",
        search="_search_outcome_due",
        help="The negotiation has started, but no outcome has been entered.",
    )
    negotiation_held = fields.Boolean(
        "Entered as held",
        compute="_compute_negotiation_held",
        search="_search_negotiation_held",
        help="A negotiation that is over, with an outcome other than “Not held”.",
    )
    negotiation_counts = fields.Boolean(
        "Counts as work done",
        compute="_compute_negotiation_reason",
        help="Held with the organizer's client, and there is evidence of it.",
    )
    negotiation_reason = fields.Char(
        "Why it doesn't count", compute="_compute_negotiation_reason"
    )
    # Set by the system: since when the meeting has been on its current day, whether its
    # organizer changed after it began, and the archived meeting of a moved series that
    # it replaces.
    nka_fixed_date = fields.Datetime("Day set on", readonly=True, copy=False)
    nka_taken_over = fields.Boolean("Organizer changed", readonly=True, copy=False)
    nka_moved_from_id = fields.Many2one(
        "calendar.event",
        "Moved from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    next_step = fields.Char(
        "Next step", copy=False, help="The agreed next step, in one sentence."
    )
    next_step_date = fields.Date("Next step due", copy=False)
    next_step_activity_id = fields.Many2one(
        "mail.activity",
        "Planned activity",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    nka_series_id = fields.Many2one(
        "calendar.event",
        "First meeting of the series before it was moved",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    # ------------------------------------------------------------ compute
    @api.depends("is_negotiation", "negotiation_outcome", "start")
    def _compute_outcome_due(self):
        due = self.filtered_domain(self._domain_outcome_due())
        for event in self:
            event.outcome_due = event in due

    @api.depends("is_negotiation", "negotiation_outcome", "stop")
    def _compute_negotiation_held(self):
        held = self.filtered_domain(self._domain_held())
        for event in self:
            event.negotiation_held = event in held

    @api.depends(
        "is_negotiation",
        "negotiation_outcome",
        "start",
        "stop",
        "user_id",
        "partner_ids",
        "opportunity_id",
        "active",
    )
    @api.depends_context("lang")
    def _compute_negotiation_reason(self):
        talks = self.filtered("is_negotiation")._origin
        self.env.flush_all()
        judged = negotiations.read_events(talks)
        for event in self:
            known = event._origin.id in judged
            reason = judged.get(event._origin.id)
            event.negotiation_counts = known and not reason
            event.negotiation_reason = negotiations.describe(self.env, reason) or False

    def _search_outcome_due(self, operator, value):
        return self._domain_outcome_due() if operator == "in" else NotImplemented

    def _search_negotiation_held(self, operator, value):
        return self._domain_held() if operator == "in" else NotImplemented

    @api.model
    def _domain_outcome_due(self):
        return Domain(
            [
                ("is_negotiation", "=", True),
                ("negotiation_outcome", "=", False),
                ("start", "<=", fields.Datetime.now()),
            ]
        )

    @api.model
    def _domain_held(self):
        """Return the domain of negotiations entered as held.

        Whether they count is decided in :mod:`..facts.negotiations`.
        """
        return Domain(
            [
                ("is_negotiation", "=", True),
                ("negotiation_outcome", "not in", (False, "not_held")),
                ("stop", "<=", fields.Datetime.now()),
            ]
        )

    @api.model
    def _domain_of_client(self):
        return super()._domain_of_client() | Domain("is_negotiation", "=", True)

    # ------------------------------------------------------------ constraints
    @api.constrains("negotiation_outcome", "is_negotiation", "start")
    def _check_negotiation_outcome(self):
        for event in self.filtered("negotiation_outcome"):
            if not event.is_negotiation:
                raise ValidationError(
                    self.env._(
                        "“%s” has an outcome, so it must stay marked as a negotiation.",
                        event.display_name,
                    )
                )
            if event.start > fields.Datetime.now():
                raise ValidationError(
                    self.env._(
                        "“%s” hasn't started yet, so it can't have an outcome. Enter "
                        "the outcome afterwards; to reschedule the meeting, clear the "
                        "outcome.",
                        event.display_name,
                    )
                )

    # ------------------------------------------------------------ access
    def _check_access(self, operation):
        """Name the people to ask if a user can't change a meeting of a key account."""
        result = super()._check_access(operation)
        if not result or result[1] != self._hidden_error:
            return result
        return result[0], result[0]._say_hidden

    def _say_hidden(self):
        # Read from the database: the cache holds hidden fields as empty for this user.
        rows = self.sudo()._read_group(
            [("id", "in", self.ids), ("opportunity_id", "!=", False)],
            ["opportunity_id"],
        )
        deals = self.env["crm.lead"].sudo().concat(*(row[0] for row in rows))
        accounts = deals.key_account_id
        if not accounts:
            return self._hidden_error()
        account = accounts[0].with_user(self.env.uid).sudo()
        message = self.env._(
            "This meeting is about another manager's deal. Ask %s to change it.",
            name_helpers(account),
        )
        deal = deals.filtered(lambda lead: lead.key_account_id == accounts[0])[:1]
        return refusal(message, deal.with_env(self.env), account)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        """Record when each meeting was entered, unless the superuser creates it.

        Meetings of the superuser, such as imported ones, count as entered at their
        start (see :meth:`_fixed_since`).
        """
        noted = dict.fromkeys(NOTED_FIELDS, False)
        if self.env.uid != SUPERUSER_ID:
            noted["nka_fixed_date"] = fields.Datetime.now()
        return super().create([{**vals, **noted} for vals in vals_list])

    def write(self, vals):
        """Record late changes and keep the outcomes of a series that is moved."""
        vals = {key: value for key, value in vals.items() if key not in NOTED_FIELDS}
        before = self._stood() if LATE_FIELDS & vals.keys() else {}
        series = self._series_moved_by(vals)
        first = series.recurrence_id.base_event_id
        stood = series._stood()
        late = self._taken_over_by(vals)
        result = super().write(vals)
        if not self._is_confirmed_by_others():
            moved = self.filtered(lambda event: event._is_new_day(before.get(event)))
            moved._note(nka_fixed_date=fields.Datetime.now())
        late._note(nka_taken_over=True)
        self._keep_outcomes(stood, first)
        return result

    # ------------------------------------------------------------ noted changes
    def _note(self, **vals):
        """Write fields that only the system may write.

        Bypasses ``write`` of this class and of its later extensions, which drop these
        fields from the values of users.
        """
        # pylint: disable=super-method-mismatch
        return super(CalendarEvent, self.sudo()).write(vals) if self else True

    def _stood(self):
        """Return each meeting's start, the time it was set, and whether it is active.

        :rtype: dict[calendar.event, tuple[datetime, datetime, bool]]
        """
        return {
            event: (event.start, event._fixed_since(), event.active)
            for event in self.sudo()
        }

    def _fixed_since(self):
        if self.nka_fixed_date:
            return self.nka_fixed_date
        is_old = self.create_uid.id == SUPERUSER_ID
        return self.start if is_old else self.create_date

    def _is_confirmed_by_others(self):
        """Return whether the change isn't logged as late: it is made by the superuser,
        or by a supervisor who isn't the organizer.
        """
        if self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user not in self.user_id and self.env.user.has_group(SUPERVISOR)

    def _is_new_day(self, stood):
        """Return whether the meeting moved to another day or was restored.

        :param stood: as returned by :meth:`_stood`, or None if none of these changed
        """
        if not stood:
            return False
        start, _since, was_active = stood
        if self.active and not was_active:
            return True
        return self._local_date(start) != self._local_date(self.start)

    def _local_date(self, moment):
        zone = calendars.zone_name(self.user_id.company_id or self.env.company)
        return utc.localize(moment).astimezone(timezone(zone)).date()

    def _taken_over_by(self, vals):
        """Return meetings that have begun and get another organizer from ``vals``.

        Excludes changes by the superuser, and by supervisors who appoint someone else.
        """
        if "user_id" not in vals or self.env.uid == SUPERUSER_ID:
            return self.browse()
        is_own = vals["user_id"] == self.env.uid
        if not is_own and self.env.user.has_group(SUPERVISOR):
            return self.browse()
        now = fields.Datetime.now()
        return self.filtered(
            lambda event: event.start <= now and event.user_id.id != vals["user_id"]
        )

    # ------------------------------------------------------------ moved series
    def _series_moved_by(self, vals):
        """Return the meetings of a series that Odoo will archive and recreate."""
        if vals.get("recurrence_update") not in ("all_events", "future_events"):
            return self.browse()
        return self.recurrence_id.calendar_event_ids

    @api.model
    def _keep_outcomes(self, stood, first):
        """Copy what was entered to the meetings that replace archived ones.

        Archived meetings that were held and have no replacement are restored.

        :param dict stood: the meetings of the series before the write, as returned by
            :meth:`_stood`
        :param first: the first meeting of the series, the one attendees were invited to
        """
        series = self.browse(event.id for event in stood).exists()
        gone = series.filtered(lambda event: not event.active)
        new = (series - gone).recurrence_id.calendar_event_ids - series
        pairs = self._pair_moved(gone.sorted("start"), new.sorted("start"))
        for old, event in pairs.items():
            held = event.start <= fields.Datetime.now()
            event._note(
                nka_moved_from_id=(old.nka_moved_from_id or old).id,
                **{name: old[name] for name in KEPT_FIELDS if held},
            )
        for old, event in {**{one: one for one in series - gone}, **pairs}.items():
            start, since, _was_active = stood[old]
            event._note(nka_series_id=(old.nka_series_id or first).id)
            if not event._is_new_day((start, since, True)):
                event._note(nka_fixed_date=since)
        alone = gone.filtered("negotiation_held") - self.browse().concat(*pairs)
        alone._note(active=True, recurrence_id=False, recurrency=False)

    @api.model
    def _pair_moved(self, gone, new):
        """Pair archived meetings with new ones: by day first, the rest in order.

        :rtype: dict[calendar.event, calendar.event]
        """
        by_day = {event.start.date(): event for event in new}
        pairs = {
            old: by_day[old.start.date()] for old in gone if old.start.date() in by_day
        }
        left = new - self.browse().concat(*pairs.values())
        for old, event in zip(gone - self.browse().concat(*pairs), left, strict=False):
            if abs(event.start - old.start) < MOVED:
                pairs[old] = event
        return pairs

    # ------------------------------------------------------------ actions
    def action_set_outcome(self, outcome=None):
        """Set the outcome of these negotiations.

        :param str outcome: a key of ``negotiation_outcome``
        :raise UserError: if ``outcome`` isn't a valid key
        :raise ValidationError: if a meeting isn't a negotiation or hasn't begun
        """
        if outcome not in dict(OUTCOMES):
            raise UserError(
                self.env._(
                    "“%s” isn't a valid outcome. Select one of the outcomes listed.",
                    outcome or "",
                )
            )
        self.write({"negotiation_outcome": outcome})
        return True

    def action_plan_next_step(self):
        """Schedule the agreed next step as a to-do of the meeting's organizer.

        :raise UserError: if there is no next step, it is already planned, or the
            meeting has neither a deal nor a key account
        """
        for event in self:
            event._check_next_step()
            owner = event.opportunity_id or event._negotiated_account()
            activity = owner.activity_schedule(
                STEP_ACTIVITY,
                date_deadline=event.next_step_date or fields.Date.context_today(self),
                summary=event.next_step,
                user_id=event.user_id.id or self.env.uid,
                automated=False,
            )
            event.next_step_activity_id = activity
        return True

    def _check_next_step(self):
        if not self.next_step:
            raise UserError(self.env._("Enter the next step first."))
        if self.next_step_activity_id:
            raise UserError(
                self.env._("The next step of “%s” is already planned.", self.name)
            )
        if not self.opportunity_id and not self._negotiated_account():
            raise UserError(
                self.env._(
                    "“%s” isn't linked to a deal or key account, so no next step can "
                    "be scheduled. Select the deal first.",
                    self.name,
                )
            )

    # ------------------------------------------------------------ business
    def _negotiated_account(self):
        """Return the key account of the meeting's deal, else of one of its attendees.

        :rtype: nka.key.account
        """
        self.ensure_one()
        event = self.sudo()
        account = event.opportunity_id.key_account_id
        return account or event.partner_ids.key_account_id[:1]

    @api.model
    def _negotiation_terms(self):
        return {
            **super()._negotiation_terms(),
            "claimed": SQL("event.is_negotiation"),
            "reason": SQL(
                """CASE event.negotiation_outcome WHEN 'not_held' THEN 'not_held'
                   ELSE CASE WHEN event.negotiation_outcome IS NULL
                             THEN 'no_outcome' END END"""
            ),
            # Older meetings: the creation time, or the start if made by the superuser.
            "fixed_date": SQL(
                """COALESCE(event.nka_fixed_date, CASE WHEN event.create_uid = %s
                            THEN event.start ELSE event.create_date END)""",
                SUPERUSER_ID,
            ),
            "is_taken_over": SQL("COALESCE(event.nka_taken_over, FALSE)"),
            "moved_from_id": SQL("event.nka_moved_from_id"),
            "series_id": SQL("event.nka_series_id"),
            "is_moved": SQL(
                """EXISTS (SELECT FROM calendar_event later
                            WHERE later.nka_moved_from_id = asked.id AND later.active)"""
            ),
        }

    @api.model
    def _negotiation_clients(self):
        """Add clients of VIP leads, for the lead's salesperson and origin claimer."""
        return [
            *super()._negotiation_clients(),
            SQL(
                """SELECT guest.talk_id, guest.contact_id, guest.client_id,
                          COALESCE(lead.company_id, seller.company_id), NULL,
                          COALESCE(claim.user_id = lead.user_id, FALSE)
                          OR COALESCE(claim.user_id = lead.origin_claimed_by_id, FALSE)
                     FROM guest JOIN claim ON claim.id = guest.talk_id
                     JOIN res_partner client
                       ON client.commercial_partner_id = guest.client_id
                     JOIN crm_lead lead ON lead.partner_id = client.id AND lead.is_vip
                      AND lead.origin_state IS DISTINCT FROM 'rejected'
                LEFT JOIN res_users seller
                       ON seller.id = COALESCE(lead.user_id, lead.origin_claimed_by_id)
                    WHERE NOT EXISTS (SELECT FROM nka_key_account account
                                       WHERE account.partner_id = guest.client_id
                                         AND account.company_id = COALESCE(
                                             lead.company_id, seller.company_id)
                                         AND account.state = 'key')"""
            ),
        ]

    def _has_notes(self):
        """Return whether the printed minutes have notes to show."""
        return not is_html_empty(self.description)
