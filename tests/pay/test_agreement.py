from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import new_user
from .common import PayCase


@tagged("nka_pay")
class TestPayAgreement(PayCase):
    """Proposal, acceptance by the employee, locking and end of an agreement."""

    def test_parts_and_rate(self):
        agreement = self._agreement()
        self.assertEqual(agreement.version_id, self.version)
        parts = agreement.fixed_amount, agreement.soft_amount, agreement.bonus_amount
        self.assertEqual(parts, (80000, 20000, 100000))
        self.assertEqual(agreement.rate, 0.05)
        uneven = self._agreement(self.other_employee, target_earnings=100000.05)
        parts = uneven.fixed_amount, uneven.soft_amount, uneven.bonus_amount
        self.assertEqual(parts, (40000.02, 10000.01, 50000.02))

    def test_accepted_by_the_employee_only(self):
        agreement = self._agreement()
        agreement.action_propose()
        self.assertIn(self.manager, agreement.sudo().activity_ids.user_id)
        for user in (self.officer, self.supervisor):
            with self.refused(UserError, "using their own login"):
                agreement.with_user(user).action_accept()
        with self.refused(UserError, "using their own login"):
            agreement.with_user(self.officer).sudo().action_accept()
        for user in (self.colleague, self.kam_admin, self.employee_user):
            with self.refused(AccessError):
                agreement.with_user(user).action_accept()
        agreement.with_user(self.manager).action_accept()
        self.assertEqual(agreement.state, "accepted")
        self.assertEqual(agreement.accepted_by_id, self.manager)
        self.assertTrue(agreement.accepted_date)
        event = self._events(agreement, "state")[-1]
        self.assertEqual((event.user_id, event.note), (self.manager, agreement.digest))
        self.assertFalse(agreement.sudo().activity_ids)

    def test_login_stays_with_the_employee_of_the_agreement(self):
        """Otherwise an HR user could move the login, read the agreement and be paid
        under it.
        """
        personnel = new_user(self.env, "nka_hr", "hr.group_hr_manager")
        employee = self.employee.with_user(personnel)
        agreement = self._agreement()
        agreement.action_propose()
        for accepted in (False, True):
            if accepted:
                agreement.with_user(self.manager).action_accept()
            for login in (personnel, self.env["res.users"]):
                with self.refused(UserError, "must stay linked to the employee"):
                    employee.user_id = login
            self.assertEqual(self.employee.user_id, self.manager)
            self.assertFalse(agreement.with_user(personnel).has_access("read"))
        # removed as superuser, the login can be restored, but no other one set
        self.employee.sudo().user_id = False
        with self.refused(UserError, "must stay linked to the employee"):
            employee.user_id = personnel
        employee.user_id = self.manager
        free = self.env["hr.employee"].create({"name": "Without pay agreed"})
        free.with_user(personnel).user_id = personnel
        self.assertEqual(free.user_id, personnel)

    def test_only_the_officer_proposes(self):
        agreement = self._agreement()
        for user in (self.supervisor, self.kam_admin, self.manager):
            with self.refused(AccessError):
                agreement.with_user(user).action_propose()

    def test_officer_cannot_propose_own_pay(self):
        employee = self._new_employee(self.officer)
        with self.refused(UserError, "nother payroll officer"):
            self._agreement(employee).action_propose()

    def test_changed_terms_cannot_be_accepted(self):
        agreement = self._agreement()
        agreement.action_propose()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE nka_pay_agreement SET draw = 5 WHERE id = %s", [agreement.id]
        )
        agreement.invalidate_recordset()
        with self.refused(UserError, "changed after"):
            agreement.with_user(self.manager).action_accept()

    def test_proposed_terms_are_read_only_until_withdrawn(self):
        agreement = self._agreement()
        agreement.action_propose()
        with self.refused(UserError, "Withdraw the proposal"):
            agreement.write({"monthly_quota": 1})
        agreement.action_withdraw()
        agreement.write({"monthly_quota": 1000000})
        self.assertEqual(agreement.rate, 0.1)

    def test_accepted_terms_are_locked_by_the_orm(self):
        agreement = self._accepted().with_user(self.officer)
        for vals in (
            {"target_earnings": 1},
            {"date_from": date(2024, 2, 1)},
            {"date_to": date(2026, 1, 31)},
            {"floor": 5},
        ):
            with self.refused(UserError):
                agreement.write(vals)
            with self.refused(UserError):
                agreement.sudo().write(vals)
        with self.refused(UserError):
            agreement.unlink()

    def test_accepted_terms_are_locked_by_the_database(self):
        agreement = self._accepted()
        for column, value in (
            ("target_earnings", 1),
            ("rate", 1),
            ("accepted_by_id", self.officer.id),
            ("state", "draft"),
            ("version_id", None),
        ):
            self.refused_by_database(
                f"UPDATE nka_pay_agreement SET {column} = %s WHERE id = %s",
                value,
                agreement.id,
            )
        self.refused_by_database(
            "DELETE FROM nka_pay_agreement WHERE id = %s", agreement.id
        )
        self.cr.execute(
            "UPDATE nka_pay_agreement SET date_to = '2030-01-31' WHERE id = %s",
            [agreement.id],
        )

    def test_resolved_and_guarded_fields_cannot_be_written(self):
        agreement = self._agreement()
        for vals in (
            {"state": "accepted"},
            {"rate": 1},
            {"version_id": self.version.id},
            {"accepted_by_id": self.manager.id},
            {"digest": "v1$"},
        ):
            with self.refused(AccessError):
                agreement.write(vals)
            with self.refused(AccessError):
                self._agreement(self.other_employee, **vals)
        with self.refused(AccessError):
            agreement.with_context(default_rate=1).create(
                {"employee_id": self.other_employee.id, "plan_id": self.plan.id}
            )

    def test_overlap_is_refused(self):
        self._agreement(date_to=date(2024, 6, 30))
        with self.refused(ValidationError, "already"):
            self._agreement(date_from=date(2024, 6, 1))
        self._agreement(date_from=date(2024, 7, 1))
        self._agreement(self.other_employee)

    def test_overlap_is_refused_by_the_database(self):
        first = self._agreement(date_to=date(2024, 6, 30))
        second = self._agreement(date_from=date(2024, 7, 1))
        self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.cr.execute(
                    "UPDATE nka_pay_agreement SET date_to = %s WHERE id = %s",
                    [date(2024, 7, 31), first.id],
                )
                self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.assertTrue(second)

    def test_first_of_month(self):
        with self.refused(ValidationError, "first day of a month"):
            self._agreement(date_from=date(2024, 3, 15))

    def test_amounts(self):
        for vals in (
            {"target_earnings": 0},
            {"monthly_quota": -1},
            {"draw": -1},
            {"recovery_rate": 1.5},
            {"floor": -5},
        ):
            with self.refused(ValidationError):
                self._agreement(**vals)

    def test_needs_an_approved_version(self):
        agreement = self._agreement(date_from=date(2023, 6, 1))
        self.assertFalse(agreement.version_id)
        with self.refused(UserError, "no approved version"):
            agreement.action_propose()

    def test_needs_a_login(self):
        employee = self.env["hr.employee"].create({"name": "Nobody"})
        with self.refused(UserError, "has no user"):
            self._agreement(employee).action_propose()

    def test_version_is_fixed_at_acceptance(self):
        agreement = self._accepted()
        newer = self._approved_version(date(2025, 1, 1), fixed_share=50, bonus_share=40)
        self.assertEqual(agreement.version_id, self.version)
        self.assertTrue(agreement.needs_renewal)
        self.assertEqual(agreement.rate, 0.05)
        later = self._agreement(self.other_employee, date_from=date(2025, 3, 1))
        self.assertEqual(later.version_id, newer)

    @freeze_time("2026-11-23")
    def test_new_terms(self):
        agreement = self._accepted()
        wizard = self.env["nka.pay.agreement.end"].with_user(self.officer)
        action = wizard.create(
            {"agreement_id": agreement.id, "reason": "Larger region"}
        ).action_apply()
        following = agreement.browse(action["res_id"])
        self.assertEqual(agreement.date_to, date(2026, 11, 30))
        self.assertEqual(agreement.state, "accepted")
        self.assertEqual(following.date_from, date(2026, 12, 1))
        self.assertEqual(following.state, "draft")
        self.assertEqual(self._events(agreement, "end").note, "Larger region")
        with freeze_time("2026-12-01"):
            agreement._cron_end_expired()
        self.assertEqual(agreement.state, "ended")

    def test_end_within_paid_months_is_refused(self):
        agreement = self._accepted()
        wizard = self.env["nka.pay.agreement.end"].with_user(self.officer)
        values = {"agreement_id": agreement.id, "reason": "x", "is_renewal": False}
        with self.refused(UserError):
            wizard.create({**values, "date_to": date(2023, 1, 1)}).action_apply()
        middle = {**values, "is_renewal": True, "date_to": date(2026, 3, 15)}
        with self.refused(UserError, "first of a month"):
            wizard.create(middle).action_apply()

    def test_other_plan_within_half_a_year_is_refused(self):
        other = self.env["nka.pay.plan"].create({"name": "Other"})
        self._approved_version(date(2024, 1, 1), plan=other)
        agreement = self._accepted(date_to=date(2024, 3, 31))
        with self.refused(ValidationError, "07/01/2024"):
            self._agreement(plan_id=other.id, date_from=date(2024, 4, 1))
        self._agreement(date_from=date(2024, 4, 1))
        self.assertTrue(agreement)

    def test_in_force(self):
        agreement = self._accepted(date_to=date(2024, 6, 30))
        self._agreement(date_from=date(2024, 7, 1))
        model = self.env["nka.pay.agreement"]
        june = date(2024, 6, 1), date(2024, 6, 30)
        july = date(2024, 7, 1), date(2024, 7, 31)
        self.assertEqual(model._in_force(*june, self.env.company), agreement)
        self.assertFalse(model._in_force(*july))

    def test_terms_are_passed_to_paycalc(self):
        terms = self._accepted(draw=50000)._agreement_terms()
        self.assertEqual(terms.target_earnings, Decimal("200000.00"))
        self.assertEqual(terms.draw_terms.draw, 50000)

    def test_open_mine(self):
        model = self.env["nka.pay.agreement"].with_user(self.manager)
        self.assertEqual(model.action_open_mine()["view_mode"], "list,kanban,form")
        agreement = self._agreement()
        agreement.action_propose()
        self.assertEqual(model.action_open_mine()["res_id"], agreement.id)


