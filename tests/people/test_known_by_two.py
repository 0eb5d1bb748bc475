from contextlib import suppress

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PeopleCase


class KnownCase(PeopleCase):
    """A stakeholder map without other gaps; the manager met the director last month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._map(cls.director, role="decision_maker")
        cls._map(cls.engineer)
        cls._new_meeting(cls.director, -30)
        cls.env.flush_all()

    def _gap(self):
        self.env.flush_all()
        self.env.invalidate_all()
        accounts = self.env["nka.key.account"].with_user(self.manager)
        found = accounts.search(
            [("has_people_gap", "=", True), ("id", "=", self.account.id)]
        )
        self.assertEqual(self.account.has_people_gap, bool(found))
        return bool(found)

    def _known(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.account.acquainted_user_ids

    def _meet(self, person, user, days=-3, organiser=None, **vals):
        """Create a meeting as its organizer, with their own rights."""
        organiser = organiser or user
        start = fields.Datetime.now() + self._days(days)
        event = (
            self.env["calendar.event"]
            .with_user(organiser)
            .create(
                {
                    "name": "Terms",
                    "start": start,
                    "stop": start,
                    "partner_ids": [Command.set((person | user.partner_id).ids)],
                    **vals,
                }
            )
        )
        return event.with_env(self.env)


@tagged("nka_market")
class TestKnownByTwo(KnownCase):
    """Two employees know a client if records of their own activity prove it."""

    def test_one_employee_is_a_gap(self):
        self.assertTrue(self._gap())
        self.assertEqual(self._known(), self.manager)

    def test_own_meeting(self):
        self._meet(self.engineer, self.colleague)
        self.assertFalse(self._gap())
        self.assertEqual(self._known(), self.manager | self.colleague)

    def test_an_accepted_invitation(self):
        event = self._meet(self.engineer, self.colleague, organiser=self.manager)
        self.assertTrue(self._gap())
        seat = event.attendee_ids.filtered(
            lambda one: one.partner_id == self.colleague.partner_id
        )
        seat.with_user(self.colleague).do_accept()
        # Flush as at the end of their request.
        self.env(user=self.colleague.id).flush_all()
        self.assertFalse(self._gap())

    def test_own_email(self):
        self.engineer.email = "carl@northwind.example"
        self.lead.user_id = self.manager
        self.lead.with_user(self.supervisor).message_post(
            body="Our offer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.engineer.ids,
        )
        self.assertFalse(self._gap())
        self.assertIn(self.supervisor, self._known())

    def test_email_to_them(self):
        self.lead.message_post(
            body="Dear colleague",
            message_type="email",
            author_id=self.engineer.id,
            partner_ids=self.colleague.partner_id.ids,
        )
        self.assertFalse(self._gap())

    def test_own_call(self):
        activity = self.engineer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.colleague.id
        )
        self.assertTrue(self._gap())
        activity.with_user(self.colleague).action_feedback(feedback="Talked")
        self.assertFalse(self._gap())

    def test_own_order(self):
        order = (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create({"partner_id": self.engineer.id})
        )
        self.assertTrue(self._gap())
        order.sudo().write({"state": "sale"})
        self.assertFalse(self._gap())
        self.assertIn(self.salesman, self._known())

    def test_an_approved_document(self):
        self.account.deputy_id = self.deputy
        document = (
            self.env["nka.document"]
            .with_user(self.deputy)
            .create(
                {
                    "type_id": self.env["nka.document.type"]
                    .search([("applies_to", "!=", "lead")], limit=1)
                    .id,
                    "key_account_id": self.account.id,
                    "title": "Meeting notes",
                }
            )
        )
        document.sudo()._unlocked().write(
            {
                "state": "submitted",
                "submitted_by_id": self.deputy.id,
                "submit_date": fields.Datetime.now(),
            }
        )
        self.assertTrue(self._gap())
        document.sudo()._unlocked().write({"state": "approved"})
        self.assertFalse(self._gap())

    def test_activity_older_than_twelve_months(self):
        self._meet(self.engineer, self.colleague, days=-370)
        self.assertTrue(self._gap())
        self._meet(self.engineer, self.colleague, days=-350)
        self.assertFalse(self._gap())

    def test_meetings_that_did_not_take_place(self):
        archived = self._meet(self.engineer, self.colleague)
        archived.active = False
        missed = self._meet(self.engineer, self.colleague, is_negotiation=True)
        missed.negotiation_outcome = "not_held"
        self._meet(self.engineer, self.colleague, days=5)
        self.assertTrue(self._gap())

    def test_archived_employees(self):
        self._meet(self.engineer, self.colleague)
        self.colleague.sudo().action_archive()
        self.assertTrue(self._gap())

    def test_contacts_of_other_clients(self):
        stranger = self._new_contact("Otto Lund", self.other_client)
        self._meet(stranger, self.colleague)
        self.assertTrue(self._gap())

    def test_shown_per_stakeholder(self):
        self._meet(self.engineer, self.colleague)
        self.env.flush_all()
        self.env.invalidate_all()
        director, engineer = (
            self.account.stakeholder_ids.filtered(
                lambda one, person=person: one.partner_id == person
            )
            for person in (self.director, self.engineer)
        )
        self.assertEqual(director.proven_user_ids, self.manager)
        self.assertEqual(engineer.proven_user_ids, self.colleague)

    def test_many_accounts_cost_constant_queries(self):
        accounts = self.account | self._more_accounts(20)
        few = self._queries(lambda: accounts[:2].mapped("acquainted_user_ids"))
        many = self._queries(lambda: accounts.mapped("acquainted_user_ids"))
        self.assertEqual(few, many)


@tagged("nka_market")
class TestClaimedAcquaintance(KnownCase):
    """The manager alone can't make a client known by two employees."""

    def test_entered_by_hand(self):
        people = self.account.stakeholder_ids.with_user(self.manager)
        people.write({"covered_by_ids": [Command.link(self.colleague.id)]})
        self.assertTrue(self._gap())
        self.assertIn("two of our people", self.account.people_warnings)

    def test_invited(self):
        self._meet(self.engineer, self.colleague, organiser=self.manager)
        self._meet(
            self.engineer,
            self.colleague,
            organiser=self.manager,
            user_id=self.colleague.id,
        )
        self.assertTrue(self._gap())

    def test_accepted_on_their_behalf(self):
        event = self._meet(self.engineer, self.colleague, organiser=self.manager)
        seat = event.attendee_ids.filtered(
            lambda one: one.partner_id == self.colleague.partner_id
        )
        with suppress(AccessError):
            seat.with_user(self.manager).write({"state": "accepted"})
        self.env(user=self.manager.id).flush_all()
        self.assertTrue(self._gap())

    def test_written_on_their_behalf(self):
        for vals in (
            {
                "message_type": "email",
                "author_id": self.engineer.id,
                "partner_ids": self.colleague.partner_id.ids,
            },
            {
                "author_id": self.colleague.partner_id.id,
                "partner_ids": self.engineer.ids,
                "subtype_xmlid": "mail.mt_comment",
            },
        ):
            with suppress(AccessError):
                self.lead.with_user(self.manager).message_post(body="Hello", **vals)
        self.assertTrue(self._gap())

    def test_ordered_on_their_behalf(self):
        order = (
            self.env["sale.order"]
            .with_user(self.manager)
            .create({"partner_id": self.engineer.id})
        )
        order.write({"user_id": self.colleague.id})
        order.sudo().write({"state": "sale"})
        self.assertTrue(self._gap())

    def test_added_as_a_follower(self):
        self.lead.message_subscribe(self.colleague.partner_id.ids)
        self.lead.message_post(
            body="From the client",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=self.engineer.id,
        )
        self.assertTrue(self._gap())
