"""Query counts of a month and its outputs don't grow with the number of employees."""

from datetime import date
from unittest.mock import patch

from ..close.common import NOVEMBER, CloseCase

FEW, MANY = 10, 40


class TestScale(CloseCase):
    """Count the queries of each step for ten employees and for forty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement.sudo()._finish(date(2025, 8, 31), "Only the crowd is counted")
        cls.account.assignment_ids.sudo()._unlocked().write(
            {"date_to": date(2025, 8, 31)}
        )
        cls.company.nka_payslip_direct = MANY
        people = cls._crowd(MANY)
        for number, employee in enumerate(people):
            first = date(2025, 9, 1) if number < FEW else NOVEMBER
            cls._accepted(employee, date_from=first)

    @classmethod
    def _crowd(cls, count):
        group = cls.env.ref("nka_key_accounts.group_key_account_manager")
        users = cls.env["res.users"].create(
            [
                {
                    "name": f"Seller {number:02}",
                    "login": f"seller_{number}",
                    "email": f"seller_{number}@example.com",
                    "group_ids": [(4, group.id)],
                }
                for number in range(count)
            ]
        )
        return cls.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "work_email": user.email,
                    "date_version": date(2023, 1, 1),
                    "contract_date_start": date(2023, 1, 1),
                }
                for user in users
            ]
        )

    def _cost(self, close, name, user):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        getattr(close.with_user(user), f"action_{name}")()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _costs(self, month):
        close = self._new_close(month)
        steps = (
            ("calculate", self.officer),
            ("approve", self.second),
            ("lock", self.second),
        )
        return close, {name: self._cost(close, name, user) for name, user in steps}

    def test_forty_employees_cost_no_more_queries_than_ten(self):
        """Calculate and approve cost queries per batch only, a payslip up to ten."""
        self._costs(date(2025, 9, 1))[0].sudo()._check_sealed()  # fills caches
        small, few = self._costs(date(2025, 10, 1))
        large, many = self._costs(NOVEMBER)
        self.assertEqual((small.person_count, large.person_count), (FEW, MANY))
        # Forty rows are one batch: a query per employee would cost thirty more.
        self.assertLess(many["calculate"] - few["calculate"], 10, (few, many))
        self.assertLess(many["approve"] - few["approve"], 5, (few, many))
        each = (many["lock"] - few["lock"]) / (MANY - FEW)
        self.assertLessEqual(each, 10, (few, many))
        self._check_outputs(large)

    def _check_outputs(self, close):
        """Print and mail all statements; the month is compared once per step."""
        statements = self.env.registry["nka.pay.statement"]
        revisions = self.env.registry["nka.month.close.revision"]
        compare, compared = revisions._check_unchanged, []

        def count(revisions, close):
            compared.append(close.id)
            return compare(revisions, close)

        close = close.with_user(self.officer)
        with (
            patch.object(statements, "_render_pdf", lambda row: b"%PDF"),
            patch.object(revisions, "_check_unchanged", count),
        ):
            output = self.env["nka.month.close.output"].with_user(self.officer)
            output.create({"close_id": close.id})._make_statements()
            self.assertEqual(len(compared), 1)
            close.action_mail_statements()
            with self.enter_registry_test_mode():
                self.env.ref(
                    "nka_key_accounts.ir_cron_statement_mail"
                ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(close.statement_ids.mapped("mail_state")), {"queued"})
        # Once for the request and once for the job.
        self.assertEqual(len(compared), 3)
