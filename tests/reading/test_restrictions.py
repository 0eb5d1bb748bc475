"""Stricter rules for one person, and what they read beside their own and peers' habit."""

from datetime import timedelta

from odoo.addons.nka_key_accounts.models.reading.nka_reading_day import PEERS
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReadingDayCase


class RestrictionCase(ReadingDayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.supervisor_id = cls.supervisor

    @classmethod
    def _restrict(cls, user, days=0, **options):
        day = cls.now - timedelta(days=days)
        restrictions = cls.env["nka.reading.restriction"]
        return restrictions._restrict(user, day, "They leave in March", **options)


@tagged("nka_reading")
class TestRestriction(RestrictionCase):
    def test_reading_stops_at_a_smaller_multiple(self):
        self._habit(self.manager, 50)
        self._restrict(self.manager, stopped=2, told=1.5)
        self._read_more(self.manager, 76)
        self.assertEqual(self._alerts(self.manager).level, "told")
        self._read_more(self.manager, 24)
        with self.refused(AccessError, "stopped until tomorrow"):
            self._read_more(self.manager, 1)
        self._read_more(self.colleague, 500)

    def test_the_companys_multiple_holds_if_it_is_smaller(self):
        self._habit(self.manager, 50)
        self._restrict(self.manager, stopped=20)
        self._read_more(self.manager, 500)
        with self.refused(AccessError, "stopped until tomorrow"):
            self._read_more(self.manager, 1)

    def test_without_a_baseline_the_smallest_one_counts(self):
        self._restrict(self.manager, stopped=2)
        self._read_more(self.manager, 60)
        with self.refused(AccessError, "stopped until tomorrow"):
            self._read_more(self.manager, 1)

    def test_it_begins_on_its_day_and_can_be_lifted(self):
        self._habit(self.manager, 50)
        self._restrict(self.manager, days=-1, stopped=1)
        self._read_more(self.manager, 60)
        restriction = self._restrict(self.manager, stopped=1)
        with self.refused(AccessError):
            self._read_more(self.manager, 1)
        for user in (self.manager, self.colleague, self.officer, self.kam_admin):
            with self.refused(AccessError):
                self._call(
                    user,
                    "nka.reading.restriction",
                    "action_lift",
                    restriction.ids,
                    reason="Mine",
                )
        wizard = restriction.with_user(self.supervisor).action_lift()
        self.assertEqual(wizard["res_model"], "nka.reason.wizard")
        restriction.with_user(self.supervisor).action_lift(reason="They stay")
        self.assertEqual((restriction.state, restriction.date_to), ("lifted", self.now))
        self._read_more(self.manager, 1)
        with self.refused(UserError, "Lifted"):
            restriction.with_user(self.supervisor).action_lift(reason="Again")
        notes = self._events(restriction, "state").mapped("note")
        self.assertEqual(notes, ["They leave in March", "They stay"])

    def test_exports_and_prints_are_closed_without_totals_too(self):
        self.company.nka_reading_kept = False
        export = ("res.partner", "export_data", self.client.ids, ["name"])
        self._call(self.supervisor_2, *export)
        self._restrict(self.supervisor_2, exports=True)
        with self.refused(AccessError, "Exports and prints .* are closed"):
            self._call(self.supervisor_2, *export)
        with self.refused(AccessError, "are closed"):
            self.client.with_user(self.supervisor_2)._export_cards()
        self._call(self.supervisor, *export)
        self._read_more(self.supervisor_2, 10)
        readings = self.env(user=self.supervisor_2.id)["nka.reading"]
        readings._count(1, "print")
        self._restrict(self.supervisor_2, prints=True)
        with self.refused(AccessError, "are closed"):
            readings._count(1, "print")
        readings._count(1, "mail")

    def test_the_record_that_decided_it_finds_it(self):
        restriction = self._restrict(self.manager, stopped=2, source=self.account)
        found = restriction._of_source(self.account)
        self.assertEqual(found, restriction)
        found._lift("The account is retired")
        self.assertFalse(restriction._of_source(self.account))

    def test_no_one_changes_it(self):
        restriction = self._restrict(self.manager, stopped=2)
        for user in (self.manager, self.supervisor, self.kam_admin):
            for vals in (
                {"stopped": 0},
                {"state": "lifted"},
                {"date_from": "2030-01-01"},
            ):
                with self.refused(AccessError):
                    restriction.with_user(user).write(vals)
                with self.refused(AccessError):
                    restriction.with_user(user).sudo().write(vals)
            with self.refused(AccessError):
                restriction.with_user(user).unlink()
            with self.refused(AccessError):
                self._call(
                    user,
                    "nka.reading.restriction",
                    "create",
                    {
                        "user_id": self.colleague.id,
                        "company_id": self.company.id,
                        "date_from": self.now,
                        "reason": "I don't like them",
                    },
                )
        self.refused_by_database("UPDATE nka_reading_restriction SET stopped = 0")

    def test_who_sees_it(self):
        self._key_account(
            self.other_client, self.colleague
        ).supervisor_id = self.supervisor_2
        restriction = self._restrict(self.manager, stopped=2)
        for user, is_seen in (
            (self.supervisor, True),
            (self.kam_admin, True),
            (self.supervisor_2, False),
            (self.manager, False),
            (self.officer, False),
            (self.salesman, False),
        ):
            rows = restriction.with_user(user)
            with self.subTest(user.login):
                self.assertEqual(rows.has_access("read"), is_seen)


@tagged("nka_reading")
class TestNewPeople(RestrictionCase):
    """People without a baseline of their own are compared with colleagues."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(PEERS):
            user = cls._new_user(f"nka_peer{number}", "group_key_account_manager")
            cls._habit(user, 40 + number, days=range(1, 60))

    def test_a_new_person_is_told_about_but_not_stopped(self):
        self._read_more(self.manager, 123)
        self.assertFalse(self._alerts(self.manager))
        self._read_more(self.manager, 900)
        [alert] = self._alerts(self.manager)
        self.assertEqual((alert.level, alert.is_against_peers), ("told", True))
        self.assertEqual(alert.baseline, 41)
        self.assertIn("colleagues with the same role", alert.activity_ids.note)

    def test_another_role_is_no_peer(self):
        self._read_more(self.supervisor_2, 900)
        self.assertFalse(self._alerts(self.supervisor_2))

    def test_after_a_long_leave_the_days_before_it_count(self):
        self._habit(self.manager, 200, days=range(100, 130))
        self._read_more(self.manager, 500)
        self.assertFalse(self._alerts(self.manager))
        self._read_more(self.manager, 101)
        alert = self._alerts(self.manager)
        self.assertEqual((alert.baseline, alert.is_against_peers), (200, False))


@tagged("nka_reading")
class TestLookBack(RestrictionCase):
    def _look(self, first, last=0, users=None):
        users = users or self.manager | self.colleague
        return self.env["nka.reading.day"]._look_back(
            users, self.now - timedelta(days=first), self.now - timedelta(days=last)
        )

    def test_a_leaver_stands_out_and_a_colleague_with_the_habit_doesnt(self):
        """300 records over three days."""
        self._habit(self.manager, 20, days=range(3, 87))
        self._habit(self.colleague, 100, days=range(3, 87))
        for user in (self.manager, self.colleague):
            self._habit(user, 100, days=(1, 2))
            self._reads(user, 60)
            self._reads(user, 40, kind="contact")
        found = self._look(2)
        with self.assertQueryCount(2):
            self._look(90)
        leaver, other = found[self.manager.id], found[self.colleague.id]
        self.assertEqual((leaver.read, leaver.usual_read), (300, 60))
        self.assertEqual((other.read, other.usual_read), (300, 300))
        self.assertEqual((leaver.peers_read, leaver.peers), (300, 1))
        self.assertEqual([day.day for day in leaver.days][-1], self.now)
        self.assertEqual(leaver.days[-1].counts["contact"], 40)
        self.assertEqual(leaver.days[-1].usual_read, 20)

    def test_what_was_taken_is_apart(self):
        self._habit(self.manager, 2, days=range(10, 60), kind="export")
        self._habit(self.manager, 50, days=[1], kind="export")
        found = self._look(5)[self.manager.id]
        self.assertEqual((found.read, found.taken, found.usual_taken), (0, 50, 2))

    def test_the_period_doesnt_raise_the_habit(self):
        self._habit(self.manager, 10, days=range(90, 160))
        self._habit(self.manager, 500, days=range(1, 90))
        found = self._look(89)[self.manager.id]
        self.assertEqual({day.usual_read for day in found.days}, {10})
        self.assertEqual(found.usual_read, 890)

    def test_nothing_is_known_of_days_without_totals(self):
        self._reads(self.manager, 60)
        self.company.nka_reading_kept = False
        found = self._look(5)[self.manager.id]
        self.assertEqual((found.days, found.read, found.usual_read), ([], 0, None))
        self.assertEqual((found.peers_read, found.peers), (None, 0))
