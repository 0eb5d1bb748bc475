"""Rows related to a hidden meeting or an unreadable record are hidden as well."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..people.common import PeopleCase

SECRET = "Quagga"


class SideRowsCase(PeopleCase):
    """A planned meeting with a client, and colleagues who can't see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = new_test_user(cls.env, "nka_root", "base.group_system")
        cls.client.name = f"{SECRET} Steel"
        cls.director.email = "anna@quagga.example"
        cls.meeting = cls._new_meeting(
            cls.director,
            2,
            name=f"{SECRET} terms",
            is_negotiation=True,
            opportunity_id=cls.lead.id,
            location=f"{SECRET} Street 1",
            description=f"<p>{SECRET} budget</p>",
        )
        cls.seats = cls.meeting.attendee_ids
        cls.seat = cls.seats.filtered(lambda row: row.partner_id == cls.director)
        cls.lunch = cls._new_meeting(cls.buyer, 3, cls.colleague, name="Lunch")
        cls.lunch.partner_ids -= cls.buyer
        cls.outsiders = cls.colleague | cls.salesman | cls.employee_user | cls.officer
        cls.insiders = cls.manager | cls.deputy | cls.supervisor
        cls.env.flush_all()

    def _as(self, records, user):
        self.env.invalidate_all()
        return records.with_user(user)


