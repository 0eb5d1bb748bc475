"""Locked months changed by direct SQL: the verification names every change."""

import json
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError

from .common import DECEMBER, NOVEMBER, NOVEMBER_END, CloseCase

OCTOBER = date(2025, 10, 1)


class SealCase(CloseCase):
    """December has goals, credits, a report, an opening balance and an adjustment after
    a dispute; November precedes it. Another employee with credits is excluded.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=date(2025, 1, 1))
        cls._open_balance()
        cls._cover(NOVEMBER, NOVEMBER_END)
        cls._invoice(2000000, date(2025, 11, 12))
        cls.november = cls._locked_close()
        cls._age()
        cls._score_all(DECEMBER)
        cls.report = cls._own_report()
        cls.correction = cls._correct()
        cls._invoice(400000, date(2025, 12, 10))
        cls.close = cls._new_close(DECEMBER)
        cls._leave_out()
        cls.close.action_calculate()
        cls.close.with_user(cls.second).action_approve()
        cls.close.with_user(cls.second).action_lock()
        cls.close = cls.close.sudo()
        cls.statement = cls.close.statement_ids
        cls.slip = cls.statement.payslip_id
        cls.env.flush_all()

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        tiers = [
            Command.create({"from_percent": 0, "factor": 1}),
            Command.create({"from_percent": 500, "factor": 2}),
        ]
        return super()._approved_version(date_start, plan, tier_ids=tiers, **vals)

    @classmethod
    def _open_balance(cls):
        opening = (
            cls.env["nka.pay.opening"]
            .with_user(cls.officer)
            .create(
                {
                    "employee_id": cls.employee.id,
                    "month": NOVEMBER,
                    "credits": 100000,
                    "balance": 5000,
                    "note": "Register of October",
                }
            )
        )
        opening.action_submit()
        opening.with_user(cls.second).action_approve()
        cls.opening = opening.sudo()

    @classmethod
    def _own_report(cls):
        report = (
            cls.env["nka.work.report"]
            .with_user(cls.manager)
            .create(
                {
                    "employee_id": cls.employee.id,
                    "date_from": DECEMBER,
                    "date_to": date(2025, 12, 7),
                    "summary": "Two talks, one offer",
                }
            )
        )
        report.action_submit()
        report.with_user(cls.supervisor).action_approve()
        return report.sudo()

    @classmethod
    def _correct(cls):
        paid = cls.november.sudo().statement_ids.filtered(
            lambda row: row.employee_id == cls.employee
        )
        dispute = (
            cls.env["nka.pay.dispute"]
            .with_user(cls.manager)
            .create({"statement_id": paid.id, "text": "Too little"})
        )
        answered = {"answer": "So it is", "outcome": "accepted"}
        dispute.with_user(cls.officer).write(answered)
        dispute.with_user(cls.officer).action_answer()
        correction = (
            cls.env["nka.pay.correction"]
            .with_user(cls.officer)
            .create(
                {
                    "statement_id": paid.id,
                    "component": "fixed",
                    "amount": 1500,
                    "reason": "Terms mistyped",
                    "dispute_id": dispute.id,
                }
            )
        )
        correction.with_user(cls.second).action_approve()
        return correction.sudo()

    @classmethod
    def _leave_out(cls):
        cls.env["nka.month.close.exclusion"].with_user(cls.officer).create(
            {
                "close_id": cls.close.id,
                "employee_id": cls.other_employee.id,
                "reason": "In dispute",
            }
        )


class TestEverythingThatPays(SealCase):
    """Integrity hash and verification name the part that was changed by SQL, field by
    field.
    """

    #: Part of the locked data -> changes by SQL, each detected on its own.
    CHANGES = {
        "payslip": (
            "UPDATE hr_payslip SET employee_id = (SELECT MIN(id) FROM hr_employee)",
            "UPDATE hr_payslip SET date_to = date_to - 1",
            "UPDATE hr_payslip SET date_from = date_from - 1",
            "UPDATE hr_payslip SET struct_id = NULL",
            "UPDATE hr_payslip SET contract_id = NULL",
            "UPDATE hr_payslip SET credit_note = TRUE",
            "UPDATE hr_payslip_line SET rate = 99.5",
            "UPDATE hr_payslip_line SET amount = amount + 0.01",
            "UPDATE hr_payslip_line SET quantity = 2",
            "UPDATE hr_payslip_line SET code = 'NKA_X' WHERE code = 'NKA_FIXED'",
            "UPDATE hr_payslip_line SET active = FALSE WHERE code = 'NKA_FIXED'",
            "INSERT INTO hr_payslip_worked_days (payslip_id, name, code, sequence, "
            "number_of_days, contract_id) SELECT id, 'x', 'X', 1, 3, contract_id "
            "FROM hr_payslip",
            "DELETE FROM hr_payslip_line WHERE code = 'NKA_BONUS'",
            "UPDATE hr_payslip_run SET date_start = date_start - 1",
        ),
        "terms of a plan version": (
            "UPDATE nka_pay_tier SET factor = 9",
            "UPDATE nka_pay_tier SET from_percent = from_percent + 1",
            "DELETE FROM nka_pay_tier WHERE from_percent > 0",
            "UPDATE nka_pay_plan_line SET weight = weight + 1",
            "UPDATE nka_pay_plan_version SET cap = 2",
            "UPDATE nka_pay_plan_version SET fixed_share = 90",
            "UPDATE nka_pay_plan_version SET leaver_months = 60",
            "UPDATE nka_pay_plan_version SET approved_by_id = 1",
            "UPDATE nka_kpi SET direction = 'lower' WHERE code = 'vip_leads'",
        ),
        "agreement": (
            "UPDATE nka_pay_agreement SET target_earnings = target_earnings + 1",
            "UPDATE nka_pay_agreement SET monthly_quota = 1",
            "UPDATE nka_pay_agreement SET draw = 7",
            "UPDATE nka_pay_agreement SET floor = 7",
            "UPDATE nka_pay_agreement SET rate = rate * 2",
            "UPDATE nka_pay_agreement SET accepted_by_id = 1",
            "UPDATE nka_pay_agreement SET date_to = '2025-12-15'",
        ),
        "credits": (
            "UPDATE nka_bonus_line SET source_ref = source_ref + 1000",
            "UPDATE nka_bonus_line SET source_name = 'x'",
            "UPDATE nka_bonus_line SET key_account_id = key_account_id + 1",
            "UPDATE nka_bonus_line SET move_ref = move_ref + 1",
            "UPDATE nka_bonus_line SET percent = 1",
            "UPDATE nka_bonus_line SET untaxed = 1",
            "UPDATE nka_bonus_line SET event_date = event_date - 1",
        ),
        "goals": (
            "UPDATE nka_season_goal SET target = target + 1",
            "UPDATE nka_season_goal SET actual = 7",
            "UPDATE nka_season_goal SET score = 7",
            """UPDATE nka_season_goal SET evidence = '{"ids": [1]}'""",
            "UPDATE nka_season_goal SET decision = 'left_out'",
            "UPDATE nka_season_goal SET proposed_by_id = 1",
            "UPDATE nka_season_goal SET agreement_id = NULL",
            "UPDATE nka_season SET date_start = date_start - 31",
        ),
        "weekly reports": (
            "UPDATE nka_work_report SET approved_by_id = 1",
            "UPDATE nka_work_report SET approved_date = now() - interval '9 days'",
            "UPDATE nka_work_report SET submitted_date = now() - interval '9 days'",
            "UPDATE nka_work_report SET state = 'draft'",
            "UPDATE nka_work_report SET summary = 'Another week'",
            "UPDATE nka_work_report_fact SET count = 9",
            "DELETE FROM nka_work_report_fact WHERE kind = 'overdue'",
        ),
        "opening balances": (
            "UPDATE nka_pay_opening SET balance = 1",
            "UPDATE nka_pay_opening SET credits = 1",
            "UPDATE nka_pay_opening SET approved_by_id = 1",
        ),
        "adjustments": (
            "UPDATE nka_pay_correction SET amount = 9",
            "UPDATE nka_pay_correction SET component = 'bonus'",
            "UPDATE nka_pay_correction SET approved_by_id = 1",
            "UPDATE nka_pay_dispute SET outcome = NULL",
        ),
        "statement": (
            "UPDATE nka_pay_statement SET unpaid_days = 3",
            "UPDATE nka_pay_statement SET held_credits = 3",
            "UPDATE nka_pay_statement SET loyalty_amount = 3",
            "UPDATE nka_pay_statement SET loyalty_held = 3",
            "UPDATE nka_pay_statement SET loyalty_lapsed = 3",
            "UPDATE nka_pay_statement SET calculated_by_id = 1",
            "UPDATE nka_pay_statement SET quota_to_date = 1",
        ),
        "lines of the statement": (
            "UPDATE nka_pay_statement_line SET res_ids = '[1, 2]'",
            "UPDATE nka_pay_statement_line SET res_ids = '7'",
            "UPDATE nka_pay_statement_line SET explanation = 'null'",
            "UPDATE nka_pay_statement_line SET sequence = 99 - sequence",
        ),
        "who calculated, approved or locked": (
            "UPDATE nka_month_close SET calculated_by_id = 1",
            "UPDATE nka_month_close SET approved_by_id = 1",
            "UPDATE nka_month_close SET locked_by_id = 1",
        ),
        "who was excluded": (
            "UPDATE nka_month_close_exclusion SET reason = 'Ill'",
            "UPDATE nka_month_close_exclusion SET create_uid = 1",
            "DELETE FROM nka_month_close_exclusion WHERE TRUE",
        ),
    }

    def test_untouched(self):
        for close in (self.november, self.close):
            close._check_sealed()
        self.assertFalse(self._said())

    def test_other_display_decimals_are_no_difference(self):
        """The number of decimals shown is a setting; the amounts paid are the same."""
        for precision in self.env["decimal.precision"].search([]):
            precision.digits += 1
        self.env.invalidate_all()
        self.close._check_sealed()
        self.assertFalse(self._said())

    def test_every_input(self):
        for part, changes in self.CHANGES.items():
            for change in changes:
                with self.subTest(change), self.tampered(change):
                    with self.assertRaisesRegex(UserError, part):
                        self.close._check_sealed()

    def test_verification_names_the_month_and_the_part(self):
        for part, changes in self.CHANGES.items():
            with self.subTest(part), self.tampered(changes[0]):
                said = self._said()
                self.assertRegex(
                    said, f"December 2025 differs from what was locked.*{part}"
                )

    def test_credits_of_employees_without_a_statement(self):
        change = "UPDATE nka_bonus_line SET user_id = %s WHERE date >= '2025-12-01'"
        with self.tampered(change, self.colleague.id):
            self.assertRegex(self._said(), "credits of people without a statement")

    def test_statement_added_to_the_month(self):
        change = (
            "INSERT INTO nka_pay_statement (employee_id, user_id, company_id, month, "
            "state, close_id) SELECT %s, %s, company_id, month, state, close_id "
            "FROM nka_pay_statement WHERE id = %s"
        )
        with self.tampered(
            change, self.other_employee.id, self.colleague.id, self.statement.id
        ):
            self.assertRegex(self._said(), "nka_colleague.*: missing or added")

    def test_counts_show_what_was_verified(self):
        checks = self.env["nka.audit.verification"].sudo()._checks(self.company)
        counts = {check.title: (check.count, check.unit) for check in checks}
        months = next(
            title for title in counts if title.startswith("Integrity hashes of locked")
        )
        self.assertEqual(counts[months], (2, "Months"))
        for words, count in (
            ("Statements of locked months", (3, "Statements")),
            ("Payslips of locked months", (3, "Payslips")),
            ("Sales credits of locked months", (2, "Credits")),
            ("Locked revisions", (2, "Revisions")),
            ("Submitted and approved weekly reports", (1, "Reports")),
            ("Terms of pay agreements", (2, "Agreements")),
            ("Terms of approved plan versions", (2, "Versions")),
            ("Approved opening balances", (1, "Opening balances")),
            ("Approved adjustments", (1, "Adjustments")),
        ):
            title = next(title for title in counts if title.startswith(words))
            self.assertEqual(counts[title], count, title)


class TestOwnChecks(SealCase):
    """Terms, reports, opening balances and adjustments have checks of their own, also in
    open months.
    """

    CHANGES = {
        "The terms of .* don't match their hash": (
            "UPDATE nka_pay_agreement SET target_earnings = target_earnings + 1",
            "UPDATE nka_pay_agreement SET recovery_rate = 0.5",
            "UPDATE nka_pay_agreement SET date_from = date_from + 31",
            "UPDATE nka_pay_agreement SET date_to = '2026-12-31'",
            "UPDATE nka_pay_tier SET factor = 9",
            "INSERT INTO nka_pay_tier (version_id, from_percent, factor) "
            "SELECT version_id, 900, 9 FROM nka_pay_tier WHERE from_percent = 500",
            "DELETE FROM nka_pay_plan_line WHERE weight > 25",
            "UPDATE nka_pay_plan_version SET holding_policy = 'hold_above_floor'",
            "UPDATE nka_pay_plan_version SET date_start = date_start - 31",
        ),
        "The hash of .* (doesn't match|differs from the one in) the audit trail": (
            "UPDATE nka_pay_agreement SET digest = 'v1$x'",
            "UPDATE nka_pay_plan_version SET digest = 'v1$x'",
        ),
        "gives .* for “Accepted”, but the audit trail says": (
            "UPDATE nka_pay_agreement SET accepted_by_id = 1",
            "UPDATE nka_pay_agreement SET accepted_date = '2024-01-01'",
        ),
        "gives .* for “Approved”, but the audit trail says": (
            "UPDATE nka_pay_plan_version SET approved_by_id = 1",
            "UPDATE nka_work_report SET approved_by_id = 1",
            "UPDATE nka_work_report SET approved_date = '2024-01-01'",
            "UPDATE nka_pay_opening SET approved_by_id = 1",
            "UPDATE nka_pay_correction SET approved_date = '2024-01-01'",
            "UPDATE nka_pay_statement SET approved_by_id = 1",
        ),
        "differs from what was recorded at": (
            "UPDATE nka_work_report SET summary = 'Another week'",
            "UPDATE nka_work_report SET date_to = date_to + 1",
            "UPDATE nka_work_report_fact SET count = 9",
            "UPDATE nka_work_report_fact SET res_ids = '[1]'",
            "DELETE FROM nka_work_report_fact WHERE kind = 'overdue'",
            "UPDATE nka_pay_opening SET credits = 1",
            "UPDATE nka_pay_opening SET month = '2025-12-01'",
            "UPDATE nka_pay_correction SET amount = 9",
            "UPDATE nka_pay_correction SET reason = 'x'",
        ),
    }

    def _said_of_inputs(self):
        """Return the findings other than those from the hashes of locked months."""
        lines = self._said().splitlines()
        return "\n".join(
            line for line in lines if "differs from what was locked" not in line
        )

    def test_each_check_names_the_record(self):
        for pattern, changes in self.CHANGES.items():
            for change in changes:
                with self.subTest(change), self.tampered(change):
                    self.assertRegex(self._said_of_inputs(), pattern)

    def test_terms_and_hash_changed_consistently(self):
        agreement = self.agreement.sudo()
        with self.tampered("UPDATE nka_pay_agreement SET draw = 77777"):
            self.cr.execute(
                "ALTER TABLE nka_pay_agreement DISABLE TRIGGER ALL;"
                "UPDATE nka_pay_agreement SET digest = %s WHERE id = %s;"
                "ALTER TABLE nka_pay_agreement ENABLE TRIGGER ALL",
                [agreement._make_digest(), agreement.id],
            )
            self.env.invalidate_all(flush=False)
            self.assertRegex(
                self._said(),
                "hash of .* (doesn't match|differs from the one in) the audit trail",
            )

    def test_end_of_an_agreement_is_logged(self):
        agreement = self.agreement.with_user(self.officer)
        agreement._finish(date(2026, 3, 31), "She moves abroad")
        self.assertFalse(self._said())
        self.assertEqual(self._events(agreement, "end").new, "2026-03-31")
        with self.tampered("UPDATE nka_pay_agreement SET date_to = '2027-03-31'"):
            self.assertRegex(
                self._said(), "ends on 2027-03-31, but the audit trail says 2026-03-31"
            )

    def test_frozen_goal(self):
        goals = self._goals(
            date(2026, 3, 1), "accepted", vip_leads=(10, 0, 8), average_check=(9, 0, 9)
        )
        goals.sudo()._move_to("frozen")
        self.assertFalse(self._said())
        for column in ("actual", "target", "score", "weight"):
            with self.tampered(f"UPDATE nka_season_goal SET {column} = 77"):
                self.assertRegex(
                    self._said_of_inputs(), "differs from what was recorded at"
                )


class TestAnchor(SealCase):
    """The audit trail holds the integrity hash, so a consistent rewrite of all else is
    found.
    """

    def _rewritten(self, close):
        """Raise statement, line and payslip by one, and compute the stored hashes anew."""
        self.cr.execute(
            "UPDATE nka_pay_statement SET fixed_amount = fixed_amount + 1, "
            "total_amount = total_amount + 1 WHERE close_id = %s;"
            "UPDATE nka_pay_statement_line SET amount = amount + 1 WHERE kind = 'fixed';"
            "UPDATE hr_payslip_line SET amount = amount + 1, total = total + 1 "
            "WHERE code = 'NKA_FIXED'",
            [close.id],
        )
        self.env.invalidate_all(flush=False)
        revisions = close.revision_ids
        sealed = revisions._prepare_sealed(close)
        digest = revisions._digest_of(sealed)
        self.cr.execute(
            "UPDATE nka_month_close SET digest = %s WHERE id = %s;"
            "UPDATE nka_month_close_revision SET digest = %s, sealed = %s WHERE close_id = %s",
            [digest, close.id, digest, json.dumps(sealed), close.id],
        )
        self.env.invalidate_all(flush=False)

    TABLES = (
        "UPDATE nka_pay_statement SET id = id; UPDATE nka_pay_statement_line SET id = id;"
        "UPDATE hr_payslip_line SET id = id; UPDATE nka_month_close SET id = id;"
        "UPDATE nka_month_close_revision SET id = id"
    )

    @contextmanager
    def _consistently(self, close):
        with self.tampered(self.TABLES):
            self.cr.execute("SET session_replication_role = replica")
            self._rewritten(close)
            self.cr.execute("SET session_replication_role = origin")
            yield

    def test_consistent_rewrite(self):
        with self._consistently(self.close):
            pattern = "the audit trail has a different hash for revision 1"
            self.assertRegex(self._said(), f"December 2025.*{pattern}")
            with self.assertRaisesRegex(UserError, pattern):
                self.close._check_sealed()

    def test_page_and_revision_differ(self):
        with self.tampered("UPDATE nka_month_close SET digest = '2:x'"):
            self.assertRegex(self._said(), "differs from that of its latest revision")
        with self.tampered("UPDATE nka_month_close SET revision = 7"):
            self.assertRegex(self._said(), "differs from that of its latest revision")

    def test_missing_revision(self):
        with self.tampered("DELETE FROM nka_month_close_revision WHERE TRUE"):
            said = self._said()
            self.assertRegex(said, "revision 1 is missing")
            self.assertRegex(said, "it has no locked revision")
            with self.assertRaisesRegex(UserError, "it has no locked revision"):
                self.close._check_sealed()

    def test_other_user_or_time_of_the_lock(self):
        with self.tampered("UPDATE nka_month_close_revision SET sealed_by_id = 1"):
            self.assertRegex(
                self._said(), "revision 1 names .*, but the audit trail names officer_2"
            )
        change = "UPDATE nka_month_close SET approved_date = approved_date - interval '2 days'"
        with self.tampered(change):
            self.assertRegex(self._said(), "December 2025 gives .* for “Approved”")

    def test_earlier_revision_of_a_reopened_month(self):
        self.close.with_user(self.kam_admin).action_reopen(reason="Once more")
        self.close.with_user(self.officer).action_calculate()
        self.assertFalse(self._said())
        change = (
            "UPDATE nka_month_close_revision SET digest = '2:x' WHERE close_id = %s"
        )
        with self.tampered(change, self.close.id):
            self.assertRegex(
                self._said(), "the integrity hash itself: revision 1 was rewritten"
            )

    def test_closed_again_by_the_same_people_it_has_the_same_hash(self):
        first = self.close.digest
        self.close.with_user(self.kam_admin).action_reopen(reason="Once more")
        self.close.with_user(self.officer).action_calculate()
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        self.assertEqual((self.close.digest, self.close.revision), (first, 2))
        self.assertFalse(self._said())

    def test_payment_date(self):
        self.close.with_user(self.officer).action_mark_paid()
        self.assertTrue(self._events(self.close, "paid").file_digest)
        self.assertFalse(self._said())
        for change, pattern in (
            ("paid_date = paid_date - 3", "date or person of its payment differs"),
            ("paid_by_id = 1", "date or person of its payment differs"),
            ("paid_date = NULL", "date or person of its payment differs"),
        ):
            with self.tampered(f"UPDATE nka_month_close SET {change}"):
                self.assertRegex(self._said(), pattern)

    def test_paid_without_an_audit_event(self):
        with self.tampered("UPDATE nka_month_close SET paid_date = '2026-01-05'"):
            self.assertRegex(
                self._said(), "marked as paid, but the audit trail has no event"
            )


class TestPaidThenLater(CloseCase):
    def test_employee_closed_after_the_payment(self):
        self._accepted(self.other_employee, date_from=NOVEMBER)
        close = self._new_close()
        out = (
            self.env["nka.month.close.exclusion"]
            .with_user(self.officer)
            .create(
                {
                    "close_id": close.id,
                    "employee_id": self.other_employee.id,
                    "reason": "In dispute",
                }
            )
        )
        close.action_calculate()
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()
        close.action_mark_paid()
        out.action_calculate()
        self.assertFalse(self._said())
        out.with_user(self.second).action_close()
        self.assertEqual(close.revision, 2)
        close._check_sealed()
        self.assertFalse(self._said())


class TestDestroyed(SealCase):
    """Destroyed data of a locked month gives a readable message, everywhere it is used."""

    VALUES = (
        "NULL",
        "'null'",
        "'[]'",
        "'7'",
        "'\"x\"'",
        "'{}'",
        """'{"version": "2"}'""",
        """'{"version": "2", "people": null}'""",
        """'{"version": "2", "people": []}'""",
        """'{"version": "2", "people": {"x": 1}}'""",
        """'{"version": "2", "people": {"1": {"statement": []}}}'""",
        """'{"version": "9", "people": {}}'""",
        """sealed - 'people'""",
        """sealed - 'version'""",
        """sealed - 'steps'""",
        """sealed || '{"people": {}}'""",
        """jsonb_set(sealed, '{people}', '{"1": {"statement": {}}}')""",
    )

    def test_destroyed_revision(self):
        for value in self.VALUES:
            change = f"UPDATE nka_month_close_revision SET sealed = {value}"
            with self.subTest(value), self.tampered(change):
                pattern = "was destroyed|integrity hash itself|missing or added"
                with self.assertRaisesRegex(UserError, pattern):
                    self.close._check_sealed()
                self.assertRegex(self._said(), pattern)
                self.close.revision_ids._lacks_payslips()
                self.close.revision_ids.mapped("difference_html")

    def test_month_can_still_be_reopened_and_locked_again(self):
        change = "UPDATE nka_month_close_revision SET sealed = '[1]', differences = '7'"
        with self.tampered(change):
            self.close.with_user(self.kam_admin).action_reopen(reason="Destroyed")
            self.close.with_user(self.officer).action_calculate()
            self.close.with_user(self.second).action_approve()
            self.close.with_user(self.second).action_lock()
            self.assertEqual(self.close.revision, 2)
            self.close._check_sealed()
            self.assertRegex(
                self._said(), "the locked data of revision 1 was destroyed"
            )

    def test_differences_and_hash(self):
        for value in (
            "'7'",
            "'[[1]]'",
            "'[[\"x\", 1, 2, 3]]'",
            "'{}'",
            "'[[1, 2, {}, []]]'",
        ):
            change = f"UPDATE nka_month_close_revision SET differences = {value}"
            with self.subTest(value), self.tampered(change):
                self.close.revision_ids.mapped("difference_html")
        for value in ("'x'", "''", "'7:x'", "'2'"):
            change = f"UPDATE nka_month_close_revision SET digest = {value}"
            with self.subTest(value), self.tampered(change):
                with self.assertRaisesRegex(
                    UserError, "unknown method|integrity hash itself"
                ):
                    self.close._check_sealed()


class TestFirstVersion(CloseCase):
    """Months locked with version 1 can still be verified by its own method."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER_END)
        cls._invoice(2000000, date(2025, 11, 12))
        revisions = cls.env.registry["nka.month.close.revision"]
        prepare = revisions._prepare_sealed
        with patch.object(
            revisions,
            "_prepare_sealed",
            lambda self, close, version="1": prepare(self, close, version),
        ):
            cls.close = cls._locked_close().sudo()

    def test_unchanged_month_passes(self):
        self.assertTrue(self.close.digest.startswith("1:"))
        self.close._check_sealed()
        self.assertFalse(self._said())

    def test_verification_names_what_version_1_does_not_cover(self):
        verifications = self.env["nka.audit.verification"].sudo()
        self.assertIn(
            "rates, terms and reports behind 1 months with a version 1 integrity hash",
            verifications._not_checked(self.company),
        )

    def test_changes_are_reported_as_before(self):
        for part, change in {
            "statement": "UPDATE nka_pay_statement SET bonus_amount = 1",
            "credits": "UPDATE nka_bonus_line SET amount = amount + 0.01",
            "weekly reports": "UPDATE nka_work_report SET date_to = date_to - 1",
            "agreement": "UPDATE nka_pay_agreement SET digest = 'x'",
            "payslip": "UPDATE hr_payslip_line SET total = total + 1",
        }.items():
            with self.subTest(part), self.tampered(change):
                with self.assertRaisesRegex(UserError, part):
                    self.close._check_sealed()

    def test_hash_equals_that_of_the_original_version(self):
        """Written out by the code of 19.0.1.2: names and order are part of the hash."""
        sealed = self.close.revision_ids.sealed
        self.assertEqual(
            sorted(sealed),
            ["company", "currency", "left_out", "month", "people", "version"],
        )
        (person,) = sealed["people"].values()
        self.assertEqual(
            sorted(person),
            [
                "agreement",
                "credits",
                "goals",
                "lines",
                "payslip",
                "reports",
                "statement",
            ],
        )

    def test_next_revision_uses_version_2(self):
        self.close.with_user(self.kam_admin).action_reopen(reason="Once more")
        self.close.with_user(self.officer).action_calculate()
        self.close.with_user(self.second).action_approve()
        self.close.with_user(self.second).action_lock()
        self.assertTrue(self.close.digest.startswith("2:"))
        self.assertFalse(self.close._last_revision().differences)
        self.close._check_sealed()
        self.assertFalse(self._said())
