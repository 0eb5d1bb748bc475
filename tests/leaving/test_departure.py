"""Opening of departures, handovers drafted, introductions, limits, end of access."""

from datetime import datetime, time

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import LeavingCase


class TestDeparture(LeavingCase):
    def _todo(self, departure, kind):
        kind = self.env.ref(f"nka_key_accounts.mail_activity_type_{kind}")
        return departure.sudo().activity_ids.filtered(
            lambda row: row.activity_type_id == kind
        )

    # ------------------------------------------------------------ opening
    def test_supervisor_opens_and_drafts_are_made(self):
        self.account.deputy_id = self.colleague
        departure = self._depart()
        self.assertEqual(departure.state, "open")
        self.assertEqual(departure.source, "supervisor")
        self.assertEqual(departure.supervisor_ids, self.supervisor)
        handover = departure.sudo().handover_ids
        self.assertEqual(handover.to_user_id, self.colleague)
        self.assertEqual(handover.key_account_ids, self.account)
        self.assertEqual(handover.state, "draft")
        self.assertEqual(handover.date, departure.date + self._days(1))
        self.assertFalse(departure.account_count)
        todo = self._todo(departure, "departure")
        self.assertEqual(todo.user_id, self.supervisor)

    def test_without_anybody_to_take_over_it_says_so(self):
        departure = self._depart()
        self.assertFalse(departure.handover_ids)
        self.assertEqual(departure.account_count, 1)
        with self.refused(UserError, "Choose a successor"):
            departure.action_draft_handovers()
        departure.successor_id = self.colleague
        departure.action_draft_handovers()
        self.assertEqual(departure.handover_ids.to_user_id, self.colleague)
        self.assertFalse(departure.account_count)
        told = departure.message_partner_ids | departure.message_ids.partner_ids
        self.assertNotIn(self.colleague.partner_id, told)

    def test_who_knows_the_client_best_is_proposed(self):
        self.cr.execute(
            """INSERT INTO nka_dependency (key_account_id, company_id, user_id, month,
                                           share, is_current)
               VALUES (%s, %s, %s, %s, 40, TRUE)""",
            [self.account.id, self.company.id, self.colleague.id, self.today],
        )
        departure = self._depart()
        self.assertEqual(departure.handover_ids.to_user_id, self.colleague)

    def test_handover_in_progress_belongs_to_it(self):
        handover = self.env["nka.handover"].create(
            {
                "from_user_id": self.manager.id,
                "to_user_id": self.colleague.id,
                "key_account_ids": [Command.set(self.account.ids)],
                "reason": "Leaves",
                "date": self.today + self._days(5),
            }
        )
        handover.with_user(self.manager).sudo().action_submit()
        departure = self._depart()
        self.assertEqual(departure.handover_ids, handover)
        self.assertFalse(departure.account_count)

    def test_leaver_sees_drafts_only_once_submitted(self):
        self.account.deputy_id = self.colleague
        handover = self._depart().sudo().handover_ids
        both = (self.manager | self.colleague).partner_id
        self.assertFalse(both & handover.message_partner_ids)
        self.assertFalse(both & handover.message_ids.notified_partner_ids)
        handovers = self.env["nka.handover"].with_user(self.manager)
        self.assertFalse(handovers.search([("id", "=", handover.id)]))
        other = self.env["nka.handover"].with_user(self.supervisor_2)
        self.assertFalse(other.search([("id", "=", handover.id)]))
        handover.with_user(self.supervisor).action_submit()
        self.assertTrue(handovers.search([("id", "=", handover.id)]))
        handover.with_user(self.supervisor_2).action_approve()
        self.assertEqual(handover.state, "approved")

    def test_person_announces_and_never_sees_it(self):
        departure = self._announce(self.manager, note="A new job")
        self.assertEqual(departure.source, "person")
        own = self.env["nka.departure"].with_user(self.manager)
        with self.refused(AccessError):
            own.search([])
        self.assertNotIn(self.manager.partner_id, departure.message_partner_ids)
        with self.refused(UserError, "known already"):
            self._announce(self.manager)
        departure = self._announce(self.supervisor)
        self.assertEqual(departure.supervisor_ids, self.supervisor_2)
        own = self.env["nka.departure"].with_user(self.supervisor)
        self.assertNotIn(departure, own.search([]))
        with self.refused(AccessError):
            departure.with_user(self.supervisor).read(["date"])
        with self.refused(AccessError):
            departure.with_user(self.supervisor).action_cancel(reason="I stay")

    def test_departure_date_of_hr_opens_it(self):
        self.employee.departure_date = self.today + self._days(30)
        departure = self.env["nka.departure"].search([])
        self.assertEqual(departure.source, "hr")
        self.assertEqual(departure.date, self.today + self._days(30))
        self.employee.departure_date = self.today + self._days(40)
        self.assertEqual(departure.date, self.today + self._days(40))
        events = self._events(departure, "departure")
        self.assertEqual(events.new, str(departure.date))
        self.assertEqual(len(self.env["nka.departure"].search([])), 1)

    def test_end_of_contract_opens_it_in_time(self):
        self.employee.version_id.write(
            {
                "contract_date_start": self.today - self._days(300),
                "contract_date_end": self.today + self._days(70),
            }
        )
        departures = self.env["nka.departure"]
        self.assertFalse(departures.search([]))
        with freeze_time(self.today + self._days(11)):
            departures._cron_follow()
        departure = departures.search([])
        self.assertEqual(departure.source, "contract")
        self.assertEqual(departure.date, self.today + self._days(70))

    def test_employees_without_role_have_no_departure(self):
        employee = self.env["hr.employee"].create(
            {"name": "Clerk", "user_id": self.employee_user.id}
        )
        employee.departure_date = self.today
        self.assertFalse(self.env["nka.departure"].search([]))
        with self.refused(UserError, "no role"):
            self._depart(self.kam_admin, employee)

    def test_cancelled_departure_leaves_nothing_behind(self):
        self.account.deputy_id = self.colleague
        departure = self._depart()
        departure.action_cancel(reason="They stay")
        self.assertEqual(departure.state, "cancelled")
        self.assertEqual(departure.sudo().handover_ids.state, "cancelled")
        self.assertFalse(departure.sudo()._restrictions())
        self.assertFalse(departure.activity_ids)
        self.assertEqual(self._events(departure, "state")[-1].note, "They stay")
        self.assertTrue(self._depart())

    # ------------------------------------------------------------ roles
    def test_who_reads_what(self):
        departure = self._depart()
        for user in (self.supervisor, self.kam_admin):
            found = departure.with_user(user)
            self.assertTrue(found.read(["date", "figure_ids", "unusual_count"]))
            self.assertTrue(found.figure_ids.read(["total"]))
        for user in (self.supervisor_2, self.colleague, self.officer, self.manager):
            with self.subTest(user=user.login), self.refused(AccessError):
                departure.with_user(user).read(["date"])

    def test_director_reads_the_list_without_look_back(self):
        departure = self._depart().with_user(self.director)
        self.assertTrue(departure.read(["employee_id", "date", "state"]))
        for name in ("figure_ids", "unusual_count", "dossier_ids", "pay_note"):
            with self.subTest(field=name), self.refused(AccessError):
                departure.read([name])
        for model in ("figure", "dossier", "introduction"):
            with self.refused(AccessError):
                self.env[f"nka.departure.{model}"].with_user(self.director).search([])
        with self.refused(AccessError):
            departure.write({"date": self.today})
        with self.refused(AccessError):
            departure.action_seal_dossier(reason="For me")
        with self.refused(AccessError):
            departure.action_open_events()

    def test_hostile_writes_are_refused(self):
        departure = self._depart()
        for vals in (
            {"state": "cancelled"},
            {"user_id": self.colleague.id},
            {"supervisor_ids": [Command.link(self.supervisor_2.id)]},
            {"source": "person"},
            {"left_on": self.today},
        ):
            with self.subTest(vals=vals), self.refused(AccessError):
                departure.write(vals)
        with self.refused(AccessError):
            departure.sudo().figure_ids.with_user(self.supervisor).write({"total": 1})
        with self.refused((AccessError, UserError)):
            departure.unlink()
        with self.refused(AccessError):
            self._depart(self.manager)
        with self.refused(AccessError):
            self._depart(self.colleague)
        with self.refused(AccessError, "I am leaving"):
            self._depart(self.supervisor, self.employees[2])
        with self.refused(AccessError, "supervised by others"):
            self._depart(self.supervisor_2)

    def test_event_details_stay_with_readers_of_the_departure(self):
        departure = self._depart()
        events = self.env["nka.audit.event"]
        about = [("res_model", "=", "nka.departure")]
        self.assertTrue(events.with_user(self.supervisor).search(about))
        self.assertFalse(events.with_user(self.supervisor_2).search(about))
        self.assertTrue(departure)

    # ------------------------------------------------------------ introductions
    def _meet(self, people, day, by=None):
        start = datetime.combine(day, time(9))
        return (
            self.env["calendar.event"]
            .with_user(by or self.env.user)
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "Visit",
                    "start": start,
                    "stop": start.replace(hour=10),
                    "partner_ids": [Command.set((people | self.boss).ids)],
                }
            )
        )

    def test_only_a_meeting_with_both_counts(self):
        self.account.deputy_id = self.colleague
        departure = self._depart()
        row = departure.introduction_ids
        self.assertEqual(row.user_id, self.colleague)
        self.assertFalse(row.met_on)
        self.assertEqual(departure.introduction_done, "0 / 1")
        both = (self.manager | self.colleague).partner_id
        later = self.today + self._days(3)
        with freeze_time(datetime.combine(later, time(12))):
            self._meet(self.colleague.partner_id, later)
            self._meet(both, self.today - self._days(2))
            self.env.invalidate_all()
            self.assertFalse(departure.introduction_ids.met_on)
            claimed = self._meet(both, later, by=self.manager)
            self.env.invalidate_all()
            self.assertFalse(departure.introduction_ids.met_on)
            seats = claimed.attendee_ids.with_user(self.colleague)
            seats.filtered(
                lambda seat: seat.partner_id == self.colleague.partner_id
            ).do_accept()
            self.env.invalidate_all()
            self.assertEqual(departure.introduction_ids.met_on, later)
            self.assertEqual(departure.introduction_done, "1 / 1")

    # ------------------------------------------------------------ limits
    def test_reading_is_compared_more_strictly_from_that_day(self):
        self._habit(self.manager, 40)
        self._habit(self.colleague, 40)
        for user in (self.manager, self.colleague):
            self._read_more(user, 90)
            self.assertFalse(self._alerts(user))
        self._depart()
        self._read_more(self.manager, 1)
        self._read_more(self.colleague, 1)
        self.assertEqual(self._alerts(self.manager).level, "told")
        self.assertFalse(self._alerts(self.colleague))
        with self.refused(AccessError, "Reading is stopped"):
            self._read_more(self.manager, 90)
        self._read_more(self.colleague, 90)

    def test_prints_are_closed_until_a_supervisor_allows_them(self):
        departure = self._depart()
        self.assertTrue(departure.is_closed)
        readings = self.env(user=self.manager.id, su=False)["nka.reading"]
        with self.refused(AccessError, "closed for you"):
            readings._count(1, "print")
        with self.refused(AccessError, "closed for you"):
            readings._count(1, "export")
        with self.refused(AccessError):
            departure.with_user(self.manager).action_allow_taking(reason="I need it")
        departure.action_allow_taking(reason="A tender")
        self.assertFalse(departure.is_closed)
        readings._count(1, "print")
        departure.action_close_taking(reason="The tender is over")
        with self.refused(AccessError, "closed for you"):
            readings._count(1, "print")
        notes = self._events(departure, "departure").mapped("note")
        self.assertEqual(notes, ["A tender", "The tender is over"])

    def test_exports_of_a_leaving_supervisor_are_closed(self):
        self._depart(self.supervisor_2, self.employees[2])
        self.supervisor.group_ids += self.env.ref("base.group_allow_export")
        env = self.env(user=self.supervisor.id, su=False)
        with self.refused(AccessError, "closed for you"):
            env["nka.key.account"].browse(self.account.id).export_data(["tier_id"])
        with self.refused(AccessError, "closed for you"):
            env["nka.audit.event"].search([], limit=1).export_data(["kind"])

    # ------------------------------------------------------------ end of access
    def test_access_ends_after_the_last_day(self):
        departure = self._depart(date=self.today + self._days(1))
        self.env["nka.departure"]._cron_follow()
        self.assertEqual(departure.state, "open")
        with freeze_time(self.today + self._days(2)):
            self.env["nka.departure"]._cron_follow()
        self.assertEqual(departure.state, "departed")
        self.assertFalse(
            self.manager.has_group("nka_key_accounts.group_key_account_manager")
        )
        self.assertTrue(self.manager.active)
        self.assertIn("manager", self._events(departure, "state")[-1].note.lower())
        left = self._events(departure, "departure")
        self.assertIn("Northwind Steel", left.note)
        todo = self._todo(departure, "archive_login")
        self.assertEqual(todo.user_id, self.kam_admin)
        with self.refused(AccessError):
            departure.action_archive_login()
        departure.with_user(self.kam_admin).action_archive_login()
        self.assertFalse(self.manager.active)
        self.assertNotIn(todo, departure.activity_ids)

    def test_steps_have_owners_and_stay_when_done(self):
        departure = self._depart()
        steps = departure.step_ids.grouped("summary")
        talk = steps[
            "Talk to the person: last day, handover, and what is kept of their reading"
        ]
        self.assertEqual(talk.user_id, self.supervisor)
        self.assertEqual(talk.date_deadline, self.today)
        collect = steps["Collect equipment, keys and access to systems outside of Odoo"]
        self.assertEqual(collect.user_id, self.kam_admin)
        self.assertEqual(collect.date_deadline, departure.date)
        talk.with_user(self.supervisor).action_feedback(feedback="Done")
        self.env.invalidate_all()
        self.assertIn(talk, departure.step_ids)
        self.assertEqual(talk.state, "done")

    def test_deputy_posts_become_vacant(self):
        other = self._key_account(self.other_client, self.colleague)
        other.deputy_id = self.manager
        departure = self._depart(date=self.today)
        with freeze_time(self.today + self._days(1)):
            self.env["nka.departure"]._cron_follow()
        self.assertEqual(departure.state, "departed")
        self.assertFalse(other.deputy_id)
        self.assertTrue(self._events(other, "handover"))
