"""Which negotiations count, according to the KPI that pays for them."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.addons.nka_key_accounts.models.facts import negotiations
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import mail_from, new_user
from .common import SeasonCase

#: Day of the negotiations; proof is created later.
TALK = datetime(2026, 11, 3, 9)
AFTER = "2026-11-20 10:00:00"
BEFORE = "2026-11-01 10:00:00"


class TalkCase(SeasonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client, date_start=date(2026, 1, 1))
        cls.contact = cls._contact(cls.client, "anna@nw.test")
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Steel",
                "type": "opportunity",
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
            }
        )

    @classmethod
    def _contact(cls, client, email):
        return cls.env["res.partner"].create(
            {"name": email, "email": email, "parent_id": client.id}
        )

    def _rpc(self, user, records, method, *args, context=None, **kwargs):
        """Call a public method as an RPC client, with plain values."""
        model = self.env(user=user.id)[records._name]
        if context:
            kwargs["context"] = context
        ids = [records.ids] if records.ids else []
        found = call_kw(model, method, [*ids, *args], kwargs)
        self.env.invalidate_all()
        return found

    def _claim(
        self, start=TALK, minutes=60, user=None, guests=None, context=None, **vals
    ):
        """Create a meeting with any client as the manager, entered as held."""
        user = user or self.manager
        guests = self.contact if guests is None else guests
        values = {
            "name": "Talk",
            "user_id": user.id,
            "start": str(start),
            "stop": str(start + timedelta(minutes=minutes)),
            "partner_ids": [Command.set([user.partner_id.id, *guests.ids])],
            "is_negotiation": True,
            **vals,
        }
        events = self.env["calendar.event"]
        ids = self._rpc(user, events, "create", [values], context=context)
        return events.browse(ids)

    def _held(self, *args, outcome="progress", **kwargs):
        with freeze_time(AFTER):
            event = self._claim(*args, **kwargs)
            self._rpc(event.user_id, event, "action_set_outcome", outcome)
        return event

    def _planned(self, start=TALK, **kwargs):
        """Create a meeting in advance, with an invitation to the contact."""
        with freeze_time(BEFORE):
            return self._claim(start, **kwargs)

    def _reasons(self, user=None, company=None, day=AFTER):
        user = user or self.manager
        self.env.flush_all()
        with freeze_time(day):
            rows = negotiations.read(
                self.env,
                company or self.env.company,
                user,
                self.season.date_start,
                self.season.date_end,
            )
        return {row[0]: row[2] for row in rows}

    def _why(self, event, **kwargs):
        return self._reasons(event.user_id, **kwargs)[event.id]

    def _score(self, user=None):
        user = user or self.manager
        found = self._measure("negotiations", user, day=AFTER, evidence=True)
        return found[user.id].actual


@tagged("nka_pay")
class TestProof(TalkCase):
    """What proves that a negotiation took place."""

    def test_forty_meetings_without_proof(self):
        """The example: eight proven meetings count, and each of the forty others has
        its reason.
        """
        for number in range(8):
            start = TALK + timedelta(hours=2 * number)
            self._held(start)
        mail_from(self.contact, TALK)
        self.assertEqual(self._score(), 8)
        with freeze_time(AFTER):
            for number in range(40):
                event = self._claim(
                    TALK + timedelta(days=1, minutes=5 * number),
                    minutes=4,
                    guests=self.env["res.partner"],
                )
                self._rpc(self.manager, event, "action_set_outcome", "agreed")
        found = self._measure("negotiations", self.manager, day=AFTER, evidence=True)
        self.assertEqual(found[self.manager.id].actual, 8)
        left_out = found[self.manager.id].left_out
        self.assertEqual([reason for _id, reason in left_out], ["no_client"] * 40)

    def test_meeting_entered_afterwards_has_no_proof(self):
        event = self._held()
        self.assertEqual(self._why(event), "no_evidence")

    def test_mail_of_the_contact_within_three_days(self):
        event = self._held()
        for moment, reason in (
            (TALK - timedelta(days=3, minutes=1), "no_evidence"),
            (TALK + timedelta(days=3, hours=1, minutes=1), "no_evidence"),
            (TALK - timedelta(days=3), None),
            (TALK + timedelta(days=3, hours=1), None),
        ):
            mail = mail_from(self.contact, moment)
            self.assertEqual(self._why(event), reason, moment)
            mail.unlink()
        mail_from(self._contact(self.client, "other@nw.test"), TALK)
        self.assertEqual(self._why(event), "no_evidence")

    def test_mail_sent_to_the_contact(self):
        event = self._held()
        with freeze_time("2026-11-05 12:00:00"):
            message = self.lead.with_user(self.manager).message_post(
                body="As discussed",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.contact.ids,
            )
        self.assertIsNone(self._why(event))
        message.sudo().notification_ids.notification_status = "bounce"
        self.assertEqual(self._why(event), "no_evidence")

    def test_invitation_before_the_meeting(self):
        event = self._planned()
        with freeze_time(AFTER):
            self._rpc(self.manager, event, "action_set_outcome", "agreed")
        self.assertIsNone(self._why(event))
        self.assertEqual(self._score(), 1)

    def test_declined_invitation(self):
        event = self._planned()
        event.attendee_ids.filtered(
            lambda one: one.partner_id == self.contact
        ).state = "declined"
        event.negotiation_outcome = "agreed"
        self.assertEqual(self._why(event), "no_evidence")

    def test_approved_minutes(self):
        event = self._held(opportunity_id=self.lead.id)
        other = self._held(TALK + timedelta(days=1), opportunity_id=self.lead.id)
        with freeze_time(AFTER):
            action = self._rpc(self.manager, event, "action_make_minutes")
            document = self.env["nka.document"].browse(action["res_id"])
            self.assertEqual(self._why(event), "no_evidence")
            document.with_user(self.manager).action_submit()
            self.assertEqual(self._why(event), "no_evidence")
            document.with_user(self.supervisor).action_approve()
        self.assertIsNone(self._why(event))
        self.assertEqual(self._why(other), "no_evidence")

    def test_minutes_without_a_meeting_prove_the_last_negotiation_of_the_deal(self):
        first = self._held(opportunity_id=self.lead.id)
        last = self._held(TALK + timedelta(days=1), opportunity_id=self.lead.id)
        with freeze_time(AFTER):
            document = (
                self.env["nka.document"]
                .with_user(self.manager)
                .create(
                    {
                        "title": "Minutes",
                        "type_id": self.env.ref(
                            "nka_key_accounts.nka_document_type_minutes"
                        ).id,
                        "key_account_id": self.account.id,
                        "lead_id": self.lead.id,
                    }
                )
            )
            self.env["ir.attachment"].with_user(self.manager).create(
                {
                    "name": "minutes.txt",
                    "raw": b"Agreed",
                    "res_model": document._name,
                    "res_id": document.id,
                }
            )
            document.action_submit()
            document.with_user(self.supervisor).action_approve()
        self.assertIsNone(self._why(last))
        self.assertEqual(self._why(first), "no_evidence")

    def test_approved_weekly_report(self):
        event = self._held()
        without = self._held(TALK + timedelta(hours=3), guests=self.env["res.partner"])
        with freeze_time(AFTER):
            report = self.env["nka.work.report"].with_user(self.manager)
            report = report.create(
                {
                    "employee_id": self.employee.id,
                    "date_from": date(2026, 11, 2),
                    "summary": "Met Northwind",
                }
            )
            report.action_submit()
            facts = {fact.kind: fact.res_ids for fact in report.sudo().fact_ids}
            self.assertEqual(facts["negotiations"], event.ids)
            self.assertEqual(facts["negotiations_unproven"], event.ids)
            self.assertEqual(self._why(event), "no_evidence")
            report.with_user(self.supervisor).action_approve()
            self.assertIsNone(self._why(event))
            late = self._held(TALK + timedelta(days=1))
            self.assertEqual(self._why(late), "no_evidence")
        self.assertEqual(self._why(without), "no_client")


@tagged("nka_pay")
class TestForging(TalkCase):
    """The manager tries to create proof alone, through RPC; they can set the outcome
    only.
    """

    def _assert_unproven(self, event, reason="no_evidence"):
        self.assertEqual(self._why(event), reason)

    def test_mails_of_the_contact(self):
        event = self._held()
        messages = self.env["mail.message"]
        values = {
            "message_type": "email",
            "author_id": self.contact.id,
            "date": str(TALK),
            "body": "Thanks",
        }
        with self.refused(AccessError):
            self._rpc(self.manager, messages, "create", [values])
        with self.refused(AccessError):
            self._rpc(
                self.manager,
                messages,
                "create",
                [{**values, "model": "crm.lead", "res_id": self.lead.id}],
            )
        with self.refused(AccessError):
            self._rpc(
                self.manager,
                self.env["mail.thread"],
                "message_process",
                "crm.lead",
                "From: anna@nw.test\nTo: x@y.test\nMessage-Id: <1@x>\n\nHi",
            )
        self._assert_unproven(event)

    def test_earlier_mails(self):
        """An email counts on the day it was received, whatever date it is given."""
        event = self._held()
        with freeze_time(AFTER):
            self._rpc(
                self.manager,
                self.lead,
                "message_post",
                body="As discussed",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.contact.ids,
                date=str(TALK),
            )
        self._assert_unproven(event)

    def test_mails_that_were_never_sent(self):
        event = self._held()
        with freeze_time(AFTER):
            ids = self._rpc(
                self.manager,
                self.env["mail.message"],
                "create",
                [
                    {
                        "message_type": "comment",
                        "model": "crm.lead",
                        "res_id": self.lead.id,
                        "date": str(TALK),
                        "body": "As discussed",
                    }
                ],
            )
        with self.refused(AccessError, "records that a message was sent"):
            self._rpc(
                self.manager,
                self.env["mail.notification"],
                "create",
                [
                    {
                        "mail_message_id": ids[0],
                        "res_partner_id": self.contact.id,
                        "notification_type": "email",
                        "notification_status": "sent",
                    }
                ],
            )
        self._assert_unproven(event)

    def test_failed_mails(self):
        event = self._held()
        with freeze_time("2026-11-04 10:00:00"):
            message = self.lead.with_user(self.manager).message_post(
                body="Hi",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.contact.ids,
            )
        sent = message.sudo().notification_ids
        sent.notification_status = "exception"
        with self.refused(AccessError):
            self._rpc(self.manager, sent, "write", {"notification_status": "sent"})
        self._assert_unproven(event)

    def test_message_that_is_moved_or_backdated(self):
        """An earlier email to the contact is no invitation to another meeting."""
        event = self._held()
        with freeze_time(AFTER):
            message = self.lead.with_user(self.manager).message_post(
                body="Hi",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.contact.ids,
            )
        for vals in (
            {"date": str(TALK)},
            {"model": "calendar.event", "res_id": event.id},
        ):
            with self.refused(AccessError):
                self._rpc(self.manager, message, "write", vals)
        self._assert_unproven(event)

    def test_recorded_fields_cannot_be_written(self):
        """Fields recorded by the system can't be written, whatever the context."""
        event = self._held(
            nka_fixed_date=BEFORE,
            context={"default_nka_fixed_date": BEFORE, "tracking_disable": True},
        )
        self._rpc(
            self.manager,
            event,
            "write",
            {"nka_fixed_date": BEFORE, "nka_taken_over": False, "nka_minutes_id": 1},
        )
        self.assertGreater(event.nka_fixed_date, TALK)
        self.assertFalse(event.nka_minutes_id)

    def test_attendee_added_afterwards(self):
        event = self._planned(guests=self.env["res.partner"])
        with freeze_time(AFTER):
            self._rpc(
                self.manager,
                event,
                "write",
                {
                    "partner_ids": [Command.link(self.contact.id)],
                    "negotiation_outcome": "agreed",
                },
            )
        self._assert_unproven(event)

    def test_meeting_moved_afterwards(self):
        """One invited meeting of September counts for September only."""
        event = self._planned(datetime(2026, 11, 2, 9))
        with freeze_time(AFTER):
            hour_later = datetime(2026, 11, 2, 10)
            vals = {"start": str(hour_later), "stop": str(hour_later)}
            self._rpc(self.manager, event, "write", vals)
            self._rpc(self.manager, event, "action_set_outcome", "agreed")
            self.assertIsNone(self._why(event))
            vals = {"start": str(TALK), "stop": str(TALK + timedelta(hours=1))}
            self._rpc(self.manager, event, "write", vals)
        self._assert_unproven(event)

    def test_cancelled_meeting(self):
        event = self._planned()
        self._rpc(self.manager, event, "write", {"active": False})
        with freeze_time(AFTER):
            self._rpc(self.manager, event, "write", {"negotiation_outcome": "agreed"})
            self.assertEqual(self._why(event), "archived")
            self._rpc(self.manager, event, "write", {"active": True})
        self._assert_unproven(event)

    def test_meeting_of_another_user(self):
        event = self._planned(user=self.supervisor)
        event.partner_ids += self.manager.partner_id
        with freeze_time(AFTER):
            self._rpc(
                self.manager,
                event,
                "write",
                {"user_id": self.manager.id, "negotiation_outcome": "agreed"},
            )
        mail_from(self.contact, TALK)
        self._assert_unproven(event, "taken_over")

    def test_client_of_a_colleague(self):
        self._key_account(
            self.other_client, self.colleague, date_start=date(2026, 1, 1)
        )
        theirs = self._contact(self.other_client, "carl@bp.test")
        event = self._held(guests=theirs)
        mail_from(theirs, TALK)
        self._assert_unproven(event, "not_theirs")

    def test_colleagues_are_no_contacts(self):
        employee = self.employee.sudo()
        employee.work_email = "me@ours.test"
        employee.private_email = "me@home.test"
        friend = self._contact(self.client, "ME@home.test")
        worker = self._contact(self.client, "me@ours.test")
        portal = new_user(
            self.env, "nka_portal", "base.group_portal", email="p@nw.test"
        )
        portal.partner_id.parent_id = self.client
        for guest in (
            friend,
            worker,
            self.colleague.partner_id,
            employee.work_contact_id,
        ):
            event = self._held(guests=guest)
            mail_from(guest, TALK)
            self._assert_unproven(event, "no_client")
        event = self._held(TALK + timedelta(hours=4), guests=portal.partner_id)
        mail_from(portal.partner_id, TALK)
        self.assertIsNone(self._why(event))

    def test_strangers_and_rejected_leads(self):
        stranger = self._contact(self._new_client("Stranger"), "x@stranger.test")
        event = self._held(guests=stranger)
        mail_from(stranger, TALK)
        self._assert_unproven(event, "no_client")
        lead = self.env["crm.lead"].create(
            {
                "name": "Big",
                "partner_id": stranger.parent_id.id,
                "user_id": self.manager.id,
                "is_vip": True,
            }
        )
        self.assertIsNone(self._why(event))
        lead.with_user(self.manager).origin = "self_sourced"
        lead.with_user(self.supervisor).action_reject_origin(reason="Known before")
        self._assert_unproven(event, "no_client")

    def test_duration_of_zero(self):
        mail_from(self.contact, TALK)
        allday = self._held(
            allday=True, start_date="2026-11-03", stop_date="2026-11-03"
        )
        self._assert_unproven(allday, "no_hours")
        self._assert_unproven(self._held(minutes=24 * 60 + 1), "no_hours")
        self.assertIsNone(self._why(self._held(minutes=24 * 60)))

    def test_outcomes(self):
        mail_from(self.contact, TALK)
        self._assert_unproven(self._held(outcome="not_held"), "not_held")
        with freeze_time(AFTER):
            self._assert_unproven(self._claim(), "no_outcome")

    def test_second_company(self):
        """The example: the same meetings don't count where the person has no client."""
        event = self._held()
        mail_from(self.contact, TALK)
        self.assertIsNone(self._why(event))
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self._why(event, company=other), "other_company")
        self.lead.company_id = False
        deal = self.env["crm.lead"].create(
            {"name": "Theirs", "type": "opportunity", "company_id": other.id}
        )
        event.opportunity_id = deal
        self._assert_unproven(event, "other_company")

    def test_branch_counts_for_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        event = self._held()
        mail_from(self.contact, TALK)
        event.opportunity_id = self.env["crm.lead"].create(
            {"name": "Theirs", "type": "opportunity", "company_id": branch.id}
        )
        self.assertIsNone(self._why(event))


