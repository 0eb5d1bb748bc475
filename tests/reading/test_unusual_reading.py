"""Reading far above one's own baseline: supervisors are told, then reading stops."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ReadingDayCase


@tagged("nka_reading")
class TestUnusual(ReadingDayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.supervisor_id = cls.supervisor

    def _told_apart(self):
        """Run what is done after the rollback in this transaction."""
        readings = type(self.env["nka.reading"])

        def at_once(this, values, done):
            if not done:
                done.append(True)
                self.env(user=this.env.uid)["nka.reading.alert"]._tell(values)

        return patch.object(readings, "_tell_apart", at_once)

    def test_the_supervisor_is_told_once_a_day(self):
        self._habit(self.manager, 50)
        self._read_more(self.manager, 150)
        self.assertFalse(self._alerts(self.manager))
        self._read_more(self.manager, 1)
        self._read_more(self.manager, 30)
        [alert] = self._alerts(self.manager)
        self.assertEqual((alert.level, alert.day), ("told", self.now))
        self.assertEqual((alert.read_count, alert.baseline), (151, 50))
        self.assertEqual(alert.supervisor_ids, self.supervisor)
        activity = alert.activity_ids
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("151", activity.note)
        event = self._events(alert, "reading_unusual")
        self.assertEqual((event.old, event.new), ("50.0", "151"))
        self.assertEqual(event.user_id, self.manager)

    def test_a_colleague_with_the_habit_isnt_told_about(self):
        """300 records over three days stand out only where they are unusual."""
        self._habit(self.manager, 20)
        self._habit(self.colleague, 100)
        for user in (self.manager, self.colleague):
            self._read_more(user, 100)
        self.assertTrue(self._alerts(self.manager))
        self.assertFalse(self._alerts(self.colleague))

    def test_reading_stops_beyond_the_limit(self):
        self._habit(self.manager, 50)
        self._reads(self.manager, 499)
        self._read_more(self.manager, 1)
        with self._told_apart(), self.refused(AccessError, "stopped until tomorrow"):
            self._read_more(self.manager, 1)
        hooks = self.env.cr.postrollback
        self.assertTrue(hooks._funcs)
        with self._told_apart(), self.assertRaises(AccessError):
            self._call(self.manager, "res.partner", "read", self.client.ids, ["name"])
        self._read_more(self.supervisor, 1000)

    def test_the_stop_is_told_and_can_be_lifted_for_today(self):
        self._habit(self.manager, 50)
        readings = self.env(user=self.manager.id)["nka.reading"]
        self._reads(self.manager, 500)
        _policy, today = readings._stand({"account": 1})
        values = readings._prepare_alert("stopped", today)
        alert = readings.env["nka.reading.alert"]._tell(values).with_env(self.env)
        self.assertFalse(readings.env["nka.reading.alert"]._tell(values))
        self.assertEqual(alert.activity_ids.user_id, self.supervisor)
        for user in (self.manager, self.colleague, self.kam_admin, self.officer):
            for action in ("action_release", "action_review"):
                with self.refused(AccessError):
                    self._call(
                        user, "nka.reading.alert", action, alert.ids, reason="Mine"
                    )
        wizard = alert.with_user(self.supervisor).action_release()
        self.assertEqual(wizard["res_model"], "nka.reason.wizard")
        alert.with_user(self.supervisor).action_release(reason="A tender")
        self.assertTrue(alert.is_released)
        self.assertEqual(self._events(alert, "reading_unusual")[-1:].note, "A tender")
        self._read_more(self.manager, 400)
        alert.with_user(self.supervisor).action_review(reason="It was a tender")
        self.assertEqual((alert.state, alert.answer), ("reviewed", "It was a tender"))
        self.assertFalse(alert.activity_ids)
        with self.refused(UserError, "Reviewed"):
            alert.with_user(self.supervisor).action_review(reason="Again")

    def test_only_todays_stop_can_be_lifted(self):
        self._habit(self.manager, 50)
        self._read_more(self.manager, 200)
        with self.refused(UserError, "isn't stopped today"):
            self._alerts(self.manager).with_user(self.supervisor).action_release(
                reason="Why not"
            )

    def test_people_without_a_baseline_meet_the_hourly_limit_only(self):
        self._habit(self.manager, 10, days=(1, 2, 3))
        self._read_more(self.manager, 4000)
        self.assertFalse(self._alerts(self.manager))
        with self.refused(AccessError, "per hour"):
            self._read_more(self.manager, 1001)

    def test_a_weekday_without_habit_is_compared_with_the_others(self):
        """Who never works on this weekday is compared with their other days."""
        days = [back for back in range(1, 60) if back % 7]
        self._habit(self.manager, 50, days=days)
        self._read_more(self.manager, 151)
        self.assertTrue(self._alerts(self.manager))

    def test_exports_and_emails_are_compared_too(self):
        self._habit(self.supervisor, 40, kind="export")
        self._reads(self.supervisor, 120, kind="export")
        self._call(
            self.supervisor, "res.partner", "export_data", self.client.ids, ["name"]
        )
        [alert] = self._alerts(self.supervisor)
        self.assertEqual((alert.taken_count, alert.taken_baseline), (121, 40))
        self.assertNotIn(self.supervisor, alert.supervisor_ids)
        self.assertIn(self.supervisor_2, alert.supervisor_ids)

    def test_nothing_is_compared_while_nothing_is_kept(self):
        self._habit(self.manager, 10)
        self.company.nka_reading_kept = False
        self._read_more(self.manager, 4000)
        self.assertFalse(self._alerts(self.manager))

    def test_zero_switches_a_level_off(self):
        self._habit(self.manager, 10)
        self.company.write({"nka_reading_told": 0, "nka_reading_stopped": 0})
        self._read_more(self.manager, 4000)
        self.assertFalse(self._alerts(self.manager))

    def test_another_current_company_changes_nothing(self):
        """The strictest of a person's companies decides, whichever they work in."""
        other = self.env["res.company"].create(
            {"name": "Lax", "nka_read_limit": 0, "nka_reading_kept": False}
        )
        self.manager.company_ids += other
        self.manager.company_id = other
        self._habit(self.manager, 10)
        self.company.nka_read_limit = 100
        lax = self.env(user=self.manager.id, context={"allowed_company_ids": other.ids})
        lax["nka.reading"]._count(95)
        self.assertTrue(self._alerts(self.manager))
        with self.refused(AccessError, "per hour"):
            lax["nka.reading"]._count(6)

    def test_alerts_are_no_ones_to_change(self):
        self._habit(self.manager, 10)
        self._read_more(self.manager, 100)
        alert = self._alerts(self.manager)
        for user in (self.manager, self.supervisor, self.kam_admin):
            for vals in (
                {"state": "reviewed"},
                {"read_count": 1},
                {"is_released": True},
            ):
                with self.refused(AccessError):
                    alert.with_user(user).write(vals)
                with self.refused(AccessError):
                    alert.with_user(user).sudo().write(vals)
            with self.refused(AccessError):
                self._call(
                    user,
                    "nka.reading.alert",
                    "create",
                    {
                        "user_id": user.id,
                        "company_id": self.company.id,
                        "day": self.now,
                    },
                )
        with self.refused(UserError, "can't be deleted"):
            alert.unlink()
        self.refused_by_database("UPDATE nka_reading_alert SET read_count = 1")
        self.refused_by_database("DELETE FROM nka_reading_alert")
        self.assertFalse(
            self.env["nka.reading.alert"].with_user(self.manager).has_access("read")
        )

    def test_a_supervisor_doesnt_see_alerts_about_themselves(self):
        self._habit(self.supervisor, 10)
        self._read_more(self.supervisor, 100)
        alert = self._alerts(self.supervisor)
        own = self.env["nka.reading.alert"].with_user(self.supervisor)
        self.assertFalse(own.search([("user_id", "=", self.supervisor.id)]))
        with self.refused(AccessError):
            alert.with_user(self.supervisor).action_review(reason="Fine")
        alert.with_user(self.supervisor_2).action_review(reason="Fine")

    def test_alerts_are_forgotten_with_the_days(self):
        self._habit(self.manager, 10)
        self._read_more(self.manager, 100)
        self.env.flush_all()
        self.company.nka_reading_days = 90
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE nka_reading_alert DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE nka_reading_alert SET day = %s", [self.now - timedelta(days=95)]
        )
        self.env.cr.execute("ALTER TABLE nka_reading_alert ENABLE TRIGGER USER")
        self.env["nka.reading.day"]._forget()
        self.env.invalidate_all()
        self.assertFalse(self._alerts(self.manager))
