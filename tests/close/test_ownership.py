"""Corrections of a wrongly recorded owner, by a supervisor, before a month is closed."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw

from .common import DECEMBER, NOVEMBER, NOVEMBER_END, CloseCase

DAY = date(2025, 11, 20)
CORRECTION = "nka.ownership.correction"


class OwnershipCase(CloseCase):
    """The first account is recorded as owned only since 20 November 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("nka_key_accounts.nka_month_close_rule_season").severity = "warn"
        cls.late = cls._owned_since(cls.other_client, DAY)
        cls._cover(NOVEMBER, NOVEMBER_END)

    def _correct(self, accounts, day, user=None, by=None, reason="Signed on 1 March"):
        wizard = (
            self.env[CORRECTION]
            .with_user(by or self.supervisor)
            .create(
                {
                    "key_account_ids": [(6, 0, accounts.ids)],
                    "date": day,
                    "user_id": user and user.id,
                    "reason": reason,
                }
            )
        )
        wizard.action_apply()
        self.env.invalidate_all()

    def _history(self, account):
        return [
            (row.user_id, row.share, row.date_from, row.date_to)
            for row in account.assignment_ids.sorted("date_from")
        ]

    def _credits(self):
        self.env["nka.bonus.builder"]._build(self.company)
        rows = self.env["nka.bonus.line"]._read_group(
            [("key_account_id", "=", self.late.id)], ["user_id"], ["amount:sum"]
        )
        return {user: amount for user, amount in rows if amount}


class TestCorrection(OwnershipCase):
    def test_the_ledger_follows_an_earlier_day(self):
        self._invoice(1000, date(2025, 11, 12), partner_id=self.other_client.id)
        self.assertEqual(self._credits(), {})
        self._correct(self.late, date(2025, 3, 1))
        self.assertEqual(
            self._history(self.late), [(self.manager, 100, date(2025, 3, 1), False)]
        )
        self.assertEqual(self.late.date_start, date(2025, 3, 1))
        self.assertEqual(self._credits(), {self.manager: 1000})

    def test_the_ledger_follows_a_later_day(self):
        self._invoice(1000, date(2025, 11, 22), partner_id=self.other_client.id)
        self.assertEqual(self._credits(), {self.manager: 1000})
        self._correct(self.late, date(2025, 11, 25))
        self.assertEqual(self._credits(), {})
        self.assertEqual(self.late.date_start, date(2025, 11, 25))

    def test_an_earlier_owner_is_recorded(self):
        self._accepted(self.other_employee, date_from=date(2025, 1, 1))
        self._invoice(1000, date(2025, 11, 12), partner_id=self.other_client.id)
        self._correct(self.late, date(2025, 11, 1), self.colleague)
        self.assertEqual(
            self._history(self.late),
            [
                (self.colleague, 100, date(2025, 11, 1), date(2025, 11, 19)),
                (self.manager, 100, DAY, False),
            ],
        )
        self.assertEqual(self._credits(), {self.colleague: 1000})
        self.assertEqual(self.late.manager_id, self.manager)
        # The present owner's day moves within the days of the one before.
        self._correct(self.late, date(2025, 11, 10))
        self.assertEqual(
            self._history(self.late),
            [
                (self.colleague, 100, date(2025, 11, 1), date(2025, 11, 9)),
                (self.manager, 100, date(2025, 11, 10), False),
            ],
        )
        self.assertEqual(self._credits(), {self.manager: 1000})
        self._correct(self.late, date(2025, 11, 15))
        self.assertEqual(self._credits(), {self.colleague: 1000})
        self._correct(self.late, date(2025, 10, 1))
        self.assertEqual(
            self._history(self.late), [(self.manager, 100, date(2025, 10, 1), False)]
        )
        self.assertEqual(self._credits(), {self.manager: 1000})

    def test_many_accounts_are_corrected_at_once(self):
        self._correct(self.late | self.account, date(2025, 2, 1))
        for account in self.late | self.account:
            self.assertEqual(account.date_start, date(2025, 2, 1))

    def test_it_is_on_record_and_verified(self):
        self._correct(self.late, date(2025, 3, 1))
        event = self._events(self.late, "ownership")
        self.assertEqual(event.user_id, self.supervisor)
        self.assertEqual(event.note, "Signed on 1 March")
        self.assertIn("2025-11-20", event.old)
        self.assertIn("2025-03-01", event.new)
        self.assertIn("Signed on 1 March", self.late.message_ids[0].body)
        self.assertNotIn("assignments of", self._said())
        with self.tampered("UPDATE nka_assignment SET date_from = '2025-01-15'"):
            self.assertIn("assignments of", self._said())

    def test_a_calculated_month_follows_when_calculated_again(self):
        self._invoice(1000, date(2025, 11, 12), partner_id=self.other_client.id)
        close = self._new_close()
        close.action_calculate()
        before = close.sudo().bonus_amount
        self._correct(self.late, date(2025, 3, 1))
        close.action_calculate()
        self.assertGreater(close.sudo().bonus_amount, before)