@tagged("nka_pay")
class TestSeries(TalkCase):
    """Recurring meetings: when moved, Odoo archives them and creates new ones."""

    def _series(self, count=4):
        first = datetime(2026, 11, 3, 9)
        with freeze_time(BEFORE):
            event = self._claim(
                first,
                recurrency=True,
                rrule_type="weekly",
                tue=True,
                end_type="count",
                count=count,
                event_tz="UTC",
            )
        return event.recurrence_id.calendar_event_ids.sorted("start")

    def _move(self, event, start, update="all_events"):
        self._rpc(
            self.manager,
            event,
            "write",
            {
                "start": str(start),
                "stop": str(start + timedelta(hours=1)),
                "recurrence_update": update,
            },
        )

    def _active(self):
        return self.env["calendar.event"].search(
            [("user_id", "=", self.manager.id), ("is_negotiation", "=", True)],
            order="start",
        )

    def test_moved_by_an_hour(self):
        """The example: three held, the series moved by an hour, the new ones filled in:
        four.
        """
        series = self._series()
        now = "2026-11-26 10:00:00"
        with freeze_time(now):
            for event in series[:3]:
                self._rpc(self.manager, event, "action_set_outcome", "progress")
            self.assertEqual(len(series), 4)
            self._move(series[0], datetime(2026, 11, 3, 10))
            active = self._active()
            self.assertEqual(len(active), 4)
            self.assertEqual(
                active.mapped("negotiation_outcome"), ["progress"] * 3 + [False]
            )
            for event in active:
                self._rpc(self.manager, event, "action_set_outcome", "agreed")
            reasons = self._reasons(day=now)
        self.assertEqual(
            sorted(filter(None, reasons.values())), ["replaced"] * 3, reasons
        )
        self.assertEqual(list(reasons.values()).count(None), 4)

    def test_following_meetings_moved(self):
        series = self._series()
        with freeze_time("2026-11-26 10:00:00"):
            for event in series[:3]:
                self._rpc(self.manager, event, "action_set_outcome", "progress")
            self._move(series[1], datetime(2026, 11, 10, 11), "future_events")
            active = self._active()
            self.assertEqual(
                active.mapped("negotiation_outcome"), ["progress"] * 3 + [False]
            )
        reasons = self._reasons(day="2026-11-26 10:00:00")
        self.assertEqual(list(reasons.values()).count(None), 3, reasons)

    def test_moved_to_another_day(self):
        """Outcomes are kept; the invitations were for other days."""
        series = self._series()
        with freeze_time("2026-11-26 10:00:00"):
            for event in series[:3]:
                self._rpc(self.manager, event, "action_set_outcome", "progress")
            self._move(series[0], datetime(2026, 11, 4, 9))
            active = self._active()
            self.assertEqual(active.mapped("negotiation_outcome")[:3], ["progress"] * 3)
        reasons = self._reasons(day="2026-11-26 10:00:00")
        self.assertNotIn(None, reasons.values())

    def test_series_entered_afterwards(self):
        with freeze_time(AFTER):
            event = self._claim(
                datetime(2026, 10, 6, 9),
                recurrency=True,
                rrule_type="weekly",
                tue=True,
                end_type="count",
                count=6,
                event_tz="UTC",
            )
            for one in event.recurrence_id.calendar_event_ids:
                self._rpc(self.manager, one, "action_set_outcome", "agreed")
        self.assertEqual(set(self._reasons().values()), {"no_evidence"})


