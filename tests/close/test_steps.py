"""Month-end close: steps, roles, refusals and the checklist."""

from odoo.exceptions import AccessError, UserError

from .common import DECEMBER, NOVEMBER, CloseCase


class TestSteps(CloseCase):
    def test_month_from_open_to_locked(self):
        close = self._locked_close()
        self.assertEqual(close.state, "locked")
        self.assertEqual(close.statement_ids.mapped("state"), ["locked"])
        self.assertEqual(close.total_amount, close.statement_ids.total_amount)
        self.assertTrue(close.digest.startswith("2:"))
        close._check_sealed()
        self.assertEqual(
            self._events(close, "state").mapped("new"),
            ["calculated", "approved", "locked"],
        )

    def test_two_people_are_required(self):
        close = self._new_close()
        close.action_calculate()
        with self.refused(AccessError, "nother payroll officer"):
            close.action_approve()
        with self.refused(UserError, "Open the month-end close for"):
            close.statement_ids.with_user(self.second).action_approve()
        close.statement_ids.with_user(self.second).action_calculate()
        with self.refused(AccessError, "nother payroll officer"):
            close.with_user(self.second).action_approve()

    def test_every_other_role_is_refused(self):
        close = self._new_close()
        close.action_calculate()
        for nobody in (self.manager, self.supervisor, self.kam_admin):
            for step in ("calculate", "check", "approve", "lock", "mark_paid"):
                with self.refused(AccessError, "payroll officer"):
                    getattr(close.with_user(nobody), f"action_{step}")()
        for nobody in (self.manager, self.supervisor, self.employee_user):
            with self.refused(AccessError):
                close.with_user(nobody).read(["total_amount"])
            self.assertFalse(nobody.has_group("hr.group_hr_user"))
        with self.refused(AccessError, "administrator"):
            close.action_reopen(reason="no")

    def test_page_opens_for_the_roles_that_use_it(self):
        close = self._locked_close()
        for user in (self.officer, self.second, self.kam_admin):
            page = close.with_user(user)
            page.env.invalidate_all()
            views = page.get_views(
                [(False, kind) for kind in ("form", "kanban", "list")]
            )
            for kind in views["views"]:
                names = views["models"]["nka.month.close"]["fields"]
                self.assertTrue(page.web_read({name: {} for name in names}), kind)
        self.assertTrue(close.with_user(self.officer).is_preparer)
        self.assertFalse(close.with_user(self.second).is_preparer)

    def test_steps_run_in_order(self):
        close = self._new_close().with_user(self.second)
        for step in ("approve", "lock", "mark_paid"):
            with self.refused(UserError, "This action is available only"):
                getattr(close, f"action_{step}")()
        with self.refused(UserError, "hasn't ended yet"):
            self._new_close(self.today).action_calculate()

    def test_one_page_per_month(self):
        close = self._new_close(NOVEMBER.replace(day=7))
        self.assertEqual(close.month, NOVEMBER)
        close.action_calculate()
        with self.refused(UserError, "Work on .* has started"):
            close.month = DECEMBER
        with self.refused(UserError, "Work on .* has started"):
            close.unlink()

    def test_results_cannot_be_written(self):
        close = self._new_close()
        for vals in ({"state": "locked"}, {"digest": "1:x"}, {"revision": 3}):
            with self.refused(AccessError):
                close.write(vals)
            with self.refused(AccessError):
                close.sudo().write(vals)
        with self.refused(AccessError):
            self._new_close(DECEMBER).with_context(default_state="locked").create(
                {"month": DECEMBER}
            )

    def test_months_close_in_order(self):
        self._locked_close(DECEMBER)
        with self.refused(UserError, "Reopen the later month first"):
            self._new_close(NOVEMBER).action_calculate()