class TestRefusals(OwnershipCase):
    def test_never_after_a_closed_month_covers_it(self):
        self._locked_close()
        for day in (date(2025, 3, 1), date(2025, 11, 25)):
            with self.refused(UserError, "is closed"):
                self._correct(self.late, day)
        self.assertFalse(self.late.can_correct_ownership)
        fresh = self._owned_since(self._new_client("Fresh"), date(2025, 12, 20))
        self.assertTrue(fresh.can_correct_ownership)
        with self.refused(UserError, "is closed"):
            self._correct(fresh, NOVEMBER_END)
        self._correct(fresh, DECEMBER)
        self.assertEqual(fresh.date_start, DECEMBER)

    def test_never_by_those_who_own_or_gain(self):
        supervisors = self.env.ref("nka_key_accounts.group_key_account_supervisor")
        managers = self.env.ref("nka_key_accounts.group_key_account_manager")
        self.manager.group_ids += supervisors
        self.colleague.group_ids += supervisors
        self.supervisor.group_ids += managers
        with self.refused(AccessError, "another supervisor"):
            self._correct(self.late, date(2025, 3, 1), by=self.manager)
        with self.refused(AccessError, "another supervisor"):
            self._correct(self.late, date(2025, 3, 1), self.supervisor)
        self.late.with_user(self.supervisor_2).deputy_id = self.colleague
        with self.refused(AccessError, "another supervisor"):
            self._correct(self.late, date(2025, 3, 1), by=self.colleague)

    def test_never_by_other_roles_through_rpc(self):
        people = (self.manager, self.officer, self.kam_admin, self.employee_user)
        values = {
            "key_account_ids": [(6, 0, self.late.ids)],
            "date": "2025-03-01",
            "reason": "I say so",
        }
        for user in people:
            env = self.env(user=user.id, su=False)
            with self.refused(AccessError):
                call_kw(env[CORRECTION], "create", [values], {})
            with self.refused(AccessError):
                args = [self.late.ids]
                call_kw(env["nka.key.account"], "action_correct_ownership", args, {})
            row = self.late.assignment_ids
            with self.refused(AccessError):
                call_kw(
                    env["nka.assignment"],
                    "write",
                    [row.ids, {"date_from": "2025-03-01"}],
                    {},
                )
        env = self.env(user=self.supervisor.id, su=False)
        with self.refused(AccessError):
            call_kw(
                env["nka.assignment"],
                "write",
                [self.late.assignment_ids.ids, {"date_from": "2025-03-01"}],
                {},
            )

    def test_impossible_corrections(self):
        with self.refused(UserError, "already"):
            self._correct(self.late, DAY)
        with self.refused(UserError, "Hand over"):
            self._correct(self.late, self.today + self._days(1))
        with self.refused(UserError, "reason"):
            self._correct(self.late, date(2025, 3, 1), reason=" ")
        with self.refused(UserError, "manager role"):
            self._correct(self.late, date(2025, 3, 1), self.employee_user)
        candidate = self._nominate(self._new_client("Candidate"))
        with self.refused(UserError):
            self._correct(candidate, date(2025, 3, 1))

    def test_a_retirement_is_not_overwritten(self):
        self.late.with_user(self.supervisor).action_retire(reason="Sold")
        rows = self.late.assignment_ids
        rows._unlocked().write({"date_to": date(2025, 11, 25)})
        self.late.with_user(self.manager).action_nominate()
        self._qualify(self.late)
        self.late.with_user(self.supervisor_2).date_start = date(2025, 12, 10)
        self.late.with_user(self.supervisor_2).action_confirm()
        with self.refused(UserError, "was retired"):
            self._correct(self.late, date(2025, 11, 22))
        self._correct(self.late, date(2025, 12, 1))
        self.assertEqual(self.late.date_start, date(2025, 12, 1))


class TestWayOut(OwnershipCase):
    """From money without an owner to its correction."""

    def _lines(self, user):
        check = (
            self.env["nka.bonus.check"]
            .with_user(user)
            .create({"date_from": NOVEMBER, "date_to": NOVEMBER_END})
        )
        check.action_check()
        return check.line_ids.filtered(lambda line: line.reason == "no_owner")

    def test_the_officer_asks_the_supervisor(self):
        self._invoice(1000, date(2025, 11, 12), partner_id=self.other_client.id)
        close = self._new_close()
        close.action_calculate()
        item = close.check_ids.filtered(lambda row: row.code == "unowned")
        self.assertEqual((item.result, item.amount), ("warn", 1000))
        self.assertTrue(item.can_resolve)
        told = item.action_resolve()
        self.assertIn(self.supervisor.name, told["params"]["message"])
        activity = self.late.activity_ids.filtered(
            lambda row: row.activity_type_id.name == "Correct ownership"
        )
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertIn("1,000", activity.summary)
        item.action_resolve()
        self.assertEqual(len(self.late.activity_ids & activity), 1)
        self._correct(self.late, date(2025, 3, 1))
        self.assertFalse(activity.exists().filtered("active"))
        close.action_calculate()
        item = close.check_ids.filtered(lambda row: row.code == "unowned")
        self.assertEqual(item.result, "ok")

    def test_a_line_opens_the_correction(self):
        self._invoice(1000, date(2025, 11, 12), partner_id=self.other_client.id)
        line = self._lines(self.officer)
        self.assertEqual(line.action_correct_ownership()["tag"], "display_notification")
        self.officer.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        action = self._lines(self.officer).action_correct_ownership()
        self.assertEqual(action["res_model"], CORRECTION)
        self.assertEqual(action["context"]["default_date"], date(2025, 11, 12))
