"""A verification reports what it checked and everything that is wrong with a trail."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.addons.nka_key_accounts.models.proof import audit_chain_walk
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ProofCase

LOGGER = "odoo.addons.nka_key_accounts.models.proof.nka_audit_verification"


@tagged("nka_proof")
class TestMessages(ProofCase):
    def test_lines_and_titles(self):
        found = self._assert_whole()
        titles = " ".join(found.line_ids.mapped("title"))
        for words in (
            "Events of the audit trail",
            "Database triggers",
            "Functions",
            "Constraints",
            "Status",
            "Hashes",
        ):
            self.assertIn(words, titles)
        chain, guards = found.line_ids[0], found.line_ids[2]
        self.assertEqual((chain.count, chain.unit), (found.count, "Events"))
        self.assertIn(f"{guards.title} (Triggers: {guards.count})", found.message)
        self.assertFalse(sum(found.line_ids.mapped("found")))

    def test_it_claims_no_more_than_it_checked(self):
        found = self._assert_whole()
        self.assertNotRegex(found.message, "every record|unchanged")
        self.assertRegex(
            found.message, "Not checked: whether what people entered is true"
        )
        self.assertIn("records in their first status", found.unchecked)

    def test_many_contradictions_are_counted(self):
        accounts = [
            self._nominate(self._new_client(f"Client {number}")) for number in range(23)
        ]
        self._tamper(
            "UPDATE nka_key_account SET state = 'former' WHERE id = ANY(%s)",
            [account.id for account in accounts],
        )
        found = self._assert_told("… and 3 more")
        line = found.line_ids.filtered("found")
        self.assertEqual((len(line), line.found), (1, 23))
        self.assertLess(len(line.message.splitlines()), 23)

    def test_readers(self):
        line = self._verify().line_ids[0]
        for user in (self.supervisor, self.kam_admin):
            self.assertTrue(line.with_user(user).title)
        for user in (self.manager, self.officer, self.salesman):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["title"])
        for user in (self.supervisor, self.kam_admin):
            with self.assertRaises(AccessError):
                line.with_user(user).write({"found": 0})

    def test_users_of_another_company_cant_read(self):
        company = self.env["res.company"].create({"name": "Another"})
        line = self._verify(company).line_ids[0]
        with self.assertRaises(AccessError):
            line.with_user(self.supervisor).read(["title"])


@tagged("nka_proof")
class TestMissingChain(ProofCase):
    """A missing chain or head is reported by the button and by the nightly job."""

    def setUp(self):
        super().setUp()
        self.supervisor.email = "supervisor@example.com"
        self._verify()
        self.mine = [self.env.company.id]

    def _assert_told_everywhere(self, pattern):
        self._assert_told(pattern)
        users = self.events.with_user(self.supervisor)
        action = users.with_context(allowed_company_ids=self.mine).action_verify()
        found = self.verifications.browse(action["res_id"])
        self.assertFalse(found.is_whole)
        self.assertRegex(found.message, pattern)
        self.verifications._cron_verify()
        mail = self.env["mail.mail"].search([], limit=1, order="id desc")
        self.assertIn(self.supervisor.partner_id, mail.recipient_ids)
        self.assertRegex(mail.body_html, pattern)
        told = self._activities()
        self.assertIn(self.supervisor, told.user_id)
        self.assertIn(self.kam_admin, told.user_id)
        self.assertRegex(told[0].note, pattern)

    def _activities(self, words="verification failed"):
        return self.env["mail.activity"].search([("summary", "like", words)])

    def test_head_deleted(self):
        self._tamper("DELETE FROM nka_audit_head WHERE company_id = %s", *self.mine)
        self._assert_told_everywhere("record of the last event is missing")

    def test_head_deleted_before_further_work(self):
        """Users can go on working; the events wait, and the verification says so."""
        self._tamper("DELETE FROM nka_audit_head WHERE company_id = %s", *self.mine)
        self._nominate(self.other_client)
        with self.assertLogs("odoo.addons.nka_key_accounts", "ERROR") as logs:
            self.env["nka.audit.head"]._sequence_all()
        self.assertIn("head of the audit trail", logs.output[0])
        with self.assertLogs("odoo.addons.nka_key_accounts", "ERROR"):
            found = self._verify()
        self.assertGreater(found.line_ids[1].count, 0)

    def test_head_moved_back(self):
        self._tamper(
            "UPDATE nka_audit_head SET seq = 1, digest = 'x' WHERE company_id = %s",
            *self.mine,
        )
        self._assert_told("added after it, or the record of the last event was changed")

    def test_all_events_deleted(self):
        self._tamper("DELETE FROM nka_audit_event WHERE company_id = %s", *self.mine)
        self._assert_told_everywhere("end of the chain was cut")

    def test_chain_removed_with_its_head(self):
        self._tamper("DELETE FROM nka_audit_event WHERE company_id = %s", *self.mine)
        self._tamper("DELETE FROM nka_audit_head WHERE company_id = %s", *self.mine)
        self._assert_told_everywhere("record of the last event is missing")

    def test_chain_removed_and_restarted(self):
        self._tamper("DELETE FROM nka_audit_event WHERE company_id = %s", *self.mine)
        self._tamper(
            "UPDATE nka_audit_head SET seq = 0, digest = '' WHERE company_id = %s",
            *self.mine,
        )
        self._assert_told_everywhere("has no events, although there are records")

    def test_company_without_records(self):
        company = self.env["res.company"].create({"name": "Another"})
        self.assertTrue(self._verify(company).is_whole)
        self.assertNotIn(company, self.verifications._companies())
        self.assertIn(self.env.company, self.verifications._companies())

    def test_an_open_alarm_is_updated_not_repeated(self):
        self._tamper("DELETE FROM nka_audit_head WHERE company_id = %s", *self.mine)
        self.verifications._cron_verify()
        before = self._activities()
        self._tamper("UPDATE nka_key_account SET state = 'former'")
        self.verifications._cron_verify()
        self.assertEqual(self._activities(), before)
        self.assertIn("Former", before[0].note)

    def test_a_nightly_verification_that_fails(self):
        """A failure is reported and doesn't stop the checks of other companies."""
        other = self.env["res.company"].create({"name": "Other", "nka_read_limit": 7})
        self.assertIn(other, self.verifications._companies())
        first_break = audit_chain_walk.Walk.first_break

        for error in (KeyError("x"), SerializationFailure()):

            def fail_for_the_first(walk, error=error):
                if walk.company_id == self.env.company.id:
                    raise error
                return first_break(walk)

            with (
                self.subTest(error),
                self._undone(),
                patch.object(audit_chain_walk.Walk, "first_break", fail_for_the_first),
                self.assertLogs(LOGGER, "ERROR"),
            ):
                before = self.verifications.search([])
                self.verifications._cron_verify()
                found = self.verifications.search([]) - before
                self.assertEqual(found.company_id, other)
                told = self._activities("couldn't be verified")
                self.assertLessEqual(self.supervisor | self.kam_admin, told.user_id)
                self.assertIn(
                    "go to Control ‣ Audit ‣ Audit trail verifications", told[0].note
                )

    def test_the_failure_cant_be_reported_either(self):
        """Both errors are logged, and the next company is verified."""
        other = self.env["res.company"].create({"name": "Other", "nka_read_limit": 7})
        kind = type(self.verifications)
        with (
            patch.object(kind, "_verify", side_effect=KeyError("x")) as verified,
            patch.object(kind, "_tell", side_effect=OSError(28, "No space")) as told,
            self.assertLogs(LOGGER, "ERROR") as log,
        ):
            self.verifications._cron_verify()
        companies = [call.args[0] for call in verified.call_args_list]
        self.assertIn(other, companies)
        self.assertEqual(told.call_count, len(companies))
        self.assertEqual(len(log.output), 2 * len(companies))

    def test_an_alarm_that_cant_be_mailed(self):
        self._tamper("DELETE FROM nka_audit_head WHERE company_id = %s", *self.mine)
        with (
            patch.object(
                type(self.env["nka.audit.seal"]),
                "_mail_supervisors",
                side_effect=OSError(28, "No space left on device"),
            ),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.verifications._cron_verify()
        found = self.verifications.search([("company_id", "in", self.mine)], limit=1)
        self.assertFalse(found.is_whole)
        self.assertTrue(self._activities("couldn't be verified"))


@tagged("nka_proof")
class TestStates(ProofCase):
    """Accounts are the example here; tests/whole/test_tampering.py has other models."""

    def test_changed(self):
        self._tamper(
            "UPDATE nka_key_account SET state = 'former' WHERE id = %s", self.account.id
        )
        self._assert_told("Northwind Steel is “Former”, but the audit trail says “Key")

    def test_created_by_sql(self):
        for number, state in enumerate(("candidate", "key")):
            with self.subTest(state):
                self._tamper(
                    """INSERT INTO nka_key_account
                              (partner_id, company_id, manager_id, state, tier_id)
                       SELECT %s, company_id, manager_id, %s, tier_id
                         FROM nka_key_account WHERE id = %s""",
                    self._new_client(f"Client {number}").id,
                    state,
                    self.account.id,
                )
                self._assert_told(
                    f"Client {number} is “.*”, but the audit trail has no event"
                )

    def test_created_without_its_event(self):
        other = self._nominate(self.other_client)
        self._tamper(
            "DELETE FROM nka_audit_event WHERE res_model = 'nka.key.account'"
            " AND res_id = %s",
            other.id,
        )
        self._assert_told(
            "Baltic Paper is “Candidate”, but the audit trail has no event"
        )

    def test_changed_by_sql_and_then_by_its_button(self):
        """A change from a state that isn't in the trail is found, whatever the end."""
        self._tamper(
            "UPDATE nka_key_account SET state = 'candidate' WHERE id = %s",
            self.account.id,
        )
        self.account.with_user(self.supervisor).action_decline(reason="No orders")
        self._assert_told(
            r"Northwind Steel \(\d+\) moved on from “Candidate”, but its last status in the audit trail was "
            "“Key account”"
        )

    def test_deleted(self):
        self._tamper(
            "DELETE FROM nka_assignment WHERE key_account_id = %s", self.account.id
        )
        self._tamper("DELETE FROM nka_key_account WHERE id = %s", self.account.id)
        self._assert_told(
            r"Northwind Steel \(\d+\) no longer exists. Its last status in the audit trail is"
        )

    def test_deleted_by_its_button(self):
        other = self._nominate(self.other_client)
        other.unlink()
        self._assert_whole()