@tagged("nka_leads")
class TestAttendees(SideRowsCase):
    def test_attendees_are_readable_with_the_meeting(self):
        about = [("event_id", "=", self.meeting.id)]
        for user in self.insiders:
            rows = self._as(self.seats, user)
            self.assertEqual(rows.search(about), rows)
            self.assertTrue(rows.read(["access_token"]))

    def test_the_client_of_a_meeting_is_hidden(self):
        """Neither searches by attendee nor the contact's own page reveal it."""
        theirs = self.director | self.client
        for user in self.outsiders:
            events = self._as(self.meeting, user)
            for domain in (
                [("partner_ids", "in", self.director.ids)],
                [("partner_ids", "=", self.director.id)],
                [("partner_ids.name", "=", self.director.name)],
                [("partner_ids.commercial_partner_id", "=", self.client.id)],
                [("partner_ids", "any", [("id", "=", self.director.id)])],
            ):
                self.assertNotIn(events, events.search(domain), domain)
            found = events.search([("partner_ids", "in", self.manager.partner_id.ids)])
            self.assertIn(events, found, "busy time stays in the calendar")
            people = self._as(theirs, user)
            rows = people.read(["meeting_ids", "meeting_count"])
            self.assertFalse([row for row in rows if row["meeting_ids"]])
            self.assertFalse([row for row in rows if row["meeting_count"]])
            for domain in (
                [("meeting_ids", "=", self.meeting.id)],
                [("meeting_ids.start", "=", self.meeting.start)],
                [("meeting_ids", "!=", False), ("id", "in", theirs.ids)],
            ):
                self.assertFalse(people.search(domain), domain)
        for user in self.insiders:
            events = self._as(self.meeting, user)
            found = events.search([("partner_ids", "in", self.director.ids)])
            self.assertIn(events, found)
            rows = self._as(self.director, user).read(["meeting_ids"])
            self.assertIn(self.meeting.id, rows[0]["meeting_ids"])

    def test_groups_by_fields_of_the_meeting(self):
        """Recurrences grouped by fields of their base meeting don't reveal it."""
        first = self._new_meeting(
            self.director,
            4,
            name=f"{SECRET} review",
            location=f"{SECRET} Street 1",
            opportunity_id=self.lead.id,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=2,
        )
        series = first.recurrence_id
        about = [("id", "=", series.id)]
        for user in (*self.outsiders, *self.insiders):
            rows = self._as(series, user)
            told = rows.formatted_read_group(
                about, ["base_event_id.name", "base_event_id.location"], ["__count"]
            )
            told += rows.formatted_read_group(about, ["base_event_id.partner_ids"])
            if user in self.outsiders:
                self.assertNotIn(SECRET, repr([list(row.values())[:2] for row in told]))
            else:
                self.assertIn(SECRET, repr(told))

    def test_outsiders_cant_search_or_count_attendees(self):
        token = self.seat.access_token
        for user in self.outsiders:
            rows = self._as(self.seats, user)
            for domain in (
                [("event_id", "=", self.meeting.id)],
                [("id", "in", rows.ids)],
                [("access_token", "=", token)],
                [("partner_id", "=", self.director.id)],
                [
                    "|",
                    ("id", "in", rows.ids),
                    ("access_token", "=like", token[:4] + "%"),
                ],
                [("event_id.opportunity_id", "=", self.lead.id)],
            ):
                self.assertFalse(rows.search(domain), domain)
                self.assertFalse(rows.search_count(domain), domain)
                self.assertFalse(rows.search_read(domain, ["access_token"]), domain)
                groups = rows.formatted_read_group(
                    domain, ["partner_id"], ["access_token:array_agg", "__count"]
                )
                self.assertFalse([row for row in groups if row["__count"]], domain)
            with self.assertRaises(AccessError):
                rows.read(["access_token", "partner_id", "common_name"])
            with self.assertRaises(AccessError):
                rows.export_data(["common_name"])

    def test_archived_meetings_too(self):
        self.meeting.active = False
        self.env.flush_all()
        rows = self._as(self.seats, self.colleague)
        self.assertFalse(rows.search([("id", "in", rows.ids)]))
        with self.assertRaises(AccessError):
            rows.read(["access_token"])

    def test_outsiders_cant_answer_invite_or_remove(self):
        for user in self.outsiders:
            rows = self._as(self.seat, user)
            for attempt in (
                rows.do_accept,
                rows.do_decline,
                rows.do_tentative,
                rows.unlink,
                lambda rows=rows: rows.write({"state": "declined"}),
                lambda rows=rows: rows.write({"access_token": "mine"}),
                lambda rows=rows: rows.write({"event_id": self.lunch.id}),
                lambda rows=rows, user=user: rows.create(
                    {"event_id": self.meeting.id, "partner_id": user.partner_id.id}
                ),
                lambda user=user: self.meeting.with_user(user).action_join_meeting(
                    user.partner_id.id
                ),
            ):
                with self.refused(AccessError):
                    attempt()
                self.env.invalidate_all()
        self.assertEqual(self.seat.state, "needsAction")
        self.assertEqual(self.meeting.attendee_ids, self.seats)

    def test_users_cant_answer_for_the_client(self):
        for user in self.insiders:
            rows = self._as(self.seat, user)
            for attempt in (
                rows.do_accept,
                rows.do_decline,
                lambda rows=rows: rows.write({"state": "accepted"}),
            ):
                with self.refused(AccessError, "Only the person invited"):
                    attempt()
        own = self._as(self.seats, self.manager).filtered(
            lambda row: row.partner_id == self.manager.partner_id
        )
        own.do_decline()
        own.do_accept()

    def test_attendee_details_are_hidden(self):
        for user in self.outsiders:
            people = self._as(self.director, user)
            self.assertFalse(people.get_attendee_detail(self.meeting.ids))

    def test_own_meetings_are_unaffected(self):
        for user in (self.colleague, self.employee_user, self.salesman):
            lunch = self._new_meeting(self.buyer, 4, user, name="Lunch")
            lunch.partner_ids = user.partner_id | self.employee_user.partner_id
            rows = self._as(lunch, user).attendee_ids
            self.assertTrue(rows.read(["access_token", "state"]))
            rows.do_accept()
            rows[-1:].unlink()
            lunch.with_user(user).write({"location": "Canteen"})
            lunch.with_user(user).unlink()

    def test_cost_of_own_meetings(self):
        """At most one query more than in Odoo: hidden meetings are looked up once."""
        rows = self._as(self.lunch.attendee_ids, self.colleague)
        rows.read(["state"])
        with self.assertQueryCount(2):
            self._as(rows, self.colleague).search([("event_id", "=", self.lunch.id)])

    def test_recurrences(self):
        # On a fixed weekday, otherwise the first meeting wouldn't belong to the
        # recurrence.
        now = fields.Datetime.now().replace(hour=12)
        start = now + timedelta(days=7 - now.weekday())
        series = self.env["calendar.event"].create(
            {
                "name": f"{SECRET} weekly",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": self.manager.id,
                "partner_ids": [(6, 0, (self.director | self.manager.partner_id).ids)],
                "is_negotiation": True,
                "opportunity_id": self.lead.id,
                "recurrency": True,
                "rrule_type": "weekly",
                "count": 3,
                "end_type": "count",
                "mon": True,
            }
        )
        series.flush_recordset()
        recurrence = series.recurrence_id
        for user in self.outsiders:
            row = self._as(recurrence, user)
            for attempt in (
                row.unlink,
                lambda row=row: row.write({"count": 1}),
                lambda user=user: self._as(series, user).action_mass_deletion(
                    "all_events"
                ),
                lambda user=user: self._as(series, user).action_mass_archive(
                    "all_events"
                ),
            ):
                with self.refused(AccessError):
                    attempt()
        self.assertEqual(len(recurrence.calendar_event_ids), 3)
        self._as(recurrence, self.manager).write({"count": 2})

    def test_sorting_reveals_nothing(self):
        """Sorting by a hidden field excludes the hidden meetings."""
        events = self.meeting | self.lunch
        for user in self.outsiders:
            found = self._as(events, user).search(
                [("id", "in", events.ids)], order="location desc, id"
            )
            self.assertEqual(found, self.lunch)
            found = self._as(events, user).search([("id", "in", events.ids)])
            self.assertEqual(found, events)


