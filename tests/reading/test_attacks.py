"""A manager tries to hide what they read, or to keep others from noticing it."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.control import nka_reading
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..proof.common import ProofCase
from .common import ReadingDayCase


@tagged("nka_reading")
class TestHiding(ReadingDayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.supervisor_id = cls.supervisor
        cls.west = cls.env["res.company"].create({"name": "West", "nka_read_limit": 0})
        cls.west.resource_calendar_id.tz = "Pacific/Honolulu"
        cls.company.resource_calendar_id.tz = "Europe/Berlin"
        cls.manager.company_ids += cls.west

    def test_the_person_doesnt_choose_their_company(self):
        """Own company, day and supervisors stay those of the employee's company."""
        self._habit(self.manager, 10)
        employee = self.env["hr.employee"].create(
            {"name": "Em", "user_id": self.manager.id, "company_id": self.company.id}
        )
        self.manager.with_user(self.manager).write({"company_id": self.west.id})
        self.assertEqual(self.manager._nka_home_company(), self.company)
        superior = self._new_user("nka_boss", "group_key_account_supervisor")
        employee.parent_id = self.env["hr.employee"].create(
            {"name": "Boss", "user_id": superior.id, "company_id": self.company.id}
        )
        chosen = {"allowed_company_ids": self.west.ids}
        self.env(user=self.manager.id, su=False, context=chosen)["nka.reading"]._count(
            100
        )
        [alert] = self._alerts(self.manager)
        self.assertEqual(alert.company_id, self.company)
        self.assertEqual(alert.supervisor_ids, self.supervisor | superior)
        employee.company_id = self.west
        self.env.invalidate_all()
        self.assertEqual(self.manager._nka_home_company(), self.west)

    def test_another_time_zone_hides_no_reads(self):
        """Reads after midnight aren't stamped with a day that is added up already."""
        self.manager.with_user(self.manager).write({"company_id": self.west.id})
        with freeze_time("2026-11-30 06:00:00"):
            self._read_more(self.manager, 7)
            self.env.cr.execute(
                "SELECT day FROM nka_reading WHERE user_id = %s", [self.manager.id]
            )
            self.assertEqual(str(self.env.cr.fetchone()[0]), "2026-11-30")

    def test_a_day_is_added_up_some_time_after_midnight(self):
        days = self.env["nka.reading.day"]
        for moment, first_open in (
            ("2026-11-29 22:59:00", "2026-11-29"),
            ("2026-11-30 00:59:00", "2026-11-29"),
            ("2026-11-30 01:01:00", "2026-11-30"),
        ):
            with freeze_time(moment):
                self.assertEqual(str(days._over_before(self.company)), first_open)

    def test_supervisors_in_all_companies_are_told(self):
        """A supervisor without access to the home company is told, and can review."""
        self.supervisor.write(
            {"company_ids": self.west.ids, "company_id": self.west.id}
        )
        self._habit(self.manager, 10)
        self._read_more(self.manager, 100)
        alert = self._alerts(self.manager)
        self.assertEqual(alert.supervisor_ids, self.supervisor)
        self._call(
            self.supervisor,
            "nka.reading.alert",
            "web_read",
            alert.ids,
            {"user_id": {"fields": {"display_name": {}}}, "company_id": {}},
        )
        alert.with_user(self.supervisor).action_review(reason="A tender")
        self.assertEqual(alert.state, "reviewed")

    def test_the_person_cant_delete_the_activity(self):
        """Whoever creates an activity may delete it: the system creates this one."""
        self._habit(self.manager, 10)
        self._read_more(self.manager, 100)
        activity = self._alerts(self.manager).activity_ids
        self.assertNotEqual(activity.create_uid, self.manager)
        self.assertEqual(activity.user_id, self.supervisor)
        for change in ("unlink", "action_done", "action_feedback"):
            with self.refused(AccessError):
                self._call(self.manager, "mail.activity", change, activity.ids)
        with self.refused(AccessError):
            self._call(
                self.manager,
                "mail.activity",
                "write",
                activity.ids,
                {"user_id": self.manager.id},
            )

    def test_after_a_stop_small_reads_are_stopped_as_well(self):
        self._habit(self.manager, 50)
        self._reads(self.manager, 490)
        readings = self.env(user=self.manager.id)["nka.reading"]
        _policy, today = readings._stand({"account": 1})
        readings.env["nka.reading.alert"]._tell(
            readings._prepare_alert("stopped", today)
        )
        with self.refused(AccessError, "ask one of them.*: nka_super"):
            self._read_more(self.manager, 1)
        self.company.nka_reading_stopped = 0
        self._read_more(self.manager, 1)

    def test_a_repeated_request_counts_each_record_once(self):
        """What a request counted on the replica isn't counted again, nor more."""
        readings = self.env(user=self.manager.id)["nka.reading"]
        first = Counter(account=1)

        class Request:
            session = None

        fake = Request()
        fake.nka_counted = first
        with patch.object(nka_reading, "request", fake):
            numbers = [readings._without_counted({"account": n}) for n in (10, 5)]
        self.assertEqual(numbers, [{"account": 9}, {"account": 5}])

    def test_copies_to_outsiders_count_as_sent(self):
        file = {"attachment_ids": [Command.create({"name": "a.txt", "raw": b"a"})]}
        mails = self.env["mail.mail"].with_user(self.manager).sudo()
        mails.create({"email_cc": "x@else.test", "subject": "S", **file})
        self.env.cr.execute(
            "SELECT count FROM nka_reading WHERE user_id = %s AND kind = 'mail'",
            [self.manager.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(1,)])

    def test_several_cards_count_as_exported(self):
        self.client._export_cards()
        self.client.with_user(self.supervisor)._export_cards()
        self.env.cr.execute(
            "SELECT kind, count FROM nka_reading WHERE user_id = %s",
            [self.supervisor.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [("export", 1)])

    def test_conversations_and_attendees_count(self):
        for _ in range(2):
            self.account.message_post(body="What they said")
        messages = self.account.message_ids.filtered("body")
        meeting = self.env["calendar.event"].create(
            {
                "name": "M",
                "user_id": self.manager.id,
                "partner_ids": [
                    Command.set((self.client + self.manager.partner_id).ids)
                ],
            }
        )
        attendees = meeting.attendee_ids
        body, email = {"body": {}}, {"email": {}}
        for model, method, args, number in (
            ("mail.message", "read", (messages.ids, ["body"]), 1),
            (
                "mail.message",
                "web_search_read",
                ([("id", "in", messages.ids)], body),
                1,
            ),
            ("calendar.attendee", "web_read", (attendees.ids, email), 1),
            (
                "res.partner",
                "get_attendee_detail",
                (attendees.partner_id.ids, meeting.ids),
                1,
            ),
        ):
            with self.subTest(model=model, method=method):
                before = self._read_by(self.manager)
                self._call(self.manager, model, method, *args)
                self.assertEqual(self._read_by(self.manager) - before, number)


@tagged("nka_reading")
class TestNotice(ReadingDayCase):
    def test_the_notice_is_shown_before_there_are_totals(self):
        self.company.nka_reading_notice = (
            "<b>We count</b> what each of us reads, by day."
        )
        for user in (self.manager, self.supervisor, self.officer):
            action = self._call(user, "nka.reading.day", "action_open_days")
            self.assertIn("&lt;b&gt;We count&lt;/b&gt;", action["help"])
            self.assertEqual(action["path"], "key-account-reading-days")
        self.company.nka_reading_kept = False
        action = self._call(self.manager, "nka.reading.day", "action_open_days")
        self.assertNotIn("We count", action["help"])

    def test_only_administrators_switch(self):
        settings = self.env["nka.settings"]
        for user in (self.manager, self.supervisor, self.officer):
            with self.refused(AccessError):
                self.company.with_user(user).write({"nka_reading_kept": False})
            with self.refused(AccessError):
                settings.with_user(user).create({}).action_save()
        self.assertTrue(self.company.nka_reading_kept)


@tagged("nka_reading")
class TestVerified(ReadingDayCase):
    """The verification finds alerts changed, added or deleted outside the program."""

    _verify = ProofCase._verify
    _assert_told = ProofCase._assert_told
    _assert_whole = ProofCase._assert_whole
    _undone = ProofCase._undone

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.verifications = cls.env["nka.audit.verification"]
        cls._habit(cls.manager, 10)
        cls.env(user=cls.manager.id, su=False)["nka.reading"]._count(100)
        cls.alert = cls.env["nka.reading.alert"].search([])

    def _tamper(self, change, *params):
        self.env.flush_all()
        self.cr.execute("ALTER TABLE nka_reading_alert DISABLE TRIGGER USER")
        self.cr.execute(change, params or None)
        self.cr.execute(
            "ALTER TABLE nka_reading_alert ENABLE ALWAYS TRIGGER nka_reading_alert_frozen"
        )
        self.env.invalidate_all()

    @mute_logger("odoo.addons.nka_key_accounts.models.proof.nka_audit_verification")
    def test_alerts_match_the_trail(self):
        self._assert_whole()
        self.alert.with_user(self.supervisor).action_review(reason="A tender")
        self._assert_whole()
        for change, told in (
            ("UPDATE nka_reading_alert SET read_count = 1", "figures of the alert"),
            ("DELETE FROM nka_reading_alert", "no longer exists"),
            (
                """INSERT INTO nka_reading_alert (user_id, company_id, day, level, state)
                   SELECT user_id, company_id, day, 'stopped', 'open'
                     FROM nka_reading_alert""",
                "no event in the audit trail",
            ),
            ("UPDATE nka_reading_alert SET state = 'open'", "audit trail says"),
        ):
            with self.subTest(told), self._undone():
                self._tamper(change)
                self._assert_told(told)

    def test_retention_is_no_finding(self):
        self.alert.with_user(self.supervisor).action_review(reason="A tender")
        self._tamper(
            "UPDATE nka_reading_alert SET day = %s", self.now - timedelta(days=401)
        )
        self.env["nka.reading.day"]._cron_keep()
        self.assertFalse(self.alert.exists())
        self._assert_whole()
