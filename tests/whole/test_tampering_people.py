"""The verification finds roles, assignments, jobs and logins changed by SQL."""

from unittest.mock import patch

from odoo.tests import tagged

from ..close.common import CloseCase
from ..proof.common import ProofCase

LOGGER = "odoo.addons.nka_key_accounts.models.proof.nka_audit_verification"


@tagged("nka_proof")
class TestRoles(ProofCase):
    def _give(self, user, role):
        self.cr.execute(
            "INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)",
            [self.env.ref(f"nka_key_accounts.{role}").id, user.id],
        )
        self.env.registry.clear_cache("groups")
        self.env.invalidate_all()

    def test_role_given(self):
        self._assert_whole()
        for user, role, name in (
            (self.salesman, "group_key_account_supervisor", "Supervisor"),
            (self.manager, "group_key_account_payroll_officer", "Payroll"),
        ):
            with self.subTest(role), self._undone():
                self._give(user, role)
                self._assert_told(rf"The roles of .*{user.login}\) differ .*{name}")
        self.env.registry.clear_cache("groups")

    def test_role_removed(self):
        with self._undone():
            self.cr.execute(
                "DELETE FROM res_groups_users_rel WHERE uid = %s", [self.supervisor.id]
            )
            self.env.registry.clear_cache("groups")
            self._assert_told(rf"The roles of .*{self.supervisor.login}\) differ .*: –")
        self.env.registry.clear_cache("groups")

    def test_role_implied_by_another_group(self):
        with self._undone():
            self.cr.execute(
                "INSERT INTO res_groups_implied_rel (gid, hid) VALUES (%s, %s)",
                [
                    self.env.ref("sales_team.group_sale_salesman").id,
                    self.env.ref("nka_key_accounts.group_key_account_admin").id,
                ],
            )
            self.env.registry.clear_cache("groups")
            self.env.invalidate_all()
            self._assert_told(rf"The roles of .*{self.salesman.login}\) differ")
        self.env.registry.clear_cache("groups")

    def test_role_changed_in_odoo_gives_no_finding(self):
        role = self.env.ref("nka_key_accounts.group_key_account_supervisor")
        self.salesman.group_ids += role
        self._assert_whole()
        self.salesman.group_ids -= role
        self.manager.active = False
        self._assert_whole()

    def test_roles_from_before_an_update(self):
        self._give(self.salesman, "group_key_account_supervisor")
        with self._as_database_administrator() as cr:
            cr.execute(
                "UPDATE nka_audit_event SET file_digest = NULL WHERE kind = 'group'"
                " AND res_id = %s",
                [self.salesman.id],
            )
        for _update in range(2):
            self.verifications._record_standing_roles()
        self.assertEqual(len(self._events(self.salesman, "group")), 1)
        self.env.registry.clear_cache("groups")


@tagged("nka_proof")
class TestAssignments(ProofCase):
    def test_changed(self):
        self._assert_whole()
        for change in (
            f"user_id = {self.colleague.id}",
            "date_from = date_from - 40",
            "date_to = '2040-01-01'",
            "share = 60",
            "is_final = TRUE",
        ):
            with self.subTest(change), self._undone():
                self._tamper(
                    f"UPDATE nka_assignment SET {change} WHERE key_account_id = %s",
                    self.account.id,
                )
                self._assert_told(f"assignments of {self.account.display_name} differ")

    def test_added_and_deleted(self):
        for change in (
            """INSERT INTO nka_assignment (key_account_id, company_id, user_id, share,
                      date_from, date_to)
               SELECT key_account_id, company_id, user_id, share, date_from - 60,
                      date_from - 1
                 FROM nka_assignment WHERE key_account_id = %s""",
            "DELETE FROM nka_assignment WHERE key_account_id = %s",
        ):
            with self.subTest(change), self._undone():
                self._tamper(change, self.account.id)
                self._assert_told("assignments of .* differ from the audit trail")

    def test_assignments_from_before_an_update(self):
        with self._as_database_administrator() as cr:
            cr.execute(
                "UPDATE nka_audit_event SET file_digest = NULL WHERE kind = 'assignment'"
            )
        before = len(self._events(self.account, "assignment"))
        for _update in range(2):
            self.verifications._record_standing()
        self.assertEqual(len(self._events(self.account, "assignment")), before + 1)
        self.assertFalse(
            self.verifications._check_assignments(self.env.company).findings
        )


@tagged("nka_proof")
class TestJobs(ProofCase):
    def test_inactive_late_changed_and_missing_jobs(self):
        name = "nka_key_accounts.ir_cron_nka_audit_verify"
        for change, words in (
            ("active = FALSE", "is inactive"),
            ("nextcall = now() - interval '3 days'", "should have run on"),
        ):
            with self.subTest(change), self._undone():
                self._tamper(
                    f"UPDATE ir_cron SET {change} WHERE id = %s", self.env.ref(name).id
                )
                found = self._verify()
                self.assertTrue(found.has_warnings)
                self.assertRegex(found.message, words)
        self.env.ref(name).code = "pass"
        self.assertRegex(self._verify().message, "runs different code")
        self.env.ref(name).unlink()
        self.assertRegex(self._verify().message, f"{name} is missing")

    def test_signing_job_reports_the_inactive_verification(self):
        self.env.ref("nka_key_accounts.ir_cron_nka_audit_verify").active = False
        self.env["nka.audit.seal"]._cron_seal()
        told = self.env["mail.activity"].search(
            [("summary", "like", "verification of the audit trail")]
        )
        self.assertIn(self.supervisor, told.user_id)
        self.assertRegex(told[0].note, "is inactive")

    def test_failed_check(self):
        """The error is reported, and the other checks are completed."""
        seals = type(self.env["nka.audit.seal"])
        with (
            patch.object(seals, "_check_all", side_effect=KeyError("x")),
            patch.object(seals, "_not_checked", side_effect=KeyError("x")),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            found = self._assert_told("A check couldn't be completed.*KeyError")
        self.assertRegex(found.unchecked, "further items")
        titles = " ".join(found.line_ids.mapped("title"))
        self.assertIn("Events of the audit trail", titles)
        self.assertIn("Database triggers", titles)


@tagged("nka_proof")
class TestLogins(CloseCase):
    def test_employee_linked_to_another_login(self):
        self.assertNotIn("is linked to", self._said())
        for table in ("nka_pay_agreement", "hr_employee"):
            change = f"UPDATE {table} SET user_id = %s WHERE user_id = %s"
            with self.subTest(table):
                with self.tampered(change, self.salesman.id, self.manager.id):
                    self.assertRegex(
                        self._said(),
                        f"accepted .*{self.manager.login}.* linked to "
                        f"{self.salesman.login}",
                    )