@tagged("nka_leads")
class TestOtherSideRows(SideRowsCase):
    """Followers, tracked values and notifications of records that a user can't read."""

    def test_followers(self):
        self.account.message_subscribe(self.manager.partner_id.ids)
        self.lead.message_subscribe(self.manager.partner_id.ids)
        self.meeting.message_subscribe(self.manager.partner_id.ids)
        rows = self.env["mail.followers"]
        for record in (self.account, self.lead, self.meeting):
            domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
            followers = rows.search(domain)
            self.assertTrue(followers)
            for user in (self.manager, self.supervisor):
                self.assertLessEqual(followers, self._as(rows, user).search(domain))
            for user in self.outsiders:
                mine = self._as(followers, user)
                self.assertFalse(mine.search(domain), (user.login, record))
                self.assertFalse(mine.search([("id", "in", mine.ids)]), user.login)
                self.assertFalse(mine.search(["|", *domain]), user.login)
                with self.assertRaises(AccessError):
                    mine.read(["partner_id", "res_id"])

    def test_followers_of_other_records_are_unaffected(self):
        other = self._new_lead(self.other_client, self.salesman)
        other.message_subscribe(self.salesman.partner_id.ids)
        self.other_client.message_subscribe(self.salesman.partner_id.ids)
        for record in (other, self.other_client, self.lunch):
            domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
            found = self._as(self.env["mail.followers"], self.employee_user)
            every = self.env["mail.followers"].search(domain)
            self.assertEqual(found.search(domain), every, record)
            self.assertEqual(
                len(every.with_user(self.employee_user).read(["name"])), len(every)
            )

    def test_administrators_cant_read_tracked_values(self):
        self.account.with_user(self.supervisor).deputy_id = self.colleague
        self.meeting.with_user(self.manager).location = f"{SECRET} Street 2"
        self.lead.with_user(self.manager).expected_revenue = 77
        self.cr.flush()
        messages = self.account.message_ids | self.lead.message_ids
        values = messages.tracking_value_ids
        self.assertTrue(values)
        mine = self._as(values, self.system)
        self.assertFalse(mine.search([("id", "in", mine.ids)]))
        with self.assertRaises(AccessError):
            mine.read(["new_value_char", "new_value_integer"])
        self.supervisor.group_ids += self.env.ref("base.group_system")
        theirs = self._as(values, self.supervisor)
        self.assertEqual(theirs.search([("id", "in", theirs.ids)]), theirs)

    def test_notifications_of_meetings_are_hidden(self):
        message = self.meeting.with_user(self.manager).message_post(
            body=SECRET, partner_ids=self.deputy.partner_id.ids
        )
        rows = message.notification_ids
        self.assertTrue(rows)
        for user in self.outsiders:
            mine = self._as(rows, user)
            self.assertFalse(mine.search([("id", "in", mine.ids)]), user.login)
            with self.assertRaises(AccessError):
                mine.read(["res_partner_id", "author_id"])
        told = self._as(rows, self.deputy)
        self.assertTrue(told.search([("id", "in", told.ids)]))


