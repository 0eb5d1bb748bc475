from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AccountsCase


@tagged("nka_accounts")
class TestAssignmentDatabase(AccountsCase):
    """The database ensures that the shares of every day total 100 %."""

    def setUp(self):
        super().setUp()
        self.row = self.account.assignment_ids
        self.row._unlocked().write({"date_from": self.today - self._days(100)})
        self.env.flush_all()

    def _assert_broken(self, query, *params):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            with self.cr.savepoint(flush=False):
                self.cr.execute(query, params)
                self.cr.execute("SET CONSTRAINTS nka_assignment_whole IMMEDIATE")

    def _insert(self, share, first, last=None, final=False):
        return (
            """INSERT INTO nka_assignment
                 (key_account_id, company_id, user_id, share, date_from, date_to, is_final)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            self.account.id,
            self.account.company_id.id,
            self.colleague.id,
            share,
            self.today + self._days(first),
            last and self.today + self._days(last),
            final,
        )

    def test_overlap(self):
        self._assert_broken(*self._insert(100, 5))
        self._assert_broken(*self._insert(40, -200, -50))

    def test_gap(self):
        self.cr.execute(
            "UPDATE nka_assignment SET date_to = %s WHERE id = %s",
            [self.today, self.row.id],
        )
        self._assert_broken(*self._insert(100, 2))

    def test_end_without_successor(self):
        self._assert_broken(
            "UPDATE nka_assignment SET date_to = %s WHERE id = %s",
            self.today,
            self.row.id,
        )

    def test_shares_below_hundred(self):
        self._assert_broken(
            "UPDATE nka_assignment SET share = 60 WHERE id = %s", self.row.id
        )

    def test_history_deleted(self):
        self._assert_broken("DELETE FROM nka_assignment WHERE id = %s", self.row.id)

    def test_row_moved_to_another_account(self):
        self._assert_broken(
            "UPDATE nka_assignment SET key_account_id = %s WHERE id = %s",
            self.other_account.id,
            self.row.id,
        )

    def test_shares_of_two_managers_are_accepted(self):
        self.cr.execute(
            "UPDATE nka_assignment SET share = 60 WHERE id = %s", [self.row.id]
        )
        query, *params = self._insert(40, -100)
        self.cr.execute(query, params)
        self.cr.execute("SET CONSTRAINTS nka_assignment_whole IMMEDIATE")
        self.cr.execute("SET CONSTRAINTS nka_assignment_whole DEFERRED")
        self.account.invalidate_recordset()
        shares = self.account.assignment_ids.mapped("share")
        self.assertEqual(sorted(shares), [40, 60])

    def test_trigger_exists(self):
        self.cr.execute(
            """SELECT tgdeferrable, tginitdeferred FROM pg_trigger
                WHERE tgname = 'nka_assignment_whole' AND NOT tgisinternal"""
        )
        self.assertEqual(self.cr.fetchall(), [(True, True)])


@tagged("nka_accounts")
class TestAssignmentHistory(AccountsCase):
    def test_history_cant_be_written_or_deleted(self):
        row = self.account.assignment_ids
        for user in (self.manager, self.supervisor):
            with self.assertRaises(AccessError):
                row.with_user(user).share = 50
            with self.assertRaises(AccessError):
                row.with_user(user).sudo().date_to = self.today
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        with self.assertRaises(UserError):
            row.sudo().unlink()
        with self.assertRaises(AccessError):
            row.sudo().create(
                {"key_account_id": self.account.id, "user_id": self.colleague.id}
            )

    def test_past_assignments_cant_be_replaced(self):
        row = self.account.assignment_ids
        row._unlocked().write({"date_from": self.today - self._days(9)})
        assignments = self.env["nka.assignment"]
        with self.assertRefused("past assignments can't be changed"):
            assignments._replace(
                self.account, self.colleague, self.today - self._days(20)
            )

    def test_assignment_in_force_on_a_date(self):
        day = self.today + self._days(5)
        assignments = self.env["nka.assignment"]
        assignments._replace(self.account, self.colleague, day)
        yesterday = day - self._days(1)
        force = assignments._in_force
        self.assertEqual(force(self.account, yesterday).user_id, self.manager)
        self.assertEqual(force(self.account, day).user_id, self.colleague)
        self.assertFalse(force(self.account, self.today - self._days(1)))

    def test_nominated_again_after_retirement(self):
        account = self.account
        account.with_user(self.supervisor).action_retire(reason="Closed down")
        account.with_user(self.manager).action_nominate()
        account.with_user(self.supervisor).date_start = self.today
        with self.assertRefused("must total 100"):
            account.with_user(self.supervisor_2).action_confirm()
        account.with_user(self.supervisor).date_start = self.today + self._days(9)
        account.with_user(self.supervisor_2).action_confirm()
        self.assertEqual(len(account.assignment_ids), 2)

    def test_confirming_many_costs_few_queries(self):
        def queries(count):
            accounts = self.env["nka.key.account"].union(
                *(
                    self._nominate(self._new_client(f"Client {count}-{number}"))
                    for number in range(count)
                )
            )
            for account in accounts:
                self._qualify(account)
            self.env.flush_all()
            before = self.cr.sql_log_count
            accounts.with_user(self.supervisor).action_confirm()
            return self.cr.sql_log_count - before

        queries(1)
        few, many = queries(2), queries(8)
        self.assertLessEqual(many - few, 12, f"{few} became {many}")
