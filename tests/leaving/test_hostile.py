"""People try to learn of departures, to escape from one, or to decide too much."""

import base64
from contextlib import suppress
from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import LeavingCase


class TestHostile(LeavingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west = cls.env["res.company"].create({"name": "West"})

    # ------------------------------------------------------------ who decides
    def test_a_director_with_a_second_role_decides_nothing_of_others(self):
        departure = self._depart()
        self.supervisor_2.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_director"
        )
        found = departure.with_user(self.supervisor_2)
        self.assertTrue(found.read(["date"]))
        self.assertFalse(found.figure_ids)
        for step in (
            lambda: found.write({"date": self.today}),
            lambda: found.action_cancel(reason="I like them"),
            lambda: found.action_allow_taking(reason="I like them"),
            lambda: found.action_seal_dossier(reason="For me"),
            found.action_look_back,
            found.action_open_events,
            lambda: (
                self.env["ir.actions.report"]
                .with_user(self.supervisor_2)
                ._render_qweb_html("nka_key_accounts.report_departure", departure.ids)
            ),
        ):
            with self.refused(AccessError):
                step()

    def test_an_administrator_of_another_company_opens_none(self):
        other = self._new_user("nka_west", "group_key_account_admin")
        other.write({"company_ids": self.west.ids, "company_id": self.west.id})
        with self.refused(AccessError):
            self._depart(other)

    def test_nobody_archives_who_has_more_rights(self):
        self.manager.group_ids += self.env.ref("base.group_system")
        departure = self._depart(date=self.today)
        with freeze_time(self.today + self._days(1)):
            self.env["nka.departure"]._cron_follow()
        self.assertTrue(self.manager.has_group("base.group_system"))
        with self.refused(AccessError):
            departure.with_user(self.kam_admin).action_archive_login()
        self.assertTrue(self.manager.active)

    # ------------------------------------------------------------ who sees
    def test_after_the_handover_others_dont_see_it(self):
        self.account.deputy_id = self.colleague
        departure = self._depart()
        self.account.sudo()._unlocked().write(
            {"manager_id": self.colleague.id, "deputy_id": False}
        )
        self.env["nka.departure"]._cron_follow()
        self.assertEqual(departure.supervisor_ids, self.supervisor)

    def test_supervisors_of_another_company_see_it(self):
        self.supervisor.write(
            {"company_ids": self.west.ids, "company_id": self.west.id}
        )
        self.employee.departure_date = self.today + self._days(30)
        departure = self.env["nka.departure"].search([])
        self.assertEqual(departure.supervisor_ids, self.supervisor)
        found = departure.with_user(self.supervisor)
        self.assertTrue(found.read(["date", "figure_ids"]))
        self.assertTrue(found.figure_ids.read(["total"]))

    def test_the_person_cant_delete_the_activities(self):
        departure = self._announce(self.manager)
        activities = departure.sudo().activity_ids
        self.assertTrue(activities)
        for activity in activities:
            self.assertNotEqual(activity.create_uid, self.manager)
            for change in ("unlink", "action_done"):
                with self.refused(AccessError):
                    getattr(activity.with_user(self.manager), change)()

    def test_the_person_finds_no_trace(self):
        self.account.deputy_id = self.colleague
        departure = self._depart()
        handover = departure.sudo().handover_ids
        departure.message_post(body="They go")
        for user in (self.manager, self.colleague, self.supervisor_2, self.officer):
            env = self.env(user=user.id, su=False)
            for model, domain in (
                ("mail.message", [("model", "=", "nka.departure")]),
                (
                    "mail.message",
                    [("model", "=", "nka.handover"), ("res_id", "=", handover.id)],
                ),
                ("mail.activity", [("res_model", "=", "nka.departure")]),
                ("mail.followers", [("res_model", "=", "nka.departure")]),
                ("nka.audit.event", [("res_model", "=", "nka.departure")]),
                (
                    "nka.audit.event",
                    [("res_model", "=", "nka.handover"), ("res_id", "=", handover.id)],
                ),
                ("nka.audit.event", [("res_model", "=", "nka.reading.restriction")]),
                ("nka.handover", [("id", "=", handover.id)]),
                ("nka.handover.line", [("handover_id", "=", handover.id)]),
            ):
                with self.subTest(user=user.login, model=model, domain=domain):
                    with suppress(AccessError):
                        self.assertFalse(env[model].search_count(domain))

    def test_own_refusals_name_no_departure(self):
        self._depart()
        env = self.env(user=self.manager.id, su=False)
        with self.refused(AccessError, "closed for you"):
            env["nka.reading"]._count(1, "export")
        if env["nka.audit.event"].has_access("read"):
            own = env["nka.audit.event"].search([("user_id", "=", self.manager.id)])
            self.assertNotIn("nka.reading.restriction", own.mapped("res_model"))

    def test_drafts_dont_show_through_accounts(self):
        self.account.deputy_id = self.colleague
        before = self._seen_of_account(self.manager)
        self._depart()
        self.env.invalidate_all()
        after = self._seen_of_account(self.manager)
        self.assertEqual(
            {k: (v, before[k]) for k, v in after.items() if v != before[k]}, {}
        )

    def _seen_of_account(self, user):
        account = self.account.with_user(user)
        names = [
            name
            for name, field in account._fields.items()
            if field.type not in ("binary",)
            and account._has_field_access(field, "read")
            and name not in ("write_date", "write_uid")
        ]
        return account.read(names)[0]

    def test_an_own_handover_is_no_probe(self):
        self.account.deputy_id = self.colleague
        self._depart()
        own = (
            self.env["nka.handover"]
            .with_user(self.manager)
            .create(
                {
                    "from_user_id": self.manager.id,
                    "to_user_id": self.colleague.id,
                    "key_account_ids": [Command.set(self.account.ids)],
                    "reason": "Leaves",
                    "date": self.today + self._days(5),
                }
            )
        )
        own.action_submit()
        self.assertEqual(own.state, "submitted")

    def test_director_asks_by_domain(self):
        self._depart()
        departures = self.env["nka.departure"].with_user(self.director)
        for domain in (
            [("figure_ids.is_unusual", "=", True)],
            [("figure_ids", "!=", False)],
            [("dossier_ids", "=", False)],
            [("introduction_ids.is_done", "=", True)],
            [("look_to", "!=", False)],
        ):
            with self.subTest(domain=domain), self.refused(AccessError):
                departures.search(domain)
        for step in (
            lambda: departures.search([], order="look_to"),
            lambda: departures._read_group([], ["look_to"]),
        ):
            with self.refused(AccessError):
                step()

    # ------------------------------------------------------------ dossier
    def test_file_of_a_dossier_comes_by_the_recorded_way_only(self):
        departure = self._depart()
        departure.action_seal_dossier(reason="The board")
        dossier = departure.dossier_ids
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", dossier._name),
                ("res_id", "=", dossier.id),
                ("res_field", "=", "file"),
            ]
        )
        for user in (self.supervisor, self.kam_admin):
            mine = dossier.with_user(user)
            for step in (
                lambda mine=mine: mine.read(["file"]),
                lambda mine=mine: mine.web_read({"file": {}}),
                lambda mine=mine: mine.export_data(["file"]),
                lambda user=user: attachment.with_user(user).read(["datas"]),
                lambda user=user: attachment.with_user(user).read(["raw"]),
            ):
                with self.refused(AccessError):
                    step()

    def test_a_preview_has_no_forged_number(self):
        departure = self._depart()
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.supervisor)
            .with_context(nka_dossier_number=7, nka_dossier_purpose="For the court")
            ._render_qweb_html("nka_key_accounts.report_departure", departure.ids)
        )
        self.assertNotIn("For the court", html.decode())

    # ------------------------------------------------------------ days
    def test_another_time_zone_delays_nothing(self):
        self.company.resource_calendar_id.tz = "Europe/Berlin"
        with freeze_time("2026-11-30 12:00:00"):
            notices = (
                self.env["nka.departure.notice"]
                .with_user(self.manager)
                .with_context(tz="Pacific/Kiritimati")
            )
            notices.create({"date": date(2026, 12, 20)}).action_announce()
            departure = self.env["nka.departure"].search([])
            self.assertEqual(str(departure.opened_on), "2026-11-30")
            restriction = departure.sudo()._restrictions()
            self.assertEqual(str(restriction.date_from), "2026-11-30")
            readings = self.env(user=self.manager.id, su=False)["nka.reading"]
            with self.refused(AccessError, "closed for you"):
                readings._count(1, "export")

    def test_access_ends_when_the_last_day_is_over_there(self):
        self.company.resource_calendar_id.tz = "America/Los_Angeles"
        with freeze_time("2026-11-30 12:00:00"):
            departure = self._depart(date=date(2026, 11, 30))
        with freeze_time("2026-12-01 03:00:00"):
            self.env["nka.departure"]._cron_follow()
            self.assertEqual(departure.state, "open")
        with freeze_time("2026-12-01 09:00:00"):
            self.env["nka.departure"]._cron_follow()
            self.assertEqual(departure.state, "departed")

    def test_exports_of_meetings_are_closed_as_well(self):
        self._depart()
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        people = self.client + self.boss + self.manager.partner_id
        meeting = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "user_id": self.manager.id,
                "partner_ids": [Command.set(people.ids)],
            }
        )
        for records, name in (
            (meeting, "name"),
            (meeting.attendee_ids, "email"),
            (self.client, "name"),
            (self.boss, "email"),
            (self.account, "name"),
        ):
            with self.subTest(model=records._name), self.refused(AccessError):
                records.with_user(self.manager).export_data([name])

    def test_days_that_dont_exist_are_refused(self):
        for day in (date(9999, 12, 31), date(1, 1, 1)):
            with self.refused(UserError):
                self._depart(date=day)
            with self.refused(UserError):
                self._announce(self.manager, date=day)

    # ------------------------------------------------------------ companies
    def test_change_of_company_is_no_departure(self):
        self.manager.company_ids += self.west
        self.env["hr.employee"].create(
            {"name": "W", "user_id": self.manager.id, "company_id": self.west.id}
        )
        self.employee.departure_date = self.today
        self.assertFalse(self.env["nka.departure"].search([]))
        with freeze_time(self.today + self._days(1)):
            self.env["nka.departure"]._cron_follow()
        self.assertTrue(
            self.manager.has_group("nka_key_accounts.group_key_account_manager")
        )

    def test_the_person_doesnt_choose_the_company(self):
        self.manager.company_ids += self.west
        self.env["hr.employee"].create(
            {"name": "W", "user_id": self.manager.id, "company_id": self.west.id}
        )
        home = self.manager._nka_home_company()
        other = self.west if home == self.company else self.company
        notices = (
            self.env["nka.departure.notice"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=other.ids)
        )
        notices.create({"date": self.today + self._days(9)}).action_announce()
        departure = self.env["nka.departure"].search([])
        self.assertEqual(departure.company_id, home)

    # ------------------------------------------------------------ successors
    def test_successor_who_leaves_too(self):
        self.account.deputy_id = self.colleague
        first = self._depart()
        self.assertEqual(first.sudo().handover_ids.to_user_id, self.colleague)
        self._depart(self.kam_admin, self.employees[1])
        self.env.invalidate_all()
        self.assertEqual(first.sudo().handover_ids.state, "cancelled")
        self.assertEqual(first.account_count, 1)
        self.assertIn("Northwind Steel", first.account_names)

    def test_accounts_of_a_leaving_supervisor_are_named(self):
        self._depart(self.supervisor_2, self.employees[2], date=self.today)
        with freeze_time(self.today + self._days(1)):
            self.env["nka.departure"]._cron_follow()
        departure = self.env["nka.departure"].search([])
        self.assertEqual(departure.state, "departed")
        notes = self._events(departure, "departure").mapped("note")
        self.assertIn("Northwind Steel", str(notes))

    # ------------------------------------------------------------ nightly job
    def test_job_run_twice_repeats_nothing(self):
        departure = self._depart(date=self.today + self._days(5))
        departures = self.env["nka.departure"]

        def marks():
            self.env.flush_all()
            return (
                self.env["mail.activity"].search_count(
                    [("res_model", "=", "nka.departure")]
                ),
                self.env["mail.mail"].search_count([]),
                self.env["nka.audit.event"].search_count([]),
                self.env["nka.handover"].search_count([]),
            )

        departures._cron_follow()
        before = marks()
        departures._cron_follow()
        self.assertEqual(marks(), before)
        with freeze_time(
            datetime.combine(self.today, datetime.min.time()) + self._days(6)
        ):
            departures._cron_follow()
            after = marks()
            departures._cron_follow()
            self.assertEqual(marks(), after)
        self.assertEqual(departure.state, "departed")

    def test_left_with_accounts_isnt_opened_again(self):
        self.employee.departure_date = self.today
        departure = self.env["nka.departure"].search([])
        with freeze_time(self.today + self._days(1)):
            departure.with_user(self.supervisor).write(
                {"date": self.today - self._days(1)}
            )
            self.env["nka.departure"]._cron_follow()
            self.env["nka.departure"]._cron_follow()
        self.assertEqual(self.env["nka.departure"].search([]), departure)
        self.assertEqual(departure.state, "departed")

    def test_the_note_of_the_person_stays_theirs(self):
        departure = self._announce(self.manager, note="I was promised a raise")
        try:
            departure.with_user(self.supervisor).note = "Nothing"
        except (AccessError, UserError):
            return
        self.assertIn(
            "I was promised a raise",
            str(self._events(departure, "departure").mapped("old")),
        )


@tagged("nka_leaving")
class TestDossierDownload(HttpCase, LeavingCase):
    def test_each_download_is_recorded(self):
        departure = self._depart()
        departure.action_seal_dossier(reason="The board")
        dossier = departure.dossier_ids
        url = dossier.action_download()["url"]
        content = base64.b64decode(dossier.sudo().file)
        for user, count in ((self.supervisor_2, 1), (self.supervisor, 2)):
            with self.subTest(user=user.login):
                self.authenticate(user.login, user.login.ljust(8, "x"))
                answer = self.url_open(url)
                self.assertEqual(answer.content == content, count == 2)
                self.env.invalidate_all()
                events = self._events(departure, "dossier")
                self.assertEqual(len(events), count)
        self.assertEqual(events[-1].user_id, self.supervisor)