@tagged("nka_leads")
class TestInvitationPage(SideRowsCase, HttpCase):
    """The page behind an invitation link shows the time, but not the subject."""

    def _page(self, token, number, route="view"):
        url = f"/calendar/meeting/{route}?token={token}&id={number}"
        return self.url_open(url)

    def test_page_shows_no_details(self):
        self.authenticate(None, None)
        for route in ("view", "accept", "decline"):
            answer = self._page(self.seat.access_token, self.meeting.id, route)
            self.assertEqual(answer.status_code, 200)
            self.assertNotIn(SECRET, answer.text.replace("quagga", ""))
            self.assertNotIn("Carl", answer.text)
            self.assertIn("Anna Berg", answer.text)
        self.assertEqual(self.seat.state, "declined")

    def test_meeting_without_a_deal(self):
        talk = self._new_meeting(
            self.engineer, 5, name=f"{SECRET} visit", location=f"{SECRET} plant"
        )
        seat = talk.attendee_ids.filtered(lambda row: row.partner_id == self.engineer)
        self.env.flush_all()
        self.authenticate(None, None)
        answer = self._page(seat.access_token, talk.id)
        self.assertNotIn(SECRET, answer.text)
        self.assertIn("Carl Dahl", answer.text)

    def test_other_pages_are_unaffected(self):
        self.lunch.partner_ids += self.employee_user.partner_id
        self.lunch.location = "Canteen"
        seat = self.lunch.attendee_ids[-1:]
        self.env.flush_all()
        self.authenticate(None, None)
        answer = self._page(seat.access_token, self.lunch.id)
        self.assertIn("Lunch", answer.text)
        self.assertIn("Canteen", answer.text)
        self.assertIn(self.colleague.name, answer.text)

    def test_routes_of_the_chatter_are_closed(self):
        self.meeting.message_subscribe(self.director.ids)
        self.meeting.with_user(self.manager).message_post(body=SECRET)
        self.env.flush_all()
        about = {"thread_model": "calendar.event", "thread_id": self.meeting.id}
        wanted = ["activities", "attachments", "contact_fields", "followers"]
        wanted += ["scheduledMessages", "suggestedRecipients"]
        self.authenticate(self.colleague.login, self.colleague.login)
        for route, params in (
            ("/mail/thread/messages", about),
            ("/mail/thread/recipients", about),
            ("/mail/thread/recipients/get_suggested_recipients", about),
            (
                "/mail/data",
                {"fetch_params": [["mail.thread", {**about, "request_list": wanted}]]},
            ),
        ):
            body = {"jsonrpc": "2.0", "method": "call", "params": params}
            answer = self.url_open(route, json=body).text
            for mark in (SECRET, self.director.name, "anna@"):
                self.assertNotIn(mark, answer, route)

    def test_calls_of_a_colleague(self):
        """Through the route that the web client uses."""
        self.authenticate(self.colleague.login, self.colleague.login)
        for method, args in (
            ("search_read", [[("event_id", "=", self.meeting.id)], ["access_token"]]),
            ("read", [self.seats.ids, ["access_token"]]),
            ("do_decline", [self.seats.ids]),
            ("unlink", [self.seats.ids]),
        ):
            answer = self.url_open(
                f"/web/dataset/call_kw/calendar.attendee/{method}",
                json={
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": "calendar.attendee",
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    },
                },
            )
            self.assertNotIn(self.seat.access_token, answer.text)
            body = answer.json()
            self.assertFalse(body.get("result"), body)
        self.assertEqual(self.seat.state, "needsAction")


