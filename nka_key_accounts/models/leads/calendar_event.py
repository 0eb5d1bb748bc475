from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import is_html_empty

OUTCOMES = [
    ("agreed", "Agreement reached"),
    ("progress", "Progress made"),
    ("stalled", "No progress"),
    ("refused", "Client refused"),
    ("not_held", "Not held"),
]

STEP_ACTIVITY = "mail.mail_activity_data_todo"


class CalendarEvent(models.Model):
    """A meeting with the client about a deal is a negotiation with an outcome."""

    _inherit = "calendar.event"

    is_negotiation = fields.Boolean(
        "Negotiation",
        help="A meeting with the client about a deal; held ones count as work done.",
    )
    negotiation_outcome = fields.Selection(
        OUTCOMES,
        "Outcome",
        copy=False,
        tracking=True,
        help="Filled in after the meeting; only held negotiations count.",
    )
    outcome_due = fields.Boolean(
        "Outcome missing",
        compute="_compute_outcome_due",
        search="_search_outcome_due",
        help="The negotiation has begun and nobody said yet how it went.",
    )
    negotiation_held = fields.Boolean(
        compute="_compute_negotiation_held",
        search="_search_negotiation_held",
        help="A negotiation that is over, with an outcome other than “Not held”.",
    )
    next_step = fields.Char(
        copy=False, help="What was agreed to happen next, in one sentence."
    )
    next_step_date = fields.Date("Next step until", copy=False)
    next_step_activity_id = fields.Many2one(
        "mail.activity",
        "Planned step",
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
        """What counts as a negotiation held, for reports and goals."""
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
                        "“%s” has an outcome, so it has to be a negotiation.",
                        event.display_name,
                    )
                )
            if event.start > fields.Datetime.now():
                raise ValidationError(
                    self.env._(
                        "“%s” hasn't begun yet, so nobody knows its outcome. Note it "
                        "afterwards; to plan the meeting again, clear the outcome.",
                        event.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_set_outcome(self, outcome=None):
        """Note how these negotiations went.

        :param str outcome: a key of ``negotiation_outcome``
        :raise UserError: for meetings that are no negotiations, or another outcome
        :raise ValidationError: before the meeting has begun
        """
        if outcome not in dict(OUTCOMES):
            raise UserError(
                self.env._("Choose one of the outcomes; “%s” isn't one.", outcome or "")
            )
        self.write({"negotiation_outcome": outcome})
        return True

    def action_plan_next_step(self):
        """Put the agreed next step on the to-do list of the meeting's organiser.

        :raise UserError: as long as there is no next step, or it is planned
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
            raise UserError(self.env._("Write down the next step first."))
        if self.next_step_activity_id:
            raise UserError(
                self.env._("The next step of “%s” is planned already.", self.name)
            )
        if not self.opportunity_id and not self._negotiated_account():
            raise UserError(
                self.env._(
                    "“%s” is about no deal and no key account, so there is nothing to "
                    "plan the step on. Choose the deal first.",
                    self.name,
                )
            )

    # ------------------------------------------------------------ business
    def _negotiated_account(self):
        """The key account this meeting is about: of the deal, else of the people.

        :rtype: nka.key.account
        """
        self.ensure_one()
        event = self.sudo()
        account = event.opportunity_id.key_account_id
        return account or event.partner_ids.key_account_id[:1]

    def _has_notes(self):
        """For the printed minutes."""
        return not is_html_empty(self.description)
