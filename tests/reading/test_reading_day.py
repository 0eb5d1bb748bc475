"""Day totals of reading: added up at night, never changed, kept only after a notice."""

import random
from datetime import timedelta
from statistics import median

from freezegun import freeze_time

from odoo import fields
from odoo.addons.nka_key_accounts.models.reading.nka_reading_day import COLUMNS
from odoo.addons.nka_key_accounts.models.reading.res_company import Policy
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import NOTICE, ReadingDayCase


@tagged("nka_reading")
class TestTotals(ReadingDayCase):
    def _keep(self):
        self.env["nka.reading.day"]._cron_keep()
        self.env.invalidate_all()

    def _days_of(self, user):
        return self.env["nka.reading.day"].search([("user_id", "=", user.id)])

    def test_reads_of_past_days_are_added_up_by_kind(self):
        yesterday = self.now - timedelta(days=1)
        for number, kind in enumerate(COLUMNS, 1):
            self._reads(self.manager, number, yesterday, kind)
            self._reads(self.manager, 10 * number, yesterday, kind)
        self._reads(self.manager, 500)
        self._reads(self.colleague, 3, yesterday)
        self._keep()
        [row] = self._days_of(self.manager)
        self.assertEqual(row.day, yesterday)
        self.assertEqual(
            [row[name] for name in COLUMNS.values()], [11, 22, 33, 44, 55, 66, 77]
        )
        self.assertEqual((row.read_count, row.taken_count), (165, 143))
        self.assertEqual(self._days_of(self.colleague).read_count, 3)
        self._keep()
        self.assertEqual(self._days_of(self.manager), row)

    def test_kinds_are_told_apart(self):
        """Accounts, contacts, documents and files that a person reads."""
        document = self.env["nka.document"].create(
            {
                "title": "Offer",
                "key_account_id": self.account.id,
                "type_id": self.env["nka.document.type"].search([], limit=1).id,
            }
        )
        file = self.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"a",
                "res_model": "nka.key.account",
                "res_id": self.account.id,
            }
        )
        for kind, record in (
            ("account", self.account),
            ("account", self.lead),
            ("contact", self.client),
            ("document", document),
            ("file", file),
        ):
            with self.subTest(kind=kind, model=record._name):
                before = self._by_kind(self.manager)
                self._call(
                    self.manager, record._name, "read", record.ids, ["display_name"]
                )
                after = self._by_kind(self.manager)
                self.assertEqual(after.pop(kind), before.pop(kind, 0) + 1)
                self.assertEqual(after, before)
        below = {"child_ids": {"fields": {"name": {}}}}
        self.env["res.partner"].create({"name": "Ann", "parent_id": self.client.id})
        before = self._by_kind(self.manager)
        self._call(
            self.manager,
            "nka.key.account",
            "web_read",
            self.account.ids,
            {"partner_id": {"fields": below}},
        )
        after = self._by_kind(self.manager)
        self.assertEqual(after["account"] - before["account"], 1)
        self.assertEqual(after["contact"] - before["contact"], 1)

    def _by_kind(self, user):
        self.env.cr.execute(
            "SELECT kind, SUM(count) FROM nka_reading WHERE user_id = %s GROUP BY kind",
            [user.id],
        )
        return dict(self.env.cr.fetchall())

    def test_exports_prints_and_emails_with_files_count(self):
        self._call(
            self.supervisor, "res.partner", "export_data", self.client.ids, ["name"]
        )
        self.assertEqual(self._by_kind(self.supervisor).get("export"), 1)
        self.env["ir.actions.report"].with_user(self.manager)._count_printing(
            "nka_key_accounts.report_picture", self.account.ids
        ) if self.env.ref("nka_key_accounts.report_picture", False) else None
        outside = {"email_to": "x@else.test", "subject": "S", "body_html": "B"}
        file = {"attachment_ids": [(0, 0, {"name": "a.txt", "raw": b"a"})]}
        inside = {
            "subject": "S",
            "recipient_ids": [(6, 0, self.supervisor.partner_id.ids)],
        }
        for vals, number in (
            (outside, None),
            ({**inside, **file}, None),
            ({**outside, **file}, 1),
            ({"recipient_ids": [(6, 0, self.client.ids)], **file}, 2),
        ):
            self.env["mail.mail"].with_user(self.manager).sudo().create(vals)
            self.assertEqual(self._by_kind(self.manager).get("mail"), number)

    def test_exports_dont_use_up_the_hourly_limit(self):
        self.company.nka_read_limit = 3
        self._reads(self.supervisor, 100, kind="export")
        self._call(self.supervisor, "res.partner", "read", self.client.ids, ["name"])
        self._call(
            self.supervisor, "res.partner", "export_data", self.client.ids, ["name"]
        )

    def test_nothing_is_kept_before_staff_were_informed(self):
        yesterday = self.now - timedelta(days=1)
        self._reads(self.manager, 5, yesterday)
        self._reads(self.manager, 7, self.now - timedelta(days=3))
        self.company.nka_reading_kept = False
        self._keep()
        self.assertFalse(self._days_of(self.manager))
        self._switch_on(nka_reading_informed_on=yesterday)
        self._keep()
        self.assertEqual(self._days_of(self.manager).mapped("day"), [yesterday])

    def test_the_notice_needs_a_day_and_a_text(self):
        self.company.nka_reading_kept = False
        for vals in (
            {"nka_reading_informed_on": False},
            {"nka_reading_informed_on": self.now + timedelta(days=2)},
            {"nka_reading_notice": False},
            {"nka_reading_notice": "Told everybody."},
        ):
            with self.subTest(vals), self.refused(ValidationError, "were informed"):
                self._switch_on(**vals)
        before = self._events(self.company, "setting")
        self._switch_on(nka_reading_informed_on=self.now)
        events = self._events(self.company, "setting") - before
        self.assertIn("Keep day totals of reading", events.mapped("note"))
        self.assertEqual(self.company.nka_reading_notice, NOTICE)

    def test_senseless_settings_are_refused(self):
        for vals in (
            {"nka_reading_days": 34},
            {"nka_reading_weeks": 60},
            {"nka_reading_weeks": 0},
            {"nka_reading_min_days": 0},
            {"nka_reading_floor": 0},
            {"nka_reading_told": -1},
            {"nka_reading_told": 5, "nka_reading_stopped": 4},
        ):
            with self.subTest(vals), self.refused(ValidationError):
                self.company.write(vals)

    def test_rows_are_never_changed(self):
        self._habit(self.manager, 10, days=(1, 399))
        row = self._days_of(self.manager)[:1]
        for user in (self.manager, self.supervisor, self.kam_admin, self.env.user):
            rows = row.with_user(user)
            for change in (
                lambda rows=rows: rows.write({"read_count": 0}),
                lambda rows=rows: rows.sudo().write({"read_count": 0}),
                lambda rows=rows: rows.unlink(),
                lambda rows=rows: rows.sudo().unlink(),
                lambda rows=rows: rows.create({"user_id": self.manager.id}),
                lambda rows=rows: rows.sudo().copy(),
                lambda rows=rows: rows.load(["day"], [["2026-01-01"]]),
            ):
                with self.refused(AccessError):
                    change()
        self.refused_by_database("UPDATE nka_reading_day SET read_count = 0")
        self.refused_by_database("DELETE FROM nka_reading_day")
        self._reads(self.manager, 5)
        self.refused_by_database("UPDATE nka_reading SET count = 0")
        self.refused_by_database("DELETE FROM nka_reading")

    def test_the_job_deletes_what_may_be_forgotten(self):
        self._habit(self.manager, 10, days=(1, 399, 402))
        self._keep()
        self.assertEqual(len(self._days_of(self.manager)), 2)
        self.company.nka_reading_days = 100
        self._keep()
        self.assertEqual(len(self._days_of(self.manager)), 1)

    def test_people_see_their_own_and_supervisors_those_of_their_people(self):
        self.account.supervisor_id = self.supervisor
        director = self._new_user("nka_boss", "group_key_account_director")
        self._key_account(self.other_client, self.colleague)
        self.env["nka.key.account"].search(
            [("manager_id", "=", self.colleague.id)]
        ).supervisor_id = self.supervisor_2
        for user in (self.manager, self.colleague, self.supervisor):
            self._habit(user, 5, days=[1])
        for user, seen in (
            (self.manager, self.manager),
            (self.colleague, self.colleague),
            (self.supervisor, self.manager | self.supervisor),
            (self.kam_admin, self.env["res.users"]),
            (self.officer, self.env["res.users"]),
            (director, self.manager | self.colleague | self.supervisor),
        ):
            with self.subTest(user.login):
                people = self.manager | self.colleague | self.supervisor
                rows = self.env["nka.reading.day"].with_user(user)
                found = rows.search([("user_id", "in", people.ids)])
                self.assertEqual(found.sudo().user_id, seen)
        for user in (self.salesman, self.employee_user):
            with self.refused(AccessError):
                self.env["nka.reading.day"].with_user(user).search([])