@tagged("nka_pay")
class TestWhatIf(PayCase):
    def test_table_and_chart(self):
        agreement = self._accepted()
        action = agreement.with_user(self.manager).action_what_if()
        what_if = self.env[action["res_model"]].browse(action["res_id"])
        totals = dict(
            zip(
                what_if.line_ids.mapped("level"),
                what_if.line_ids.mapped("total_amount"),
                strict=True,
            )
        )
        self.assertEqual(list(totals), [50, 80, 100, 120, 150])
        self.assertEqual(totals[100], 200000)
        self.assertEqual(totals[50], 80000 + 10000 + 50000)
        self.assertEqual(totals[150], 80000 + 20000 + 150000)
        self.assertIn("150 %", str(what_if.chart_html))
        self.assertIn("200,000.00", str(what_if.table_html))

    def test_impossible_terms_are_reported(self):
        what_if = (
            self.env["nka.pay.what.if"]
            .with_user(self.officer)
            .create({"version_id": self.version.id, "monthly_quota": 0})
        )
        self.assertFalse(what_if.line_ids)
        self.assertIn("above zero", str(what_if.table_html))

    def test_what_if_before_the_first_approval(self):
        company = self.env["res.company"].create({"name": "Just begun"})
        self.officer.company_ids += company
        plan = self.env["nka.pay.plan"].create(
            {"name": "First plan", "company_id": company.id}
        )
        draft = self._new_version(date(2027, 1, 1), plan)
        questions = self.env["nka.pay.what.if"].with_user(self.officer)
        form = Form(questions.with_context(allowed_company_ids=company.ids))
        self.assertEqual(form.version_id, draft)
        self.assertIn("150 %", str(form.chart_html))

    def test_what_if_from_the_menu(self):
        form = Form(self.env["nka.pay.what.if"].with_user(self.officer))
        self.assertEqual(form.version_id.state, "approved")
        self.assertIn("150 %", str(form.chart_html))
        form.version_id = self.env["nka.pay.plan.version"]
        self.assertFalse(form.chart_html)
        self.assertFalse(form.table_html)