class TestReopen(CloseCase):
    def test_administrator_reopens_with_a_reason(self):
        close = self._locked_close()
        first = close.revision_ids
        admin = close.with_user(self.kam_admin)
        self.assertEqual(admin.action_reopen()["res_model"], "nka.reason.wizard")
        admin.action_reopen(reason="A leave was forgotten")
        self.assertEqual((close.state, close.digest), ("open", False))
        self.assertEqual(close.statement_ids.mapped("state"), ["calculated"])
        self._invoice(2000000, NOVEMBER.replace(day=20))
        close.action_calculate()
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()
        self.assertEqual(close.revision, 2)
        latest = close.sudo()._last_revision()
        self.assertEqual(latest.reason, "A leave was forgotten")
        self.assertNotEqual(latest.digest, first.digest)
        changed = {name: (old, new) for _e, name, old, new in latest.differences}
        self.assertEqual(changed["bonus_amount"], ("0.00", "100000.00"))
        self.assertIn("100,000.00", str(latest.difference_html))
        close._check_sealed()

    def test_paid_month_cannot_be_reopened(self):
        close = self._locked_close()
        close.action_mark_paid()
        self.assertTrue(close.paid_date)
        with self.refused(UserError, "has been paid and can't be changed"):
            close.with_user(self.kam_admin).action_reopen(reason="no")

    def test_later_months_are_reopened_first(self):
        close = self._locked_close()
        self._new_close(DECEMBER).action_calculate()
        with self.refused(UserError, "builds on"):
            close.with_user(self.kam_admin).action_reopen(reason="no")

    def test_approval_is_withdrawn(self):
        close = self._new_close()
        close.action_calculate()
        close.with_user(self.second).action_approve()
        close.action_return(reason="A report came in")
        self.assertEqual(close.state, "calculated")
        self.assertEqual(close.statement_ids.state, "calculated")

    def test_same_data_has_the_same_hash(self):
        close = self._locked_close()
        first = close.digest
        close.with_user(self.kam_admin).action_reopen(reason="To look")
        close.action_calculate()
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()
        self.assertEqual(close.digest, first)
        self.assertFalse(close.sudo()._last_revision().differences)


class TestLocked(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER.replace(day=30))
        cls.invoice = cls._invoice(2000000, NOVEMBER.replace(day=12))
        cls.close = cls._locked_close()
        cls.statement = cls.close.statement_ids

    def test_rows_of_a_locked_month_cannot_be_changed(self):
        tables = {
            "nka_month_close": ("digest = 'x'", self.close.id),
            "nka_pay_statement": ("total_amount = 1", self.statement.id),
            "nka_pay_statement_line": ("amount = 1", self.statement.line_ids[0].id),
            "nka_month_close_revision": ("digest = 'x'", self.close.revision_ids.id),
            "nka_month_close_check": ("severity = 'x'", self.close.check_ids[0].id),
            "nka_work_report": (
                "state = 'draft'",
                self.env["nka.work.report"].search([], limit=1).id,
            ),
        }
        for table, (change, id_) in tables.items():
            self.refused_by_database(f"UPDATE {table} SET {change} WHERE id = %s", id_)
            self.refused_by_database(f"DELETE FROM {table} WHERE id = %s", id_)
        self.refused_by_database(
            "UPDATE nka_pay_statement SET state = 'open' WHERE id = %s",
            self.statement.id,
        )
        self.refused_by_database("TRUNCATE nka_month_close_revision")

    def test_rows_cannot_be_added_to_a_locked_month(self):
        columns = "company_id, user_id, key_account_id, origin_date, basis, kind, reason, amount, source_ref, move_ref"
        self.refused_by_database(
            f"INSERT INTO nka_bonus_line ({columns}, revision, date) "
            f"SELECT {columns}, 99, date FROM nka_bonus_line LIMIT 1"
        )
        self.refused_by_database(
            "INSERT INTO nka_pay_statement_line (statement_id, kind, component) "
            "VALUES (%s, 'fixed', 'fixed')",
            self.statement.id,
        )

    def test_paid_months_stay_paid(self):
        self.close.action_mark_paid()
        for change in ("paid_date = NULL", "state = 'open'"):
            self.refused_by_database(
                f"UPDATE nka_month_close SET {change} WHERE id = %s", self.close.id
            )

    def test_steps_of_a_locked_month_are_refused(self):
        with self.refused(UserError, "This action is available only"):
            self.statement.with_user(self.officer).action_calculate()
        with self.refused(UserError, "This action is available only"):
            self.close.action_calculate()
        with self.refused(UserError, "This action is available only"):
            self.env["nka.month.close.exclusion"].with_user(self.officer).create(
                {
                    "close_id": self.close.id,
                    "employee_id": self.employee.id,
                    "reason": "late",
                }
            )
        with self.refused(UserError):
            self.statement.sudo().unlink()
        with self.refused(AccessError):
            self.close.revision_ids.sudo().unlink()

    def test_verification_names_the_difference(self):
        self.env.flush_all()
        self.cr.execute(
            "ALTER TABLE nka_pay_statement DISABLE TRIGGER USER;"
            "UPDATE nka_pay_statement SET bonus_amount = bonus_amount + 1;"
            "ALTER TABLE nka_pay_statement ENABLE TRIGGER USER"
        )
        self.env.invalidate_all()
        for verify in (self.close._check_sealed, self.close.action_verify):
            with self.refused(
                UserError,
                "no longer matches its integrity hash: nka_manager.*statement",
            ):
                verify()

    def test_hash_covers_every_input(self):
        self.env.flush_all()
        changes = {
            "credits": "UPDATE nka_bonus_line SET amount = amount + 0.01",
            "weekly reports": "UPDATE nka_work_report SET date_to = date_to - 1",
            "agreement": "UPDATE nka_pay_agreement SET digest = 'x'",
            "lines of the statement": "UPDATE nka_pay_statement_line SET amount = 7",
        }
        for name, change in changes.items():
            table = change.split()[1]
            with self.cr.savepoint(flush=False) as savepoint:
                self.cr.execute(
                    f"ALTER TABLE {table} DISABLE TRIGGER USER; {change};"
                    f"ALTER TABLE {table} ENABLE TRIGGER USER"
                )
                self.env.invalidate_all()
                with self.assertRaisesRegex(UserError, name):
                    self.close._check_sealed()
                savepoint.rollback()
            self.env.invalidate_all()
        self.close._check_sealed()

    def test_later_changes_are_paid_in_the_first_open_month(self):
        self._credit_note(self.invoice, NOVEMBER.replace(day=25), amount=120000)
        self._invoice(40000, NOVEMBER.replace(day=26))
        before = self.statement.total_amount
        december = self._new_close(DECEMBER)
        self._score_all(DECEMBER)
        december.action_calculate()
        self.close._check_sealed()
        self.assertEqual(self.statement.total_amount, before)
        self.assertEqual(december.bonus_amount, -4000)
        late = self._lines().filtered(lambda row: row.date >= DECEMBER)
        self.assertEqual(set(late.mapped("reason")), {"late"})
        december.action_calculate()
        self.assertEqual(december.bonus_amount, -4000)