@tagged("nka_reading")
class TestBaseline(ReadingDayCase):
    POLICY = Policy(12, 4, 30, 3, 10)

    def test_baseline_equals_a_slow_one(self):
        """Random habits, compared with medians in plain Python."""
        chance = random.Random(19)
        people = self.manager | self.colleague | self.supervisor | self.supervisor_2
        habits = {}
        for user, share in zip(people, (0.9, 0.5, 0.1, 0.02), strict=True):
            for back in range(1, 120):
                if chance.random() < share:
                    number = chance.randrange(300)
                    habits[user.id, back] = number
                    self._habit(user, number, days=[back])
        for shift in range(7):
            day = self.now - timedelta(days=shift)
            found = self.env["nka.reading.day"]._baselines(people, day, self.POLICY)
            for user in people:
                expected = self._slow(habits, user, shift)
                self.assertEqual(found[user.id]["read_count"], expected)

    def _slow(self, habits, user, shift):
        past = {
            back: number
            for (user_id, back), number in habits.items()
            if user_id == user.id and shift < back <= shift + 84
        }
        same = [n for back, n in past.items() if (back - shift) % 7 == 0]
        kept = [
            number
            for (user_id, back), number in habits.items()
            if user_id == user.id and back > shift
        ]
        for numbers in (same, list(past.values()), kept):
            if len(numbers) >= 4:
                return median(numbers)
        return None

    def test_a_row_keeps_the_baseline_of_its_day(self):
        self._habit(self.manager, 20, days=range(2, 60))
        self._reads(self.manager, 90, self.now - timedelta(days=1))
        self.env["nka.reading.day"]._keep()
        row = self.env["nka.reading.day"].search(
            [("user_id", "=", self.manager.id)], limit=1
        )
        self.assertEqual((row.baseline, row.ratio), (20, 3))  # 90 / smallest 30

    def test_many_people_cost_one_query(self):
        people = self.manager | self.colleague | self.supervisor
        for users in (self.manager, people):
            with self.assertQueryCount(1):
                self.env["nka.reading.day"]._baselines(users, self.now, self.POLICY)


@tagged("nka_reading")
class TestDays(ReadingDayCase):
    def test_the_day_is_that_of_the_company(self):
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        with freeze_time("2026-11-30 20:00:00"):
            self._read_more(self.manager, 1)
        self.env.cr.execute(
            "SELECT day FROM nka_reading WHERE user_id = %s", [self.manager.id]
        )
        self.assertEqual(self.env.cr.fetchall(), [(fields.Date.to_date("2026-12-01"),)])