@tagged("nka_leads")
class TestNamingDeals(SideRowsCase):
    """Odoo shows the name of a linked record, such as a deal linked to a meeting."""

    def test_meetings_orders_and_leads(self):
        own = self._new_lead(self.other_client, self.salesman)
        for user in (self.colleague, self.salesman):
            lunch = self._new_meeting(self.buyer, 4, user, name="Lunch")
            meetings = self._as(lunch, user)
            orders = self.env["sale.order"].with_user(user)
            for attempt in (
                lambda rows=meetings: rows.write({"opportunity_id": self.lead.id}),
                lambda rows=meetings: rows.create(
                    {
                        "name": "x",
                        "start": fields.Datetime.now(),
                        "stop": fields.Datetime.now(),
                        "opportunity_id": self.lead.id,
                    }
                ),
                lambda rows=meetings: rows.onchange(
                    {"opportunity_id": self.lead.id},
                    ["opportunity_id"],
                    {"opportunity_id": {"fields": {"display_name": {}}}},
                ),
                lambda rows=orders: rows.create(
                    {
                        "partner_id": self.other_client.id,
                        "opportunity_id": self.lead.id,
                    }
                ),
                lambda rows=orders: rows.with_context(
                    default_opportunity_id=self.lead.id
                ).create({"partner_id": self.other_client.id}),
                lambda rows=orders: rows.with_context(
                    default_opportunity_id=self.lead.id
                ).default_get(["opportunity_id"]),
            ):
                with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                    attempt()
                self.assertNotIn(SECRET, str(refused.exception))
        with self.refused(AccessError):
            own.with_user(self.salesman).write(
                {"qualification_id": self.account.qualification_ids[:1].id}
            )

    def test_every_link_to_a_deal_is_checked(self):
        """Checks the registry: models that link to a deal check access to it."""
        asking = type(self.env["nka.known.mixin"])._name
        unasked = [
            f"{name}.{fname}"
            for name, model in self.env.registry.items()
            for fname, field in model._fields.items()
            if field.type == "many2one"
            and field.comodel_name == "crm.lead"
            and not (model._abstract or field.related or field.compute)
            and model._auto
            and asking not in {getattr(part, "_name", "") for part in model.__mro__}
            and self.env[name].with_user(self.salesman).has_access("create")
        ]
        self.assertFalse(unasked)

    def test_wizards_of_deals(self):
        for model in ("crm.quotation.partner", "crm.lead2opportunity.partner"):
            windows = self.env[model].with_user(self.colleague)
            known = {"action": "nothing"} if model == "crm.quotation.partner" else {}
            spec = {"lead_id": {"fields": {"display_name": {}}}}
            for attempt in (
                lambda rows=windows, known=known: rows.create(
                    {**known, "lead_id": self.lead.id}
                ),
                lambda rows=windows, spec=spec: rows.onchange(
                    {"lead_id": self.lead.id}, ["lead_id"], spec
                ),
                lambda rows=windows, spec=spec: rows.with_context(
                    active_id=self.lead.id,
                    active_ids=self.lead.ids,
                    active_model="crm.lead",
                    default_lead_id=self.lead.id,
                ).onchange({}, [], spec),
            ):
                with self.assertRaises(UserError) as refused, self.cr.savepoint():
                    attempt()
                self.assertNotIn(SECRET, str(refused.exception))

    def test_other_deals_can_be_linked_as_before(self):
        """Deals of other clients can be linked by users who can't read them."""
        other = self._new_lead(self.other_client, self.salesman)
        seller = new_test_user(self.env, "nka_seller", "sales_team.group_sale_salesman")
        self.assertFalse(other.with_user(seller).has_access("read"))
        lunch = self._new_meeting(self.buyer, 4, seller, name="Lunch")
        self._as(lunch, seller).write({"opportunity_id": other.id})
        self.assertEqual(lunch.opportunity_id, other)

    def test_an_existing_link_can_be_saved_again(self):
        """A form sends all its values, including a deal the user can no longer read."""
        deal = self._new_lead(self.client, self.salesman)
        lunch = self._new_meeting(self.buyer, 4, self.salesman, name="Lunch")
        lunch.opportunity_id = deal
        deal.user_id = self.manager
        self.env.flush_all()
        mine = self._as(lunch, self.salesman)
        self.assertFalse(deal.with_user(self.salesman).has_access("read"))
        mine.onchange(
            {"opportunity_id": deal.id, "name": "Dinner"}, ["name"], {"name": {}}
        )
        mine.write({"opportunity_id": deal.id, "name": "Dinner"})
        self.assertEqual(lunch.name, "Dinner")