class TestExcluded(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_agreement = cls._accepted(cls.other_employee, date_from=NOVEMBER)
        cls.close = cls._new_close()

    def _leave_out(self, close=None, reason="His contract is in dispute"):
        close = close or self.close
        return (
            self.env["nka.month.close.exclusion"]
            .with_user(self.officer)
            .create(
                {
                    "close_id": close.id,
                    "person_id": self.colleague.id,
                    "reason": reason,
                }
            )
        )

    def test_reason_is_required(self):
        with self.refused(UserError, "Enter a reason"):
            self._leave_out(reason=" ")

    def test_exclusion_does_not_stop_the_others(self):
        self.close.action_calculate()
        self.assertEqual(self.close.person_count, 2)
        self._leave_out()
        self.assertEqual(self.close.statement_ids.employee_id, self.employee)
        theirs = self.env["nka.pay.statement"].with_user(self.colleague)
        self.assertFalse(theirs.search([]))
        self._finish()
        self.assertEqual(self.close.state, "locked")
        self.assertTrue(self._events(self.close.exclusion_ids, "exclusion"))

    def test_closed_later_by_two_officers(self):
        out = self._leave_out()
        with self.refused(UserError, "This action is available only"):
            out.action_calculate()
        self.close.action_calculate()
        self._finish()
        digest = self.close.digest
        out.action_calculate()
        with self.refused(AccessError, "nother payroll officer"):
            out.action_close()
        out.with_user(self.second).action_close()
        self.assertEqual(out.state, "closed")
        self.assertEqual(self.close.person_count, 2)
        self.assertEqual(self.close.revision, 2)
        self.assertNotEqual(self.close.digest, digest)
        self.close._check_sealed()
        with self.refused(UserError, "This action is available only"):
            out.with_user(self.second).action_close()

    def test_next_month_waits_for_the_excluded_employee(self):
        self._leave_out()
        self.close.action_calculate()
        self._finish()
        december = self._new_close(DECEMBER)
        december.action_calculate()
        check = self._item(december, "left_out")
        self.assertEqual((check.result, check.count), ("block", 1))
        self._leave_out(december, "Still in dispute")
        self.assertEqual(self._item(december, "left_out").result, "ok")

    def _finish(self):
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()

    def _item(self, close, code):
        return close.check_ids.filtered(lambda row: row.code == code)
