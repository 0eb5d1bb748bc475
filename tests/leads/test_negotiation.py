from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import LeadCase


@tagged("nka_leads")
class TestNegotiation(LeadCase):
    """A negotiation counts once it is over and its outcome is recorded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.past = cls._meeting(-3)
        cls.running = cls._meeting(-1, hours=5)
        cls.future = cls._meeting(2)

    @classmethod
    def _meeting(cls, offset, hours=1, **vals):
        """Create a negotiation that starts ``offset`` hours from now."""
        start = fields.Datetime.now() + timedelta(hours=offset)
        events = cls.env["calendar.event"].with_user(cls.manager)
        event = events.create(
            {
                "name": "Talk about prices",
                "start": start,
                "stop": start + timedelta(hours=hours),
                "is_negotiation": True,
                "opportunity_id": cls.lead.id,
                **vals,
            }
        )
        return event.with_env(cls.env)

    def _held(self):
        events = self.env["calendar.event"]
        mine = [("id", "in", (self.past | self.running | self.future).ids)]
        return events.search([*mine, ("negotiation_held", "=", True)])

    def test_planned_from_a_lead(self):
        action = self._rpc(self.manager, self.lead, "action_plan_negotiation")
        event = (
            self.env["calendar.event"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create(
                {
                    "start": fields.Datetime.now() + timedelta(days=1),
                    "stop": fields.Datetime.now() + timedelta(days=1, hours=1),
                }
            )
        )
        self.assertTrue(event.is_negotiation)
        self.assertEqual(event.opportunity_id, self.lead)
        self.assertIn(self.client, event.partner_ids)

    def test_outcome_of_a_past_negotiation(self):
        self.assertTrue(self.past.outcome_due)
        self.assertFalse(self.past.negotiation_held)
        self._rpc(self.manager, self.past, "action_set_outcome", "agreed")
        self.assertEqual(self.past.negotiation_outcome, "agreed")
        self.assertFalse(self.past.outcome_due)
        self.assertTrue(self.past.negotiation_held)
        self.assertEqual(self._held(), self.past)

    def test_running_negotiation_counts_when_it_is_over(self):
        self._rpc(self.manager, self.running, "action_set_outcome", "progress")
        self.assertFalse(self.running.negotiation_held)
        self.assertFalse(self._held())

    def test_not_held_does_not_count(self):
        self._rpc(self.manager, self.past, "action_set_outcome", "not_held")
        self.assertFalse(self.past.negotiation_held)
        self.assertFalse(self._held())

    def test_no_outcome_before_the_start(self):
        for outcome in ("agreed", "not_held"):
            with self.assertRaisesRegex(ValidationError, "hasn't started"):
                self._rpc(self.manager, self.future, "action_set_outcome", outcome)
            with self.assertRaisesRegex(ValidationError, "hasn't started"):
                self._rpc(
                    self.manager, self.future, "write", {"negotiation_outcome": outcome}
                )
            with self.assertRaisesRegex(ValidationError, "hasn't started"):
                self._meeting(2, negotiation_outcome=outcome)

    def test_rescheduled_without_outcome(self):
        self._rpc(self.manager, self.past, "action_set_outcome", "not_held")
        later = fields.Datetime.now() + timedelta(days=1)
        dates = {"start": later, "stop": later + timedelta(hours=1)}
        with self.assertRaisesRegex(ValidationError, "clear the outcome"):
            self.past.write(dates)
        self.past.write({**dates, "negotiation_outcome": False})
        self.assertFalse(self.past.outcome_due)

    def test_outcome_belongs_to_a_negotiation(self):
        lunch = self._meeting(-3, is_negotiation=False)
        with self.assertRaisesRegex(
            ValidationError, "must stay marked as a negotiation"
        ):
            self._rpc(self.manager, lunch, "action_set_outcome", "agreed")

    def test_outcome_must_be_in_the_list(self):
        for outcome in ("brilliant", None):
            with self.assertRaisesRegex(UserError, "Select one"):
                self._rpc(self.manager, self.past, "action_set_outcome", outcome)

    def test_searches(self):
        events = self.env["calendar.event"]
        mine = ("id", "in", (self.past | self.running | self.future).ids)
        due = events.search([mine, ("outcome_due", "=", True)])
        self.assertEqual(due, self.past | self.running)
        self.past.negotiation_outcome = "refused"
        not_held = events.search([mine, ("negotiation_held", "=", False)])
        self.assertEqual(not_held, self.running | self.future)

    def test_copies_of_a_meeting_have_no_outcome(self):
        self.past.negotiation_outcome = "agreed"
        self.assertFalse(self.past.copy().negotiation_outcome)

    # ------------------------------------------------------------ discretion
    def test_readers_of_a_negotiation(self):
        """Other users see only when the attendees are busy."""
        events = self.env["calendar.event"]
        self.past.description = "<p>Their budget ends in June</p>"
        only_open = [("id", "=", self.past.id), ("is_of_others", "=", False)]
        for user in (self.manager, self.supervisor, self.kam_admin):
            event = self.past.with_user(user)
            self.assertEqual(event.name, "Talk about prices", user.login)
            self.assertEqual(events.with_user(user).search(only_open), event)
        for user in (self.colleague, self.salesman, self.employee_user):
            self.env.invalidate_all()
            event = self.past.with_user(user)
            row = event.read(["name", "start", "description", "opportunity_id"])[0]
            self.assertEqual((row["name"], row["start"]), ("Busy", self.past.start))
            self.assertFalse(row["description"] or row["opportunity_id"], user.login)
            self.assertEqual(event.display_name, "Busy")
            self.assertFalse(events.with_user(user).search(only_open))
            groups = events.with_user(user)._read_group(
                [("id", "=", self.past.id)], ["name"], ["__count"]
            )
            self.assertFalse(groups, user.login)
            with self.assertRaises(AccessError):
                event.write({"negotiation_outcome": "agreed"})
            with self.assertRaises(AccessError):
                event.unlink()
            self.assertFalse(event.message_ids)
        bare = self._meeting(-3, opportunity_id=False, partner_ids=self.contact.ids)
        self.assertTrue(bare.with_user(self.colleague).is_of_others)
        self.assertEqual(bare.with_user(self.deputy).name, "Talk about prices")
        self.past.partner_ids += self.colleague.partner_id
        self.assertEqual(self.past.with_user(self.colleague).name, "Talk about prices")

    def test_meetings_of_other_clients_are_unaffected(self):
        meeting = self._meeting(-3, opportunity_id=self.free_lead.id)
        event = meeting.with_user(self.colleague)
        self.assertEqual(event.name, "Talk about prices")
        self.assertFalse(event.is_of_others)