@tagged("nka_pay")
class TestOverlap(TalkCase):
    """Overlapping meetings with one client count once."""

    def test_duplicates_and_chains(self):
        mail_from(self.contact, TALK)
        first = self._held()
        for start, reason in (
            (TALK, "overlap"),
            (TALK + timedelta(minutes=30), "overlap"),
            (TALK + timedelta(minutes=80), "overlap"),
            (TALK + timedelta(minutes=140), None),
        ):
            self.assertEqual(self._why(self._held(start)), reason, start)
        self.assertIsNone(self._why(first))

    def test_two_clients_at_once(self):
        self._key_account(self.other_client, date_start=date(2026, 1, 1))
        other = self._contact(self.other_client, "carl@bp.test")
        for contact in (self.contact, other):
            mail_from(contact, TALK)
            self._held(guests=contact)
        self.assertEqual(self._score(), 2)

    def test_equals_a_plain_count(self):
        """The same meetings merged by a slow method: one for each continuous stretch."""
        mail_from(self.contact, TALK)
        talk = self._held()
        spans = st.lists(
            st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=8
        )

        @settings(max_examples=25, deadline=None, database=None)
        @given(spans)
        def check(spans):
            with self.cr.savepoint() as savepoint:
                self.env["calendar.event"].create(
                    [
                        {
                            "name": "Talk",
                            "user_id": self.manager.id,
                            "start": TALK + timedelta(minutes=100 + 10 * start),
                            "stop": TALK
                            + timedelta(minutes=100 + 10 * (start + length)),
                            "partner_ids": [Command.set(self.contact.ids)],
                            "is_negotiation": True,
                            "negotiation_outcome": "progress",
                        }
                        for start, length in spans
                    ]
                )
                reasons = self._reasons()
                savepoint.rollback()
                self.env.invalidate_all()
            counted = list(reasons.values()).count(None)
            self.assertEqual(counted, 1 + stretches(spans))

        check()
        self.assertIsNone(self._why(talk))


def stretches(spans):
    """Return the number of continuous stretches, counted minute by minute."""
    talked = {10 * start + n for start, length in spans for n in range(10 * length)}
    starts = {10 * start for start, _length in spans}
    return sum(
        1
        for start in starts
        if start - 1 not in talked
        or all(not s * 10 < start < (s + length) * 10 for s, length in spans)
    )
